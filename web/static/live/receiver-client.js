/**
 * The page's end of the receiver: starts it in a worker where the browser can, else on the page, and passes commands and
 * updates. With a graphics processor the worker paints on the page's canvas itself; without, it sends a bitmap of what
 * it painted, and the page's next animation frame shows it.
 *
 * `?paint=` in the page's address chooses the painter for whoever examines it: `webgl2` or `2d`, and `page` for no
 * worker, with commas between.
 *
 * @import { PainterKind, PaintStyle } from "../paint/painter.js"
 * @import { PaintedFrame, ReceiverCommand, ReceiverUpdate } from "./receiver.js"
 */

import { hasGraphicsProcessor } from "../paint/webgl-painter.js";
import { Receiver } from "./receiver.js";

export class ReceiverClient {
  /** @type {(command: ReceiverCommand) => void} */
  #send;
  /** What shows the bitmaps that the worker sends. @type {ImageBitmapRenderingContext|null} */
  #bitmapContext = null;
  /** Where the receiver runs: "worker" or "page". */
  place = "worker";
  /** The last one sent. @type {ReceiverCommand["size"]} */
  #size;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(update: ReceiverUpdate) => void} onUpdate Times are the page's own `performance.now()`.
   * @param {(painted: PaintedFrame) => void} onPainted In the animation frame that shows it, where the page does.
   */
  constructor(canvas, onUpdate, onPainted) {
    this.onUpdate = onUpdate;
    this.onPainted = onPainted;
    const wanted = (new URLSearchParams(location.search).get("paint") ?? "").split(",");
    /** @type {readonly PainterKind[]} */
    const kinds = ["webgl2", "2d"];
    const kind = kinds.find((name) => wanted.includes(name)) ?? (hasGraphicsProcessor() ? "webgl2" : "2d");
    const worker = wanted.includes("page") ? null : startWorker();
    if (!worker) {
      this.place = "page";
      const receiver = new Receiver(canvas, kind, (update) => this.#receive(update));
      this.#send = (command) => receiver.obey(command);
      return;
    }
    this.#send = (command) => worker.postMessage(command);
    worker.addEventListener("message", (event) => this.#receive(inPageTime(event.data)));
    if (kind === "2d") this.#bitmapContext = canvas.getContext("bitmaprenderer");
    const moved = this.#bitmapContext ? [] : [canvas.transferControlToOffscreen()];
    worker.postMessage({ canvas: moved[0], kind }, moved);
  }

  /** Pull frames from now on. */
  start() {
    this.#send({ pull: true });
  }

  /** Pull no more frames; what is on its way is dropped. */
  stop() {
    this.#send({ pull: false });
  }

  /** Draw like this from now on. @param {PaintStyle} style */
  setStyle(style) {
    this.#send({ style });
  }

  /**
   * @param {number} width Device pixels of the canvas.
   * @param {number} height
   * @param {number} neededWidth A picture from the sensor that is wider than this is of no use; 0 for any.
   */
  setSize(width, height, neededWidth) {
    const size = { width, height, neededWidth };
    if (JSON.stringify(size) === JSON.stringify(this.#size)) return;
    this.#size = size;
    this.#send({ size });
  }

  /** @param {ReceiverUpdate} update */
  #receive(update) {
    this.onUpdate(update);
    const { bitmap, painted } = update;
    if (bitmap) requestAnimationFrame(() => this.#show(bitmap, painted));
    else if (painted) this.onPainted(painted);
  }

  /** @param {ImageBitmap} bitmap @param {PaintedFrame|undefined} painted Nothing when a picture was only drawn again. */
  #show(bitmap, painted) {
    const context = /** @type {ImageBitmapRenderingContext} */ (this.#bitmapContext);
    const { width, height } = bitmap;
    if (context.canvas.width !== width || context.canvas.height !== height) Object.assign(context.canvas, { width, height });
    context.transferFromImageBitmap(bitmap);
    this.#send({ shown: true });
    if (!painted) return;
    painted.paintedAt = performance.now();
    this.onPainted(painted);
  }
}

/** Start it where there are module workers, and canvases that can be given to them; null elsewhere. */
function startWorker() {
  if (typeof Worker !== "function" || !("transferControlToOffscreen" in HTMLCanvasElement.prototype)) return null;
  let readsType = false;
  const options = {
    /** Read by browsers that know module workers; others ignore it. @returns {"module"} */
    get type() {
      readsType = true;
      return "module";
    },
  };
  const worker = new Worker(new URL("receiver-worker.js", import.meta.url), options);
  if (readsType) return worker;
  worker.terminate();
  return null;
}

/** Count its times from the page's time origin. @param {ReceiverUpdate & {timeOrigin: number}} message @returns {ReceiverUpdate} */
function inPageTime({ timeOrigin, ...update }) {
  const differenceMs = timeOrigin - performance.timeOrigin;
  update.stateAt += differenceMs;
  const arrival = update.painted?.arrival ?? update.arrival;
  if (update.painted) update.painted.paintedAt += differenceMs;
  if (arrival) {
    arrival.requestedAt += differenceMs;
    arrival.headersAt += differenceMs;
  }
  return update;
}
