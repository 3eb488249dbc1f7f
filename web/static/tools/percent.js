/** How a share of the picture is written. Pure. */

import { formatNumber } from "../words/figures.js";

/** `0`, `<0.01`, `0.42`, `3.1`, `27`. @param {number} percent */
export function formatPercent(percent) {
  if (percent === 0) return "0";
  if (percent < 0.01) return "<.01";
  return formatNumber(percent, percent < 1 ? 2 : percent < 10 ? 1 : 0);
}
