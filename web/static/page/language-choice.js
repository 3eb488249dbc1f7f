/** The choice of the page's language, in the sheet of settings. Kept in this browser. Runs on the page; the group of the screen has it. */

import { chooseLanguage, chosenLanguage, LANGUAGES } from "../words/language.js";
import { say } from "../words/words.js";
import { makeChoice } from "./widgets.js";

/** @typedef {keyof typeof LANGUAGES} Language */

/** @returns {HTMLElement} */
export function makeLanguageChoice() {
  const names = /** @type {[Language, string][]} */ (Object.entries(LANGUAGES)).map(([value, text]) => ({ value, text }));
  const options = [{ value: /** @type {Language|"auto"} */ ("auto"), text: say`Automatic` }, ...names];
  const choice = makeChoice(say`Language`, options, chooseLanguage);
  choice.element.classList.add("choice-languages");
  choice.set(chosenLanguage());
  return choice.element;
}
