/**
 * Which controls were asked for and have not reached the picture yet. Pure.
 *
 * @import { FrameHeader } from "../types/frame.js"
 * @import { Controls } from "../types/settings.js"
 */

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
