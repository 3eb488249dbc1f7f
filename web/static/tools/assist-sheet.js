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
import { makeSwitch, withLabel } from "../page/widgets.js";
import { AssistRows } from "./assist-rows.js";
import { makeEdgeSharpness } from "./edge-sharpness.js";
import { showTool } from "./tool-tabs.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

/**
 * @typedef {object} SheetActions
 * @property {(changes: Partial<Assists>) => void} ask Changes what the camera detects.
 * @property {FocusTone} tone
 * @property {() => {x: number, y: number}} pointOf The middle of the focus area, as shares of the sensor's picture.
 */

/** @type {Record<PeakingColour, string>} */
const COLOURS = { red: say`red`, yellow: say`yellow`, green: say`green`, cyan: say`cyan`, magenta: say`magenta`, white: say`white` };

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
    body.append(...Object.values(this.groups));
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
      { value: "low", text: say`Low` },
      { value: "medium", text: say`Medium` },
      { value: "high", text: say`High` },
      { value: "auto", text: say`Auto` },
    ]);
    const names = /** @type {PeakingColour[]} */ (Object.keys(PEAKING));
    const colour = rows.browserWord(say`Peaking colour`, "peakingColour", names.map((value) => ({ value, text: COLOURS[value] })));
    colour.classList.add("choice-colours");
    return group(say`Focus peaking`, [
      rows.detector("peaking"),
      withLabel(sensitivity),
      rows.layer(say`Show on this screen`, "showPeaking"),
      withLabel(colour),
      rows.browserShare(say`Opacity`, "peakingOpacity"),
      rows.layer(say`Dark hairline`, "peakingHairline"),
      rows.layer(say`Picture in grey`, "monochrome"),
    ]);
  }

  #zebra() {
    const rows = this.#rows;
    const channel = rows.word("zebra_high_channel", [
      { value: "any", text: say`Any` },
      { value: "luma", text: say`Luma` },
      { value: "red", text: "R" },
      { value: "green", text: "G" },
      { value: "blue", text: "B" },
    ]);
    return group(say`Zebra · display signal`, [
      rows.layer(say`Show on this screen`, "showZebra"),
      rows.detector("zebra_high"),
      withLabel(channel),
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
    return group(say`Clipping and shadows · raw samples`, [
      rows.detector("clipping"),
      rows.detector("raw_shadow"),
      rows.level("raw_shadow_ev"),
      rows.layer(say`Show on this screen`, "showClipping"),
      rows.level("ettr_tolerance_percent", (percent) => `${formatNumber(percent, 1)} %`),
    ]);
  }

  #falseColour() {
    const scale = this.#rows.browserWord(say`Scale of false colour`, "falseScale", [
      { value: "ire", text: "IRE" },
      { value: "stops", text: say`Stops` },
    ]);
    scale.dataset.falseScale = "";
    return group(say`False colour · display signal, this screen`, [this.#rows.layer(say`Paint the picture`, "falseColour"), withLabel(scale)]);
  }

  #spot() {
    return group(say`Spot meter · tap the picture to move it`, [
      this.#rows.detector("spot"),
      this.#rows.level("spot_size", (share) => `${formatNumber(100 * share, 1)} %`),
    ]);
  }

  #focusScore() {
    const formatPercent = (/** @type {number} */ share) => `${Math.round(100 * share)} %`;
    return group(say`Focus score · tap the picture to move its area`, [
      this.#rows.detector("focus_score"),
      this.#rows.level("focus_size", formatPercent, (focus_size) => this.actions.ask({ focus_size })),
      this.#tone(),
      ...makeEdgeSharpness(this.actions.pointOf),
    ]);
  }

  #tone() {
    const { tone } = this.actions;
    const toggle = makeSwitch(say`Tone on this device`, (on) => {
      if (on) tone.start();
      else tone.stop();
      toggle.set(tone.on);
    });
    toggle.element.dataset.tone = "";
    return toggle.element;
  }

  #graphs() {
    const rows = this.#rows;
    const graph = rows.browserWord(say`Graph that is shown`, "graph", [
      { value: "histogram", text: say`Histogram` },
      { value: "raw", text: say`Raw histogram` },
      { value: "waveform", text: say`Waveform` },
      { value: "parade", text: say`Parade` },
      { value: "vectorscope", text: say`Vectorscope` },
    ]);
    graph.dataset.graph = "";
    const scale = rows.browserWord(say`Histogram scale`, "histogramScale", [
      { value: "linear", text: say`Linear` },
      { value: "log", text: say`Log` },
    ]);
    const waveform = rows.word("waveform", [
      { value: "off", text: say`No waveform` },
      { value: "luma", text: say`Luma` },
      { value: "parade", text: "R G B" },
    ]);
    return group(say`Graphs · tap the graph for a large one`, [
      graph,
      withLabel(scale),
      rows.detector("histogram"),
      rows.detector("raw_histogram"),
      withLabel(waveform),
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
