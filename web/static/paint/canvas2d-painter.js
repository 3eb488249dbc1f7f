/**
 * Paints on a 2D canvas where there is no graphics processor: the same layers at the overlay's own size, with stripes
 * that stand still. The paint loop calls it, in the worker or on the page. To be quick, the canvas has no more pixels
 * than the picture, a byte of eight unmarked pixels is skipped at once, and only rows with marks are drawn on the picture.
 *
 * @import { LayerName, Picture } from "../types/frame.js"
 * @import { Canvas, Painter, PaintStyle } from "./painter.js"
 * @import { StripedLayer } from "./palette.js"
 */

import { directionOnSensor, shownSize, turnOf } from "./orientation.js";
import { CLIPPED, HAIRLINE, STRIPES } from "./palette.js";

const STRIPE_PX = 6; // of the overlay
/** Which way is across the stripes, and how far it is from one to the next. */
const FALLING = { x: 1, y: 1, period: STRIPE_PX };
/** @type {Partial<Record<LayerName, typeof FALLING>>} */
const SLANTS = { zebra_low: { x: 1, y: -1, period: STRIPE_PX }, zebra_band: { x: 3, y: 1, period: 3 * STRIPE_PX } };
/** @typedef {{width: number, height: number}} Size */
/** From below to above, as in the shader. @type {readonly LayerName[]} */
const ORDER = ["raw_shadow", "zebra_low", "zebra_band", "zebra_high", "raw_clip_r", "raw_clip_g", "raw_clip_b", "peaking"];

/** Clipped channels as pixels. They add up: red and green are yellow. @type {Partial<Record<LayerName, number>>} */
const CLIPPED_PIXELS = Object.fromEntries(Object.entries(CLIPPED).map(([layer, rgb]) => [layer, pixelOf([...rgb, 255])]));
const CLIPPED_SUMS = sumsOf(Object.values(CLIPPED_PIXELS));

/** @implements {Painter} */
export class Canvas2dPainter {
  /** @type {"2d"} */
  kind = "2d";
  /** @type {Picture|null} */
  #picture = null;
  /** A canvas of the overlay's size, from which the marks are drawn on the picture. */
  #markContext = scratchContext(1, 1);
  /** The marks' pixels. @type {ImageData|null} */
  #marks = null;
  /** The rows of `#marks` that have some. */
  #firstRow = 0;
  #lastRow = -1;

  /** @param {Canvas} canvas @returns {Canvas2dPainter|null} null where the canvas is used in another way. */
  static on(canvas) {
    const context = /** @type {CanvasRenderingContext2D|null} */ (canvas.getContext("2d", { alpha: false }));
    return context && new Canvas2dPainter(context);
  }

  /** @param {CanvasRenderingContext2D} context */
  constructor(context) {
    this.context = context;
  }

  /** @param {Picture} picture */
  load(picture) {
    this.#picture = picture;
  }

  /** @param {PaintStyle} style @param {number} _stripeShiftPx Stripes stand still here. @param {boolean} pixelated */
  draw(style, _stripeShiftPx, pixelated) {
    if (!this.#picture) return;
    const { bitmap, overlay, header } = this.#picture;
    this.#turn(header.orientation);
    const size = shownSize(this.context.canvas, header.orientation); // turned back: as the sensor gave it
    this.#drawPicture(bitmap, size, style, pixelated);
    if (style.frozen) return;
    if (style.falseTable) this.#recolour(style.falseTable);
    this.#mark(overlay, style, header.orientation);
    this.#drawMarks(size);
  }

  /** From here on everything is drawn as the sensor gave it, and is shown turned. @param {number} orientation */
  #turn(orientation) {
    const { width, height } = this.context.canvas;
    const { swapped, across, down } = turnOf(orientation);
    const [right, below] = [across ? -1 : 1, down ? -1 : 1];
    const [a, b, c, d] = swapped ? [0, below, right, 0] : [right, 0, 0, below];
    this.context.setTransform(a, b, c, d, across ? width : 0, down ? height : 0);
  }

