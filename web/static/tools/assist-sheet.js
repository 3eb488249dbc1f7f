/**
 * The sheet of assist settings. What is detected is set in the camera, for everyone who watches; colours and what is shown
 * are this browser's. Runs on the page; AssistControls makes it.
 *
 * @import { Assists, PeakingColour } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { FocusTone } from "./focus-tone.js"
 */

import { PEAKING } from "../paint/palette.js";
import { make } from "../page/dom.js";
import { makeSwitch } from "../page/widgets.js";
import { AssistRows, formatIre } from "./assist-rows.js";

/**
 * @typedef {object} SheetActions
 * @property {(changes: Partial<Assists>) => void} ask Changes what the camera detects.
 * @property {(place: Partial<Assists>) => void} moveArea Changes the focus area.
 * @property {FocusTone} tone
 */

export class AssistSheet {
  #rows;

  /**
   * @param {HTMLElement} body Where the rows go.
   * @param {SettingsStore} settings
   * @param {SheetActions} actions
   */
  constructor(body, settings, actions) {
    this.actions = actions;
    this.#rows = new AssistRows(settings, actions.ask);
    const note = "What is detected is set in the camera, for everyone who watches. Colours and what is shown are this screen's.";
    body.append(
      make("p", { class: "sheet-note" }, note),
      this.#peaking(),
      this.#zebra(),
      this.#raw(),
      this.#falseColour(),
      this.#spot(),
      this.#focusScore(),
      this.#graphs(),
    );
  }

  /** @param {Assists} values */
  show(values) {
    this.#rows.show(values);
  }

  #peaking() {
    const rows = this.#rows;
    const sensitivity = rows.word("Peaking sensitivity", "peaking_sensitivity", [
      { value: "low", text: "Low" },
      { value: "medium", text: "Medium" },
      { value: "high", text: "High" },
      { value: "auto", text: "Auto" },
    ]);
    const names = /** @type {PeakingColour[]} */ (Object.keys(PEAKING));
    const colour = rows.browserWord("Peaking colour", "peakingColour", names.map((value) => ({ value, text: value })));
    colour.classList.add("choice-colours");
    return group("Focus peaking", [
      rows.detector("Detect", "peaking"),
      sensitivity,
      rows.layer("Show on this screen", "showPeaking"),
      colour,
      rows.browserShare("Opacity", "peakingOpacity"),
      rows.layer("Dark hairline", "peakingHairline"),
      rows.layer("Picture in grey", "monochrome"),
    ]);
  }

  #zebra() {
    const rows = this.#rows;
    const channel = rows.word("Channel of the high zebra", "zebra_high_channel", [
      { value: "any", text: "Any" },
      { value: "luma", text: "Luma" },
      { value: "red", text: "R" },
      { value: "green", text: "G" },
      { value: "blue", text: "B" },
    ]);
    const ire = (/** @type {number} */ min, /** @type {number} */ max) => ({ min, max, step: 1, format: formatIre });
    return group("Zebra · display signal", [
      rows.layer("Show on this screen", "showZebra"),
      rows.detector("High", "zebra_high"),
      channel,
      rows.level("High from", "zebra_high_ire", ire(70, 100)),
      rows.detector("Band", "zebra_band"),
      rows.level("Band from", "zebra_band_low_ire", ire(0, 100)),
      rows.level("Band to", "zebra_band_high_ire", ire(0, 100)),
      rows.detector("Low", "zebra_low"),
      rows.level("Low to", "zebra_low_ire", ire(0, 20)),
    ]);
  }

  #raw() {
    const rows = this.#rows;
    const percent = { min: 0, max: 5, step: 0.1, format: (/** @type {number} */ v) => `${v.toFixed(1)} %` };
    return group("Clipping and shadows · raw samples", [
      rows.detector("Clipping", "clipping"),
      rows.detector("Shadows", "raw_shadow"),
      rows.level("Shadows to", "raw_shadow_ev", { min: 0, max: 6, step: 0.5, format: (v) => `${v} EV` }),
      rows.layer("Show on this screen", "showClipping"),
      rows.level("May clip", "ettr_tolerance_percent", percent),
    ]);
  }

  #falseColour() {
    const scale = this.#rows.browserWord("Scale of false colour", "falseScale", [
      { value: "ire", text: "IRE" },
      { value: "stops", text: "Stops" },
    ]);
    scale.dataset.falseScale = "";
    return group("False colour · display signal, this screen", [this.#rows.layer("Paint the picture", "falseColour"), scale]);
  }

  #spot() {
    const size = { min: 0.005, max: 0.2, step: 0.005, format: (/** @type {number} */ v) => `${(100 * v).toFixed(1)} %` };
    return group("Spot meter · tap the picture to move it", [
      this.#rows.detector("Measure", "spot"),
      this.#rows.level("Size of spot", "spot_size", size),
    ]);
  }

  #focusScore() {
    return group("Focus score · tap the picture to move its area", [
      this.#rows.detector("Measure", "focus_score"),
      this.#rows.share("Size of the area", "focus_size", (focus_size) => this.actions.moveArea({ focus_size })),
      this.#tone(),
    ]);
  }

  #tone() {
    const { tone } = this.actions;
    const toggle = makeSwitch("Tone on this device", (on) => {
      if (on) tone.start();
      else tone.stop();
      toggle.set(tone.on);
    });
    toggle.element.dataset.tone = "";
    return toggle.element;
  }

  #graphs() {
    const rows = this.#rows;
    const graph = rows.browserWord("Graph that is shown", "graph", [
      { value: "histogram", text: "Display" },
      { value: "raw", text: "Raw" },
      { value: "waveform", text: "Waveform" },
      { value: "parade", text: "Parade" },
      { value: "vectorscope", text: "Vector" },
    ]);
    graph.dataset.graph = "";
    const scale = rows.browserWord("Histogram scale", "histogramScale", [
      { value: "linear", text: "Linear" },
      { value: "log", text: "Log" },
    ]);
    const waveform = rows.word("Waveform", "waveform", [
      { value: "off", text: "No waveform" },
      { value: "luma", text: "Luma" },
      { value: "parade", text: "R G B" },
    ]);
    return group("Graphs · tap the graph for the next", [
      graph,
      scale,
      rows.detector("Histogram (display)", "histogram"),
      rows.detector("Raw histogram", "raw_histogram"),
      waveform,
      rows.detector("Vectorscope", "vectorscope"),
    ]);
  }
}

/**
 * @param {string} title
 * @param {HTMLElement[]} rows
 */
function group(title, rows) {
  return make("fieldset", { class: "group" }, make("legend", {}, title), ...rows);
}
