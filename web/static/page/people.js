/**
 * Says in a word who else watches and what they changed: settings, loupe and focus area then do not jump without a reason.
 * Runs on the page; main.js calls it for each state of the camera.
 *
 * @import { Change, Seen } from "../types/camera.js"
 */

import { CONTROLS } from "../declared/settings.js";
import { say, word } from "../words/words.js";
import { byId, setText } from "./dom.js";

const SAID_MS = 6000;

/** What settings are called away from their sheets, by the beginning of their names. */
const SETTINGS = [
  ["exposure_us", say`shutter`],
  ["gain", say`ISO`],
  ["awb", say`white balance`],
  ["colour_", say`white balance`],
  ["focus_m", say`focus distance`],
  ["focus_", say`focus area`],
  ["peaking", say`peaking`],
  ["zebra", say`zebra`],
  ["clipping", say`raw clip`],
  ["raw_shadow", say`raw shadows`],
  ["raw_histogram", say`raw histogram`],
  ["ettr", say`raw clip`],
  ["histogram", say`histogram`],
  ["waveform", say`waveform`],
  ["vectorscope", say`vectorscope`],
  ["spot", say`spot`],
];

/** @type {Record<string, string>} */
const SUBJECTS = {
  loupe: say`loupe`,
  orientation: say`orientation`,
  lens: say`lens`,
  presets: say`preset`,
  drive: say`drive mode`,
  storage: say`place of the captures`,
  position: say`position`,
  clock: say`clock`,
  meter: say`light meter`,
  calibration: say`calibration of the camera`,
  backfocus: say`back focus`,
  tokens: say`access of programs`,
  uploads: say`sending to other places`,
};

/** @type {Set<number>|null} The changes of the last answer; null before the first, which tells of what was before. */
let known = null;
let saidTimer = 0;

/** @param {Seen} seen */
export function showPeople({ watching, changes }) {
  byId("people-count").hidden = watching.length === 0;
  setText(byId("people-number"), String(watching.length));
  byId("people-count").title = say`Also watching: ${watching.map(called).join(", ")}`;
  setText(byId("people-names"), watching.length === 0 ? "" : byId("people-count").title);
  const fresh = known === null ? [] : changes.filter((change) => !known?.has(change.number));
  known = new Set(changes.map((change) => change.number));
  if (fresh.length > 0) tell(fresh);
}

/** @param {Change[]} changes */
function tell(changes) {
  const { who } = /** @type {Change} */ (changes.at(-1));
  const words = new Set(changes.filter((change) => change.who === who).flatMap(wordsOf));
  setText(byId("people-change"), say`${called(who)} changed: ${[...words].join(", ")}`);
  clearTimeout(saidTimer);
  saidTimer = setTimeout(() => setText(byId("people-change"), ""), SAID_MS);
}

/** @param {Change} change */
function wordsOf({ subject, names }) {
  return names.length > 0 ? names.map(settingWord) : [SUBJECTS[subject] ?? subject];
}

/** @param {string} name Of a control, or of a setting of an assist. */
export function settingWord(name) {
  const found = SETTINGS.find(([beginning]) => name.startsWith(beginning ?? name));
  const label = /** @type {Record<string, {label: string}>} */ (CONTROLS)[name]?.label;
  return found?.[1] ?? (label ? word(label) : name);
}

/** @param {string} device */
function called(device) {
  return device || say`another program`;
}
