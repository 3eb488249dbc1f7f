/**
 * Pulls frames: one long poll after the other. The next is asked for when what is left of the last body takes less than
 * a round trip (see `link.js`). The receiver calls it, in the worker or on the page.
 *
 * @import { CameraState } from "../types/camera.js"
 * @import { FrameSource, WireFrame } from "../types/frame.js"
 */

import { addressOf } from "../page/address.js";
import { close } from "./decoder.js";
import { PREFIX_BYTES, completeHeader, parseFrame, pictureEndOf } from "./frame-parser.js";
import { Link } from "./link.js";

const SILENCE_MS = 8000; // the server answers every 2 s; a body that stands still this long will not come
const BACKOFF_MS = [250, 500, 1000, 2000];
const LEFTOVER_MS = 2000; // the server makes views only while someone asks; the newest may be from long ago
const LATE_MS = 200; // a body that is not here by then may be one that was asked for when the link was faster
const LATE_SHARE = 0.5; // if less than this of it is here
const DRAIN_MS = 90; // after giving up: in a queue full of the rest a new connection's first packet is lost, for 1 s
const FRAME_BYTES = 60_000;
const SPARE_BYTES = 4_000; // overlays change from frame to frame
const MIN_TURN_MS = 100; // between two empty answers, should a server not wait

/**
 * @typedef {object} Arrival When one answer was asked for, and when it was here.
 * @property {number} requestedAt `performance.now()`
 * @property {number} headersAt
 * @property {number} sentMs Unix time on the camera when it answered.
 * @property {boolean} leftover A live camera's frame from before anyone watched: not worth showing.
 * @property {CameraState} cameraState A lost camera's last frame is still given to a client that has none.
 */

/**
 * @typedef {object} PullEvents
 * @property {(frame: WireFrame, arrival: Arrival) => void} onFrame
 * @property {(jpeg: Uint8Array<ArrayBuffer>) => Promise<ImageBitmap>|null} [onPicture] The picture is here, the rest of its frame follows.
 * @property {(state: CameraState, requestedAt: number) => void} onEmpty No frame within the server's wait.
 * @property {(failures: number) => void} onFailure How many times in a row the server could not be reached.
 * @property {() => void} onLockedOut The access code is needed.
 * @property {() => boolean} isPaintingSlow Whether painting is slower than the link: then the next frame is asked for later.
 * @property {() => Promise<void>} untilPainted The wait before it is asked for.
 */

/**
 * @typedef {object} Answer Headers are here, the body is on its way.
 * @property {Response} response
 * @property {AbortController} request
 * @property {() => void} done Call when nothing more is wanted of it.
 * @property {number} requestedAt
 * @property {number} headersAt
 * @property {boolean} isAhead It was asked for while another body was on its way.
 * @property {FrameSource|null} known What the request named as known, so that the frame may leave it out.
 */

export class FramePuller {
  link = new Link();
  /** Pixels of the screen that the picture covers; 0 while unknown. */
  width = 0;
  #after = 0;
  #failures = 0;
  #isFirst = true;
  /** Of the last frame that had it. @type {FrameSource|null} */
  #source = null;
  /** @type {AbortController|null} */
  #running = null;

  /** @param {PullEvents} events */
  constructor(events) {
    this.events = events;
  }

