/**
 * How this screen shows the page, in the sheet of settings: for which hand, in red light at night, and in which language. Runs on the page;
 * main.js makes it.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { make } from "../page/dom.js";
import { makeLanguageChoice } from "../page/language-choice.js";
import { makeChoice, withLabel } from "../page/widgets.js";
import { say } from "../words/words.js";

/** @param {SettingsStore} settings */
export function makeScreenGroup(settings) {
  const hand = makeChoice(
    say`Hand at the shutter`,
    [
      { value: "right", text: say`Right` },
      { value: "left", text: say`Left` },
    ],
    (value) => settings.set({ hand: /** @type {"left"|"right"} */ (value) }),
  );
  const light = makeChoice(
    say`Light of the page`,
    [
      { value: "all", text: say`All colours` },
      { value: "red", text: say`Red, for the night`, title: say`Eyes that are used to the dark stay so` },
    ],
    (value) => settings.set({ light: /** @type {"all"|"red"} */ (value) }),
  );
  hand.element.dataset.screen = "hand";
  light.element.dataset.screen = "light";
  settings.follow(() => {
    const values = settings.values;
    hand.set(values.hand);
    light.set(values.light);
    Object.assign(document.documentElement.dataset, { hand: values.hand, light: values.light });
  });
  const rows = [hand.element, light.element, makeLanguageChoice()].map(withLabel);
  return make("fieldset", { class: "group", id: "screen" }, make("legend", {}, say`This screen`), ...rows);
}
