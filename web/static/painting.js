/**
 * The paint loop: draws each new frame once, the newest if several came, and moves the stripes. Runs where the canvas
 * is: in the receiver's worker, or in the page.
 *
 * @import { LayerName, Picture } from "./types.js"
 * @import { Painter } from "./painter.js"
 */

import { GlPainter } from "./painter.js";
import { PlainPainter } from "./painter2d.js";

const STRIPE_SPEED = 4; // CSS pixels a second
const STRIPE_PERIOD = 9; // CSS pixels, as in the shader

/** @typedef {HTMLCanvasElement|OffscreenCanvas} Canvas */

/**
 * @typedef {object} Look How to draw: what this client chose, and what the page knows. Can be sent to a worker.
 * @property {readonly LayerName[]} hidden Layers that this client does not want to see.
 * @property {readonly [number, number, number]} peakingColour 0..1
 * @property {number} peakingOpacity
 * @property {boolean} peakingHairline
 * @property {boolean} monochrome
 * @property {Uint8Array|null} falseTable 256 colours of red, green, blue, 255 by code of luma; null paints the picture.
 * @property {number} bright What the picture's codes are multiplied by, for composing; 1 paints it as it is.
 * @property {boolean} frozen This picture is not live.
 * @property {boolean} still Stripes do not move.
 * @property {number} pixelRatio Device pixels per CSS pixel.
 */

/** @type {Look} */
const PLAIN = {
  hidden: [],
  peakingColour: [1, 0.1, 0.15],
  peakingOpacity: 1,
  peakingHairline: true,
  monochrome: false,
  falseTable: null,
  bright: 1,
  frozen: true,
  still: false,
  pixelRatio: 1,
};

/** @typedef {"webgl2"|"2d"} PainterKind */

/**
 * @typedef {object} PaintEvents
 * @property {(paint: () => void) => unknown} nextFrame Calls when what is painted can be seen.
 * @property {(fresh: Picture|null, layMs: number) => void} onPainted In the call that drew it, after it lay that long;
 *   null: the last one was drawn again.
 * @property {() => void} onDropped A picture came and was never drawn.
 */

export class Painting {
  #look = PLAIN;
  /** @type {Painter|null} */
  #painter = null;
  /** @type {Picture|null} The next to draw. */
  #waiting = null;
  #waitingSince = NaN;
  /** @type {Picture|null} The one on the screen, kept for a lost context; its bitmap stays open until replaced. */
  #shown = null;
  #size = { width: 4, height: 3 };
  #scheduled = false;
  #drawnShift = -1;
  #stripeTimer = 0;

  /**
   * @param {Canvas} canvas
   * @param {PainterKind} kind
   * @param {PaintEvents} events
   */
  constructor(canvas, kind, events) {
    this.canvas = canvas;
    this.wanted = kind;
    this.events = events;
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault(); // asks for it to be restored
      this.#painter = null;
    });
    canvas.addEventListener("webglcontextrestored", () => {
      this.#makePainter();
      if (this.#shown && !this.#waiting) this.#painter?.load(this.#shown);
      this.#redraw();
    });
    this.#makePainter();
  }

  /** "webgl2", "2d", or "none" while the graphics context is lost. */
  get kind() {
    return this.#painter?.kind ?? "none";
  }

  /** Draw this frame at the next animation frame, unless a newer one comes first. @param {Picture} picture */
  show(picture) {
    if (this.#waiting) {
      this.#waiting.bitmap.close();
      this.events.onDropped();
    }
    this.#waiting = picture;
    this.#waitingSince = performance.now();
    this.#schedule();
  }

  /** Draw from now on like this. @param {Look} look */
  setLook(look) {
    this.#look = look;
    this.#redraw();
  }

  /** Device pixels that the picture covers. @param {number} width @param {number} height */
  setSize(width, height) {
    this.#size = { width, height };
    this.#redraw();
  }

  #redraw() {
    this.#drawnShift = -1;
    this.#schedule();
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.events.nextFrame(this.#paint);
  }

  #paint = () => {
    this.#scheduled = false;
    if (!this.#painter) return;
    const fresh = this.#waiting;
    const layMs = performance.now() - this.#waitingSince;
    if (fresh) this.#take(fresh);
    this.#fit();
    const shift = this.#shiftAt(performance.now());
    if (this.#shown && (fresh || shift !== this.#drawnShift)) {
      this.#painter.draw(this.#look, shift, this.#shown.header.window !== null);
      this.#drawnShift = shift;
      this.events.onPainted(fresh, layMs);
    }
    this.#keepStripesMoving();
  };

  /**
   * Clears the canvas, so only just before it is drawn: no black flash. Without a graphics processor each pixel costs
   * time, and who composes the page makes a small picture large for nothing.
   */
  #fit() {
    const bitmap = this.#painter?.kind === "2d" ? this.#shown?.bitmap : null;
    const { width, height } = bitmap && bitmap.width < this.#size.width ? bitmap : this.#size;
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
  }

  /** @param {Picture} picture */
  #take(picture) {
    this.#waiting = null;
    this.#painter?.load(picture);
    this.#shown?.bitmap.close();
    this.#shown = picture;
  }

  /** @param {number} now Whole device pixels, so that nothing is drawn twice the same. */
  #shiftAt(now) {
    if (!this.#moves()) return 0;
    const travelled = Math.round((now / 1000) * STRIPE_SPEED * this.#look.pixelRatio);
    return travelled % (STRIPE_PERIOD * this.#look.pixelRatio);
  }

  #moves() {
    return !this.#look.frozen && !this.#look.still && this.#painter?.kind === "webgl2";
  }

  /** Stripes move between frames too, but only as often as they move by a pixel. */
  #keepStripesMoving() {
    if (this.#stripeTimer || !this.#moves() || !this.#hasStripes()) return;
    this.#stripeTimer = setTimeout(() => {
      this.#stripeTimer = 0;
      this.#schedule();
    }, 1000 / (STRIPE_SPEED * this.#look.pixelRatio));
  }

  #hasStripes() {
    const striped = (/** @type {LayerName} */ layer) => layer.startsWith("zebra") || layer === "raw_shadow";
    return !!this.#shown?.overlay.layers.some((layer) => striped(layer) && !this.#look.hidden.includes(layer));
  }

  #makePainter() {
    this.#painter = (this.wanted === "webgl2" && GlPainter.on(this.canvas)) || PlainPainter.on(this.canvas);
  }
}
