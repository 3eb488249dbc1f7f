/**
 * What a JPEG's own pixels say: its histogram, and where it is clipped. Of the picture as it is shown, not of raw samples.
 * Runs on the page; the viewer calls it.
 */

import { CHANNELS } from "../paint/palette.js";

const LONG_EDGE_PX = 1024; // a histogram of more pixels looks the same
const CLIPPED_FROM = 254; // of 255: what JPEG makes of white
const BINS = 256;

/** @typedef {{width: number, height: number, bins: Uint32Array[], clipped: ImageData, clippedShare: number}} Marks Bins of red, green, blue. */

/** @param {HTMLImageElement} picture It is loaded. @returns {Marks} */
export function marksOf(picture) {
  const factor = Math.min(1, LONG_EDGE_PX / Math.max(picture.naturalWidth, picture.naturalHeight));
  const [width, height] = [picture.naturalWidth, picture.naturalHeight].map((px) => Math.max(1, Math.round(px * factor)));
  const canvas = new OffscreenCanvas(width, height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(picture, 0, 0, width, height);
  return countMarks(context.getImageData(0, 0, width, height));
}

/** Pure. @param {ImageData} pixels @returns {Marks} */
export function countMarks({ data, width, height }) {
  const bins = [0, 1, 2].map(() => new Uint32Array(BINS));
  const clipped = new ImageData(width, height);
  const marked = new Uint32Array(clipped.data.buffer);
  let count = 0;
  for (let i = 0; i < marked.length; i++) {
    const [red, green, blue] = [data[4 * i], data[4 * i + 1], data[4 * i + 2]];
    bins[0][red] += 1;
    bins[1][green] += 1;
    bins[2][blue] += 1;
    if (red < CLIPPED_FROM && green < CLIPPED_FROM && blue < CLIPPED_FROM) continue;
    marked[i] = 0xff_00_00_00; // black, which blinks on what is bright
    count += 1;
  }
  return { width, height, bins, clipped, clippedShare: count / marked.length };
}

/**
 * Draw the three curves, as high as the highest of the middle bins: a peak at an end hides nothing.
 * @param {HTMLCanvasElement} canvas
 * @param {Marks} marks
 */
export function drawHistogram(canvas, { bins }) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  Object.assign(canvas, { width: BINS, height: 80 });
  const highest = Math.max(1, ...bins.flatMap((counts) => [...counts.subarray(1, BINS - 1)]));
  context.globalCompositeOperation = "lighter";
  for (const [i, name] of /** @type {const} */ (["red", "green", "blue"]).entries()) {
    context.fillStyle = `rgb(${CHANNELS[name].join(" ")} / 75%)`;
    bins[i].forEach((count, level) => {
      const height = Math.min(1, count / highest) * canvas.height;
      context.fillRect(level, canvas.height - height, 1, height);
    });
  }
}
