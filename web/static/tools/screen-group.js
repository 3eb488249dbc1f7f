/**
 * How this screen shows the page, in the sheet of settings: for which hand, and in red light at night. Runs on the page;
 * main.js makes it.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { make } from "../page/dom.js";
import { makeChoice } from "../page/widgets.js";

/** @param {SettingsStore} settings */
export function makeScreenGroup(settings) {
  const hand = makeChoice(
    "Hand at the shutter",
    [
      { value: "right", text: "Right" },
      { value: "left", text: "Left" },
    ],
    (value) => settings.set({ hand: /** @type {"left"|"right"} */ (value) }),
  );
  const light = makeChoice(
    "Light of the page",
    [
      { value: "all", text: "All colours" },
      { value: "red", text: "Red, for the night", title: "Eyes that are used to the dark stay so" },
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
  return make("fieldset", { class: "group", id: "screen" }, make("legend", {}, "This screen"), hand.element, light.element);
}
