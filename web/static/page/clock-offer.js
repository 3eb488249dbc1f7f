/**
 * Offers the time of this phone to a camera whose clock is not synchronised and shows another one, and then to correct the
 * pictures that were taken before. Runs on the page; the page's status is shown to it with each answer.
 *
 * @import { CameraTime } from "../types/camera.js"
 * @import { ApiError } from "./api.js"
 */

import { getJson, sendJson } from "./api.js";
import { byId, setText } from "./dom.js";
import { showError, showNote } from "./toast.js";
import { say } from "../words/words.js";

export const CORRECTIONS = "/api/clock/corrections";
const APART_MS = 5000; // files and windows of a day are not wrong by less in a way that anybody minds
/** A unit is used from two of it on. @type {[number, (count: number) => string][]} */
const UNITS = [
  [86_400_000, (count) => say`${count} days`],
  [3_600_000, (count) => say`${count} hours`],
  [60_000, (count) => say`${count} minutes`],
  [1000, (count) => say`${count} seconds`],
];

const TAKE = say`Use this phone's time`;

export class ClockOffer {
  #declined = false;
  #asking = false;
  /** Pictures that can be corrected. */
  #wrong = 0;

  constructor() {
    byId("clock-take").addEventListener("click", () => void this.#accept());
    byId("clock-decline").addEventListener("click", () => {
      if (this.#wrong === 0) this.#declined = true;
      this.#wrong = 0;
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
    if (this.#asking || this.#wrong > 0) return;
    if (camera.source !== "unknown" || !apart || this.#declined) return this.#show("");
    const span = formatSpan(aheadMs);
    this.#show(
      aheadMs > 0
        ? say`The camera's clock is ${span} ahead of this phone's, and is not synchronised.`
        : say`The camera's clock is ${span} behind this phone's, and is not synchronised.`,
    );
  }

  async #accept() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      await (this.#wrong > 0 ? this.#correct() : this.#take());
      this.#show(this.#wrong > 0 ? takenBefore(this.#wrong) : "", say`Correct the time`);
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    } finally {
      this.#asking = false;
    }
  }

  async #take() {
    await sendJson("POST", "/api/clock", { unix_ms: Date.now() });
    showNote(say`The camera goes by this phone's time now`);
    this.#wrong = (await getJson(CORRECTIONS)).left;
  }

  async #correct() {
    const changed = await changeTimes("POST", CORRECTIONS, {}, (left) => setText(byId("clock-text"), say`Correcting: ${left} left`));
    this.#wrong = 0;
    showNote(changed === 1 ? say`1 picture was corrected` : say`${changed} pictures were corrected`);
  }

  /** @param {string} text @param {string} [button] */
  #show(text, button = TAKE) {
    byId("clock-offer").hidden = text === "";
    if (text === "") return;
    setText(byId("clock-text"), text);
    setText(byId("clock-take"), button);
  }
}

/**
 * Change the times of pictures in portions of a few seconds: there may be thousands. Gives how many were changed.
 * @param {"POST"|"DELETE"} method
 * @param {string} path
 * @param {object} body
 * @param {(left: number) => void} onLeft
 */
export async function changeTimes(method, path, body, onLeft) {
  let changed = 0;
  let left = Infinity;
  while (left > 0) {
    const answer = await sendJson(method, path, body);
    changed += answer.changed;
    left = answer.left;
    if (left > 0) onLeft(left);
  }
  return changed;
}

/** @param {number} count */
function takenBefore(count) {
  return count === 1 ? say`1 picture was taken before, with a wrong time.` : say`${count} pictures were taken before, with a wrong time.`;
}

/** A length of time in its largest fitting unit: "3 days", "90 minutes". @param {number} ms */
export function formatSpan(ms) {
  const [unit, told] = UNITS.find(([length]) => Math.abs(ms) >= 2 * length) ?? UNITS[UNITS.length - 1];
  return told(Math.round(Math.abs(ms) / unit));
}
