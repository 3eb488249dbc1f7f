/** Keys: calls the action of each, and lists them in the help dialog. Runs on the page. */

import { byId, make } from "./dom.js";

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys As in `KeyboardEvent.key`, lower case.
 * @property {string} [shown] How the help writes the keys; a shortcut without it is not listed.
 * @property {string} [does] What the help says of it.
 * @property {() => void} action
 * @property {boolean} [repeats] Whether it goes on while held.
 */

const TYPING = "input:not([type=range]):not([type=radio]), textarea, select, [contenteditable]";
// These elements use the key themselves when they have the focus.
/** @type {Record<string, string>} */
const USED_BY_ELEMENT = {
  " ": "button:not(#shutter), a, input",
  arrowleft: "input, [role=tab]",
  arrowright: "input, [role=tab]",
  arrowup: "input",
  arrowdown: "input",
};

/** @param {Shortcut[]} shortcuts */
export function listenToKeys(shortcuts) {
  const byKey = new Map(shortcuts.flatMap((shortcut) => shortcut.keys.map((key) => [key, shortcut])));
  if (byKey.size < shortcuts.flatMap((shortcut) => shortcut.keys).length) throw new Error("two shortcuts have one key");
  byId("help-keys").append(...shortcuts.flatMap(entry));
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    const shortcut = byKey.get(key);
    const target = event.target instanceof Element ? event.target : null;
    if (!shortcut || target?.matches(TYPING) || (key in USED_BY_ELEMENT && target?.matches(USED_BY_ELEMENT[key]))) return;
    event.preventDefault();
    if (!event.repeat || shortcut.repeats) shortcut.action();
  });
}

/** @param {Shortcut} shortcut */
function entry(shortcut) {
  if (!shortcut.shown || !shortcut.does) return [];
  const keys = shortcut.shown.split(" ").map((key) => make("kbd", {}, key));
  return [make("dt", {}, ...keys), make("dd", {}, shortcut.does)];
}
