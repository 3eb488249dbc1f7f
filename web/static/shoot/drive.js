/**
 * The drive mode on the shutter: what a press does, how far a series is, and its end. One press starts it, the next one ends
 * it and keeps what is saved; an armed mode takes the second press as the moment. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { DriveProgress } from "../types/shoot.js"
 * @import { Release } from "./release.js"
 * @import { ShutterFace } from "./shutter-face.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, setAttribute, setText } from "../page/dom.js";
import { formatAge } from "../page/condition.js";
import { showCaution, showError, showNote } from "../page/toast.js";
import { DriveSheet, missedWords } from "./drive-sheet.js";
import { say } from "../words/words.js";

const PATH = "/api/drive";
const POLL_MS = 250;
const END_TIMEOUT_MS = 25_000; // a shot that is being written is written to its end
const ENDED_MS = 1800;
const WARNED_MS = 4000;
/** What the shutter says while it is in one. @type {Record<string, string>} */
const PHASES = { exposing: say`exposing`, recording: say`recording`, saving: say`saving` };
const HOLD_FRAMES = ["burst", "precapture"]; // modes that keep frames in memory before they save them

export class Drive {
  /** @type {DriveProgress|null} */
  progress = null;
  #sheet = new DriveSheet();
  #polling = false;
  #starting = false;
  #ending = false;
  #warnedUntil = 0;

  /**
   * @param {ShutterFace} face
   * @param {Release} release
   * @param {(id: string) => void} onSaved Called whenever there are more captures, with the last one.
   */
  constructor(face, release, onSaved) {
    this.face = face;
    this.release = release;
    this.onSaved = onSaved;
    byId("drive-end").addEventListener("click", () => this.cancel());
  }

  /** Whether a press of the shutter is for a drive mode: one other than single shots is chosen, or a series runs. */
  get handlesPress() {
    return this.running || this.#sheet.mode !== "single";
  }

  /** The mode and its settings, for a preset. */
  get chosen() {
    return { mode: this.#sheet.mode, settings: this.#sheet.settings };
  }

  /** @param {{mode: string, settings: Record<string, any>}} chosen */
  recall(chosen) {
    this.#sheet.recall(chosen);
  }

  get running() {
    return this.progress?.state === "running";
  }

  /** What a second press means now: the moment, the end of a recording; else it ends the series. */
  get #hasSecondPress() {
    return this.progress?.phase === "armed" || (this.progress?.phase === "recording" && this.progress.mode === "burst");
  }

  /** How long the camera shows no new picture because it exposes one, milliseconds. */
  get exposingMs() {
    return this.running && this.progress?.phase === "exposing" ? 1000 * this.progress.phase_s : 0;
  }

  /** The modes this camera has, and what runs now: another client may have started it. */
  async load() {
    try {
      this.#sheet.fill((await getJson(`${PATH}/modes`)).modes);
    } catch {
      // The banner says that the server is gone; it is asked again when it is back.
    }
  }

  /** The sheet was opened: what of the chosen mode the camera could not do now depends on the light. */
  async open() {
    await this.load();
    await this.#sheet.showPlan();
  }

