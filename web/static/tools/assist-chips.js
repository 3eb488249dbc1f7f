/**
 * The chips below the picture: which assists are on, and a figure of each. Runs on the page; AssistControls calls it for
 * each painted frame and change.
 *
 * @import { Readings } from "../types/frame.js"
 * @import { Assists, BrowserSettings } from "../types/settings.js"
 */

import { byId, setAttribute, setText } from "../page/dom.js";
import { isDetected } from "./graph-panel.js";
import { formatPercent } from "./percent.js";
import { isAnyZebraOn } from "./zebras.js";
import { say } from "../words/words.js";

/** How the histogram is drawn. */
const SCALES = { linear: say`linear`, log: say`log` };
/** The chip of graphs: its name, in two parts where only the first may have room, and its note; "": the histogram's scale. */
const GRAPH_CHIPS = {
  histogram: [say`Hist`, say`ogram`, ""],
  raw: [say`Hist`, say`ogram`, say`raw`],
  waveform: [say`Wave`, say`form`, say`luma`],
  parade: [say`Parade`, "", "RGB"],
  vectorscope: [say`Vector`, say`scope`, say`on`],
};

/**
 * @param {Assists} values What the camera detects.
 * @param {Readonly<BrowserSettings>} shown What this browser shows.
 * @param {Readings|null} readings Of the frame on the screen.
 */
export function showChips(values, shown, readings) {
  showChip("peaking", values.peaking, shown.showPeaking, percentNote(readings?.peaking_percent));
  showChip("zebra", isAnyZebraOn(values), shown.showZebra, zebraNote(values));
  const raw = readings?.raw_clipping;
  const worst = raw ? Math.max(raw.red_percent, raw.green_percent, raw.blue_percent) : undefined;
  showChip("clipping", values.clipping, shown.showClipping, percentNote(worst));
  const { graph } = shown;
  const [name, rest, note] = GRAPH_CHIPS[graph];
  setText(byId("graph-name"), name);
  setText(byId("graph-rest"), rest);
  showChip("histogram", isDetected(values, graph), shown.display !== "clean", note || SCALES[shown.histogramScale]);
  showChip("false", shown.falseColour, true, shown.falseScale === "ire" ? "IRE" : say`stops`);
  showChip("spot", values.spot, showsSpot(shown.display), readings?.spot ? `${readings.spot.ire.toFixed(0)} IRE` : say`on`);
}

/** As display.css has it. @param {BrowserSettings["display"]} display */
export function showsSpot(display) {
  return display === "own" || display === "everything";
}

/**
 * @param {string} name
 * @param {boolean} detected
 * @param {boolean} shown
 * @param {string} note
 */
function showChip(name, detected, shown, note) {
  const element = byId(`chip-${name}`);
  setAttribute(element, "aria-pressed", detected && shown);
  setText(element.children[1], !detected ? say`off` : !shown ? say`hidden` : note);
}

/** @param {Assists} values */
function zebraNote(values) {
  if (values.zebra_high) return `≥${values.zebra_high_ire}`;
  return values.zebra_band ? say`band` : say`low`;
}

/** @param {number|null|undefined} percent */
function percentNote(percent) {
  return percent == null ? say`on` : `${formatPercent(percent)} %`;
}
