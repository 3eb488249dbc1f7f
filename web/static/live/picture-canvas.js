/**
 * The canvas of the live picture: its size on the page, and the style in which the receiver paints it. Runs on the page;
 * main.js calls it.
 *
 * @import { FrameHeader, LayerName } from "../types/frame.js"
 * @import { BrowserSettings } from "../types/settings.js"
 * @import { ReceiverClient } from "./receiver-client.js"
 */

import { shownSize } from "../paint/orientation.js";
import { PEAKING } from "../paint/palette.js";

const BACKING_MAX_PX = 2560; // the picture has some 1000: more only costs the phone's battery

/** @type {readonly LayerName[]} */
const RAW_LAYERS = ["raw_clip_r", "raw_clip_g", "raw_clip_b", "raw_shadow"];

export class PictureCanvas {
  #live = false;
  #aspect = 4 / 3;
  #orientation = 1;
  /** Width of the loupe's window as it is shown, in the sensor's pixels; 0 without the loupe. */
  #windowWidth = 0;
  #loupeScale = 0;
  #pixelRatio = 1;
  #brightness = 1;
  /** @type {Uint8Array|null} */
  #falseTable = null;
  #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {HTMLElement} stage What the picture must fit into.
   * @param {Readonly<BrowserSettings>} settings
   * @param {ReceiverClient} receiver
   */
  constructor(canvas, stage, settings, receiver) {
    this.canvas = canvas;
    this.stage = stage;
    this.settings = settings;
    this.receiver = receiver;
    new ResizeObserver(() => this.#fit()).observe(stage);
    this.#reducedMotion.addEventListener("change", () => this.redraw());
    this.#fit();
    this.redraw();
  }

  /** A frame of this shape, turned like this, is on the screen: the layout follows. @param {FrameHeader} header */
  noteFrame(header) {
    const { orientation } = header;
    const full = shownSize(header.full ?? header.picture, orientation); // coarser ones have nearly the same shape
    const aspect = full.width / full.height;
    const windowWidth = header.window ? shownSize(header.window, orientation).width : 0;
    const turned = orientation !== this.#orientation;
    if (aspect === this.#aspect && windowWidth === this.#windowWidth && !turned) return;
    this.#aspect = aspect;
    this.#windowWidth = windowWidth;
    this.#orientation = orientation;
    this.canvas.dataset.orientation = String(orientation);
    document.documentElement.style.setProperty("--aspect", aspect.toFixed(4));
    this.#fit();
    if (turned) this.canvas.dispatchEvent(new Event("turn"));
  }

  /** Draw the picture as live, or greyed as frozen. @param {boolean} live */
  setLive(live) {
    if (live === this.#live) return;
    this.#live = live;
    this.redraw();
  }

  /** Paint in false colours, or (null) the picture itself. @param {Uint8Array|null} table */
  setFalseColour(table) {
    this.#falseTable = table;
    this.redraw();
  }

  /** @param {number} gain What the picture's codes are multiplied by on this screen. */
  setBrightness(gain) {
    this.#brightness = gain;
    this.redraw();
  }

  /** Draw again: settings or state changed. */
  redraw() {
    const { settings } = this;
    if (settings.loupeScale !== this.#loupeScale) this.#fit();
    /** @type {LayerName[]} */
    const hidden = settings.showPeaking ? [] : ["peaking"];
    if (!settings.showZebra) hidden.push("zebra_high", "zebra_band", "zebra_low");
    if (!settings.showClipping) hidden.push(...RAW_LAYERS);
    this.receiver.setStyle({
      hidden,
      peakingColour: PEAKING[settings.peakingColour],
      peakingOpacity: settings.peakingOpacity,
      peakingHairline: settings.peakingHairline,
      monochrome: settings.monochrome,
      falseTable: this.#falseTable,
      bright: this.#brightness,
      frozen: !this.#live,
      stripesStandStill: this.#reducedMotion.matches,
      pixelRatio: this.#pixelRatio,
    });
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
    const pixelRatio = Math.min(devicePixelRatio, BACKING_MAX_PX / width);
    Object.assign(this.canvas.style, {
      width: `${width}px`,
      height: `${height}px`,
      imageRendering: magnified ? "pixelated" : "", // a 2D canvas has no more pixels than the picture
    });
    const size = { width: Math.round(width * pixelRatio), height: Math.round(height * pixelRatio) };
    this.receiver.setSize(size.width, size.height, magnified ? 0 : shownSize(size, this.#orientation).width);
    if (pixelRatio === this.#pixelRatio) return;
    this.#pixelRatio = pixelRatio;
    this.redraw();
  }
}
