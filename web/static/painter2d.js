/**
 * Paints on a 2D canvas where the graphics processor does not: the same layers at the overlay's own size, stripes
 * standing still. A canvas has no more pixels than the picture, every byte of eight dark pixels is skipped at once, and
 * only the part with ink is put on the picture.
 *
 * @import { LayerName, Picture } from "./types.js"
 * @import { Painter } from "./painter.js"
 * @import { Canvas, Look } from "./painting.js"
 */

const STRIPE_PX = 6; // of the overlay
const HAIRLINE_ALPHA = 180;
/** @type {Partial<Record<LayerName, readonly [number, number, number, number]>>} red, green, blue, alpha 0..255 */
const COLOURS = {
  zebra_high: [5, 5, 5, 205],
  zebra_band: [255, 184, 26, 180],
  zebra_low: [115, 190, 255, 190],
  raw_shadow: [160, 64, 255, 190],
};
/** What is clipped adds up: red and green are yellow. @type {Partial<Record<LayerName, number>>} */
const CLIPPED = { raw_clip_r: 0xff0000ff, raw_clip_g: 0xff00ff00, raw_clip_b: 0xffff0000 };
const CLIPPED_SUMS = new Set([0xff0000ff, 0xff00ff00, 0xffff0000, 0xff00ffff, 0xffff00ff, 0xffffff00, 0xffffffff]);
/** From below to above, as the shader has them. @type {readonly LayerName[]} */
const ORDER = ["raw_shadow", "zebra_low", "zebra_band", "zebra_high", "raw_clip_r", "raw_clip_g", "raw_clip_b", "peaking"];

/** @implements {Painter} */
export class PlainPainter {
  kind = "2d";
  /** @type {Picture|null} */
  #picture = null;
  #marks = board(1, 1);
  /** @type {ImageData|null} */
  #ink = null;
  /** Rows of `#ink` that have some. */
  #first = 0;
  #last = -1;

  /** @param {Canvas} canvas @returns {PlainPainter|null} */
  static on(canvas) {
    const context = /** @type {CanvasRenderingContext2D|null} */ (canvas.getContext("2d", { alpha: false }));
    return context && new PlainPainter(context);
  }

  /** @param {CanvasRenderingContext2D} context */
  constructor(context) {
    this.context = context;
  }

  /** @param {Picture} picture */
  load(picture) {
    this.#picture = picture;
  }

