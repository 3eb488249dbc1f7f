/**
 * The one palette of all marks. The WebGL shader, the 2D painter, the graphs and (as custom properties) the style
 * sheets take their colours from here; nobody else writes one of them down. Pure: runs on the page and in the worker.
 *
 * Colours are [red, green, blue], 0..255.
 *
 * @import { PeakingColour } from "../types/settings.js"
 */

/** @typedef {readonly [number, number, number]} Rgb 0..255 */

/** @typedef {"zebra_high"|"zebra_band"|"zebra_low"|"raw_shadow"} StripedLayer */

/**
 * Stripes over the picture: their colour, and how much of it, 0..1.
 * @type {Readonly<Record<StripedLayer, {rgb: Rgb, opacity: number}>>}
 */
export const STRIPES = Object.freeze({
  zebra_high: { rgb: [5, 5, 5], opacity: 0.8 },
  zebra_band: { rgb: [255, 184, 26], opacity: 0.7 },
  zebra_low: { rgb: [115, 191, 255], opacity: 0.75 },
  raw_shadow: { rgb: [160, 64, 255], opacity: 0.75 },
});

/**
 * Clipped channels are drawn solid and add up: red and green are yellow.
 * @type {Readonly<Record<"raw_clip_r"|"raw_clip_g"|"raw_clip_b", Rgb>>}
 */
export const CLIPPED = Object.freeze({
  raw_clip_r: [255, 0, 0],
  raw_clip_g: [0, 255, 0],
  raw_clip_b: [0, 0, 255],
});

/** What a user can choose for peaking. @type {Readonly<Record<PeakingColour, Rgb>>} */
export const PEAKING = Object.freeze({
  red: [255, 26, 38],
  yellow: [255, 230, 0],
  green: [26, 255, 64],
  cyan: [0, 230, 255],
  magenta: [255, 38, 242],
  white: [255, 255, 255],
});

/** The dark line around peaking; the opacity is a share of peaking's own. @type {Readonly<{rgb: Rgb, opacity: number}>} */
export const HAIRLINE = { rgb: [8, 8, 8], opacity: 0.7 };

/** Red, green and blue in graphs and beside figures. @type {Readonly<Record<"red"|"green"|"blue", Rgb>>} */
export const CHANNELS = Object.freeze({
  red: [255, 90, 82],
  green: [71, 215, 100],
  blue: [92, 157, 255],
});

/** Those as CSS, in the order of the sensor's channels. @type {readonly ["red"|"green"|"blue", string][]} */
export const CSS_CHANNELS = [
  ["red", cssColour(CHANNELS.red)],
  ["green", cssColour(CHANNELS.green)],
  ["blue", cssColour(CHANNELS.blue)],
];

/** As CSS writes it. @param {Rgb} rgb */
export function cssColour([red, green, blue]) {
  return `rgb(${red} ${green} ${blue})`;
}

/** The custom properties that the style sheets read: name and value. @returns {[string, string][]} */
export function cssProperties() {
  /** @type {[string, Rgb][]} */
  const colours = [
    ...Object.entries(STRIPES).map(([layer, { rgb }]) => /** @type {[string, Rgb]} */ ([layer, rgb])),
    ...Object.entries(CLIPPED),
    ...Object.entries(PEAKING).map(([name, rgb]) => /** @type {[string, Rgb]} */ ([`peaking_${name}`, rgb])),
    ...Object.entries(CHANNELS).map(([name, rgb]) => /** @type {[string, Rgb]} */ ([`channel_${name}`, rgb])),
  ];
  return colours.map(([name, rgb]) => [`--${name.replaceAll("_", "-")}`, cssColour(rgb)]);
}
