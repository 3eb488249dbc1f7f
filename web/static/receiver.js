/**
 * Pulls and decodes frames; gives the newest picture to whoever paints, one at a time. Runs in a worker, so that a busy
 * page neither delays frames nor mistakes its own slowness for the link's; where there are no workers, in the page.
 *
 * @import { Arrival } from "./pull.js"
 * @import { CameraState, Picture, WireFrame } from "./types.js"
 */

import { Decoder } from "./decode.js";
import { Puller } from "./pull.js";

/**
 * @typedef {object} Told What is known at the moment it is told, with a picture or without.
 * @property {Picture} [picture]
 * @property {Arrival} [arrival] Of that picture; times on the receiver's own `performance.now()`.
 * @property {CameraState} state The camera's, as the newest answer had it: a picture may be older than that.
 * @property {number} stateAt When that answer came.
 * @property {number} failures How many times in a row the server could not be reached.
 * @property {boolean} [lockedOut]
 * @property {number} dropped Frames received and never given, since the last message.
 * @property {Puller["link"]["state"]} link
 */

/** @typedef {{run?: boolean, ready?: boolean, width?: number}} Asked */

export class Receiver {
  /** Whether the painter waits for a picture. */
  #ready = true;
  /** @type {{picture: Picture, arrival: Arrival}|null} */
  #held = null;
  #dropped = 0;
  /** @type {CameraState} */
  #state = "starting";
  #stateAt = -Infinity;
  #failures = 0;
  /** @type {WeakMap<WireFrame["header"], Arrival>} */
  #arrivals = new WeakMap();

  /** @param {(told: Told) => void} tell */
  constructor(tell) {
    this.tell = tell;
    this.puller = new Puller({
      onFrame: (frame, arrival) => this.#receive(frame, arrival),
      onEmpty: (state) => this.#answered(state, {}),
      onFailure: (failures) => {
        this.#failures = failures;
        this.#say({});
      },
      onLockedOut: () => this.#say({ lockedOut: true }),
    });
    this.decoder = new Decoder(
      (picture) => this.#hold(picture),
      () => (this.#dropped += 1),
      (error) => console.warn("a frame could not be decoded", error),
    );
  }

  /** @param {Asked} asked */
  ask({ run, ready, width }) {
    if (width !== undefined) this.puller.width = width;
    if (run === true) this.puller.start();
    if (run === false) this.puller.stop();
    if (ready) {
      this.#ready = true;
      this.#give();
    }
  }

  /** @param {WireFrame} frame @param {Arrival} arrival */
  #receive(frame, arrival) {
    if (arrival.leftover) return this.#answered(arrival.cameraState, { arrival });
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

  /** @param {Picture} picture */
  #hold(picture) {
    if (this.#held) {
      this.#held.picture.bitmap.close();
      this.#dropped += 1;
    }
    const arrival = this.#arrivals.get(picture.header);
    if (arrival) this.#held = { picture, arrival };
    this.#give();
  }

  #give() {
    if (!this.#ready || !this.#held) return;
    const given = this.#held;
    this.#held = null;
    this.#ready = false;
    this.#say(given);
  }

  /** @param {Pick<Told, "picture"|"arrival"|"lockedOut">} what */
  #say(what) {
    const { state } = this.puller.link;
    const known = { state: this.#state, stateAt: this.#stateAt, failures: this.#failures };
    this.tell({ ...what, ...known, dropped: this.#dropped, link: state });
    this.#dropped = 0;
  }
}