  /** @param {ImageBitmap} bitmap @param {Size} size @param {PaintStyle} style @param {boolean} pixelated */
  #drawPicture(bitmap, { width, height }, style, pixelated) {
    const { context } = this;
    const bright = style.falseTable || style.bright === 1 ? "" : `brightness(${style.bright}) `;
    context.filter = style.frozen ? "grayscale(1) brightness(0.4)" : bright + (style.monochrome ? "grayscale(1)" : "") || "none";
    context.imageSmoothingEnabled = !pixelated;
    context.drawImage(bitmap, 0, 0, width, height);
    context.filter = "none";
  }

  /** @param {Size} size */
  #drawMarks({ width, height }) {
    if (this.#lastRow < this.#firstRow || !this.#marks) return;
    const { context } = this;
    const scale = height / this.#marks.height;
    const rows = this.#lastRow - this.#firstRow + 1;
    context.imageSmoothingEnabled = false;
    context.drawImage(
      this.#markContext.canvas, 0, this.#firstRow, this.#marks.width, rows, 0, this.#firstRow * scale, width, rows * scale,
    );
  }

  /** False colour, in the canvas's own pixels. @param {Uint8Array} table */
  #recolour(table) {
    const { width, height } = this.context.canvas;
    const image = this.context.getImageData(0, 0, width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const colours = new Uint32Array(table.slice().buffer);
    for (let i = 0; i < pixels.length; i++) {
      const p = pixels[i];
      // 0.299, 0.587 and 0.114 as parts of 65536
      const code = (19595 * (p & 255) + 38470 * ((p >> 8) & 255) + 7471 * ((p >> 16) & 255) + 32768) >> 16;
      pixels[i] = colours[code];
    }
    this.context.putImageData(image, 0, 0);
  }

  /**
   * Make the marks of a frame; those of the last one are cleared.
   * @param {Picture["overlay"]} overlay
   * @param {PaintStyle} style
   * @param {number} orientation
   */
  #mark(overlay, style, orientation) {
    const { width, height } = overlay;
    const marks = this.#clearedMarks(width, height);
    const [clearedFirst, clearedLast] = [this.#firstRow, this.#lastRow];
    this.#firstRow = height;
    this.#lastRow = -1;
    const pixels = new Uint32Array(marks.data.buffer);
    for (const layer of ORDER) {
      const index = overlay.layers.indexOf(layer);
      if (index < 0 || style.hidden.includes(layer)) continue;
      const clipped = CLIPPED_PIXELS[layer];
      if (layer === "peaking") this.#markPeaking(pixels, overlay, index, style);
      else if (clipped) this.#eachPixel(overlay, index, clipMarker(pixels, clipped));
      else this.#eachPixel(overlay, index, stripeMarker(pixels, /** @type {StripedLayer} */ (layer), overlay, orientation));
    }
    // The canvas gets the rows that have marks now, and those that had some before.
    const first = Math.min(this.#firstRow, clearedLast < clearedFirst ? height : clearedFirst);
    const last = Math.max(this.#lastRow, clearedLast);
    if (last >= first) this.#markContext.putImageData(marks, 0, 0, 0, first, width, last - first + 1);
  }

  /** The marks' pixels without marks, of this size. @param {number} width @param {number} height */
  #clearedMarks(width, height) {
    const marks = this.#marks;
    if (marks?.width === width && marks.height === height) {
      if (this.#lastRow >= this.#firstRow) {
        new Uint32Array(marks.data.buffer).fill(0, this.#firstRow * width, (this.#lastRow + 1) * width);
      }
      return marks;
    }
    this.#markContext = scratchContext(width, height);
    return (this.#marks = this.#markContext.createImageData(width, height));
  }

  /**
   * @param {Uint32Array} pixels
   * @param {Picture["overlay"]} overlay
   * @param {number} index
   * @param {PaintStyle} style
   */
  #markPeaking(pixels, overlay, index, style) {
    const { width, height } = overlay;
    const colour = pixelOf([...style.peakingColour, 255 * style.peakingOpacity]);
    if (style.peakingHairline) {
      const dark = pixelOf([...HAIRLINE.rgb, 255 * HAIRLINE.opacity * style.peakingOpacity]);
      this.#eachPixel(overlay, index, (at, x, y) => {
        if (x > 0) pixels[at - 1] = dark;
        if (x < width - 1) pixels[at + 1] = dark;
        if (y > 0) pixels[at - width] = dark;
        if (y < height - 1) pixels[at + width] = dark;
      });
      this.#firstRow = Math.max(0, this.#firstRow - 1);
      this.#lastRow = Math.min(height - 1, this.#lastRow + 1);
    }
    this.#eachPixel(overlay, index, (at) => {
      pixels[at] = colour;
    });
  }

  /**
   * Call for each pixel that is set in a layer, and note its rows.
   * @param {Picture["overlay"]} overlay
   * @param {number} index
   * @param {(at: number, x: number, y: number) => void} mark
   */
  #eachPixel({ width, height, rowBytes, bits }, index, mark) {
    let at = index * height * rowBytes;
    for (let y = 0; y < height; y++) {
      for (let i = 0; i < rowBytes; i++, at++) {
        if (bits[at] === 0) continue;
        if (y < this.#firstRow) this.#firstRow = y;
        if (y > this.#lastRow) this.#lastRow = y;
        eachBit(bits[at], 8 * i, (x) => mark(y * width + x, x, y));
      }
    }
  }
}

