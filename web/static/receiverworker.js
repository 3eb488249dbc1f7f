/**
 * The receiver in a worker: the first message brings the canvas, the others are what the page asks. Each answer has the
 * `timeOrigin` that its times count from.
 *
 * @import { Asked } from "./receiver.js"
 */

import { Receiver } from "./receiver.js";

const port = /** @type {{postMessage: (message: unknown) => void}} */ (/** @type {unknown} */ (self));
/** @type {Receiver|null} */
let receiver = null;

addEventListener("message", (event) => {
  const { canvas, kind, ...asked } = /** @type {MessageEvent} */ (event).data;
  if (canvas) receiver = new Receiver(canvas, kind, (told) => port.postMessage({ ...told, timeOrigin: performance.timeOrigin }));
  else receiver?.ask(/** @type {Asked} */ (asked));
});
