/**
 * How a photographer writes exposure: shutter times, ISO, stops, distances; and the steps of their dials. Pure.
 *
 * @import { Controls, FrameHeader, Limit } from "./types.js"
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
const SHUTTER_MARKS_S = [...SHUTTER_FRACTIONS.map((n) => 1 / n), ...SHUTTER_SECONDS];
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
 * `1/125`, `0.5 s`, `1.3 s`, `30 s`. Sensors expose whole lines: a time within 0.6 % of a marked one is written as that
 * (asked for 1/250, an IMX477 gives 1/250.6); makers' own marks are rounded by more.
 * @param {number} exposureUs
 */
export function formatShutter(exposureUs) {
  if (!(exposureUs > 0)) return "—";
  const marked = SHUTTER_MARKS_S[nearestStep(SHUTTER_MARKS_S, exposureUs / 1e6)];
  const seconds = Math.abs(exposureUs / 1e6 / marked - 1) < 0.006 ? marked : exposureUs / 1e6;
  if (seconds >= 0.29) return `${Number(seconds.toFixed(seconds < 10 ? 1 : 0))} s`;
  const n = 1 / seconds;
  return `1/${n < 9.5 ? Number(n.toFixed(1)) : Math.round(n)}`;
}

/**
 * Read a typed time: `1/125`, `0.5`, `2s`, `20 ms`, `500us`. NaN when it is none.
 * @param {string} text
 * @returns {number} Microseconds.
 */
export function parseShutter(text) {
  const match = /^(?:(\d+(?:\.\d+)?)\s*\/\s*)?(\d*[.,]?\d+)\s*(s|sec|ms|us|µs|")?$/i.exec(text.trim());
  if (!match) return NaN;
  const figure = Number(match[2].replace(",", "."));
  const number = match[1] === undefined ? figure : Number(match[1]) / figure;
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

/** `+0.3`, `0.0`, `−1.7`. @param {number} ev */
export function formatEv(ev) {
  const figure = Math.abs(ev).toFixed(1);
  return figure === "0.0" ? figure : `${ev < 0 ? "−" : "+"}${figure}`;
}

/** Distance from the lens: `0.35 m`, `1.50 m`, `12 m`; beyond 300 m nobody can tell it from infinity. @param {number} m */
export function formatDistance(m) {
  if (m >= 300) return "∞";
  return `${m < 10 ? m.toFixed(2) : m < 100 ? m.toFixed(1) : m.toFixed(0)} m`;
}

/** A plain number, also with decimal comma, sign, or unit after it. NaN when it is none. @param {string} text */
export function parseFigure(text) {
  const match = /^(?:f\/?\s*)?([+\-−]?\d*[.,]?\d+)\s*(?:m|mm|k|ev|ire|x)?$/i.exec(text.trim());
  return match ? Number(match[1].replace(",", ".").replace("−", "-")) : NaN;
}

/**
 * Which of exposure, gain and white balance the frame has not got yet. Sensors expose whole lines and gains come in
 * code steps, so 2 % (or 40 us, more than a line of any mode) and 3 % count as delivered; of white balance 2 %.
 * @param {Controls} asked
 * @param {FrameHeader["exposure"]} got
 */
export function pendingOf(asked, got) {
  const shutterSlack = Math.max(40, 0.02 * (asked.exposure_us ?? 0));
  return {
    shutter: got.known && asked.exposure_us !== null && Math.abs(asked.exposure_us - got.exposure_us) > shutterSlack,
    balance:
      (asked.awb === "kelvin" && asked.colour_temperature_k != null && apart(got.colour_temperature_k, asked.colour_temperature_k)) ||
      (asked.awb === "manual" && !!asked.colour_gains?.some((gain, i) => apart(got.colour_gains[i], gain))),
    gain: got.known && asked.gain !== null && Math.abs(got.analogue_gain / asked.gain - 1) > 0.03,
  };
}

/** @param {number} got @param {number} asked */
function apart(got, asked) {
  return Math.abs(got / asked - 1) > 0.02;
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
