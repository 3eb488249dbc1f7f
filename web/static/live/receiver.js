/**
 * The receiver: pulls, decodes and paints frames, and reports what it did. Runs in a worker, so that a busy page neither
 * delays frames nor takes its own slowness for the link's; where workers cannot paint, it runs on the page.
 *
 * @import { Canvas, PainterKind, PaintStyle } from "../paint/painter.js"
 * @import { CameraState } from "../types/camera.js"
 * @import { Graphs, Picture, WireFrame } from "../types/frame.js"
 * @import { Arrival } from "./frame-puller.js"
 */

import { BitmapTransfer } from "../paint/bitmap-transfer.js";
import { PaintLoop } from "../paint/paint-loop.js";
import { Decoder, close } from "./decoder.js";
import { FramePuller } from "./frame-puller.js";

/**
 * @typedef {object} PaintedFrame The frame on the screen. Times: the receiver's `performance.now()`.
 * @property {Picture["header"]} header
 * @property {Graphs} graphs
 * @property {number} paintedAt When it was drawn; where the page shows a bitmap of it, when that is painted.
 * @property {Arrival} arrival
 */

/**
 * @typedef {object} ReceiverUpdate What the receiver reports to the page, with a painted frame or without.
 * @property {PaintedFrame} [painted]
 * @property {ImageBitmap} [bitmap] The page shows it, and answers `shown`.
 * @property {Arrival} [arrival] Of a frame that is not worth painting.
 * @property {CameraState} state The camera's, as the newest answer had it: a picture may be older than that.
 * @property {number} stateAt When that answer was asked for: the state is not older.
 * @property {number} failures How many times in a row the server could not be reached.
 * @property {boolean} [lockedOut] The access code is needed.
 * @property {number} dropped Frames received and never painted, since the last update.
 * @property {string} painter "webgl2", "2d" or "none".
 * @property {FramePuller["link"]["state"]} link
 */

/** @typedef {Pick<ReceiverUpdate, "painted"|"bitmap"|"arrival"|"lockedOut">} News What differs from update to update. */

/**
 * @typedef {object} ReceiverCommand What the page sends to the receiver.
 * @property {boolean} [pull] Start or stop pulling frames.
 * @property {boolean} [shown] The page has shown the bitmap that it got.
 * @property {PaintStyle} [style]
 * @property {{width: number, height: number, neededWidth: number}} [size] Of the canvas, device pixels; `neededWidth`: a
 *   picture that is wider than this is of no use, 0 for any.
 */

const READY_MS = 15; // how long a picture should lie ready before it is painted: a frame of 60 a second
const HOLD_MAX_MS = 500;
const HOLD_MORE_MS = 20; // for a picture that was never painted
const HOLD_LESS = 0.8; // for one that was painted as soon as it was ready
const PAINT_MAX_MS = 1000; // longer is not waited for: a page that does not paint reports nothing

/** Some workers can paint and have no animation frames of their own. @type {(paint: () => void) => unknown} */
const nextFrame = (paint) =>
  typeof requestAnimationFrame === "function" ? requestAnimationFrame(paint) : setTimeout(paint, 16);

export class Receiver {
  #dropped = 0;
  /** How long after a painted picture the next is asked for: where painting is slow, sooner would only make it old. */
  #holdMs = 0;
  /** Called when the next picture is on the screen. @type {(() => void)[]} */
  #onShown = [];
  /** @type {CameraState} */
  #state = "starting";
  #stateAt = -Infinity;
  #failures = 0;
  /** @type {WeakMap<WireFrame["header"], Arrival>} */
  #arrivals = new WeakMap();
  /** @type {BitmapTransfer|null} */
  #transfer;

  /**
   * @param {Canvas|null} canvas null where the page shows bitmaps of what is painted.
   * @param {PainterKind} kind
   * @param {(update: ReceiverUpdate) => void} post Sends an update to the page.
   */
  constructor(canvas, kind, post) {
    this.post = post;
    const transfer = canvas ? null : new BitmapTransfer();
    this.#transfer = transfer;
    this.paintLoop = new PaintLoop(/** @type {Canvas} */ (canvas ?? transfer?.canvas), kind, {
      nextFrame: transfer ? (paint) => transfer.paintWhenFree(paint) : nextFrame,
      onPainted: (fresh, waitedMs) => this.#onPainted(fresh, waitedMs),
      onDropped: () => this.#drop(),
    });
    this.puller = this.#makePuller();
    this.decoder = new Decoder(
      (picture) => this.paintLoop.show(picture),
      () => this.#drop(),
      (error) => console.warn("a frame could not be decoded", error),
    );
  }

