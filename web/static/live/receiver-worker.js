/**
 * The receiver in a worker. The first message brings the canvas (or none) and the kind of painter, the others are the
 * page's commands. Each update has the `timeOrigin` that its times count from.
 *
 * @import { ReceiverCommand } from "./receiver.js"
 */

import { Receiver } from "./receiver.js";

const port = /** @type {{postMessage: (message: unknown, moved: Transferable[]) => void}} */ (/** @type {unknown} */ (self));
const { timeOrigin } = performance;
/** @type {Receiver|null} */
let receiver = null;

addEventListener("message", (event) => {
  const { canvas, kind, ...command } = /** @type {MessageEvent} */ (event).data;
  if (receiver) return receiver.obey(/** @type {ReceiverCommand} */ (command));
  receiver = new Receiver(canvas, kind, (update) => port.postMessage({ ...update, timeOrigin }, update.bitmap ? [update.bitmap] : []));
});
