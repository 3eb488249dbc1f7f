/**
 * The curve of the last focus scores. Runs on the page; Figures calls it for each painted frame.
 *
 * @import { FocusMeter } from "./focus-meter.js"
 */

import { CURVE_SCORES } from "./focus-meter.js";

/** Draws the curve, newest at the right, the best as a line. */
export class FocusCurve {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
  }

  /** @param {FocusMeter} meter */
  draw(meter) {
    const { canvas } = this;
    const wide = Math.round(canvas.clientWidth * devicePixelRatio);
    const high = Math.round(canvas.clientHeight * devicePixelRatio);
    if (wide < 2 || high < 2) return;
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const context = canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, wide, high);
    if (meter.best <= 0) return;
    const line = devicePixelRatio;
    const at = (/** @type {number} */ score) => line + (1 - score / meter.best) * (high - 2 * line);
    context.lineWidth = line;
    context.strokeStyle = "#8b949e";
    context.setLineDash([3 * line, 3 * line]);
    context.beginPath();
    context.moveTo(0, at(meter.best));
    context.lineTo(wide, at(meter.best));
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1.5 * line;
    context.strokeStyle = meter.trend === "best" ? "#ffd23f" : "#e6edf3";
    context.beginPath();
    const step = wide / (CURVE_SCORES - 1);
    const start = wide - (meter.curve.length - 1) * step;
    meter.curve.forEach((score, i) => context.lineTo(start + i * step, at(score)));
    context.stroke();
  }
}
