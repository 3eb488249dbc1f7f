/**
 * The shutter button: ready, saving, saved, failed. It shows "saved" only when the files are on the disk. Presses while a shot
 * is saved wait for their turn. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { Capture } from "../types/shoot.js"
 * @import { Release } from "./release.js"
 * @import { ShutterFace } from "./shutter-face.js"
 */

import { sendJson } from "../page/api.js";
import { showCaution, showError, showNote } from "../page/toast.js";
import { tell, tellFinding } from "../words/sentences.js";
import { say } from "../words/words.js";

const TIMEOUT_MS = 60_000; // a still of many seconds, on a slow card
const SAVED_MS = 1800;
export const WAITING_MOST = 3; // chosen: more presses than that are not meant one by one

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
  /** Presses whose shots are still to be taken. */
  #waiting = 0;

  /**
   * @param {ShutterFace} face
   * @param {import("./drive.js").Drive} drive
   * @param {Release} release
   * @param {(capture: Capture) => void} onSaved
   */
  constructor(face, drive, release, onSaved) {
    this.face = face;
    this.drive = drive;
    this.release = release;
    this.onSaved = onSaved;
    face.button.addEventListener("click", () => this.press());
  }

  /** The longest that a shot is exposed now: it may take twice as long, and TIMEOUT_MS more. @type {number} */
  exposureUs = 0;

  /** How long the camera shows no new picture because it exposes a shot, milliseconds. */
  get exposingMs() {
    return this.face.state === "saving" ? this.exposureUs / 1000 : 0;
  }

  press() {
    if (this.face.state === "saving") this.#wait();
    else {
      this.release.press();
      if (this.drive.handlesPress) this.drive.press();
      else void this.#shoot();
    }
  }

  /** A shot is being saved: this press is for one after it. */
  #wait() {
    if (this.drive.handlesPress) return showCaution(say`A shot is still being saved: press again when it is`);
    if (this.#waiting === WAITING_MOST) return showCaution(say`${WAITING_MOST} presses wait already: press again when a shot is saved`);
    this.release.press();
    this.#waiting += 1;
    this.#showSaving();
  }

  #showSaving() {
    this.face.show("saving", this.#waiting > 0 ? say`saving, ${this.#waiting} to go` : say`saving…`);
  }

  async #shoot() {
    this.#showSaving();
    this.release.expose();
    this.face.button.setAttribute("aria-busy", "true");
    try {
      const capture = await sendJson("POST", "/api/captures", {}, TIMEOUT_MS + this.exposureUs / 500);
      const kinds = capture.files.map((/** @type {{kind: string}} */ f) => f.kind.toUpperCase()).join(" + ");
      const found = capture.audit?.findings[0] && tellFinding(capture.audit.findings[0]);
      if (found) showCaution(say`Saved ${capture.id} (${kinds}). Not as asked: ${found}`);
      else showNote(say`Saved ${capture.id} (${kinds})`);
      this.onSaved(capture);
    } catch (error) {
      this.face.button.removeAttribute("aria-busy");
      return this.#fail(/** @type {ApiError} */ (error));
    }
    this.face.button.removeAttribute("aria-busy");
    if (this.#waiting === 0) return this.face.showEnd("saved", say`saved`, SAVED_MS);
    this.#waiting -= 1;
    void this.#shoot();
  }

  /** Whatever stopped this shot would stop those that wait. @param {ApiError} error */
  #fail({ facts }) {
    const dropped = this.#waiting === 0 ? "" : droppedWords(this.#waiting);
    this.#waiting = 0;
    this.face.showEnd("failed", say`failed`, SAVED_MS);
    showError({ ...facts, remedy: [tell(facts.remedy), dropped].filter(Boolean).join("; ") });
  }
}

/** @param {number} count */
function droppedWords(count) {
  return count === 1 ? say`1 more press is dropped` : say`${count} more presses are dropped`;
}
