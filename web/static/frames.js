/**
 * The page's end of the receiver: in a worker where the browser can, else here. With a graphics processor the worker
 * paints on the canvas itself; without, it hands over what it painted and the page's animation frame shows it.
 *
 * `?paint=` in the page's address chooses for whoever examines it: `webgl2` or `2d`, and `page` for no worker, with
 * commas between.
 *
 * @import { Look, PainterKind } from "./painting.js"
 * @import { Asked, Painted, Told } from "./receiver.js"
 */

import { hasGraphicsProcessor } from "./painter.js";
import { Receiver } from "./receiver.js";

export class Frames {
  /** @type {(asked: Asked) => void} */
  #ask;
  /** What shows the bitmaps that the worker hands over. @type {ImageBitmapRenderingContext|null} */
  #screen = null;
  /** "worker" or "page". */
  place = "worker";
  /** What was asked for last. @type {Asked["size"]} */
  #size;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(told: Told) => void} onTold Times are the page's own `performance.now()`.
   * @param {(painted: Painted) => void} onPainted In the animation frame that shows it, where the page does.
   */
  constructor(canvas, onTold, onPainted) {
    this.onTold = onTold;
    this.onPainted = onPainted;
    const wanted = (new URLSearchParams(location.search).get("paint") ?? "").split(",");
    /** @type {readonly PainterKind[]} */
    const kinds = ["webgl2", "2d"];
    const kind = kinds.find((name) => wanted.includes(name)) ?? (hasGraphicsProcessor() ? "webgl2" : "2d");
    const worker = wanted.includes("page") ? null : startWorker();
    if (!worker) {
      this.place = "page";
      const receiver = new Receiver(canvas, kind, (told) => this.#receive(told));
      this.#ask = (asked) => receiver.ask(asked);
      return;
    }
    this.#ask = (asked) => worker.postMessage(asked);
    worker.addEventListener("message", (event) => this.#receive(onOurClock(event.data)));
    if (kind === "2d") this.#screen = canvas.getContext("bitmaprenderer");
    const given = this.#screen ? [] : [canvas.transferControlToOffscreen()];
    worker.postMessage({ canvas: given[0], kind }, given);
  }

  start() {
    this.#ask({ run: true });
  }

  stop() {
    this.#ask({ run: false });
  }

  /** Draw like this from now on. @param {Look} look */
  setLook(look) {
    this.#ask({ look });
  }

  /** @param {number} width Device pixels of the canvas. @param {number} height @param {boolean} whole All pixels are wanted. */
  setSize(width, height, whole) {
    const size = { width, height, wanted: whole ? 0 : width };
    if (JSON.stringify(size) === JSON.stringify(this.#size)) return;
    this.#size = size;
    this.#ask({ size });
  }

  /** @param {Told} told */
  #receive(told) {
    this.onTold(told);
    const { bitmap, painted } = told;
    if (bitmap) requestAnimationFrame(() => this.#show(bitmap, painted));
    else if (painted) this.onPainted(painted);
  }

  /** @param {ImageBitmap} bitmap @param {Painted|undefined} painted Nothing when a picture was only drawn again. */
  #show(bitmap, painted) {
    const screen = /** @type {ImageBitmapRenderingContext} */ (this.#screen);
    const { width, height } = bitmap;
    if (screen.canvas.width !== width || screen.canvas.height !== height) Object.assign(screen.canvas, { width, height });
    screen.transferFromImageBitmap(bitmap);
    this.#ask({ shown: true });
    if (!painted) return;
    painted.paintedAt = performance.now();
    this.onPainted(painted);
  }
}

/** Start it where there are module workers, and canvases that can be given to them. */
function startWorker() {
  if (typeof Worker !== "function" || !("transferControlToOffscreen" in HTMLCanvasElement.prototype)) return null;
  let understands = false;
  const options = {
    /** Read by browsers that know module workers; others ignore it. @returns {"module"} */
    get type() {
      understands = true;
      return "module";
    },
  };
  const worker = new Worker("/static/receiverworker.js", options);
  if (understands) return worker;
  worker.terminate();
  return null;
}

/** @param {Told & {timeOrigin: number}} message @returns {Told} */
function onOurClock({ timeOrigin, ...told }) {
  const ours = timeOrigin - performance.timeOrigin;
  told.stateAt += ours;
  const arrival = told.painted?.arrival ?? told.arrival;
  if (told.painted) told.painted.paintedAt += ours;
  if (arrival) {
    arrival.requestedAt += ours;
    arrival.headersAt += ours;
  }
  return told;
}
