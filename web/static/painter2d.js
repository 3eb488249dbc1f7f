/**
 * Paints on a 2D canvas where WebGL 2 is missing: the same layers at the overlay's own size, stripes standing still.
 *
 * @import { Picture } from "./types.js"
 * @import { Look, Painter } from "./painter.js"
 */

import { isLit, LAYERS } from "./overlay.js";

const STRIPE_PX = 6; // of the overlay
/** @type {Record<string, readonly [number, number, number, number]>} red, green, blue, alpha 0..255 */
const COLOURS = {
  zebra_high: [5, 5, 5, 205],
  zebra_band: [255, 184, 26, 180],
  zebra_low: [115, 190, 255, 190],
  raw_shadow: [160, 64, 255, 190],
  raw_clip_r: [255, 0, 0, 255],
  raw_clip_g: [0, 255, 0, 255],
  raw_clip_b: [0, 0, 255, 255],
};

/** @implements {Painter} */
export class PlainPainter {
  kind = "2d";
  /** @type {Picture|null} */
  #picture = null;
  #still = document.createElement("canvas");
  #marks = document.createElement("canvas");

  /** @param {CanvasRenderingContext2D} context */
  constructor(context) {
    this.context = context;
  }

  /** @param {Picture} picture */
  load(picture) {
    this.#picture = picture;
    this.#still.width = picture.bitmap.width;
    this.#still.height = picture.bitmap.height;
    this.#still.getContext("2d")?.drawImage(picture.bitmap, 0, 0);
  }

  /** @param {Look} look */
  draw(look) {
    if (!this.#picture) return;
    const { width, height } = this.context.canvas;
    const bright = look.falseTable || look.bright === 1 ? "" : `brightness(${look.bright}) `;
    this.context.filter = look.frozen ? "grayscale(1) brightness(0.4)" : bright + (look.monochrome ? "grayscale(1)" : "") || "none";
    this.context.imageSmoothingEnabled = !look.pixelated;
    this.context.drawImage(this.#still, 0, 0, width, height);
    this.context.filter = "none";
    if (look.frozen) return;
    if (look.falseTable) this.#recolour(look.falseTable);
    this.#mark(this.#picture.overlay, look);
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(this.#marks, 0, 0, width, height);
    this.context.imageSmoothingEnabled = true;
  }

  /** False colour, in the canvas's own pixels. @param {Uint8Array} table */
  #recolour(table) {
    const { width, height } = this.context.canvas;
    const image = this.context.getImageData(0, 0, width, height);
    const { data } = image;
    for (let i = 0; i < data.length; i += 4) {
      const code = Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]);
      data.set(table.subarray(4 * code, 4 * code + 3), i);
    }
    this.context.putImageData(image, 0, 0);
  }

  /**
   * @param {Picture["overlay"]} overlay
   * @param {Look} look
   */
  #mark(overlay, look) {
    this.#marks.width = overlay.width;
    this.#marks.height = overlay.height;
    const context = this.#marks.getContext("2d");
    if (!context || overlay.layers.length === 0) return;
    const image = context.createImageData(overlay.width, overlay.height);
    for (const layer of [...LAYERS].reverse()) {
      const index = overlay.layers.indexOf(layer);
      if (index < 0 || !look.shows(layer)) continue;
      if (layer === "peaking" && look.peakingHairline) surround(image, overlay, index, [8, 8, 8, 180 * look.peakingOpacity]);
      paint(image, overlay, index, colourOf(layer, look), stripeOf(layer));
    }
    context.putImageData(image, 0, 0);
  }
}

/**
 * @param {ImageData} image
 * @param {Picture["overlay"]} overlay
 * @param {number} index
 * @param {readonly number[]} colour
 * @param {(x: number, y: number) => boolean} on
 */
function paint(image, overlay, index, colour, on) {
  for (let y = 0; y < overlay.height; y++) {
    for (let x = 0; x < overlay.width; x++) {
      if (isLit(overlay, index, x, y) && on(x, y)) image.data.set(colour, 4 * (y * overlay.width + x));
    }
  }
}

/**
 * Paint the four neighbours of every lit pixel; the layer itself comes over them.
 * @param {ImageData} image
 * @param {Picture["overlay"]} overlay
 * @param {number} index
 * @param {readonly number[]} colour
 */
function surround(image, overlay, index, colour) {
  const { width, height } = overlay;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isLit(overlay, index, x, y)) continue;
      if (x > 0) image.data.set(colour, 4 * (y * width + x - 1));
      if (x < width - 1) image.data.set(colour, 4 * (y * width + x + 1));
      if (y > 0) image.data.set(colour, 4 * ((y - 1) * width + x));
      if (y < height - 1) image.data.set(colour, 4 * ((y + 1) * width + x));
    }
  }
}

/**
 * @param {string} layer
 * @param {Look} look
 */
function colourOf(layer, look) {
  if (layer !== "peaking") return COLOURS[layer];
  return [...look.peakingColour.map((part) => 255 * part), 255 * look.peakingOpacity];
}

/** @param {string} layer @returns {(x: number, y: number) => boolean} */
function stripeOf(layer) {
  const half = STRIPE_PX / 2;
  if (layer === "zebra_high" || layer === "raw_shadow") return (x, y) => (x + y) % STRIPE_PX < half;
  if (layer === "zebra_low") return (x, y) => (x - y + 1e6 * STRIPE_PX) % STRIPE_PX < half;
  if (layer === "zebra_band") return (x, y) => (3 * x + y) % (3 * STRIPE_PX) < 3 * half;
  return () => true;
}
