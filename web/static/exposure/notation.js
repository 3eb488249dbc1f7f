/** How photographers write exposure: shutter times, ISO, EV, distances; written out and read from what was typed. Pure. */

import { formatNumber, formatPlain } from "../words/figures.js";
import { nearestStep, SHUTTER_MARKS_S } from "./steps.js";

/**
 * `1/125`, `0.5 s`, `1.3 s`, `30 s`. Sensors expose whole lines: a time within 0.6 % of a marked one is written as that
 * (asked for 1/250, an IMX477 gives 1/250.6); makers' own marks are rounded by more.
 * @param {number} exposureUs
 */
export function formatShutter(exposureUs) {
  if (!(exposureUs > 0)) return "—";
  const marked = SHUTTER_MARKS_S[nearestStep(SHUTTER_MARKS_S, exposureUs / 1e6)];
  const seconds = Math.abs(exposureUs / 1e6 / marked - 1) < 0.006 ? marked : exposureUs / 1e6;
  if (seconds >= 0.29) return `${formatPlain(seconds, seconds < 10 ? 1 : 0)} s`;
  const n = 1 / seconds;
  return `1/${formatPlain(n, n < 9.5 ? 1 : 0)}`;
}

/**
 * Read a typed time: `1/125`, `0.5`, `2s`, `20 ms`, `500us`. NaN when it is none.
 * @param {string} text
 * @returns {number} Microseconds.
 */
export function parseShutter(text) {
  const match = /^(?:(\d+(?:[.,]\d+)?)\s*\/\s*)?(\d*[.,]?\d+)\s*(s|sec|ms|us|µs|")?$/i.exec(text.trim());
  if (!match) return NaN;
  const figure = Number(match[2].replace(",", "."));
  const number = match[1] === undefined ? figure : Number(match[1].replace(",", ".")) / figure;
  const unit = (match[3] ?? "s").toLowerCase();
  const us = number * (unit === "ms" ? 1e3 : unit === "us" || unit === "µs" ? 1 : 1e6);
  return Number.isFinite(us) && us > 0 ? Math.round(us * 100) / 100 : NaN;
}

/** @param {number} gain */
export function formatIso(gain) {
  return String(Math.round(gain * 100));
}

/** `ISO 400`, `400`. @param {string} text @returns {number} Linear gain, or NaN. */
export function parseIso(text) {
  const match = /^(?:iso\s*)?(\d+(?:\.\d+)?)$/i.exec(text.trim());
  return match ? Number(match[1]) / 100 : NaN;
}

/** `f/5.6`. @param {number} stop */
export function formatStop(stop) {
  return `f/${formatPlain(stop)}`;
}

/** `+0.3`, `0.0`, `−1.7`. @param {number} ev */
export function formatEv(ev) {
  const figure = formatNumber(Math.abs(ev), 1);
  return Math.abs(ev) < 0.05 ? figure : `${ev < 0 ? "−" : "+"}${figure}`;
}

/** Distance from the lens: `0.35 m`, `1.50 m`, `12 m`; beyond 300 m nobody can tell it from infinity. @param {number} m */
export function formatDistance(m) {
  if (m >= 300) return "∞";
  return `${formatNumber(m, m < 10 ? 2 : m < 100 ? 1 : 0)} m`;
}

/** Focal length: `16 mm`, `12.5 mm`, of a zoom `8–50 mm`. @param {number} mm @param {number|null} [longMm] */
export function formatFocal(mm, longMm = null) {
  return `${formatPlain(mm, 1)}${longMm === null ? "" : `–${formatPlain(longMm, 1)}`} mm`;
}

/** A plain number, also with decimal comma, sign, or unit after it. NaN when it is none. @param {string} text */
export function parseFigure(text) {
  const match = /^(?:f\/?\s*)?([+\-−]?\d*[.,]?\d+)\s*(?:m|mm|k|ev|ire|x)?$/i.exec(text.trim());
  return match ? Number(match[1].replace(",", ".").replace("−", "-")) : NaN;
}
