/**
 * Pulls, decodes and paints frames, and tells what it did. Runs in a worker, so that a busy page neither delays frames
 * nor mistakes its own slowness for the link's; where workers cannot paint, in the page.
 *
 * @import { Canvas, Look, PainterKind } from "./painting.js"
 * @import { Arrival } from "./pull.js"
 * @import { CameraState, Graphs, Picture, WireFrame } from "./types.js"
 */

import { Decoder, close } from "./decode.js";
import { Handover } from "./handover.js";
import { Painting } from "./painting.js";
import { Puller } from "./pull.js";

/**
 * @typedef {object} Painted The picture on the screen: everything of one frame. Times: the receiver's `performance.now()`.
 * @property {Picture["header"]} header
 * @property {Graphs} graphs
 * @property {number} paintedAt When it was drawn; where the page shows it, that is painting.
 * @property {Arrival} arrival
 */

/**
 * @typedef {object} Told What is known at the moment it is told, with a picture or without.
 * @property {Painted} [painted]
 * @property {ImageBitmap} [bitmap] To be shown by the page, and said when it was.
 * @property {Arrival} [arrival] Of a frame that is not worth painting.
 * @property {CameraState} state The camera's, as the newest answer had it: a picture may be older than that.
 * @property {number} stateAt When that answer came.
 * @property {number} failures How many times in a row the server could not be reached.
 * @property {boolean} [lockedOut]
 * @property {number} dropped Frames received and never painted, since the last message.
 * @property {string} painter "webgl2", "2d" or "none".
 * @property {Puller["link"]["state"]} link
 */

/**
 * @typedef {object} Asked What the page may ask.
 * @property {boolean} [run]
 * @property {boolean} [shown] The page has shown the bitmap that it was told.
 * @property {Look} [look]
 * @property {{width: number, height: number, wanted: number}} [size] Of the canvas; `wanted`: how many pixels a picture
 *   may have at most to be of use, 0 for all.
 */

const READY_MS = 15; // how long a picture should lie ready before it is painted: a frame of 60 a second
const HOLD_MAX_MS = 500;
const HOLD_MORE_MS = 20; // for a picture that was never painted
const HOLD_LESS = 0.8; // for one that was painted as soon as it was ready
const PAINT_MAX_MS = 1000; // longer is not waited for: a page that does not paint says nothing

/** Some workers can paint and have no animation frames of their own. @type {(paint: () => void) => unknown} */
const nextFrame = (paint) =>
  typeof requestAnimationFrame === "function" ? requestAnimationFrame(paint) : setTimeout(paint, 16);

export class Receiver {
  #dropped = 0;
  /** How long after a painted picture the next is asked for: where painting is slow, sooner would only make it old. */
  #holdMs = 0;
  /** @type {(() => void)[]} */
  #onPaint = [];
  /** @type {CameraState} */
  #state = "starting";
  #stateAt = -Infinity;
  #failures = 0;
  /** @type {WeakMap<WireFrame["header"], Arrival>} */
  #arrivals = new WeakMap();
  /** @type {Handover|null} */
  #handover;

  /**
   * @param {Canvas|null} canvas null where the page shows what is painted.
   * @param {PainterKind} kind
   * @param {(told: Told) => void} tell
   */
  constructor(canvas, kind, tell) {
    this.tell = tell;
    const drop = () => {
      this.#dropped += 1;
      this.#holdMs = Math.min(this.#holdMs + HOLD_MORE_MS, HOLD_MAX_MS);
    };
    const handover = canvas ? null : new Handover();
    this.#handover = handover;
    this.painting = new Painting(/** @type {Canvas} */ (canvas ?? handover?.canvas), kind, {
      nextFrame: handover ? (paint) => handover.nextFrame(paint) : nextFrame,
      onPainted: (fresh, layMs) => this.#painted(fresh, layMs),
      onDropped: drop,
    });
    this.puller = new Puller({
      onFrame: (frame, arrival) => this.#receive(frame, arrival),
      onPicture: (jpeg) => this.decoder.begin(jpeg),
      onEmpty: (state) => this.#answered(state, {}),
      onFailure: (failures) => {
        this.#failures = failures;
        this.#say({});
      },
      onLockedOut: () => this.#say({ lockedOut: true }),
      holds: () => this.#holdMs >= 1,
      held: () => this.#untilDue(),
    });
    this.decoder = new Decoder(
      (picture) => this.painting.show(picture),
      drop,
      (error) => console.warn("a frame could not be decoded", error),
    );
  }

  /** @param {Asked} asked */
  ask({ run, look, size, shown }) {
    if (shown) this.#handover?.noteShown();
    if (look) this.painting.setLook(look);
    if (size) {
      this.painting.setSize(size.width, size.height);
      this.puller.width = size.wanted;
    }
    if (run === true) this.puller.start();
    if (run === false) this.puller.stop();
  }

  /** @param {WireFrame} frame @param {Arrival} arrival */
  #receive(frame, arrival) {
    if (arrival.leftover) {
      close(frame.bitmap);
      return this.#answered(arrival.cameraState, { arrival });
    }
    this.#state = arrival.cameraState;
    this.#stateAt = arrival.headersAt;
    this.#failures = 0;
    this.#arrivals.set(frame.header, arrival);
    this.decoder.push(frame);
  }

  /** @param {CameraState} state @param {Pick<Told, "arrival">} what */
  #answered(state, what) {
    this.#state = state;
    this.#stateAt = performance.now();
    this.#failures = 0;
    this.#say(what);
  }

  /** Wait for the next picture to be painted, and then as long as is worth it. @returns {Promise<void>} */
  async #untilDue() {
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, PAINT_MAX_MS);
      this.#onPaint.push(() => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
    await new Promise((resolve) => setTimeout(resolve, this.#holdMs));
  }

  /** @param {Picture|null} fresh @param {number} layMs */
  #painted(fresh, layMs) {
    const what = fresh ? { painted: this.#paintedOf(fresh) } : {};
    if (fresh && layMs < READY_MS) this.#holdMs *= HOLD_LESS;
    else if (fresh) this.#holdMs = Math.min(this.#holdMs + 0.3 * (layMs - READY_MS), HOLD_MAX_MS);
    const seen = () => fresh && this.#seen();
    if (this.#handover) return void this.#handover.give(seen).then((bitmap) => this.#say({ ...what, bitmap }));
    this.#say(what);
    seen();
  }

  /** @param {Picture} picture @returns {Painted} */
  #paintedOf({ header, graphs }) {
    const arrival = /** @type {Arrival} */ (this.#arrivals.get(header));
    return { header, graphs, paintedAt: performance.now(), arrival };
  }

  /** A fresh picture is on the screen. */
  #seen() {
    for (const done of this.#onPaint.splice(0)) done();
  }

  /** @param {Pick<Told, "painted"|"bitmap"|"arrival"|"lockedOut">} what */
  #say(what) {
    const known = { state: this.#state, stateAt: this.#stateAt, failures: this.#failures };
    this.tell({ ...what, ...known, dropped: this.#dropped, painter: this.painting.kind, link: this.puller.link.state });
    this.#dropped = 0;
  }
}
