/**
 * The server's sentences in the language of the page. The server speaks English; a catalogue has its sentences with {0}, {1} where
 * values stand, and a sentence that it does not have stays English. Runs on the page.
 */

import { fill, sentences, word } from "./words.js";

/** @typedef {{matches: RegExp, says: string}} Pattern */

/** A text of the catalogue for what matches its English. @param {string} english @param {string} says @returns {Pattern} */
function patternOf(english, says) {
  const parts = english.split(/\{\d\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return { matches: new RegExp(`^${parts.join("(.*?)")}$`, "s"), says };
}

/** The most of an English text that is fixed comes first: "{0} is lost" says more than "{0}: {1}". @param {string} english */
function fixed(english) {
  return english.replace(/\{\d\}/g, "").length;
}

const patterns = Object.entries(sentences)
  .sort(([one], [other]) => fixed(other) - fixed(one))
  .map(([english, says]) => patternOf(english, says));

/** The server puts sentences together with these. */
const JOINTS = [" · ", "; ", ": "];

/**
 * A sentence of the server. What it names may be a sentence, or a label of the page, in turn.
 * @param {string} text
 * @returns {string}
 */
export function tell(text) {
  for (const { matches, says } of patterns) {
    const found = matches.exec(text);
    if (found) return fill(says, found.slice(1).map(tell));
  }
  const joint = JOINTS.find((mark) => text.includes(mark));
  return joint ? text.split(joint).map(tell).join(joint) : word(text);
}