  /** @param {string} state What the server's status says of drive modes. */
  noteStatus(state) {
    if (state === "running" && !this.#polling) void this.#poll();
  }

  press() {
    if (!this.running) return void this.#start();
    if (this.#hasSecondPress) return void this.#send(() => sendJson("PATCH", PATH, { trigger: true }));
    if (this.#loses !== "" && performance.now() > this.#warnedUntil) {
      this.#warnedUntil = performance.now() + WARNED_MS;
      return showCaution(this.#loses);
    }
    return this.cancel();
  }

  /** What a press says before the next one ends the series, where that end loses something; else "". */
  get #loses() {
    if (this.#holdsFrames) return say`Still writing. Press again to forget the frames that are not saved`;
    if (this.progress?.mode === "bulb" && this.progress.phase === "exposing") return say`Press again to end the exposure without a picture`;
    return "";
  }

  /** Whether an end now loses frames that are only in memory. */
  get #holdsFrames() {
    return this.progress?.phase === "saving" && HOLD_FRAMES.includes(this.progress.mode);
  }

  cancel() {
    if (this.#ending) return showCaution(say`Ending: a shot that is being saved is saved first`);
    if (!this.running) return;
    this.#ending = true;
    this.face.show("running", say`ending…`);
    void this.#send(() => sendJson("DELETE", PATH, {}, END_TIMEOUT_MS)).finally(() => (this.#ending = false));
  }

  async #start() {
    if (this.#starting) return showCaution(say`It is being started`);
    this.#starting = true;
    this.face.show("running", say`starting…`);
    await this.#send(() => sendJson("POST", PATH, { mode: this.#sheet.mode, settings: this.#sheet.settings }));
    this.#starting = false;
    if (!this.running && this.face.state === "running") this.face.showEnd("failed", say`not started`, ENDED_MS);
    if (this.running) void this.#poll();
  }

  /** @param {() => Promise<DriveProgress>} request */
  async #send(request) {
    try {
      this.#receive(await request());
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
  }

  /** Follow a series to its end. */
  async #poll() {
    if (this.#polling) return;
    this.#polling = true;
    do {
      try {
        this.#receive(await getJson(PATH));
      } catch {
        // The server may be starting again: an interval goes on with it.
      }
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    } while (this.running);
    this.#polling = false;
  }

  /** @param {DriveProgress} progress */
  #receive(progress) {
    const before = this.progress;
    this.progress = progress;
    this.#sheet.offerManifest(progress);
    if (progress.taken > (before?.id === progress.id ? before.taken : 0)) this.onSaved(progress.last);
    if (this.#starting || before?.id === progress.id) {
      if (exposuresOf(progress) > (before?.id === progress.id ? exposuresOf(before) : 0)) this.release.expose();
    }
    if (progress.state === "running") this.#show(progress);
    else if (before?.state === "running") this.#end(progress);
  }

  /** @param {DriveProgress} p */
  #show(p) {
    const label = p.phase === "armed" ? say`Keep the last frames` : this.#hasSecondPress ? say`End the burst` : endOf(p);
    setAttribute(this.face.button, "aria-label", label);
    setText(byId("drive-end"), endOf(p));
    const share = p.phase_s > 0 ? 1 - p.phase_left_s / p.phase_s : p.total ? p.taken / p.total : 0;
    this.face.button.style.setProperty("--done", `${Math.round(1000 * Math.min(1, Math.max(0, share))) / 10}%`);
    this.#sheet.showProgress(p);
    setText(byId("shutter-count"), p.phase === "armed" ? "●" : countdown(p.phase_left_s));
    this.face.show("running", this.#ending ? say`ending…` : words(p));
  }

  /** @param {DriveProgress} p */
  #end(p) {
    const { title } = this.#sheet;
    this.#sheet.showProgress(null);
    this.face.button.style.removeProperty("--done");
    setText(byId("shutter-count"), "");
    setAttribute(this.face.button, "aria-label", say`Take a picture`);
    const missed = p.missed > 0 ? [missedWords(p)] : [];
    const doubtful = p.doubtful > 0 ? [say`see what was found of ${p.doubtful}`] : [];
    if (p.error) showError(p.error);
    else {
      const told = [p.state === "cancelled" ? endedWords(title, p.taken) : savedWords(title, p.taken), ...missed, ...doubtful].join(say`, `);
      if (p.taken > 0 && p.missed + p.doubtful === 0) showNote(told);
      else showCaution(told);
    }
    this.face.showEnd(p.error ? "failed" : "saved", p.error ? say`failed` : p.state === "cancelled" ? say`ended` : say`saved`, ENDED_MS);
  }
}

/** @param {string} title @param {number} taken */
function endedWords(title, taken) {
  if (taken === 0) return say`${title} ended, no picture was taken`;
  return taken === 1 ? say`${title} ended, 1 shot kept` : say`${title} ended, ${taken} shots kept`;
}

/** @param {string} title @param {number} taken */
function savedWords(title, taken) {
  return taken === 1 ? say`${title}: 1 shot saved` : say`${title}: ${taken} shots saved`;
}

/** How many exposures have begun; all that a burst or pre-capture keeps is one. @param {DriveProgress} p */
function exposuresOf(p) {
  if (HOLD_FRAMES.includes(p.mode)) return Number(p.phase === "recording" || p.phase === "saving");
  return p.taken + Number(p.phase === "exposing");
}

/** What the end of a series keeps. @param {DriveProgress} p */
function endOf(p) {
  if (p.taken > 0) return say`End, keep what is saved`;
  return p.phase === "saving" ? say`End when the shot is saved` : say`End without a picture`;
}

/** The seconds that are left, as far as they fit on the button. @param {number} seconds */
function countdown(seconds) {
  return seconds > 0.05 && seconds < 100 ? String(Math.ceil(seconds)) : "";
}

/** What is going on, how many, how long: `exposing 3/5`, `next in 12 s`. @param {DriveProgress} p */
function words(p) {
  const count = p.total && p.total > 1 ? ` ${Math.min(p.taken + 1, p.total)}/${p.total}` : p.total === null ? ` ${p.taken}` : "";
  if (p.phase === "none") return say`starting…`;
  if (p.phase === "armed") return say`press to keep`;
  if (p.phase === "waiting") return p.phase_left_s > 0 ? say`in ${formatAge(1000 * p.phase_left_s)}` + count : say`getting ready`;
  if (p.phase === "exposing" && p.phase_left_s > 1) return `${formatAge(1000 * p.phase_left_s)}${count}`;
  return (PHASES[p.phase] ?? p.phase) + count;
}
