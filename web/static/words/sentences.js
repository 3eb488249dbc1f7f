/**
 * The server's sentences in the language of the page. The server speaks English; a catalogue has its sentences with {0}, {1} where
 * values stand, and a sentence that it does not have stays English. Runs on the page.
 */

import { ASSISTS, CONTROLS, ORIENTATION, POSITION } from "../declared/settings.js";
import { formatNumber } from "./figures.js";
import { fill, say, sentences, word } from "./words.js";

/** @typedef {{matches: RegExp, says: string}} Pattern */

/** The server puts sentences together with these. A value that holds one is rather a sentence more. */
const JOINTS = [" · ", "; ", ", ", ": "];
const VALUE = "((?:(?! · |; |, ).)*?)";
/** A measured value, such as "0.5 s" or "-1.33 EV"; no name, path or version has this form. */
const QUANTITY = /^([-+±<>≥≈]*)(\d+\.(\d+))( ?[a-zµ%°]{1,3})?$/i;

/** The server names a setting as its API does. @type {Record<string, {label: string}>} */
const SETTINGS = { ...ASSISTS, ...CONTROLS, ...ORIENTATION, ...POSITION };

/** A text of the catalogue for what matches its English. @param {string} english @param {string} says @returns {Pattern} */
function patternOf(english, says) {
  const parts = english.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return { matches: new RegExp(`^${parts.join(VALUE)}$`, "s"), says };
}

/** The most of an English text that is fixed comes first: "{0} is lost" says more than "{0}: {1}". @param {string} english */
function fixed(english) {
  return english.replace(/\{\d\}/g, "").length;
}

const patterns = Object.entries(sentences)
  .sort(([one], [other]) => fixed(other) - fixed(one))
  .map(([english, says]) => patternOf(english, says));

/**
 * A sentence of the server. What it names may be a sentence, or a label of the page, in turn.
 * @param {string} text
 * @returns {string}
 */
export function tell(text) {
  const [, choices] = /^one of (.+)$/s.exec(text) ?? [];
  if (choices) return say`one of ${choices.split(", ").map(tell).join(", ")}`;
  const told = tellWhole(text);
  if (told !== null) return told;
  const joint = JOINTS.find((mark) => text.includes(mark));
  if (!joint) return quantity(text) ?? word(SETTINGS[text]?.label || text);
  const [first, ...others] = text.split(joint);
  return [tell(first), ...others.map((other) => tellWhole(joint + other) ?? joint + tell(other))].join("");
}

/** With the decimal mark of the reader; null for any other text. @param {string} text */
function quantity(text) {
  const [, sign, figure, decimals, unit = ""] = QUANTITY.exec(text) ?? [];
  return figure ? sign + formatNumber(Number(figure), decimals.length) + unit : null;
}

/** null where the catalogue has no such sentence. @param {string} text */
function tellWhole(text) {
  for (const { matches, says } of patterns) {
    const found = matches.exec(text);
    if (found) return fill(says, found.slice(1).map(tell));
  }
  return null;
}

/** What the checks of an audit are called. @type {Record<string, string>} */
const CHECKS = {
  clock: say`clock`,
  exposure: say`exposure`,
  levels: say`levels`,
  power: say`power`,
  size: say`size`,
  structure: say`structure`,
  time: say`time`,
  tones: say`tones`,
};

/** What an audit found: the file and the check, then the finding. @param {string} text Such as "DNG time: 3 s later than planned". */
export function tellFinding(text) {
  const [, file, check, finding] = /^(\w+) (\w+): (.*)$/s.exec(text) ?? [];
  return file ? `${file} ${CHECKS[check] ?? check}: ${tell(finding)}` : tell(text);
}
