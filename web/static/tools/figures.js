/**
 * The figures beside the picture: the graph, raw clipping per channel, and the focus score with the best so far. Runs on the
 * page; main.js calls it for each painted frame.
 *
 * @import { Graphs, Readings } from "../types/frame.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { byId, setAttribute, setText } from "../page/dom.js";
import { FocusCurve } from "./focus-curve.js";
import { FocusMeter } from "./focus-meter.js";
import { FocusTone } from "./focus-tone.js";
import { EttrButton } from "./ettr.js";
import { GraphPanel } from "./graph-panel.js";
import { formatPercent } from "./percent.js";
import { showUndoable } from "../page/toast.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

export class Figures {
  #meter = new FocusMeter();
  #curve = new FocusCurve(/** @type {HTMLCanvasElement} */ (byId("score-curve")));
  tone = new FocusTone();
  /** @type {Readings|null} */
  #readings = null;

  /**
   * @param {SettingsStore} settings
   * @param {(stops: number) => void} onExpose
   */
  constructor(settings, onExpose) {
    this.graph = new GraphPanel(settings);
    this.ettr = new EttrButton(onExpose);
    byId("score").addEventListener("click", () => this.forgetBest());
  }

  /** Whether this camera gives raw samples while live. @param {boolean} rawLive */
  setRawLive(rawLive) {
    this.graph.rawLive = this.ettr.rawLive = rawLive;
  }

  /**
   * @param {Readings} readings Of the frame that is on the screen.
   * @param {Graphs} graphs
   */
  show(readings, graphs) {
    this.#readings = readings;
    this.graph.show(readings, graphs);
    this.ettr.show(readings);
    const clipping = readings.raw_clipping;
    for (const channel of /** @type {const} */ (["red", "green", "blue"])) {
      const percent = clipping?.[`${channel}_percent`];
      const figure = byId(`clip-${channel}`);
      setText(figure, percent === undefined ? "—" : formatPercent(percent));
      setAttribute(figure, "data-clipped", (percent ?? 0) > 0);
    }
    byId("clip").title = clipping
      ? clippingWords(clipping)
      : say`off, or this camera gives no raw samples while live`;
    if (readings.focus_score !== null && !readings.focus_unclear) this.#meter.note(readings.focus_score, readings.focus_series);
    this.#showBest();
  }

  /** Another subject: its best is still to come. */
  forgetBest() {
    const known = this.#meter.best > 0;
    const takeBack = this.#meter.forget();
    this.#showBest();
    if (!known) return;
    showUndoable(say`The best focus score is forgotten`, () => {
      takeBack();
      this.#showBest();
    });
  }

  #showBest() {
    this.#showScore();
    this.tone.follow(this.#meter);
  }

  #showScore() {
    const meter = this.#meter;
    const score = this.#readings?.focus_score ?? null;
    const unclear = this.#readings?.focus_unclear ?? null;
    const { trend } = meter;
    const known = score !== null && unclear === null;
    setText(byId("score-figure"), known ? formatScore(score) : "—");
    const best = trend === "passed" ? say`passed it` : say`best ${meter.best > 0 ? formatScore(meter.best) : "—"}`;
    setText(byId("score-best"), unclear === null ? best : unclear === "dark" ? say`too dark to tell` : say`too bright to tell`);
    byId("score-fill").style.transform = `scaleX(${(known ? meter.share : 0).toFixed(3)})`;
    setAttribute(byId("score"), "data-trend", known ? trend : "waiting");
    this.#curve.draw(meter);
  }
}

/** @param {NonNullable<Readings["raw_clipping"]>} clipping */
function clippingWords({ level_dn, levels_assumed }) {
  return levels_assumed ? say`at or above ${level_dn} DN (level assumed)` : say`at or above ${level_dn} DN`;
}

/** Three figures, whatever the scale. @param {number} score */
function formatScore(score) {
  return formatNumber(score, score >= 100 ? 0 : score >= 10 ? 1 : score >= 1 ? 2 : 3);
}