/** Call for each set bit of a byte, the highest first. @param {number} byte @param {number} firstX @param {(x: number) => void} call */
function eachBit(byte, firstX, call) {
  for (let x = firstX, rest = byte; rest !== 0; x++, rest = (rest << 1) & 255) {
    if (rest & 128) call(x);
  }
}

/** @param {number} width @param {number} height */
function scratchContext(width, height) {
  const canvas = typeof OffscreenCanvas === "function" ? new OffscreenCanvas(width, height) : document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/**
 * A pixel of ImageData, as a little-endian number.
 * @param {readonly number[]} rgba 0..255
 */
function pixelOf([red, green, blue, alpha]) {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** All pixels that some of these add up to. @param {number[]} pixels @returns {Set<number>} */
function sumsOf(pixels) {
  /** @type {Set<number>} */
  const sums = new Set();
  for (const pixel of pixels) for (const sum of [0, ...sums]) sums.add((sum | pixel) >>> 0);
  return sums;
}

/** @param {Uint32Array} pixels @param {number} colour @returns {(at: number) => void} */
function clipMarker(pixels, colour) {
  return (at) => {
    pixels[at] = CLIPPED_SUMS.has(pixels[at]) ? (pixels[at] | colour) >>> 0 : colour;
  };
}

/**
 * Stripes lean on the screen as they do without a turn: their direction tells the layers apart.
 * @param {Uint32Array} pixels
 * @param {StripedLayer} layer
 * @param {Size} size Of the overlay.
 * @param {number} orientation
 * @returns {(at: number, x: number, y: number) => void}
 */
function stripeMarker(pixels, layer, { width, height }, orientation) {
  const { rgb, opacity } = STRIPES[layer];
  const colour = pixelOf([...rgb, 255 * opacity]);
  const { x: right, y: below, period } = SLANTS[layer] ?? FALLING;
  const across = directionOnSensor({ x: right, y: below }, orientation);
  const positive = period * 3 * (width + height); // no negative remainders
  return (at, x, y) => {
    if ((across.x * x + across.y * y + positive) % period < period / 2) pixels[at] = colour;
  };
}
