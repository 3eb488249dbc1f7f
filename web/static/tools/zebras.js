/**
 * The three zebras as one: a chip or a key switches them all off, and on again as they were. Pure.
 *
 * @import { Assists } from "../types/settings.js"
 */

const ZEBRAS = /** @type {const} */ (["zebra_high", "zebra_band", "zebra_low"]);

/** What switches all of them off. @type {Readonly<Partial<Assists>>} */
export const ALL_ZEBRAS_OFF = Object.freeze({ zebra_high: false, zebra_band: false, zebra_low: false });

/** @param {Assists} values */
export function isAnyZebraOn(values) {
  return ZEBRAS.some((name) => values[name]);
}

/** Which are on, to be restored. @param {Assists} values @returns {Partial<Assists>} */
export function zebrasOf(values) {
  return Object.fromEntries(ZEBRAS.map((name) => [name, values[name]]));
}
