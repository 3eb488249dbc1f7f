/** Numbers and times as the reader writes them; how exposure is written is in exposure/notation.js. Pure. */

import { locale } from "./language.js";

/** @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {number} value @param {number} digits After the decimal mark. */
export function formatNumber(value, digits) {
  return formatOf(digits, digits).format(value);
}

/** Without zeros at its end: `2.8`, `4`. @param {number} value @param {number} [most] Digits after the decimal mark. */
export function formatPlain(value, most = 2) {
  return formatOf(0, most).format(value);
}

/** @param {number} least @param {number} most */
function formatOf(least, most) {
  const key = `${least} ${most}`;
  const format = formats.get(key) ?? new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most, useGrouping: false });
  formats.set(key, format);
  return format;
}

/** Date and time. @param {string} time ISO 8601. */
export function formatTime(time) {
  return new Date(time).toLocaleString(locale, { dateStyle: "medium", timeStyle: "medium" });
}

/** A day. @param {string} time ISO 8601. */
export function formatDay(time) {
  return new Date(time).toLocaleDateString(locale, { dateStyle: "medium" });
}
