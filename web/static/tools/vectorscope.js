/**
 * Draws the vectorscope. Runs on the page; GraphPanel calls it.
 *
 * @import { Scope } from "../types/frame.js"
 */

import { drawCells, LUMA } from "./scope-cells.js";

const SKIN_DEGREES = 123; // as device/analysis/scopes.py
/** Colour bars at 75 %: name, Cb, Cr of BT.601 full range, -0.5..0.5. @type {readonly [string, number, number][]} */
const TARGETS = [
  ["R", -0.1266, 0.375], ["Mg", 0.2484, 0.314], ["B", 0.375, -0.061],
  ["Cy", 0.1266, -0.375], ["G", -0.2484, -0.314], ["Yl", -0.375, 0.061],
];

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Scope} scope (v, u)
 */
export function drawVectorscope(context, scope) {
  const { width, height } = context.canvas;
  const [rows, columns] = scope.shape;
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  const cells = drawCells(scope.cells, columns, rows, (x, y) => [(rows - 1 - y) * columns + x, LUMA]);
  context.imageSmoothingEnabled = true;
  context.drawImage(cells, left, top, side, side);
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
  context.font = `${Math.round(12 * devicePixelRatio)}px system-ui, sans-serif`;
  const box = Math.max(4, 0.05 * side);
  for (const [name, u, v] of TARGETS) {
    const [x, y] = at(u, v);
    context.strokeRect(x - box / 2, y - box / 2, box, box);
    context.fillText(name, x + box * 0.7, y + box / 2);
  }
}
