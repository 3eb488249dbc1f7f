/**
 * P, S, A and M: which of shutter and ISO are set and which automatic. The aperture is turned by hand in all of them. Pure.
 *
 * @import { FrameHeader } from "../types/frame.js"
 * @import { Controls } from "../types/settings.js"
 */

import { nearestStep } from "./steps.js";
import { say } from "../words/words.js";

/** @typedef {"P"|"S"|"A"|"M"} ExposureMode */

export const EXPOSURE_MODES = /** @type {const} */ ([
  { value: "P", text: "P", title: say`Program: shutter and ISO automatic` },
  { value: "S", text: "S", title: say`Shutter set, ISO automatic` },
  { value: "A", text: "A", title: say`Aperture by the ring: ISO set, shutter automatic` },
  { value: "M", text: "M", title: say`Manual: shutter and ISO set` },
]);

/** @param {Pick<Controls, "exposure_us"|"gain">} asked @returns {ExposureMode} */
export function modeOf({ exposure_us, gain }) {
  if (exposure_us === null) return gain === null ? "P" : "A";
  return gain === null ? "S" : "M";
}

/**
 * What to ask for so that a mode begins where the picture stands.
 * @param {ExposureMode} mode
 * @param {Controls} asked
 * @param {FrameHeader["exposure"]|undefined} got
 * @param {{shutter: readonly number[], iso: readonly number[]}} steps
 * @returns {Partial<Controls>}
 */
export function changesTo(mode, asked, got, steps) {
  const at = (/** @type {readonly number[]} */ marks, /** @type {number} */ value) => marks[nearestStep(marks, value)] ?? value;
  const shutter = asked.exposure_us ?? at(steps.shutter, got?.exposure_us ?? 10_000);
  const gain = asked.gain ?? at(steps.iso, got?.analogue_gain ?? 1);
  return { exposure_us: mode === "S" || mode === "M" ? shutter : null, gain: mode === "A" || mode === "M" ? gain : null };
}

/** Why compensation does nothing now; empty where it does, or is not known. @param {Pick<Controls, "exposure_us"|"gain"|"ae_lock">|null} asked */
export function noCompensation(asked) {
  if (!asked) return "";
  const { exposure_us, gain, ae_lock } = asked;
  if (exposure_us !== null && gain !== null) return say`EV has no effect in M: shutter and ISO are set. Turn them, and watch the meter.`;
  return ae_lock ? say`EV has no effect while AE is locked: unlock it (AE-L).` : "";
}
