/**
 * The meter in the cell of EV, where compensation has no effect: how far the frame's exposure is from what the metering asks
 * for, on a scale of -3 to +3 EV. Runs on the page; the read-out calls it.
 *
 * @import { FrameHeader } from "../types/frame.js"
 */

import { byId, setAttribute } from "../page/dom.js";
import { formatEv } from "./notation.js";

const RANGE_EV = 3;

/** The cell tells compensation again. */
export function hideMeter() {
  byId("ev-scale").hidden = true;
}

/** @param {FrameHeader} frame @returns {string} The figure; a dash where nothing can be told. */
export function showMeter(frame) {
  const deviation = frame.readings.deviation;
  const scale = byId("ev-scale");
  scale.hidden = false;
  setAttribute(scale, "data-mark", deviation ? markOf(deviation) : "dark");
  if (!deviation) return "—";
  const ev = Math.max(-RANGE_EV, Math.min(RANGE_EV, deviation.ev));
  scale.style.setProperty("--at", `${((50 * (ev + RANGE_EV)) / RANGE_EV).toFixed(1)}%`);
  return (deviation.at_least ? "≥ " : "") + formatEv(deviation.ev);
}

/** A needle only where it points at what was measured. @param {NonNullable<FrameHeader["readings"]["deviation"]>} deviation */
function markOf({ ev, at_least }) {
  if (ev < -RANGE_EV) return "below";
  return ev > RANGE_EV || at_least ? "above" : "needle";
}
