/**
 * The light meter's sheet: reads the camera's meter while it is open, and sets its calibration. Runs on the page; main.js
 * makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { LightReading } from "../types/camera.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { formatEv, formatIso, formatShutter, formatStop, parseFigure } from "./notation.js";
import { showError, showUndoable } from "../page/toast.js";
import { makeChoice } from "../page/widgets.js";
import { formatDay, formatNumber } from "../words/figures.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

const PERIOD_MS = 1000;
const CALIBRATION = "/api/meter/calibration";

export class LightMeter {
  /** @type {"frame"|"spot"} */
  #area = "frame";
  /** @type {LightReading["calibration"]} */
  #calibration = null;
  #asking = false;
  #timer = 0;
  #areaChoice = makeChoice(say`What is metered`, [{ value: "frame", text: say`Whole frame` }, { value: "spot", text: say`Spot` }], (area) => {
    this.#area = /** @type {"frame"|"spot"} */ (area);
    void this.#refresh();
  });

  constructor() {
    this.#areaChoice.set(this.#area);
    byId("meter-area").append(this.#areaChoice.element);
    byId("meter-calibrate").addEventListener("click", () => void this.#calibrate());
    const forget = () => sendJson("DELETE", CALIBRATION, {});
    byId("meter-forget").addEventListener("click", () => void this.#change(forget, say`The calibration is forgotten`));
    byId("meter-known").addEventListener("keydown", (event) => {
      if (event.key === "Enter") void this.#calibrate();
    });
  }

  /** The sheet was opened: read until it is closed. */
  open() {
    clearTimeout(this.#timer);
    void this.#refresh();
  }

  async #refresh() {
    await this.#ask(() => getJson(`/api/meter?area=${this.#area}`), true);
    clearTimeout(this.#timer);
    if (!byId("meter-sheet").hidden) this.#timer = setTimeout(() => void this.#refresh(), document.hidden ? 5 * PERIOD_MS : PERIOD_MS);
  }

  async #calibrate() {
    const field = /** @type {HTMLInputElement} */ (byId("meter-known"));
    const ev100 = parseFigure(field.value);
    if (Number.isNaN(ev100)) {
      const message = say`“${field.value.slice(0, 30)}” is no EV`;
      return showError({ message, expected: say`what a meter shows at ISO 100, for instance 11.3`, remedy: "" });
    }
    const calibrate = () => sendJson("POST", CALIBRATION, { ev100, area: this.#area });
    await this.#change(calibrate, say`The light meter is calibrated`);
  }

  /** Change the calibration, and offer to take that back. @param {() => Promise<LightReading>} request @param {string} done */
  async #change(request, done) {
    const before = this.#calibration;
    if (!(await this.#ask(request))) return;
    const undo = () => (before ? sendJson("PUT", CALIBRATION, before) : sendJson("DELETE", CALIBRATION, {}));
    showUndoable(done, () => void this.#ask(undo));
  }

  /**
   * One request at a time; true when it was answered.
   * @param {() => Promise<LightReading>} request
   * @param {boolean} [quietly] Whether a failure is no news: the page's state tells of a camera that is away.
   */
  async #ask(request, quietly = false) {
    if (this.#asking && quietly) return false;
    this.#asking = true;
    try {
      const reading = await request();
      this.#calibration = reading.calibration;
      show(reading);
      return true;
    } catch (error) {
      if (!quietly) showError(/** @type {ApiError} */ (error).facts);
      return false;
    } finally {
      this.#asking = false;
    }
  }
}

/** @param {LightReading} reading */
function show(reading) {
  const { light, calibration, level } = reading;
  setText(byId("meter-ev"), light ? `EV ${formatNumber(light.ev100, 1)}` : "—");
  setText(byId("meter-lux"), light ? `${short(light.illuminance_lux)} lux · ${short(light.luminance_cd_m2)} cd/m²` : tell(reading.missing));
  const state = calibration ? say`calibrated ${formatDay(calibration.at)}, ${formatEv(calibration.offset_ev)} EV` : say`not calibrated: may be off by an EV`;
  const simulated = reading.simulated ? say`simulated` : "";
  const clips = level && level.clipped_percent > 1 ? say`${level.clipped_percent.toFixed(0)} % clips: too low` : "";
  setText(byId("meter-state"), [state, simulated, clips].filter(Boolean).join(" · "));
  byId("meter-state").toggleAttribute("data-calibrated", calibration !== null);
  const stop = reading.f_number === null ? say`f-number not known` : formatStop(Number(reading.f_number.toFixed(1)));
  setText(byId("meter-settings"), `${formatShutter(reading.exposure_us)} · ISO ${formatIso(reading.gain)} · ${stop}`);
  byId("meter-forget").hidden = calibration === null;
  const head = make("tr", {}, make("th", {}, ""), ...reading.isos.map((iso) => make("th", { scope: "col" }, `ISO ${iso}`)));
  const rows = reading.equivalents.map(({ f_number, times }) =>
    make("tr", {}, make("th", { scope: "row" }, formatStop(f_number)), ...times.map((time) => make("td", {}, tell(time)))),
  );
  byId("meter-table").replaceChildren(...(rows.length > 0 ? [head, ...rows] : []));
}

/** Three figures. @param {number} value */
function short(value) {
  return value >= 1000 ? String(Number(value.toPrecision(3))) : formatNumber(value, value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3);
}
