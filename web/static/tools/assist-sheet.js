/**
 * The sheet of assist settings. What is detected is set in the camera, for everyone who watches; colours and what is shown
 * are this browser's. Runs on the page; AssistControls makes it.
 *
 * @import { Assists, PeakingColour } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { FocusTone } from "./focus-tone.js"
 */

import { PEAKING } from "../paint/palette.js";
import { byId, make } from "../page/dom.js";
import { makeSwitch } from "../page/widgets.js";
import { AssistRows } from "./assist-rows.js";
import { showTool } from "./tool-tabs.js";

/**
 * @typedef {object} SheetActions
 * @property {(changes: Partial<Assists>) => void} ask Changes what the camera detects.
 * @property {FocusTone} tone
 */

/** The chips' names of the groups. @typedef {"peaking"|"zebra"|"clipping"|"false"|"spot"|"histogram"} ChipName */

export class AssistSheet {
  #rows;
  /** By the name of their tab. */
  groups;

  /**
   * @param {HTMLElement} body Where the rows go.
   * @param {SettingsStore} settings
   * @param {SheetActions} actions
   */
  constructor(body, settings, actions) {
    this.actions = actions;
    this.#rows = new AssistRows(settings, actions.ask);
    this.groups = {
      peaking: this.#peaking(),
      zebra: this.#zebra(),
      clipping: this.#raw(),
      false: this.#falseColour(),
      spot: this.#spot(),
      score: this.#focusScore(),
      histogram: this.#graphs(),
    };
    const note = "What is detected is set in the camera, for everyone who watches. Colours and what is shown are this screen's.";
    body.append(make("p", { class: "sheet-note" }, note), ...Object.values(this.groups));
  }

  /** Open the sheet at the settings of one assist. @param {ChipName} name */
  reveal(name) {
    if (!byId("assists-sheet").checkVisibility()) byId("assists-open").click();
    showTool(name);
    const found = this.groups[name];
    found.tabIndex = -1;
    found.scrollIntoView({ block: "start" });
    found.focus({ preventScroll: true });
  }

  /** @param {Assists} values */
  show(values) {
    this.#rows.show(values);
  }

  #peaking() {
    const rows = this.#rows;
    const sensitivity = rows.word("peaking_sensitivity", [
      { value: "low", text: "Low" },
      { value: "medium", text: "Medium" },
      { value: "high", text: "High" },
      { value: "auto", text: "Auto" },
    ]);
    const names = /** @type {PeakingColour[]} */ (Object.keys(PEAKING));
    const colour = rows.browserWord("Peaking colour", "peakingColour", names.map((value) => ({ value, text: value })));
    colour.classList.add("choice-colours");
    return group("Focus peaking", [
      rows.detector("peaking"),
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
    const channel = rows.word("zebra_high_channel", [
      { value: "any", text: "Any" },
      { value: "luma", text: "Luma" },
      { value: "red", text: "R" },
      { value: "green", text: "G" },
      { value: "blue", text: "B" },
    ]);
    return group("Zebra · display signal", [
      rows.layer("Show on this screen", "showZebra"),
      rows.detector("zebra_high"),
      channel,
      rows.level("zebra_high_ire"),
      rows.detector("zebra_band"),
      rows.level("zebra_band_low_ire"),
      rows.level("zebra_band_high_ire"),
      rows.detector("zebra_low"),
      rows.level("zebra_low_ire"),
    ]);
  }

  #raw() {
    const rows = this.#rows;
    return group("Clipping and shadows · raw samples", [
      rows.detector("clipping"),
      rows.detector("raw_shadow"),
      rows.level("raw_shadow_ev"),
      rows.layer("Show on this screen", "showClipping"),
      rows.level("ettr_tolerance_percent", (percent) => `${percent.toFixed(1)} %`),
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
    return group("Spot meter · tap the picture to move it", [
      this.#rows.detector("spot"),
      this.#rows.level("spot_size", (share) => `${(100 * share).toFixed(1)} %`),
    ]);
  }

  #focusScore() {
    const formatPercent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
    return group("Focus score · tap the picture to move its area", [
      this.#rows.detector("focus_score"),
      this.#rows.level("focus_size", formatPercent, (focus_size) => this.actions.ask({ focus_size })),
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
      { value: "histogram", text: "Histogram" },
      { value: "raw", text: "Raw histogram" },
      { value: "waveform", text: "Waveform" },
      { value: "parade", text: "Parade" },
      { value: "vectorscope", text: "Vectorscope" },
    ]);
    graph.dataset.graph = "";
    const scale = rows.browserWord("Histogram scale", "histogramScale", [
      { value: "linear", text: "Linear" },
      { value: "log", text: "Log" },
    ]);
    const waveform = rows.word("waveform", [
      { value: "off", text: "No waveform" },
      { value: "luma", text: "Luma" },
      { value: "parade", text: "R G B" },
    ]);
    return group("Graphs · tap the graph for a large one", [
      graph,
      scale,
      rows.detector("histogram"),
      rows.detector("raw_histogram"),
      waveform,
      rows.detector("vectorscope"),
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
