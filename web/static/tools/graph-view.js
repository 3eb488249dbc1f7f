/**
 * One canvas with a graph: whichever is chosen. Runs on the page; GraphPanel has a small one, LargeGraph a large one.
 *
 * @import { Graphs, RawExposure } from "../types/frame.js"
 * @import { GraphName } from "../types/settings.js"
 */

import { DisplayHistogram } from "./display-histogram.js";
import { drawRawHistogram } from "./raw-histogram.js";
import { drawVectorscope } from "./vectorscope.js";
import { drawWaveform } from "./waveform.js";

export class GraphView {
  #histogram;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.#histogram = new DisplayHistogram(canvas);
  }

  /**
   * @param {GraphName} graph
   * @param {"linear"|"log"} scale
   * @param {Graphs} graphs
   * @param {RawExposure|null} exposure
   * @returns {boolean} Whether there was something to draw.
   */
  draw(graph, scale, { histogram, raw, waveform, vectorscope }, exposure) {
    this.#histogram.draw(graph === "histogram" ? histogram : null, scale, graph === "histogram");
    if (graph === "histogram") return histogram !== null;
    const context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
    if (graph === "raw") {
      if (raw && exposure) drawRawHistogram(context, raw, exposure, scale);
      return raw !== null && exposure !== null;
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
