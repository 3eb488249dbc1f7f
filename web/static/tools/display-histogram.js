/**
 * Draws the histogram of the display signal: luma as a filled shape, red, green and blue as lines.
 * Runs on the page; GraphPanel calls it.
 *
 * @import { Histogram } from "../types/frame.js"
 */

import { CSS_CHANNELS } from "../paint/palette.js";

const BINS = 256;
const LIGHT_SHARE = 0.001;
const ENDS = 2; // the outer bins hold everything that is clipped: they do not set the height

export class DisplayHistogram {
  #context;
  #drawn = "";

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.#context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  }

  /**
   * @param {Histogram|null} histogram null draws the empty grid.
   * @param {"linear"|"log"} scale
   * @param {boolean} [grid] Whether the quarters are marked.
   */
  draw(histogram, scale, grid = true) {
    this.#fit();
    const context = this.#context;
    const { width, height } = this.canvas;
    context.clearRect(0, 0, width, height);
    if (grid) this.#grid(width, height);
    if (!histogram) return;
    const top = highest(histogram, scale);
    context.fillStyle = "rgba(238, 241, 245, 0.42)";
    this.#trace(histogram.luma, top, scale);
    context.lineTo(width, height);
    context.lineTo(0, height);
    context.fill();
    context.lineWidth = Math.max(1, devicePixelRatio);
    context.globalCompositeOperation = "lighter";
    for (const [channel, colour] of CSS_CHANNELS) {
      context.strokeStyle = colour;
      this.#trace(histogram[channel], top, scale);
      context.stroke();
    }
    context.globalCompositeOperation = "source-over";
    this.#lights(histogram);
  }

  /** A light per channel at either end: a thousandth of the pixels and more stand at code 0 or 255. @param {Histogram} histogram */
  #lights(histogram) {
    const size = 5 * devicePixelRatio;
    CSS_CHANNELS.forEach(([channel, colour], i) => {
      this.#context.fillStyle = colour;
      const y = (i + 0.2) * 1.4 * size;
      if (histogram[channel][BINS - 1] >= histogram.sampled * LIGHT_SHARE) this.#context.fillRect(this.canvas.width - size, y, size, size);
      if (histogram[channel][0] >= histogram.sampled * LIGHT_SHARE) this.#context.fillRect(0, this.canvas.height - y - size, size, size);
    });
  }

  /**
   * @param {Uint16Array} counts
   * @param {number} top
   * @param {"linear"|"log"} scale
   */
  #trace(counts, top, scale) {
    const { width, height } = this.canvas;
    this.#context.beginPath();
    for (let i = 0; i < BINS; i++) {
      const share = Math.min(1, heightOf(counts[i], scale) / top);
      this.#context.lineTo(((i + 0.5) / BINS) * width, height - share * (height - 2));
    }
  }

  /**
   * @param {number} width
   * @param {number} height
   */
  #grid(width, height) {
    this.#context.fillStyle = "rgba(255, 255, 255, 0.16)";
    for (const quarter of [1, 2, 3]) this.#context.fillRect(Math.round((quarter / 4) * width), 0, 1, height);
  }

  #fit() {
    const { clientWidth, clientHeight } = this.canvas;
    const shape = `${clientWidth}x${clientHeight}@${devicePixelRatio}`;
    if (shape === this.#drawn) return;
    this.#drawn = shape;
    this.canvas.width = Math.round(clientWidth * devicePixelRatio);
    this.canvas.height = Math.round(clientHeight * devicePixelRatio);
  }
}

/**
 * @param {Histogram} histogram
 * @param {"linear"|"log"} scale
 */
function highest(histogram, scale) {
  let top = 1;
  for (const counts of [histogram.luma, histogram.red, histogram.green, histogram.blue]) {
    for (let i = ENDS; i < BINS - ENDS; i++) top = Math.max(top, counts[i]);
  }
  return heightOf(top, scale);
}

/**
 * @param {number} count
 * @param {"linear"|"log"} scale
 */
function heightOf(count, scale) {
  return scale === "log" ? Math.log1p(count) : count;
}
