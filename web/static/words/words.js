/**
 * The words of the page in the language that is chosen. Code says everything in English; that text is the key of the catalogues
 * (de.json, zh.json), and what a catalogue lacks stays English. Runs on the page; every module that shows text imports it.
 *
 * @typedef {Record<string, string>} Catalogue English to translated.
 */

import { language } from "./language.js";

const TIMEOUT_MS = 5000; // a page in English is better than none

/** @type {{words: Catalogue, sentences: Catalogue}} */
const catalogue = language === "en" ? { words: {}, sentences: {} } : await load();

/** Patterns of the server's sentences and their translations: see sentences.js. */
export const { sentences } = catalogue;

async function load() {
  try {
    const response = await fetch(`${new URL("./", import.meta.url)}${language}.json`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return await response.json();
  } catch {
    // No catalogue: the page speaks English.
  }
  return { words: {}, sentences: {} };
}

/**
 * A text with values, said in the language of the page: say`Shots left: ${n}` has the key "Shots left: {0}".
 * @param {TemplateStringsArray} parts
 * @param {...(string|number)} values Not translated.
 */
export function say(parts, ...values) {
  return fill(word(parts.reduce((key, part, i) => `${key}{${i - 1}}${part}`)), values);
}

/** A text that is one of several, such as the label of a setting. @param {string} text Its English. */
export function word(text) {
  return catalogue.words[text] ?? text;
}

/** A label within a sentence: English writes it small there, other languages as it is. @param {string} label Said already. */
export function midSentence(label) {
  return language === "en" ? label.toLowerCase() : label;
}

/** @param {string} text With {0}, {1} in any order. @param {readonly (string|number)[]} values */
export function fill(text, values) {
  return text.replace(/\{(\d)\}/g, (_, i) => String(values[i]));
}
