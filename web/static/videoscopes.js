/**
 * Draws waveform, parade and vectorscope: brightness 0..15 of each cell, as light on a dark tube.
 *
 * @import { Scope } from "./types.js"
 */

/** @typedef {readonly [number, number, number]} Rgb */

/** @type {Rgb} */
const LUMA = [235, 245, 240];
/** @type {readonly Rgb[]} */
const PARADE = [[255, 96, 88], [80, 225, 110], [110, 165, 255]];
const IRE_LINES = [0, 25, 50, 75, 100];
const SKIN_DEGREES = 123; // as device/analysis/scopes.py
/** Colour bars at 75 %: name, Cb, Cr of BT.601 full range, -0.5..0.5. @type {readonly [string, number, number][]} */
const TARGETS = [
  ["R", -0.1266, 0.375], ["Mg", 0.2484, 0.314], ["B", 0.375, -0.061],
  ["Cy", 0.1266, -0.375], ["G", -0.2484, -0.314], ["Yl", -0.375, 0.061],
];
const tube = document.createElement("canvas");

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scope} scope (channels, levels, columns)
 */
export function drawWaveform(context, scope) {
  const { width, height } = context.canvas;
  const [channels, levels, columns] = scope.shape;
  glow(scope.cells, channels * columns, levels, (x, y) => {
    const channel = Math.floor(x / columns);
    return [(channel * levels + y) * columns + (x % columns), channels === 1 ? LUMA : PARADE[channel]];
  });
  context.imageSmoothingEnabled = true;
  context.drawImage(tube, 0, 0, width, height);
  context.fillStyle = "rgba(255, 255, 255, 0.22)";
  for (const ire of IRE_LINES) context.fillRect(0, Math.min(height - 1, Math.round((1 - ire / 100) * height)), width, 1);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scope} scope (v, u)
 */
export function drawVectorscope(context, scope) {
  const { width, height } = context.canvas;
  const [rows, columns] = scope.shape;
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  glow(scope.cells, columns, rows, (x, y) => [(rows - 1 - y) * columns + x, LUMA]);
  context.imageSmoothingEnabled = true;
  context.drawImage(tube, left, top, side, side);
  const at = (/** @type {number} */ u, /** @type {number} */ v) =>
    /** @type {const} */ ([left + (u + 0.5) * side, top + (0.5 - v) * side]);
  context.strokeStyle = "rgba(255, 255, 255, 0.35)";
  context.lineWidth = Math.max(1, devicePixelRatio);
  context.beginPath();
  context.arc(...at(0, 0), side / 2 - 1, 0, 2 * Math.PI);
  context.moveTo(...at(-0.03, 0));
  context.lineTo(...at(0.03, 0));
  context.moveTo(...at(0, -0.03));
  context.lineTo(...at(0, 0.03));
  context.stroke();
  const skin = (SKIN_DEGREES * Math.PI) / 180;
  context.strokeStyle = "#ffb48a";
  context.beginPath();
  context.moveTo(...at(0, 0));
  context.lineTo(...at(0.5 * Math.cos(skin), 0.5 * Math.sin(skin)));
  context.stroke();
  context.fillStyle = context.strokeStyle = "rgba(255, 255, 255, 0.75)";
  context.font = `${Math.round(9 * devicePixelRatio)}px system-ui, sans-serif`;
  const box = Math.max(4, 0.05 * side);
  for (const [name, u, v] of TARGETS) {
    const [x, y] = at(u, v);
    context.strokeRect(x - box / 2, y - box / 2, box, box);
    context.fillText(name, x + box * 0.7, y + box / 2);
  }
}

/**
 * @param {Uint8Array} cells
 * @param {number} wide
 * @param {number} high
 * @param {(x: number, y: number) => [number, Rgb]} cellAt Index of the cell, and its colour.
 */
function glow(cells, wide, high, cellAt) {
  if (tube.width !== wide || tube.height !== high) Object.assign(tube, { width: wide, height: high });
  const context = /** @type {CanvasRenderingContext2D} */ (tube.getContext("2d", { willReadFrequently: true }));
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
}
