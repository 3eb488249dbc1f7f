/**
 * The paint loop: keeps the canvas at the picture's shape, draws each new frame once, and moves the stripes.
 *
 * @import { LayerName, PaintSettings, PeakingColour, Picture } from "./types.js"
 * @import { Look, Painter } from "./painter.js"
 */

import { GlPainter } from "./painter.js";
import { PlainPainter } from "./painter2d.js";

const STRIPE_SPEED = 4; // CSS pixels a second
const STRIPE_PERIOD = 9; // CSS pixels, as in the shader
const BACKING_MAX_PX = 2560; // the picture has some 1000: more only costs the phone's battery

/** @type {Record<PeakingColour, readonly [number, number, number]>} */
export const PEAKING_COLOURS = Object.freeze({
  red: [1, 0.1, 0.15],
  yellow: [1, 0.9, 0],
  green: [0.1, 1, 0.25],
  cyan: [0, 0.9, 1],
  magenta: [1, 0.15, 0.95],
  white: [1, 1, 1],
});

export class Viewfinder {
  /** @type {Painter|null} */
  #painter = null;
  /** @type {Picture|null} The next to draw. */
  #waiting = null;
  /** @type {Picture|null} The one on the screen, kept for a lost context; its bitmap stays open until replaced. */
  #shown = null;
  #scheduled = false;
  #live = false;
  #aspect = 4 / 3;
  /** Width of the loupe's window in the sensor's pixels; 0 without the loupe. */
  #windowWidth = 0;
  #loupeScale = 0;
  #pixelRatio = 1;
  #drawnShift = -1;
  #stripeTimer = 0;
  #stillness = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {Look} */
  #look;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} stage What the picture must fit into.
   * @param {Readonly<PaintSettings>} settings
   * @param {(picture: Picture, now: number) => void} onPainted In the animation frame that drew it.
   * @param {() => void} onDropped
   */
  constructor(canvas, stage, settings, onPainted, onDropped) {
    this.canvas = canvas;
    this.stage = stage;
    this.settings = settings;
    this.onPainted = onPainted;
    this.onDropped = onDropped;
    this.#look = {
      shows: (layer) => this.#shows(layer),
      peakingColour: PEAKING_COLOURS.red,
      peakingOpacity: 1,
      peakingHairline: true,
      monochrome: false,
      falseTable: null,
      bright: 1,
      frozen: false,
      shiftPx: 0,
      pixelRatio: 1,
      pixelated: false,
    };
    canvas.addEventListener("webglcontextlost", (event) => {
      event.preventDefault(); // asks for it to be restored
      this.#painter = null;
    });
    canvas.addEventListener("webglcontextrestored", () => this.#restore());
    new ResizeObserver(() => this.#fit()).observe(stage);
    this.#makePainter();
    this.#fit();
  }

  /** "webgl2", "2d", or "none" while the graphics context is lost. */
  get painterKind() {
    return this.#painter?.kind ?? "none";
  }

  /** Show this frame at the next animation frame, unless a newer one comes first. @param {Picture} picture */
  show(picture) {
    if (this.#waiting) {
      this.#waiting.bitmap.close();
      this.onDropped();
    }
    this.#waiting = picture;
    this.#schedule();
  }

  /** Draw the picture as live, or greyed as frozen. @param {boolean} live */
  setLive(live) {
    if (live === this.#live) return;
    this.#live = live;
    this.redraw();
  }

  /** Paint in false colours, or (null) the picture itself. @param {Uint8Array|null} table */
  setFalseColour(table) {
    this.#look.falseTable = table;
    this.redraw();
  }

  /** @param {number} gain What the picture's codes are multiplied by on this screen. */
  setBright(gain) {
    this.#look.bright = gain;
    this.redraw();
  }

  /** Draw again: settings, state or size changed. */
  redraw() {
    if (this.settings.loupeScale !== this.#loupeScale) this.#fit();
    this.#drawnShift = -1;
    this.#schedule();
  }

  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(this.#paint);
  }

  #paint = () => {
    this.#scheduled = false;
    if (!this.#painter) return;
    const fresh = this.#waiting;
    if (fresh) this.#take(fresh);
    const now = performance.now();
    const shift = this.#shiftAt(now);
    if (fresh || shift !== this.#drawnShift) this.#draw(shift);
    if (fresh) this.onPainted(fresh, now);
    this.#keepStripesMoving();
  };

  /** @param {Picture} picture */
  #take(picture) {
    this.#waiting = null;
    this.#painter?.load(picture);
    this.#shown?.bitmap.close();
    this.#shown = picture;
    const aspect = picture.bitmap.width / picture.bitmap.height;
    const windowWidth = picture.header.window?.width ?? 0;
    if (aspect !== this.#aspect || windowWidth !== this.#windowWidth) {
      this.#aspect = aspect;
      this.#windowWidth = windowWidth;
      document.documentElement.style.setProperty("--aspect", aspect.toFixed(4)); // the layout follows
      this.#fit();
    }
  }

  /** @param {number} shiftPx */
  #draw(shiftPx) {
    const look = this.#look;
    look.peakingColour = PEAKING_COLOURS[this.settings.peakingColour];
    look.peakingOpacity = this.settings.peakingOpacity;
    look.peakingHairline = this.settings.peakingHairline;
    look.monochrome = this.settings.monochrome;
    look.frozen = !this.#live;
    look.shiftPx = shiftPx;
    look.pixelRatio = this.#pixelRatio;
    look.pixelated = this.#windowWidth > 0;
    this.#painter?.draw(look);
    this.#drawnShift = shiftPx;
  }

  /** @param {number} now Whole device pixels, so that nothing is drawn twice the same. */
  #shiftAt(now) {
    if (!this.#live || this.#stillness.matches) return 0;
    const travelled = Math.round((now / 1000) * STRIPE_SPEED * this.#pixelRatio);
    return travelled % (STRIPE_PERIOD * this.#pixelRatio);
  }

  /** Stripes move between frames too, but only as often as they move by a pixel. */
  #keepStripesMoving() {
    if (this.#stripeTimer || !this.#live || this.#stillness.matches || !this.#hasStripes()) return;
    this.#stripeTimer = setTimeout(() => {
      this.#stripeTimer = 0;
      this.#schedule();
    }, 1000 / (STRIPE_SPEED * this.#pixelRatio));
  }

  #hasStripes() {
    return !!this.#shown?.overlay.layers.some((layer) => (layer.startsWith("zebra") || layer === "raw_shadow") && this.#shows(layer));
  }

  /** @param {LayerName} layer */
  #shows(layer) {
    if (layer === "peaking") return this.settings.showPeaking;
    return layer.startsWith("zebra") ? this.settings.showZebra : this.settings.showClipping;
  }

  /**
   * Fit the whole picture into the stage, on whole device pixels. The loupe's has its own scale: one pixel of the
   * sensor on one of the screen, or on 2 x 2, and the stage cuts off what is too much.
   */
  #fit() {
    const box = this.stage.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) return;
    this.#loupeScale = this.settings.loupeScale;
    const magnified = (this.#windowWidth * this.#loupeScale) / devicePixelRatio;
    const width = magnified || Math.min(box.width, box.height * this.#aspect);
    const height = width / this.#aspect;
    this.#pixelRatio = Math.min(devicePixelRatio, BACKING_MAX_PX / width);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const wide = Math.round(width * this.#pixelRatio);
    const high = Math.round(height * this.#pixelRatio);
    if (this.canvas.width === wide && this.canvas.height === high) return;
    this.canvas.width = wide;
    this.canvas.height = high;
    if (this.#shown) this.#draw(this.#shiftAt(performance.now())); // resizing cleared it: no black flash
  }

  #makePainter() {
    this.#painter = GlPainter.on(this.canvas);
    if (this.#painter) return;
    const context = this.canvas.getContext("2d", { alpha: false });
    if (context) this.#painter = new PlainPainter(context);
  }

  #restore() {
    this.#makePainter();
    if (this.#shown && !this.#waiting) this.#painter?.load(this.#shown);
    this.redraw();
  }
}
