/**
 * The panel of graphs: histogram, raw histogram, waveform, parade or vectorscope; a tap shows it large. Runs on the page;
 * Figures makes it.
 *
 * @import { Graphs, Readings } from "../types/frame.js"
 * @import { Assists, GraphName } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { byId, setText } from "../page/dom.js";
import { formatEv } from "../exposure/notation.js";
import { NO_GRAPHS } from "../live/unpack-graphs.js";
import { GraphView } from "./graph-view.js";
import { LargeGraph } from "./large-graph.js";
import { midSentence, say } from "../words/words.js";

/**
 * The graphs in order: title, what follows it, and what the camera must detect for it.
 * @type {Record<GraphName, {title: string, detail: string, on: Partial<Assists>}>}
 */
export const GRAPHS = {
  histogram: { title: say`Histogram`, detail: "", on: { histogram: true } },
  raw: { title: say`Raw`, detail: say`histogram`, on: { raw_histogram: true } },
  waveform: { title: say`Waveform`, detail: say`luma`, on: { waveform: "luma" } },
  parade: { title: "RGB", detail: say`parade`, on: { waveform: "parade" } },
  vectorscope: { title: say`Vectorscope`, detail: "", on: { vectorscope: true } },
};
const ORDER = /** @type {GraphName[]} */ (Object.keys(GRAPHS));

/** Whether the camera makes this graph. @param {Assists} values @param {GraphName} name */
export function isDetected(values, name) {
  return Object.entries(GRAPHS[name].on).every(([key, value]) => values[/** @type {keyof Assists} */ (key)] === value);
}

/** What to ask the camera so that it stops. @param {GraphName} name @returns {Partial<Assists>} */
export function offChangesOf(name) {
  return Object.fromEntries(Object.keys(GRAPHS[name].on).map((key) => [key, key === "waveform" ? "off" : false]));
}

export class GraphPanel {
  #small = new GraphView(/** @type {HTMLCanvasElement} */ (byId("histogram-canvas")));
  #large;
  #graphs = NO_GRAPHS;
  /** @type {Readings|null} */
  #readings = null;
  /** Whether this camera gives raw samples while live. */
  rawLive = true;

  /** @param {SettingsStore} settings */
  constructor(settings) {
    this.settings = settings;
    this.#large = new LargeGraph(settings, () => this.draw());
    byId("histogram").addEventListener("click", () => this.#large.toggle());
    settings.follow(() => this.draw());
    new ResizeObserver(() => this.draw()).observe(byId("histogram"));
  }

  /** Linear, logarithmic, then the other graphs. */
  next() {
    const { graph, histogramScale } = this.settings.values;
    if (graph === "histogram" && histogramScale === "linear") return this.settings.set({ histogramScale: "log" });
    const next = ORDER[(ORDER.indexOf(graph) + 1) % ORDER.length];
    this.settings.set(next === "histogram" ? { graph: next, histogramScale: "linear" } : { graph: next });
  }

  /** The graph of the frame over the lower part of the page, and back. */
  toggleLarge() {
    this.#large.toggle();
  }

  /**
   * @param {Readings} readings Of the frame that is on the screen.
   * @param {Graphs} graphs
   */
  show(readings, graphs) {
    this.#readings = readings;
    this.#graphs = graphs;
    this.draw();
  }

  draw() {
    const { graph, histogramScale } = this.settings.values;
    const { title, detail } = GRAPHS[graph];
    setText(byId("graph-title"), title);
    setText(byId("histogram-scale"), graph === "histogram" ? (histogramScale === "log" ? say`log` : say`linear`) : detail);
    const exposure = this.#readings?.raw_exposure ?? null;
    const drawn = this.#small.draw(graph, histogramScale, this.#graphs, exposure);
    setText(byId("graph-note"), graph === "raw" && drawn ? rawNote(this.#readings) : "");
    const missing = graph === "raw" && !this.rawLive ? say`display only: no raw while live` : say`${midSentence(title)} off`;
    const off = byId("histogram-off");
    off.hidden = drawn || this.#readings === null;
    setText(off, missing);
    this.#large.show(this.#graphs, exposure, missing);
  }
}

/** Shadows above the noise floor. @param {Readings|null} readings */
function rawNote(readings) {
  const exposure = readings?.raw_exposure;
  if (!exposure) return "";
  const ev = formatEv(exposure.shadow_ev);
  return exposure.levels_assumed ? say`shadows ${ev} EV, levels assumed` : say`shadows ${ev} EV`;
}