  #makePuller() {
    return new FramePuller({
      onFrame: (frame, arrival) => this.#onFrame(frame, arrival),
      onPicture: (jpeg) => this.decoder.begin(jpeg),
      onEmpty: (state, requestedAt) => this.#onAnswerWithoutFrame(state, requestedAt, {}),
      onFailure: (failures) => {
        this.#failures = failures;
        this.#report({});
      },
      onLockedOut: () => this.#report({ lockedOut: true }),
      isPaintingSlow: () => this.#holdMs >= 1,
      untilPainted: () => this.#untilPainted(),
    });
  }

  /** Do what the page says. @param {ReceiverCommand} command */
  obey({ pull, style, size, shown }) {
    if (shown) this.#transfer?.noteShown();
    if (style) this.paintLoop.setStyle(style);
    if (size) {
      this.paintLoop.setSize(size.width, size.height);
      this.puller.width = size.neededWidth;
    }
    if (pull === true) this.puller.start();
    if (pull === false) this.puller.stop();
  }

  /** A frame was received and will never be painted. */
  #drop() {
    this.#dropped += 1;
    this.#holdMs = Math.min(this.#holdMs + HOLD_MORE_MS, HOLD_MAX_MS);
  }

  /** @param {WireFrame} frame @param {Arrival} arrival */
  #onFrame(frame, arrival) {
    if (arrival.leftover) {
      close(frame.bitmap);
      return this.#onAnswerWithoutFrame(arrival.cameraState, arrival.requestedAt, { arrival });
    }
    this.#noteState(arrival.cameraState, arrival.requestedAt);
    this.#arrivals.set(frame.header, arrival);
    this.decoder.push(frame);
  }

  /** @param {CameraState} state @param {number} requestedAt @param {Pick<News, "arrival">} news */
  #onAnswerWithoutFrame(state, requestedAt, news) {
    this.#noteState(state, requestedAt);
    this.#report(news);
  }

  /** An answer came; one of two on their way may overtake the other. @param {CameraState} state @param {number} requestedAt */
  #noteState(state, requestedAt) {
    this.#failures = 0;
    if (requestedAt < this.#stateAt) return;
    this.#state = state;
    this.#stateAt = requestedAt;
  }

  /** Wait until the next picture is on the screen, and then as long as is worth it. @returns {Promise<void>} */
  async #untilPainted() {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, PAINT_MAX_MS);
      this.#onShown.push(() => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
    await new Promise((resolve) => {
      setTimeout(resolve, this.#holdMs);
    });
  }

  /** @param {Picture|null} fresh @param {number} waitedMs How long it lay ready. */
  #onPainted(fresh, waitedMs) {
    const news = fresh ? { painted: this.#paintedFrame(fresh) } : {};
    if (fresh && waitedMs < READY_MS) this.#holdMs *= HOLD_LESS;
    else if (fresh) this.#holdMs = Math.min(this.#holdMs + 0.3 * (waitedMs - READY_MS), HOLD_MAX_MS);
    const onShown = () => fresh && this.#noteShown();
    if (this.#transfer) return void this.#transfer.takeBitmap(onShown).then((bitmap) => this.#report({ ...news, bitmap }));
    this.#report(news);
    onShown();
  }

  /** @param {Picture} picture @returns {PaintedFrame} */
  #paintedFrame({ header, graphs }) {
    const arrival = /** @type {Arrival} */ (this.#arrivals.get(header));
    return { header, graphs, paintedAt: performance.now(), arrival };
  }

  /** A fresh picture is on the screen. */
  #noteShown() {
    for (const resolve of this.#onShown.splice(0)) resolve();
  }

  /** @param {News} news */
  #report(news) {
    const known = { state: this.#state, stateAt: this.#stateAt, failures: this.#failures };
    this.post({ ...news, ...known, dropped: this.#dropped, painter: this.paintLoop.kind, link: this.puller.link.state });
    this.#dropped = 0;
  }
}
