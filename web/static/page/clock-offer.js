/**
 * Offers the time of this phone to a camera whose clock is not synchronised and shows another one. Runs on the page; the
 * page's status is shown to it with each answer.
 *
 * @import { CameraTime } from "../types/camera.js"
 * @import { ApiError } from "./api.js"
 */

import { sendJson } from "./api.js";
import { byId, setText } from "./dom.js";
import { showError, showNote } from "./toast.js";

const APART_MS = 5000; // files and windows of a day are not wrong by less in a way that anybody minds
/** A unit is used from two of it on. @type {[number, string][]} */
const UNITS = [
  [86_400_000, "days"],
  [3_600_000, "hours"],
  [60_000, "minutes"],
  [1000, "seconds"],
];

export class ClockOffer {
  #declined = false;
  #asking = false;

  constructor() {
    byId("clock-take").addEventListener("click", () => void this.#take());
    byId("clock-decline").addEventListener("click", () => {
      this.#declined = true;
      this.#show("");
    });
  }

  /**
   * @param {CameraTime} camera What time it was for the camera,
   * @param {number} roundTripMs in an answer that has just come, so long after it was asked for.
   */
  note(camera, roundTripMs) {
    const aheadMs = camera.unix_ms - (Date.now() - roundTripMs / 2);
    const apart = Math.abs(aheadMs) - roundTripMs / 2 > APART_MS;
    if (this.#asking) return;
    if (camera.source !== "unknown" || !apart || this.#declined) return this.#show("");
    this.#show(`The camera's clock is ${formatSpan(aheadMs)} ${aheadMs > 0 ? "ahead of" : "behind"} this phone's, and is not synchronised.`);
  }

  async #take() {
    this.#asking = true;
    try {
      await sendJson("POST", "/api/clock", { unix_ms: Date.now() });
      showNote("The camera goes by this phone's time now");
      this.#show("");
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    } finally {
      this.#asking = false;
    }
  }

  /** @param {string} text */
  #show(text) {
    byId("clock-offer").hidden = text === "";
    if (text) setText(byId("clock-text"), text);
  }
}

/** A length of time in its largest fitting unit: "3 days", "90 minutes". @param {number} ms */
export function formatSpan(ms) {
  const [unit, name] = UNITS.find(([length]) => Math.abs(ms) >= 2 * length) ?? UNITS[UNITS.length - 1];
  return `${Math.round(Math.abs(ms) / unit)} ${name}`;
}
