/**
 * The read-out: what the frame on the screen was exposed with in large, what is asked for below it. Runs on the page; main.js
 * calls it for each painted frame.
 *
 * @import { FrameHeader } from "../types/frame.js"
 * @import { Controls } from "../types/settings.js"
 */

import { byId, make, setAttribute, setText } from "../page/dom.js";
import { hideMeter, showMeter } from "./exposure-meter.js";
import { modeOf, noCompensation } from "./exposure-modes.js";
import { formatDistance, formatEv, formatIso, formatShutter } from "./notation.js";
import { pendingOf } from "./pending.js";
import { formatPlain } from "../words/figures.js";
import { say } from "../words/words.js";

const UNKNOWN = "—";
const AS_TAKEN = say`as taken`;
/** @type {Record<Controls["awb"], string>} */
const AWB_NAMES = {
  auto: say`auto`,
  daylight: say`daylight`,
  cloudy: say`cloudy`,
  indoor: say`indoor`,
  fluorescent: say`fluorescent`,
  tungsten: say`tungsten`,
  incandescent: say`incandesc.`,
  kelvin: say`kelvin`,
  manual: say`manual`,
};

/**
 * @param {FrameHeader} frame
 * @param {Controls|null} asked null while not known, and where nothing can be asked (replay).
 * @param {{focal: string, stop: string}|null} [fitted] The lens that the user named.
 */
export function showReadout(frame, asked, fitted = null) {
  const { exposure, lens, mode } = frame;
  const replayed = frame.source === "replay";
  const pending = asked ? pendingOf(asked, exposure) : { shutter: false, gain: false, balance: false };
  setText(byId("mode-letter"), asked ? modeOf(asked) : "");
  cell("shutter", exposure.known ? formatShutter(exposure.exposure_us) : UNKNOWN, shutterNote(frame, asked), pending.shutter);
  cell("iso", exposure.known ? String(exposure.iso) : UNKNOWN, gainNote(frame, asked), pending.gain);
  const kelvin = exposure.colour_temperature_k;
  cell("wb", kelvin > 0 ? `${Math.round(kelvin / 10) * 10} K` : UNKNOWN, balanceNote(frame, asked, pending.balance), pending.balance);
  const noLens = replayed ? [UNKNOWN, AS_TAKEN] : fitted ? [fitted.focal, fitted.stop] : [say`by hand`, say`turn the ring`];
  cell("focus", lens ? formatDistance(lens.focus_m) : noLens[0], lens ? lensNote(lens) : noLens[1], false);
  evCell(frame, asked);
  setText(byId("mode-size"), `${mode.width}×${mode.height}`);
  setText(byId("mode-bits"), ` ${mode.bit_depth} bit`);
  const badge = byId("source");
  badge.hidden = !frame.simulated;
  if (frame.simulated && badge.childElementCount === 0) {
    const [short, rest] = frame.source === "replay" ? [say`REPLAY`, ""] : [say`SIM`, say`ULATED`];
    badge.append(make("span", {}, short), make("span", { class: "badge-rest" }, rest)); // little room shows the short
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} note
 * @param {boolean} pending
 */
function cell(name, value, note, pending) {
  const [, figure, small] = byId(`cell-${name}`).children;
  setText(figure, value);
  setText(small, note);
  setAttribute(byId(`cell-${name}`), "data-pending", pending);
}

/**
 * Compensation, or the meter where that has no effect.
 * @param {FrameHeader} frame
 * @param {Controls|null} asked
 */
function evCell(frame, asked) {
  const metered = noCompensation(asked) !== "";
  setText(byId("cell-ev").children[0], metered ? say`Meter` : "EV");
  if (metered) return cell("ev", showMeter(frame), "", false);
  hideMeter();
  cell("ev", asked ? formatEv(asked.ev) : UNKNOWN, asked ? say`auto exp.` : notAsked(frame), false);
}

/**
 * @param {FrameHeader} frame
 * @param {Controls|null} asked
 */
function shutterNote(frame, asked) {
  if (!frame.exposure.known) return say`not known`;
  if (!asked) return notAsked(frame);
  if (asked.exposure_us === null) return automaticNote(frame);
  return pendingOf(asked, frame.exposure).shutter ? `→ ${formatShutter(asked.exposure_us)}` : say`manual`;
}

/**
 * @param {FrameHeader} frame
 * @param {Controls|null} asked
 */
function gainNote(frame, asked) {
  if (!frame.exposure.known) return say`not known`;
  if (!asked) return notAsked(frame);
  if (asked.gain === null) return automaticNote(frame);
  return pendingOf(asked, frame.exposure).gain ? `→ ${formatIso(asked.gain)}` : say`manual`;
}

/**
 * @param {FrameHeader} frame
 * @param {Controls|null} asked
 * @param {boolean} pending
 */
function balanceNote(frame, asked, pending) {
  if (!asked) return notAsked(frame);
  return pending && asked.awb === "kelvin" ? `→ ${asked.colour_temperature_k} K` : AWB_NAMES[asked.awb];
}

/** @param {FrameHeader} frame */
function automaticNote(frame) {
  if (frame.exposure.ae_state === "searching") return say`auto …`;
  return frame.exposure.ae_state === "locked" ? say`locked` : say`auto`;
}

/** @param {NonNullable<FrameHeader["lens"]>} lens */
function lensNote(lens) {
  return `f/${formatPlain(lens.f_number, 1)} ${formatPlain(lens.focal_mm, 1)}mm`;
}

/** @param {FrameHeader} frame */
function notAsked(frame) {
  return frame.source === "replay" ? AS_TAKEN : "";
}
