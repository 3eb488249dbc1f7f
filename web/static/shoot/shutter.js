/**
 * The shutter button: ready, saving, saved, failed. It shows "saved" only when the files are on the disk. Runs on the page;
 * main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { Capture } from "../types/shoot.js"
 */

import { sendJson } from "../page/api.js";
import { byId, setText } from "../page/dom.js";
import { showError, showNote } from "../page/toast.js";

const TIMEOUT_MS = 60_000; // a still of many seconds, on a slow card
const SAVED_MS = 1800;

const END_OF_LIVE_US = 55_000; // from here on the live view may be darker than the shot, which is exposed longer

/**
 * The longest that a shot is exposed.
 * @param {number} liveUs Of the frame on the screen.
 * @param {import("../types/settings.js").Controls|null} asked
 */
export function longestExposureUs(liveUs, asked) {
  return asked && asked.exposure_us === null && liveUs >= END_OF_LIVE_US ? Math.max(liveUs, asked.slowest_us) : liveUs;
}

export class Shutter {
  #button = byId("shutter");
  #reset = 0;

  /**
   * @param {import("./drive.js").Drive} drive
   * @param {(capture: Capture) => void} onSaved
   */
  constructor(drive, onSaved) {
    this.drive = drive;
    this.onSaved = onSaved;
    this.#button.addEventListener("click", () => this.press());
  }

  /** The longest that a shot is exposed now: it may take twice as long, and TIMEOUT_MS more. @type {number} */
  exposureUs = 0;

  /** How long the camera shows no new picture because it exposes a shot, milliseconds. */
  get exposingMs() {
    return this.#button.dataset.state === "saving" ? this.exposureUs / 1000 : 0;
  }

  press() {
    if (this.drive.handlesPress) this.drive.press();
    else if (this.#button.dataset.state !== "saving") void this.#shoot();
  }

  async #shoot() {
    this.#show("saving", "saving…");
    this.#button.setAttribute("aria-busy", "true");
    try {
      const capture = await sendJson("POST", "/api/captures", {}, TIMEOUT_MS + this.exposureUs / 500);
      this.#show("saved", "saved");
      const kinds = capture.files.map((/** @type {{kind: string}} */ f) => f.kind.toUpperCase()).join(" + ");
      const found = capture.audit?.findings[0];
      showNote(`Saved ${capture.id} (${kinds})${found ? `. Not as asked: ${found}` : ""}`);
      this.onSaved(capture);
    } catch (error) {
      this.#show("failed", "failed");
      showError(/** @type {ApiError} */ (error).facts);
    } finally {
      this.#button.removeAttribute("aria-busy");
    }
    this.#reset = setTimeout(() => this.#show("ready", "ready"), SAVED_MS);
  }

  /**
   * @param {"ready"|"saving"|"saved"|"failed"} state
   * @param {string} word
   */
  #show(state, word) {
    clearTimeout(this.#reset);
    this.#button.dataset.state = state;
    setText(byId("shutter-word"), word);
  }
}