  /** Begin, or go on. Harmless when running. */
  start() {
    if (this.#running) return;
    this.#running = new AbortController();
    this.#isFirst = true;
    void this.#pullUntil(this.#running.signal);
  }

  /** Stop at once and drop what is on its way. */
  stop() {
    this.#running?.abort();
    this.#running = null;
  }

  /** @param {AbortSignal} stopped */
  async #pullUntil(stopped) {
    /** @type {Promise<Answer>[]} One, or none. */
    const ahead = [];
    while (!stopped.aborted) {
      const began = performance.now();
      try {
        const answer = await (ahead.pop() ?? this.#request(stopped, false));
        if (!this.#bringsFrame(answer)) {
          this.#failures = 0;
          await pause(MIN_TURN_MS - (performance.now() - began), stopped);
          continue;
        }
        await this.#read(answer, (restBytes, bytes) => {
          if (ahead.length > 0 || !this.link.isDue(restBytes, bytes) || this.events.isPaintingSlow()) return;
          const next = this.#request(stopped, true);
          next.catch(() => {}); // thrown when its turn comes
          ahead.push(next);
        });
        this.#failures = 0;
        if (ahead.length === 0 && this.events.isPaintingSlow()) await this.events.untilPainted();
      } catch (error) {
        const next = ahead.pop(); // as large as this one
        void next?.then(({ request }) => request.abort()).catch(() => {});
        if (stopped.aborted) return;
        if (error instanceof BodyTooLarge) {
          await pause(DRAIN_MS, stopped);
          continue;
        }
        this.link.forget();
        this.#failures += 1;
        this.events.onFailure(this.#failures);
        await pause(BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length) - 1], stopped);
      }
    }
  }

  /**
   * Send one request and wait for its headers.
   * @param {AbortSignal} stopped
   * @param {boolean} isAhead
   * @returns {Promise<Answer>}
   */
  async #request(stopped, isAhead) {
    const request = new AbortController();
    const abort = () => request.abort();
    const done = () => stopped.removeEventListener("abort", abort);
    stopped.addEventListener("abort", abort);
    const timer = setTimeout(abort, SILENCE_MS);
    try {
      const requestedAt = performance.now();
      const known = this.#source;
      const response = await fetch(this.#url(requestedAt), { cache: "no-store", signal: request.signal });
      return { response, request, done, requestedAt, headersAt: performance.now(), isAhead, known };
    } catch (error) {
      done();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {number} now */
  #url(now) {
    const { bodyBytes } = this.link;
    const limit = Number.isFinite(bodyBytes) ? `&bytes=${bodyBytes}` : "";
    const width = this.width > 0 ? `&width=${this.width}` : "";
    const known = this.#source ? `&known=${this.#source.setting}` : "";
    return `${addressOf("/api/viewfinder/frame")}?after=${this.#after}${limit}${width}${known}${this.link.wantsGraphs(now) ? "" : "&graphs=0"}`;
  }

  /**
   * Look at the headers.
   * @param {Answer} answer
   * @returns {boolean} Whether a frame follows.
   */
  #bringsFrame({ response, done, requestedAt }) {
    if (response.status !== 200) done();
    if (response.status === 204) {
      this.events.onEmpty(stateOf(response), requestedAt);
      return false;
    }
    if (response.status === 401) this.events.onLockedOut();
    if (!response.ok) throw new Error(`the frame was answered with ${response.status}`);
    this.#after = numberIn(response, "X-Frame-Sequence");
    return true;
  }

  /**
   * @param {Answer} answer
   * @param {(restBytes: number, bytes: number) => void} onRest Called as bytes come: how many are missing, of how many.
   */
  async #read({ response, request, done, requestedAt, headersAt, isAhead, known }, onRest) {
    let [had, length, heardAt, tooLarge] = [0, FRAME_BYTES, headersAt, false];
    /** @param {number} hadBytes @param {number} bytes */
    const onBytes = (hadBytes, bytes) => {
      [had, length, heardAt] = [hadBytes, bytes, performance.now()];
      onRest(length - had, length);
    };
    // By the clock: behind a lost packet nothing comes at all.
    const watch = setInterval(() => {
      const now = performance.now();
      const tookMs = now - headersAt;
      tooLarge = tookMs >= LATE_MS && had <= LATE_SHARE * length && this.link.isTooMuch(length, had / tookMs);
      if (tooLarge || now - heardAt >= SILENCE_MS) request.abort();
    }, LATE_MS / 4);
    try {
      const { frame, bytes, endAt } = await readFrame(response, onBytes, (jpeg) => this.events.onPicture?.(jpeg));
      this.#source = completeHeader(frame.header, known);
      const waitedMs = isAhead ? NaN : numberIn(response, "X-Waited-Ms") || 0;
      this.link.note({ requestedAt, headersAt, endAt, bytes, waitedMs });
      const ageMs = numberIn(response, "X-Frame-Age-Ms");
      const sentMs = numberIn(response, "X-Frame-Captured-Ms") + ageMs;
      const frameMs = frame.header.exposure.frame_duration_us / 1000;
      const cameraState = stateOf(response);
      const leftover = this.#isFirst && cameraState === "live" && ageMs > Math.max(LEFTOVER_MS, 4 * frameMs);
      this.#isFirst = false;
      this.events.onFrame(frame, { requestedAt, headersAt, sentMs, leftover, cameraState });
    } catch (error) {
      if (!tooLarge) throw error;
      this.link.note({ requestedAt, headersAt, endAt: performance.now(), bytes: had, waitedMs: NaN });
      throw new BodyTooLarge();
    } finally {
      clearInterval(watch);
      done();
    }
  }
}

/** The link became slower while a body was on its way: a smaller one is here sooner than its rest. */
class BodyTooLarge extends Error {
  constructor() {
    super("the body was given up for a smaller one");
  }
}

/** @param {Response} response @returns {CameraState} */
function stateOf(response) {
  return /** @type {CameraState} */ (response.headers.get("X-Camera-State") ?? "live");
}

/**
 * Read the body, and call `onBytes` whenever bytes came. The picture alone shows how fast the link is: what comes after
 * it waits for the camera's assists.
 * @param {Response} response
 * @param {(had: number, length: number) => void} onBytes
 * @param {(jpeg: Uint8Array<ArrayBuffer>) => Promise<ImageBitmap>|null|undefined} onPicture
 */
async function readFrame(response, onBytes, onPicture) {
  const length = numberIn(response, "X-Frame-Bytes") || FRAME_BYTES; // about: the rest is not made yet when the headers are sent
  let body = new Uint8Array(length + SPARE_BYTES);
  let [filled, bytes, endAt] = [0, 0, 0];
  /** @type {Promise<ImageBitmap>|null|undefined} */
  let bitmap = null;
  const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (response.body).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const whole = filled + part.value.length;
      if (whole > body.length) body = enlarged(body, 2 * whole);
      body.set(part.value, filled);
      filled = whole;
      const pictureEnd = endAt ? 0 : pictureEndOf(new DataView(body.buffer, 0, filled));
      if (!endAt && filled >= pictureEnd) {
        [bytes, endAt] = [filled, performance.now()];
        bitmap = onPicture(body.subarray(PREFIX_BYTES, pictureEnd));
        bitmap?.catch(() => {}); // thrown when it is decoded
      }
      onBytes(filled, Math.max(length, filled));
    }
    const frame = parseFrame(body.buffer, filled);
    if (bitmap) frame.bitmap = bitmap;
    return { frame, bytes, endAt };
  } catch (error) {
    close(bitmap);
    throw error;
  }
}

/** @param {Uint8Array} bytes @param {number} length */
function enlarged(bytes, length) {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

/**
 * @param {Response} response
 * @param {string} name
 */
function numberIn(response, name) {
  return Number(response.headers.get(name) ?? NaN);
}

/**
 * Wait, or less if stopped.
 * @param {number} ms
 * @param {AbortSignal} stopped
 * @returns {Promise<void>}
 */
function pause(ms, stopped) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stopped.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    stopped.addEventListener("abort", done);
  });
}
