/**
 * Draws the waveform and the RGB parade. Runs on the page; GraphPanel calls it.
 *
 * @import { Scope } from "../types/frame.js"
 */

import { CHANNELS } from "../paint/palette.js";
import { drawCells, LUMA } from "./scope-cells.js";

const PARADE = [CHANNELS.red, CHANNELS.green, CHANNELS.blue];
const IRE_LINES = [0, 25, 50, 75, 100];

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scope} scope (channels, levels, columns)
 */
export function drawWaveform(context, scope) {
  const { width, height } = context.canvas;
  const [channels, levels, columns] = scope.shape;
  const cells = drawCells(scope.cells, channels * columns, levels, (x, y) => {
    const channel = Math.floor(x / columns);
    return [(channel * levels + y) * columns + (x % columns), channels === 1 ? LUMA : PARADE[channel]];
  });
  context.imageSmoothingEnabled = true;
  context.drawImage(cells, 0, 0, width, height);
  context.fillStyle = "rgba(255, 255, 255, 0.22)";
  for (const ire of IRE_LINES) context.fillRect(0, Math.min(height - 1, Math.round((1 - ire / 100) * height)), width, 1);
}
