/**
 * Frame lines: what other lenses would hold, drawn over the picture as bright lines are in a rangefinder; for this sensor, or for
 * film formats. Guides draws them; here is where they lie, and how they are chosen. Runs on the page.
 *
 * @import { FrameFormat } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { make, setText } from "../page/dom.js";
import { makeChoice, makeField, withLabel } from "../page/widgets.js";
import { formatPlain } from "../words/figures.js";
import { say } from "../words/words.js";

/**
 * Width and height in millimetres, nominal: full frame 36 x 24; camera apertures of Super 35 and Super 16 (SMPTE ST 59, ST 201);
 * 56 mm square on 120 film.
 * @type {Record<Exclude<FrameFormat, "own">, readonly [number, number]>}
 */
const FORMATS = { "full": [36, 24], "super35": [24.89, 18.66], "super16": [12.52, 7.41], "6x6": [56, 56] };
const MOST = 5; // more hide the picture
const [SHORTEST_MM, LONGEST_MM] = [0.5, 2000]; // as of lenses

/** @typedef {{focalMm: number, fieldMm: readonly [number, number]}} Field The lens, and what of the sensor the picture is. */

/**
 * Read focal lengths from what was typed: `25 35 50`, also with commas between. Null: something in it is none.
 * @param {string} text
 * @returns {number[]|null} In order, each once.
 */
export function readFocals(text) {
  const parts = text.split(/[\s;+]+|,\s+|mm/).filter(Boolean).map((part) => Number(part.replace(",", ".")));
  if (parts.length > MOST || !parts.every((mm) => mm >= SHORTEST_MM && mm <= LONGEST_MM)) return null;
  return [...new Set(parts)].sort((a, b) => a - b);
}

/**
 * Where the fields of other lenses lie in the picture, each about its middle: [left, top, width, height] as shares of its sides.
 * Both lenses at infinity and without distortion. Those that see more than the picture has are left out.
 * @param {Field} field Of a picture that lies.
 * @param {number[]} focalsMm
 * @param {FrameFormat} format
 * @param {boolean} upright The picture is, and the frames with it.
 */
export function frameLinesOf({ focalMm, fieldMm }, focalsMm, format, upright) {
  const sizeMm = format === "own" ? fieldMm : FORMATS[format];
  return focalsMm.flatMap((mm) => {
    const shares = [0, 1].map((side) => (sizeMm[side] / mm) / (fieldMm[side] / focalMm));
    const [wide, high] = upright ? shares.reverse() : shares;
    return Math.max(wide, high) < 1 ? [{ mm, rectangle: [(1 - wide) / 2, (1 - high) / 2, wide, high] }] : [];
  });
}

/**
 * Why some of the frames that are wanted are not drawn; "" where all are.
 * @param {Field|null} field
 * @param {number[]} wantedMm
 * @param {number[]} drawnMm
 */
export function whyNotDrawn(field, wantedMm, drawnMm) {
  const missing = wantedMm.filter((mm) => !drawnMm.includes(mm));
  if (missing.length === 0) return "";
  if (!field) return say`Not drawn: the lens's focal length is not known, or the loupe shows a part.`;
  return say`See more than the picture has: ${missing.map((mm) => formatPlain(mm)).join(", ")}`;
}

/**
 * The rows of the settings; `tell` says below them why something is not drawn.
 * @param {SettingsStore} settings
 */
export function makeFrameLineRows(settings) {
  /** @type {{value: FrameFormat, text: string}[]} */
  const formats = [
    { value: "own", text: say`This sensor` },
    { value: "full", text: say`Full frame` },
    { value: "super35", text: "Super 35" },
    { value: "super16", text: "Super 16" },
    { value: "6x6", text: "6 × 6" },
  ];
  const field = makeField(say`Frame lines of lenses, mm`, "25 35 50", { inputmode: "text", enterkeyhint: "done" });
  const format = makeChoice(say`Frame lines for`, formats, (frameFormat) => settings.set({ frameFormat }));
  const note = make("p", { class: "sheet-note", role: "status" });
  field.element.dataset.guide = "frames";
  format.element.dataset.guide = "format";
  field.input.addEventListener("change", () => {
    const focals = readFocals(field.input.value);
    setText(note, focals ? "" : say`Up to ${MOST} focal lengths from ${formatPlain(SHORTEST_MM)} to ${LONGEST_MM} mm, for instance 25 35 50`);
    if (focals) settings.set({ frameLines: focals.join(" ") });
  });
  settings.follow(() => {
    const { frameLines, frameFormat } = settings.values;
    if (document.activeElement !== field.input) field.input.value = readFocals(frameLines)?.map((mm) => formatPlain(mm)).join(" ") ?? "";
    format.set(frameFormat);
  });
  return { rows: [field.element, note, withLabel(format.element)], tell: (/** @type {string} */ text) => setText(note, text) };
}
