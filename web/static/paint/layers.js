/**
 * The layers of the overlay, in the order in which the shader knows them.
 *
 * @import { LayerName } from "../types/frame.js"
 */

/** @type {readonly LayerName[]} */
export const LAYERS = Object.freeze([
  "peaking",
  "zebra_high",
  "zebra_band",
  "zebra_low",
  "raw_clip_r",
  "raw_clip_g",
  "raw_clip_b",
  "raw_shadow",
]);

/** The layers that are drawn as stripes. @type {readonly LayerName[]} */
export const STRIPED = Object.freeze(["zebra_high", "zebra_band", "zebra_low", "raw_shadow"]);
