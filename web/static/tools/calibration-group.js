/**
 * The calibration of the camera, in the settings: which numbers are used of it, and a new one in two steps, the cap on and
 * white paper. The camera measures; here it is begun, watched and chosen. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { CameraCalibration } from "../types/camera.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { showError, showNote, showUndoable } from "../page/toast.js";
import { BackFocus } from "./back-focus.js";
import { showTabs } from "./tool-tabs.js";
import { formatDay, formatPlain } from "../words/figures.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

const PATH = "/api/calibration";
const PERIOD_MS = 1000;

export class CalibrationGroup {
  #group = make("fieldset", { class: "group", id: "calibration" }, make("legend", {}, say`Calibration · what this camera is`));
  element = make("div", {}, this.#group, new BackFocus().element);
  #state = make("p", { role: "status" });
  #told = make("p", { role: "alert", class: "sheet-note" });
  #next = make("p", {});
  #bar = make("progress", { "aria-label": say`Progress of the step`, max: 1, value: 0 });
  #begin = make("button", { type: "button", class: "wide-button" });
  #end = make("button", { type: "button", class: "wide-button" }, say`End the calibration`);
  #switch = make("button", { type: "button", class: "wide-button" });
  #table = make("table", { class: "meter-table", "aria-label": say`Published and measured numbers` });
  #timer = 0;
  /** @type {CameraCalibration|null} */
  #known = null;
  /** Whether the user is asked for a step. */
  #asked = false;

  constructor() {
    this.#group.append(this.#state, this.#next, this.#bar, this.#told, this.#begin, this.#end, this.#switch, this.#table);
    this.element.hidden = true;
    this.#begin.addEventListener("click", () => void this.#go());
    this.#end.addEventListener("click", () => void this.#leave());
    this.#switch.addEventListener("click", () => void this.#use(this.#known?.in_use ? 0 : (this.#known?.kept.length ?? 0)));
    byId("assists-open").addEventListener("click", () => void this.refresh());
  }

  async refresh() {
    try {
      this.#take(await getJson(PATH));
    } catch {
      // The banner says that the server or the camera is gone.
    }
  }

  /** The first press asks for the cap, the others begin the step that was asked for. */
  async #go() {
    if (!this.#asked && !this.#known?.progress.cap_done) {
      this.#asked = true;
      this.#show();
      return;
    }
    await this.#ask(() => sendJson("POST", PATH, { step: this.#step }));
  }

  async #leave() {
    const running = this.#known?.progress.running;
    this.#asked = false;
    if (running) await this.#ask(() => sendJson("DELETE", PATH, {}));
    else this.#show();
  }

  /** @param {number} number */
  async #use(number) {
    const before = this.#known?.in_use ?? 0;
    if (!(await this.#ask(() => sendJson("PUT", PATH, { in_use: number })))) return;
    const done = number ? say`The calibration is used` : say`The published numbers are used`;
    showUndoable(done, () => void this.#ask(() => sendJson("PUT", PATH, { in_use: before })));
  }

  /** @param {() => Promise<CameraCalibration>} request @returns {Promise<boolean>} Whether it was done. */
  async #ask(request) {
    try {
      this.#take(await request());
      return true;
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
      return false;
    }
  }

  /** @param {CameraCalibration} now */
  #take(now) {
    const before = this.#known?.progress;
    this.#known = now;
    if (before?.running && !now.progress.running && now.progress.complete) this.#completed(now);
    this.#show();
    clearTimeout(this.#timer);
    if (now.progress.running) this.#timer = setTimeout(() => void this.refresh(), PERIOD_MS);
  }

  /** @param {CameraCalibration} now */
  #completed(now) {
    this.#asked = false;
    const other = now.in_use - 1;
    showUndoable(say`The camera is calibrated`, () => void this.#ask(() => sendJson("PUT", PATH, { in_use: other })));
    if (now.progress.same_sensor === false) showNote(say`None of the hot photosites of the calibration before is hot: this is another sensor`);
  }

  /** The step that comes next. */
  get #step() {
    const progress = this.#known?.progress;
    return progress?.cap_done && !progress.complete ? "paper" : "cap";
  }

  #show() {
    const now = this.#known;
    if (now === null) return;
    const { running, cap_done: capDone, complete } = now.progress;
    const asking = this.#asked || (capDone && !complete);
    this.element.hidden = !now.possible;
    showTabs();
    setText(this.#state, stateOf(now));
    this.#showStep(now, asking);
    this.#showWhy(now, asking);
    this.#end.hidden = !running && !asking;
    this.#switch.hidden = running || asking || now.kept.length === 0;
    setText(this.#switch, now.in_use ? say`Use the published numbers` : say`Use the calibration`);
    this.#table.hidden = now.figures.length === 0 || running || asking;
    this.#table.replaceChildren(...rowsOf(now));
  }

  /** What is done now, or is to be done by hand. @param {CameraCalibration} now @param {boolean} asking */
  #showStep({ progress, by_itself: byItself }, asking) {
    const { running, done, of, what } = progress;
    const paper = this.#step === "paper";
    const wanted = paper ? say`Take the cap off, and fill the picture with white paper: evenly lit, out of focus.` : say`Put the cap on the lens.`;
    const hand = byItself ? `${wanted} ${say`The simulated lens is covered by itself.`}` : wanted;
    setText(this.#next, running ? tell(what) : hand);
    this.#next.hidden = !running && !asking;
    this.#bar.hidden = !running;
    this.#bar.max = Math.max(of, 1);
    this.#bar.value = done;
    this.#begin.hidden = running;
    const there = paper ? say`The paper is there` : say`The cap is on`;
    setText(this.#begin, asking ? there : say`Calibrate this camera`);
  }

  /** Why a step was refused. @param {CameraCalibration} now @param {boolean} asking */
  #showWhy({ progress }, asking) {
    const { error, running } = progress;
    const shown = error !== null && error.code !== "shot_cancelled" && asking && !running;
    this.#told.hidden = !shown;
    setText(this.#told, shown ? [error.message, error.remedy].filter(Boolean).map(tell).join(". ") : "");
  }
}

/** @param {CameraCalibration} now */
function stateOf(now) {
  const at = now.kept[now.in_use - 1];
  if (at === undefined) return say`The published numbers of this kind of sensor are used. To measure yours takes about three minutes.`;
  const warm = now.temperature_c === null ? "" : say`, sensor at ${formatPlain(now.temperature_c, 0)} °C`;
  return say`Calibrated ${formatDay(at)}` + warm;
}

/** @param {CameraCalibration} now */
function rowsOf(now) {
  const cell = (/** @type {string} */ text) => make("td", {}, text);
  const head = make("tr", {}, ...["", say`published`, say`measured`].map((text) => make("th", { scope: "col" }, text)));
  const rows = now.figures.map(({ name, unit, published, measured }) => {
    const title = unit ? `${tell(name)}, ${tell(unit)}` : tell(name);
    return make("tr", {}, make("th", { scope: "row" }, title), cell(published === null ? "" : short(published)), cell(measured === null ? "—" : short(measured)));
  });
  return [head, ...rows];
}

/** Three figures after the first. @param {number} value */
function short(value) {
  const size = Math.abs(value);
  return formatPlain(value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.001 ? 3 : 0);
}
