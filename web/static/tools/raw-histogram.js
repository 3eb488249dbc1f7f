/**
 * Draws the raw histogram: EV below clipping from right to left, red, green and blue as lines, the noise floor hatched,
 * and a mark per colour where the display's white lies. Runs on the page; GraphPanel calls it.
 *
 * @import { RawCounts, RawExposure } from "../types/frame.js"
 */

import { CSS_CHANNELS } from "../paint/palette.js";

export const RANGE_EV = 13; // as device/analysis/raw_exposure.py
export const BINS_PER_EV = 8;
/** What clips stands apart at the right. */
export const CLIPPED_ROOM_PX = 6;
const SPARSE_BINS = 40; // below, one code spans several bins: counts are spread over the gap

/**
 * @param {CanvasRenderingContext2D} context
 * @param {RawCounts} counts
 * @param {RawExposure} exposure
 * @param {"linear"|"log"} scale
 */
export function drawRawHistogram(context, counts, exposure, scale) {
  const { width, height } = context.canvas;
  const px = devicePixelRatio;
  const bins = RANGE_EV * BINS_PER_EV;
  const room = width - CLIPPED_ROOM_PX * px;
  const at = (/** @type {number} */ ev) => Math.max(0, (1 + ev / RANGE_EV) * room);
  context.fillStyle = "rgba(255, 255, 255, 0.16)";
  for (let ev = -RANGE_EV + 1; ev < 0; ev++) context.fillRect(Math.round(at(ev)), 0, 1, height);
  hatch(context, at(exposure.noise_floor_ev), height, px);
  const smooth = CSS_CHANNELS.map(([name]) => spread(counts[name]));
  const top = Math.max(1, ...smooth.map((line) => line.slice(0, bins).reduce((a, b) => Math.max(a, b), 0)));
  const tall = (/** @type {number} */ n) => (scale === "log" ? Math.log1p(n) / Math.log1p(top) : n / top);
  context.lineWidth = Math.max(1, px);
  context.globalCompositeOperation = "lighter";
  CSS_CHANNELS.forEach(([name, colour], i) => {
    context.strokeStyle = context.fillStyle = colour;
    context.beginPath();
    for (let bin = 0; bin < bins; bin++) {
      context.lineTo(((bin + 0.5) / bins) * room, height - Math.min(1, tall(smooth[i][bin])) * (height - 4 * px));
    }
    context.stroke();
    if (counts[name][bins] > 0) context.fillRect(width - (6 - 2 * i) * px, 0, 1.5 * px, height);
    const headroom = exposure.headroom_ev?.[i];
    if (headroom !== undefined) context.fillRect(at(-Math.max(0, headroom)) - px, (4 + 5 * i) * px, 2 * px, 4 * px);
  });
  context.globalCompositeOperation = "source-over";
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {number} right
 * @param {number} height
 * @param {number} px
 */
function hatch(context, right, height, px) {
  if (right <= 0) return;
  context.save();
  context.beginPath();
  context.rect(0, 0, right, height);
  context.clip();
  context.strokeStyle = "rgba(255, 255, 255, 0.35)";
  context.lineWidth = px;
  context.beginPath();
  for (let x = -height; x < right; x += 5 * px) {
    context.moveTo(x, height);
    context.lineTo(x + height, 0);
  }
  context.stroke();
  context.restore();
  context.fillStyle = "#f5f7f9";
  context.fillRect(right, 0, px, height);
}

/** @param {Uint16Array} counts */
function spread(counts) {
  const out = Float32Array.from(counts);
  let gap = 0;
  for (let bin = 1; bin < SPARSE_BINS; bin++) {
    if (counts[bin] === 0) {
      gap += 1;
      continue;
    }
    out.fill(counts[bin] / (gap + 1), bin - gap, bin + 1);
    gap = 0;
  }
  return out;
}