  /** @param {Look} look @param {number} _shiftPx @param {boolean} pixelated */
  draw(look, _shiftPx, pixelated) {
    if (!this.#picture) return;
    const { context } = this;
    const { width, height } = context.canvas;
    const bright = look.falseTable || look.bright === 1 ? "" : `brightness(${look.bright}) `;
    context.filter = look.frozen ? "grayscale(1) brightness(0.4)" : bright + (look.monochrome ? "grayscale(1)" : "") || "none";
    context.imageSmoothingEnabled = !pixelated;
    context.drawImage(this.#picture.bitmap, 0, 0, width, height);
    context.filter = "none";
    if (look.frozen) return;
    if (look.falseTable) this.#recolour(look.falseTable);
    this.#mark(this.#picture.overlay, look);
    if (this.#last < this.#first || !this.#ink) return;
    const scale = height / this.#ink.height;
    const rows = this.#last - this.#first + 1;
    context.imageSmoothingEnabled = false;
    context.drawImage(
      this.#marks.canvas, 0, this.#first, this.#ink.width, rows, 0, this.#first * scale, width, rows * scale,
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
   * @param {Picture["overlay"]} overlay
   * @param {Look} look
   */
  #mark(overlay, look) {
    const { width, height } = overlay;
    if (this.#ink?.width !== width || this.#ink.height !== height) {
      this.#marks = board(width, height);
      this.#ink = this.#marks.createImageData(width, height);
    } else if (this.#last >= this.#first) {
      new Uint32Array(this.#ink.data.buffer).fill(0, this.#first * width, (this.#last + 1) * width);
    }
    const dirtyFirst = this.#first;
    const dirtyLast = this.#last;
    this.#first = height;
    this.#last = -1;
    const pixels = new Uint32Array(this.#ink.data.buffer);
    for (const layer of ORDER) {
      const clipped = CLIPPED[layer];
      const index = overlay.layers.indexOf(layer);
      if (index < 0 || look.hidden.includes(layer)) continue;
      if (layer === "peaking") this.#peak(pixels, overlay, index, look);
      else if (clipped) this.#each(overlay, index, clip(pixels, clipped));
      else this.#each(overlay, index, stripe(pixels, layer, width));
    }
    // What was there goes too: the rows of both.
    const first = Math.min(this.#first, dirtyLast < dirtyFirst ? height : dirtyFirst);
    const last = Math.max(this.#last, dirtyLast);
    if (last >= first) this.#marks.putImageData(this.#ink, 0, 0, 0, first, width, last - first + 1);
  }

  /**
   * @param {Uint32Array} pixels
   * @param {Picture["overlay"]} overlay
   * @param {number} index
   * @param {Look} look
   */
  #peak(pixels, overlay, index, look) {
    const { width, height } = overlay;
    const alpha = 255 * look.peakingOpacity;
    const [red, green, blue] = look.peakingColour;
    const colour = abgr([255 * red, 255 * green, 255 * blue, alpha]);
    if (look.peakingHairline) {
      const dark = abgr([8, 8, 8, HAIRLINE_ALPHA * look.peakingOpacity]);
      this.#each(overlay, index, (at, x, y) => {
        if (x > 0) pixels[at - 1] = dark;
        if (x < width - 1) pixels[at + 1] = dark;
        if (y > 0) pixels[at - width] = dark;
        if (y < height - 1) pixels[at + width] = dark;
      });
      this.#first = Math.max(0, this.#first - 1);
      this.#last = Math.min(height - 1, this.#last + 1);
    }
    this.#each(overlay, index, (at) => {
      pixels[at] = colour;
    });
  }

  /**
   * Call for each lit pixel of a layer.
   * @param {Picture["overlay"]} overlay
   * @param {number} index
   * @param {(at: number, x: number, y: number) => void} ink
   */
  #each({ width, height, rowBytes, bits }, index, ink) {
    let from = index * height * rowBytes;
    for (let y = 0; y < height; y++, from += rowBytes) {
      for (let i = 0; i < rowBytes; i++) {
        let byte = bits[from + i];
        if (byte === 0) continue;
        if (y < this.#first) this.#first = y;
        if (y > this.#last) this.#last = y;
        for (let x = 8 * i; byte !== 0; x++, byte = (byte << 1) & 255) {
          if (byte & 128) ink(y * width + x, x, y);
        }
      }
    }
  }
}

/** @param {number} width @param {number} height */
function board(width, height) {
  const canvas = typeof OffscreenCanvas === "function" ? new OffscreenCanvas(width, height) : document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
}

/**
 * A pixel of ImageData, as a little-endian number.
 * @param {readonly number[]} rgba 0..255
 */
function abgr([red, green, blue, alpha]) {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** @param {Uint32Array} pixels @param {number} colour @returns {(at: number) => void} */
function clip(pixels, colour) {
  return (at) => {
    pixels[at] = CLIPPED_SUMS.has(pixels[at]) ? (pixels[at] | colour) >>> 0 : colour;
  };
}

/** @param {Uint32Array} pixels @param {LayerName} layer @param {number} width @returns {(at: number, x: number, y: number) => void} */
function stripe(pixels, layer, width) {
  const colour = abgr(COLOURS[layer] ?? [0, 0, 0, 0]);
  const half = STRIPE_PX / 2;
  if (layer === "zebra_low") {
    const shift = STRIPE_PX * width; // no negative remainders
    return (at, x, y) => {
      if ((x - y + shift) % STRIPE_PX < half) pixels[at] = colour;
    };
  }
  if (layer === "zebra_band") {
    return (at, x, y) => {
      if ((3 * x + y) % (3 * STRIPE_PX) < 3 * half) pixels[at] = colour;
    };
  }
  return (at, x, y) => {
    if ((x + y) % STRIPE_PX < half) pixels[at] = colour;
  };
}
