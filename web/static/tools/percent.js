/** How a share of the picture is written. Pure. */

/** `0`, `<0.01`, `0.42`, `3.1`, `27`. @param {number} percent */
export function formatPercent(percent) {
  if (percent === 0) return "0";
  if (percent < 0.01) return "<.01";
  return percent < 1 ? percent.toFixed(2) : percent < 10 ? percent.toFixed(1) : percent.toFixed(0);
}
