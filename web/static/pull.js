/**
 * Pulls frames: one long poll after the other, the next as soon as the last body is here, before it is decoded.
 *
 * @import { CameraState, WireFrame } from "./types.js"
 */

import { redirectIfLockedOut } from "./api.js";
import { parseFrame } from "./frame.js";

const SILENCE_MS = 8000; // the server answers every 2 s; a body that stands still this long will not come
const BACKOFF_MS = [250, 500, 1000, 2000];
const LEFTOVER_MS = 2000; // the server makes views only while someone asks; the newest may be from long ago
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
 * @property {(state: CameraState) => void} onEmpty No frame within the server's wait.
 * @property {(failures: number) => void} onFailure How many times in a row the server could not be reached.
 */

export class Puller {
  #after = 0;
  #failures = 0;
  #isFirst = true;
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
    void this.#run(this.#running.signal);
  }

  /** Stop at once and drop what is on its way. */
  stop() {
    this.#running?.abort();
    this.#running = null;
  }

  /** @param {AbortSignal} stopped */
  async #run(stopped) {
    while (!stopped.aborted) {
      const began = performance.now();
      try {
        const answered = await this.#pull(stopped);
        this.#failures = 0;
        if (!answered) await pause(MIN_TURN_MS - (performance.now() - began), stopped);
      } catch (error) {
        if (stopped.aborted) return;
        this.#failures += 1;
        this.events.onFailure(this.#failures);
        await pause(BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length) - 1], stopped);
      }
    }
  }

  /**
   * One request.
   * @param {AbortSignal} stopped
   * @returns {Promise<boolean>} Whether a frame came.
   */
  async #pull(stopped) {
    const request = new AbortController();
    const abort = () => request.abort();
    stopped.addEventListener("abort", abort);
    let timer = setTimeout(abort, SILENCE_MS);
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(abort, SILENCE_MS);
    };
    try {
      const requestedAt = performance.now();
      const response = await fetch(`/api/viewfinder/frame?after=${this.#after}`, {
        cache: "no-store",
        signal: request.signal,
      });
      const headersAt = performance.now();
      alive();
      const cameraState = /** @type {CameraState} */ (response.headers.get("X-Camera-State") ?? "live");
      if (response.status === 204) {
        this.events.onEmpty(cameraState);
        return false;
      }
      redirectIfLockedOut(response);
      if (!response.ok) throw new Error(`the frame was answered with ${response.status}`);
      const frame = await readFrame(response, alive);
      this.#after = frame.header.sequence;
      const ageMs = number(response, "X-Frame-Age-Ms");
      const sentMs = number(response, "X-Frame-Captured-Ms") + ageMs;
      const frameMs = frame.header.exposure.frame_duration_us / 1000;
      const leftover = this.#isFirst && cameraState === "live" && ageMs > Math.max(LEFTOVER_MS, 4 * frameMs);
      this.#isFirst = false;
      this.events.onFrame(frame, { requestedAt, headersAt, sentMs, leftover, cameraState });
      return true;
    } finally {
      clearTimeout(timer);
      stopped.removeEventListener("abort", abort);
    }
  }
}

/**
 * Read the body, telling `alive` whenever bytes came.
 * @param {Response} response
 * @param {() => void} alive
 */
async function readFrame(response, alive) {
  const length = Number(response.headers.get("Content-Length"));
  if (!length || !response.body) return parseFrame(await response.arrayBuffer());
  const body = new Uint8Array(length);
  const reader = response.body.getReader();
  let filled = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    alive();
    body.set(part.value, filled); // throws when more comes than was announced
    filled += part.value.length;
  }
  return parseFrame(body.buffer, filled);
}

/**
 * @param {Response} response
 * @param {string} name
 */
function number(response, name) {
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
