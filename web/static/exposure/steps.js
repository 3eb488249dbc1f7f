/**
 * The steps of a camera's dials: shutter times, gains, compensation, apertures, within the camera's limits. Pure.
 *
 * @import { Limit } from "../types/camera.js"
 */

/** Marked on dials since ISO 2720: thirds of a stop, seconds and fractions, in the makers' rounding. */
const SHUTTER_FRACTIONS = [
  16000, 12800, 10000, 8000, 6400, 5000, 4000, 3200, 2500, 2000, 1600, 1250, 1000, 800, 640, 500, 400, 320, 250, 200,
  160, 125, 100, 80, 60, 50, 40, 30, 25, 20, 15, 13, 10, 8, 6, 5, 4,
];
const SHUTTER_SECONDS = [
  0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.3, 1.6, 2, 2.5, 3.2, 4, 5, 6, 8, 10, 13, 15, 20, 25, 30, 40, 50, 60, 80, 100, 120, 160,
  200, 240, 320, 400, 480, 600,
];
/** Seconds. */
export const SHUTTER_MARKS_S = [...SHUTTER_FRACTIONS.map((n) => 1 / n), ...SHUTTER_SECONDS];
const ISO_DECADE = [100, 125, 160, 200, 250, 320, 400, 500, 640, 800];
const F_NUMBERS = [
  1, 1.1, 1.2, 1.4, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3.2, 3.5, 4, 4.5, 5, 5.6, 6.3, 7.1, 8, 9, 10, 11, 13, 14, 16, 18, 20, 22,
  25, 29, 32,
];

/**
 * Shutter times within the camera's limits, microseconds, short to long.
 * @param {Limit} limit
 */
export function shutterSteps(limit) {
  return within(SHUTTER_MARKS_S.map((s) => s * 1e6), limit);
}

/** Linear gains at the marked ISO values (ISO = 100 x gain). @param {Limit} limit */
export function gainSteps(limit) {
  const all = [1, 10, 100].flatMap((decade) => ISO_DECADE.map((iso) => (iso * decade) / 100));
  return within([...new Set(all)], limit);
}

/** Exposure compensation in thirds. @param {Limit} limit */
export function evSteps(limit) {
  const first = Math.ceil(limit.minimum * 3 - 1e-6);
  const last = Math.floor(limit.maximum * 3 + 1e-6);
  return Array.from({ length: last - first + 1 }, (_, i) => Math.round(((first + i) / 3) * 100) / 100);
}

/** Marked apertures. @param {Limit} limit */
export function apertureSteps(limit) {
  return within(F_NUMBERS, limit);
}

/**
 * `count` values from minimum to maximum in equal ratios.
 * @param {Limit} limit
 * @param {number} count
 */
export function ratioSteps(limit, count) {
  const ratio = limit.maximum / limit.minimum;
  return Array.from({ length: count }, (_, i) => {
    if (i === count - 1) return limit.maximum;
    return Number((limit.minimum * ratio ** (i / (count - 1))).toPrecision(4));
  }).map((value) => Math.min(limit.maximum, Math.max(limit.minimum, value)));
}

/**
 * Steps of equal difference, both ends in.
 * @param {Limit} limit
 * @param {number} step
 */
export function evenSteps(limit, step) {
  const count = Math.floor((limit.maximum - limit.minimum) / step + 1e-6) + 1;
  return Array.from({ length: count }, (_, i) => Number((limit.minimum + i * step).toFixed(3)));
}

/**
 * Index of the step nearest to `value`: by ratio where all are positive, else by difference.
 * @param {readonly number[]} steps
 * @param {number} value
 */
export function nearestStep(steps, value) {
  const byRatio = steps[0] > 0 && value > 0;
  const distance = (/** @type {number} */ s) => Math.abs(byRatio ? Math.log(s / value) : s - value);
  let best = 0;
  for (let i = 1; i < steps.length; i++) {
    if (distance(steps[i]) < distance(steps[best])) best = i;
  }
  return best;
}

/**
 * @param {readonly number[]} values
 * @param {Limit} limit
 */
function within(values, limit) {
  const slack = 1e-6 * Math.abs(limit.maximum);
  const inside = values.filter((v) => v >= limit.minimum - slack && v <= limit.maximum + slack);
  return inside.sort((a, b) => a - b);
}
