/** Numbers and times as the reader writes them. Exposure is written as cameras do: exposure/notation.js. Pure. */

import { locale } from "./language.js";

/** @type {Map<number, Intl.NumberFormat>} */
const formats = new Map();

/** @param {number} value @param {number} digits After the decimal mark. */
export function formatNumber(value, digits) {
  let format = formats.get(digits);
  if (!format) {
    format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
    formats.set(digits, format);
  }
  return format.format(value);
}

/** Date and time. @param {string} time ISO 8601. */
export function formatTime(time) {
  return new Date(time).toLocaleString(locale, { dateStyle: "medium", timeStyle: "medium" });
}

/** A day. @param {string} time ISO 8601. */
export function formatDay(time) {
  return new Date(time).toLocaleDateString(locale, { dateStyle: "medium" });
}
