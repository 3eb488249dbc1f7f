/**
 * The page's end of the receiver: a worker where the browser has module workers, else the receiver itself.
 *
 * @import { Asked, Told } from "./receiver.js"
 */

import { Receiver } from "./receiver.js";

export class Frames {
  /** @type {(asked: Asked) => void} */
  #ask;
  /** "worker" or "page". */
  place = "worker";
  /** What the worker was asked so far. @type {Asked} */
  #asked = {};

  /** @param {(told: Told) => void} onTold Times of arrivals are the page's own `performance.now()`. */
  constructor(onTold) {
    const worker = startWorker();
    const receiveHere = () => {
      this.place = "page";
      const receiver = new Receiver(onTold);
      this.#ask = (asked) => receiver.ask(asked);
      receiver.ask(this.#asked);
    };
    this.#ask = () => {};
    if (!worker) {
      receiveHere();
      return;
    }
    worker.addEventListener("error", receiveHere, { once: true }); // old browsers take module workers for plain ones
    worker.addEventListener("message", (event) => {
      const { timeOrigin, ...told } = /** @type {Told & {timeOrigin: number}} */ (event.data);
      const ours = timeOrigin - performance.timeOrigin;
      told.stateAt += ours;
      if (told.arrival) {
        told.arrival.requestedAt += ours;
        told.arrival.headersAt += ours;
      }
      onTold(told);
    });
    this.#ask = (asked) => {
      Object.assign(this.#asked, asked);
      worker.postMessage(asked);
    };
  }

  start() {
    this.#ask({ run: true });
  }

  stop() {
    this.#ask({ run: false });
  }

  /** The picture that was given is on the screen: the next may come. */
  next() {
    this.#ask({ ready: true });
  }

  /** @param {number} width Pixels of the screen that the picture covers. */
  setWidth(width) {
    this.#ask({ width });
  }
}

function startWorker() {
  try {
    return new Worker("/static/receiverworker.js", { type: "module" });
  } catch {
    return null;
  }
}
