/**
 * The panel of graphs: histogram, raw histogram, waveform, parade or vectorscope; a tap goes to the next. Runs on the page;
 * Figures makes it.
 *
 * @import { Graphs, Readings } from "../types/frame.js"
 * @import { Assists, GraphName } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { byId, setText } from "../page/dom.js";
import { formatEv } from "../exposure/notation.js";
import { NO_GRAPHS } from "../live/unpack-graphs.js";
import { DisplayHistogram } from "./display-histogram.js";
import { drawRawHistogram } from "./raw-histogram.js";
import { drawVectorscope } from "./vectorscope.js";
import { drawWaveform } from "./waveform.js";

/**
 * The graphs in order: title, what follows it, and what the camera must detect for it.
 * @type {Record<GraphName, {title: string, detail: string, on: Partial<Assists>}>}
 */
export const GRAPHS = {
  histogram: { title: "Display", detail: "", on: { histogram: true } },
  raw: { title: "Raw", detail: "EV", on: { raw_histogram: true } },
  waveform: { title: "Waveform", detail: "luma", on: { waveform: "luma" } },
  parade: { title: "Waveform", detail: "R G B", on: { waveform: "parade" } },
  vectorscope: { title: "Vector", detail: "scope", on: { vectorscope: true } },
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
  #canvas = /** @type {HTMLCanvasElement} */ (byId("histogram-canvas"));
  #histogram = new DisplayHistogram(this.#canvas);
  #graphs = NO_GRAPHS;
  /** @type {Readings|null} */
  #readings = null;
  /** Whether this camera gives raw samples while live. */
  rawLive = true;

  /** @param {SettingsStore} settings */
  constructor(settings) {
    this.settings = settings;
    byId("histogram").addEventListener("click", () => this.next());
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
    setText(byId("histogram-scale"), graph === "histogram" ? histogramScale : detail);
    const drawn = this.#drawKind(graph, histogramScale);
    setText(byId("graph-note"), graph === "raw" && drawn ? rawNote(this.#readings) : "");
    const off = byId("histogram-off");
    off.hidden = drawn || this.#readings === null;
    setText(off, graph === "raw" && !this.rawLive ? "display only: no raw while live" : `${title.toLowerCase()} off`);
  }

  /**
   * @param {GraphName} graph
   * @param {"linear"|"log"} scale
   * @returns {boolean} Whether there was something to draw.
   */
  #drawKind(graph, scale) {
    const { histogram, raw, waveform, vectorscope } = this.#graphs;
    this.#histogram.draw(graph === "histogram" ? histogram : null, scale, graph === "histogram");
    if (graph === "histogram") return histogram !== null;
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    const exposure = this.#readings?.raw_exposure;
    if (graph === "raw") {
      if (raw && exposure) drawRawHistogram(context, raw, exposure, scale);
      return raw !== null && exposure != null;
    }
    if (graph === "vectorscope") {
      if (vectorscope) drawVectorscope(context, vectorscope);
      return vectorscope !== null;
    }
    if (waveform && waveform.shape[0] === (graph === "parade" ? 3 : 1)) {
      drawWaveform(context, waveform);
      return true;
    }
    return false;
  }
}

/** Shadows above the noise floor. @param {Readings|null} readings */
function rawNote(readings) {
  const exposure = readings?.raw_exposure;
  return exposure ? `shadows ${formatEv(exposure.shadow_ev)} EV${exposure.levels_assumed ? ", levels assumed" : ""}` : "";
}
