/**
 * Draws the cells of a waveform or vectorscope: brightness as opacity. Runs on the page.
 *
 * @import { Rgb } from "../paint/palette.js"
 */

/** The light of brightness alone. @type {Rgb} */
export const LUMA = [235, 245, 240];
const scratch = document.createElement("canvas");

/**
 * A canvas with one pixel per cell; it is overwritten by the next call.
 * @param {Uint8Array} cells Brightness 0..15.
 * @param {number} wide
 * @param {number} high
 * @param {(x: number, y: number) => [number, Rgb]} cellAt Index of the cell, and its colour.
 */
export function drawCells(cells, wide, high, cellAt) {
  if (scratch.width !== wide || scratch.height !== high) Object.assign(scratch, { width: wide, height: high });
  const context = /** @type {CanvasRenderingContext2D} */ (scratch.getContext("2d", { willReadFrequently: true }));
  const image = context.createImageData(wide, high);
  for (let y = 0, i = 0; y < high; y++) {
    for (let x = 0; x < wide; x++, i += 4) {
      const [index, colour] = cellAt(x, y);
      const bright = cells[index];
      if (bright === 0) continue;
      image.data.set(colour, i);
      image.data[i + 3] = 40 + 14 * bright;
    }
  }
  context.putImageData(image, 0, 0);
  return scratch;
}
