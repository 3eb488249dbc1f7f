/**
 * What the page says of a capture: how it was taken, what the audit found, its files. Runs on the page; the list of captures and
 * the viewer call it.
 *
 * @import { Capture } from "../types/shoot.js"
 * @import { Wanted } from "./sent-url.js"
 */

import { formatShutter } from "../exposure/notation.js";
import { make } from "../page/dom.js";
import { formatNumber, formatTime } from "../words/figures.js";
import { tellFinding } from "../words/sentences.js";
import { say } from "../words/words.js";
import { sentName, sentUrl } from "./sent-url.js";

/** @type {Record<string, string>} */
const MODES = {
  timer: say`Self-timer`,
  bracket: say`Bracket`,
  interval: say`Interval`,
  bulb: say`Bulb`,
  burst: say`Burst`,
  precapture: say`Pre-capture`,
};

/** @type {Record<import("../types/shoot.js").FileKind, string>} */
const KINDS = { dng: "DNG", jpeg: "JPEG", developed_jpeg: say`Developed JPEG`, developed_tiff: say`Developed TIFF` };

/** @param {Capture} capture */
export function verdictOf(capture) {
  if (capture.audit === null) return [];
  const { verdict, findings } = capture.audit;
  const label = { ok: say`✓ read back and sound`, warning: say`! not quite as asked`, fault: say`✗ not sound` }[verdict];
  const line = make("p", { class: "gallery-audit", "data-verdict": verdict }, label);
  return [line, ...findings.map((finding) => make("p", { class: "gallery-finding" }, tellFinding(finding)))];
}

/** @param {Capture["files"][number]} file @param {Wanted} wanted How a JPEG is wanted. */
export function downloadLink(file, wanted) {
  const url = sentUrl(file, wanted);
  const copied = file.kind === "jpeg" && wanted.sendSize !== "original";
  const size = make("span", { class: "gallery-size" }, copied ? say`${wanted.sendSize} px` : formatBytes(file.bytes));
  const attributes = { class: "download", href: `${url}${url.includes("?") ? "&" : "?"}download=1`, download: sentName(file, wanted) };
  return make("a", attributes, KINDS[file.kind], " ", size);
}

/** What a series is, and of how many: "Bracket, 3 shots". @param {NonNullable<Capture["series"]>} series */
export function nameOfSeries({ mode, captures }) {
  return say`${MODES[mode] ?? mode}, ${captures} shots`;
}

/** @param {Capture} capture */
export function factsOf(capture) {
  const facts = [];
  if (capture.taken_at) facts.push(formatTime(capture.taken_at));
  if (capture.exposure_us) facts.push(formatShutter(capture.exposure_us));
  if (capture.iso) facts.push(`ISO ${capture.iso}`);
  if (capture.lens) facts.push(capture.lens);
  if (capture.simulated) facts.push(say`simulated`);
  return facts.join(" · ");
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (bytes >= 1e9) return `${formatNumber(bytes / 1e9, 1)} GB`;
  return bytes >= 1e6 ? `${formatNumber(bytes / 1e6, 1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
