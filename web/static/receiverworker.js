/**
 * The receiver in a worker: the same messages, and the `timeOrigin` that their times count from.
 */

import { Receiver } from "./receiver.js";

const port = /** @type {{postMessage: (message: unknown, transfer?: Transferable[]) => void}} */ (/** @type {unknown} */ (self));

const receiver = new Receiver((told) => {
  /** @type {Transferable[]} */
  const moved = told.picture ? [told.picture.bitmap] : [];
  port.postMessage({ ...told, timeOrigin: performance.timeOrigin }, moved);
});

addEventListener("message", (event) => receiver.ask(/** @type {MessageEvent} */ (event).data));
