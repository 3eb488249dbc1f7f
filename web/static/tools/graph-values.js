/**
 * What a graph says at a point: its lines, and the values under a finger. Pure.
 *
 * @import { Graphs, Histogram, RawCounts, Scope } from "../types/frame.js"
 * @import { GraphName } from "../types/settings.js"
 */

import { formatPercent } from "./percent.js";
import { BINS_PER_EV, CLIPPED_ROOM_PX, RANGE_EV } from "./raw-histogram.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

/** Shares of the graph's sides, from the left and the top. @typedef {{x: number, y: number}} GraphPoint */

/** @typedef {{text: string, side: "left"|"bottom", at: number}} ScaleMark A share of the height (left) or width (bottom). */

const IRE = [0, 25, 50, 75, 100];
const CODES = 255;

/** The values that stand at a graph's lines. @param {GraphName} graph @param {number} widthPx @returns {ScaleMark[]} */
export function scaleOf(graph, widthPx) {
  if (graph === "histogram") return IRE.map((ire) => ({ text: `${ire}`, side: "bottom", at: ire / 100 }));
  if (graph === "waveform" || graph === "parade") return IRE.map((ire) => ({ text: `${ire}`, side: "left", at: 1 - ire / 100 }));
  if (graph === "vectorscope") return [];
  const room = 1 - CLIPPED_ROOM_PX / Math.max(widthPx, 1);
  return [0, 2, 4, 6, 8, 10, 12].map((ev) => ({ text: ev === 0 ? "0 EV" : `−${ev}`, side: "bottom", at: (1 - ev / RANGE_EV) * room }));
}

/**
 * @param {GraphName} graph
 * @param {Graphs} graphs
 * @param {GraphPoint} point
 * @param {number} widthPx Of the graph on the screen.
 * @returns {string} Empty where the graph is not there.
 */
export function valuesAt(graph, graphs, point, widthPx) {
  if (graph === "histogram") return graphs.histogram ? histogramAt(graphs.histogram, point) : "";
  if (graph === "raw") return graphs.raw ? rawAt(graphs.raw, point, widthPx) : "";
  if (graph === "vectorscope") return graphs.vectorscope ? vectorAt(point) : "";
  return graphs.waveform ? waveformAt(graphs.waveform, point) : "";
}

/** @param {Histogram} histogram @param {GraphPoint} point */
function histogramAt(histogram, { x }) {
  const code = Math.min(CODES, Math.floor(x * (CODES + 1)));
  const percent = (/** @type {number} */ count) => `${formatPercent((100 * count) / histogram.sampled)} %`;
  const above = histogram.luma.subarray(code).reduce((sum, count) => sum + count, 0);
  return say`${((100 * code) / CODES).toFixed(0)} IRE (code ${code}): ${percent(histogram.luma[code])} of pixels, ${percent(above)} from here up`;
}

/** @param {RawCounts} counts @param {GraphPoint} point @param {number} widthPx */
function rawAt(counts, { x }, widthPx) {
  const bins = RANGE_EV * BINS_PER_EV;
  const bin = Math.min(bins, Math.floor((x * bins) / (1 - CLIPPED_ROOM_PX / Math.max(widthPx, 1))));
  const share = (/** @type {Uint16Array} */ of) => formatPercent((100 * of[bin]) / of.reduce((sum, count) => sum + count, 0));
  const where = bin === bins ? say`clipped` : say`${formatNumber(RANGE_EV - (bin + 0.5) / BINS_PER_EV, 1)} EV below clipping`;
  return say`${where}: R ${share(counts.red)}, G ${share(counts.green)}, B ${share(counts.blue)} % of samples`;
}

/** @param {Scope} scope @param {GraphPoint} point */
function waveformAt({ shape: [channels, levels, columns], cells }, { x, y }) {
  const across = Math.min(channels * columns - 1, Math.floor(x * channels * columns));
  const [channel, column] = [Math.floor(across / columns), across % columns];
  let [lowest, highest] = [-1, -1];
  for (let row = 0; row < levels; row++) {
    if (cells[(channel * levels + row) * columns + column] === 0) continue;
    if (highest < 0) highest = levels - 1 - row;
    lowest = levels - 1 - row;
  }
  const ireOf = (/** @type {number} */ code) => ((100 * code) / CODES).toFixed(0);
  const step = (CODES + 1) / levels;
  const held = lowest < 0 ? "" : say`the picture there ${ireOf(lowest * step)} to ${ireOf((highest + 1) * step - 1)} IRE`;
  const name = channels === 1 ? "" : [say`Red`, say`Green`, say`Blue`][channel];
  const place = say`column at ${((100 * (column + 0.5)) / columns).toFixed(0)} %`;
  return [`${(100 * (1 - y)).toFixed(0)} IRE`, name, place, held].filter(Boolean).join(say`, `);
}

/** As on a square around the middle: `point` is within it. @param {GraphPoint} point */
function vectorAt({ x, y }) {
  const [u, v] = [x - 0.5, 0.5 - y];
  const degrees = Math.round((Math.atan2(v, u) * 180) / Math.PI + 360) % 360;
  return say`hue at ${degrees}°, saturation ${(200 * Math.hypot(u, v)).toFixed(0)} %`;
}
