/**
 * The receiver in a worker: the first message brings the canvas (or none), the others are what the page asks. Each answer
 * has the `timeOrigin` that its times count from.
 *
 * @import { Asked } from "./receiver.js"
 */

import { Receiver } from "./receiver.js";

const port = /** @type {{postMessage: (message: unknown, moved: Transferable[]) => void}} */ (/** @type {unknown} */ (self));
const { timeOrigin } = performance;
/** @type {Receiver|null} */
let receiver = null;

addEventListener("message", (event) => {
  const { canvas, kind, ...asked } = /** @type {MessageEvent} */ (event).data;
  if (receiver) return receiver.ask(/** @type {Asked} */ (asked));
  receiver = new Receiver(canvas, kind, (told) => port.postMessage({ ...told, timeOrigin }, told.bitmap ? [told.bitmap] : []));
});
