/**
 * What a painter is: it takes over one frame's picture and overlay, and draws them as often as asked. Types only.
 *
 * @import { LayerName, Picture } from "../types/frame.js"
 * @import { Rgb } from "./palette.js"
 */

/** @typedef {HTMLCanvasElement|OffscreenCanvas} Canvas */

/** @typedef {"webgl2"|"2d"} PainterKind */

/**
 * @typedef {object} PaintStyle How to draw: what this browser's user chose, and what the page knows. Can be sent to a worker.
 * @property {readonly LayerName[]} hidden Layers that are not shown in this browser.
 * @property {Rgb} peakingColour
 * @property {number} peakingOpacity 0..1
 * @property {boolean} peakingHairline
 * @property {boolean} monochrome
 * @property {Uint8Array|null} falseTable 256 colours of red, green, blue, 255 by code of luma; null paints the picture.
 * @property {number} bright What the picture's codes are multiplied by, for composing; 1 paints it as it is.
 * @property {boolean} frozen The picture is not live: it is drawn dark and grey.
 * @property {boolean} stripesStandStill
 * @property {number} pixelRatio Device pixels per CSS pixel.
 */

/**
 * @typedef {object} Painter
 * @property {PainterKind} kind
 * @property {(picture: Picture) => void} load Take over picture and overlay of one frame; closes nothing.
 * @property {(style: PaintStyle, stripeShiftPx: number, pixelated: boolean) => void} draw Stripes have moved by
 *   `stripeShiftPx` device pixels; `pixelated` shows each pixel as a square.
 */

export {};
