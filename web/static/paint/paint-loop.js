/**
 * The paint loop: draws each new frame once, the newest if several came, and moves the stripes. The receiver calls it,
 * in the worker or on the page.
 *
 * @import { LayerName, Picture } from "../types/frame.js"
 * @import { Canvas, Painter, PainterKind, PaintStyle } from "./painter.js"
 */

import { Canvas2dPainter } from "./canvas2d-painter.js";
import { STRIPED } from "./layers.js";
import { shownSize } from "./orientation.js";
import { PEAKING } from "./palette.js";
import { WebGlPainter } from "./webgl-painter.js";
import { STRIPE_PERIOD_PX } from "./webgl-shader.js";

const STRIPE_SPEED = 4; // CSS pixels a second

/** @type {PaintStyle} */
const FIRST_STYLE = {
  hidden: [],
  peakingColour: PEAKING.red,
  peakingOpacity: 1,
  peakingHairline: true,
  monochrome: false,
  falseTable: null,
  bright: 1,
  frozen: true,
  stripesStandStill: false,
  pixelRatio: 1,
};

/**
 * @typedef {object} PaintEvents
 * @property {(paint: () => void) => unknown} nextFrame Calls `paint` when what it paints can be seen.
 * @property {(fresh: Picture|null, waitedMs: number) => void} onPainted In the call that drew it, after it waited that
 *   long; null: the last one was drawn again.
 * @property {() => void} onDropped A picture came and was never drawn.
 */

export class PaintLoop {
  #style = FIRST_STYLE;
  /** @type {Painter|null} */
  #painter = null;
  /** @type {Picture|null} The next to draw. */
  #waiting = null;
  #waitingSince = NaN;
  /** @type {Picture|null} The one on the screen, kept for a lost context; its bitmap stays open until replaced. */
  #shown = null;
  #size = { width: 4, height: 3 };
  #scheduled = false;
  #drawnShiftPx = -1;
  #stripeTimer = 0;

  /**
   * @param {Canvas} canvas
   * @param {PainterKind} kind
   * @param {PaintEvents} events
   */
  constructor(canvas, kind, events) {
    this.canvas = canvas;
    this.wantedKind = kind;
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

  /** Draw like this from now on. @param {PaintStyle} style */
  setStyle(style) {
    this.#style = style;
    this.#redraw();
  }

  /** Device pixels that the picture covers. @param {number} width @param {number} height */
  setSize(width, height) {
    this.#size = { width, height };
    this.#redraw();
  }

  #redraw() {
    this.#drawnShiftPx = -1;
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
    const waitedMs = performance.now() - this.#waitingSince;
    if (fresh) this.#load(fresh);
    this.#fitCanvas();
    const shiftPx = this.#stripeShiftPx(performance.now());
    if (this.#shown && (fresh || shiftPx !== this.#drawnShiftPx)) {
      this.#painter.draw(this.#style, shiftPx, this.#shown.header.window !== null);
      this.#drawnShiftPx = shiftPx;
      this.events.onPainted(fresh, waitedMs);
    }
    this.#keepStripesMoving();
  };

  /**
   * Give the canvas its size. That clears it, so it is done just before it is drawn: no black flash. Without a graphics
   * processor each pixel costs time, so the canvas is no larger than the picture: the browser enlarges it for nothing.
   */
  #fitCanvas() {
    const shown = this.#painter?.kind === "2d" ? this.#shown : null;
    const picture = shown ? shownSize(shown.bitmap, shown.header.orientation) : this.#size;
    const { width, height } = picture.width < this.#size.width ? picture : this.#size;
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
  }

  /** @param {Picture} picture */
  #load(picture) {
    this.#waiting = null;
    this.#painter?.load(picture);
    this.#shown?.bitmap.close();
    this.#shown = picture;
  }

  /** How far stripes have moved: whole device pixels, so that nothing is drawn twice the same. @param {number} now */
  #stripeShiftPx(now) {
    if (!this.#stripesMove()) return 0;
    const travelled = Math.round((now / 1000) * STRIPE_SPEED * this.#style.pixelRatio);
    return travelled % (STRIPE_PERIOD_PX * this.#style.pixelRatio);
  }

  #stripesMove() {
    return !this.#style.frozen && !this.#style.stripesStandStill && this.#painter?.kind === "webgl2";
  }

  /** Stripes move between frames too, but only as often as they move by a pixel. */
  #keepStripesMoving() {
    if (this.#stripeTimer || !this.#stripesMove() || !this.#hasStripes()) return;
    this.#stripeTimer = setTimeout(() => {
      this.#stripeTimer = 0;
      this.#schedule();
    }, 1000 / (STRIPE_SPEED * this.#style.pixelRatio));
  }

  #hasStripes() {
    const seen = (/** @type {LayerName} */ layer) => STRIPED.includes(layer) && !this.#style.hidden.includes(layer);
    return !!this.#shown?.overlay.layers.some(seen);
  }

  #makePainter() {
    this.#painter = (this.wantedKind === "webgl2" && WebGlPainter.on(this.canvas)) || Canvas2dPainter.on(this.canvas);
  }
}
