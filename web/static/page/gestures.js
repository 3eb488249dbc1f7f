/**
 * What fingers can do here: shown once in each browser whose pointer is a finger, and listed in the help. Over the tools, so that
 * one can try it on the picture, and never over the shutter. Runs on the page; main.js calls it once.
 */

import { noteClosed, noteOpened } from "./back.js";
import { keep, kept } from "./browser-storage.js";
import { byId, make } from "./dom.js";
import { say } from "../words/words.js";

const KEY = "hqcam.gestures.1";
const GESTURES = [
  [say`Tap`, say`Focus area or spot there`],
  [say`Drag`, say`Moves it, and the loupe`],
  [say`Double tap`, say`Loupe there, and back`],
  [say`Fingers apart`, say`Loupe there, then 2:1`],
  [say`Fingers together`, say`The whole picture`],
  [say`Swipe up`, say`The last shot`],
  [say`Hold a switch`, say`Its settings`],
  [say`Back`, say`Closes what is open`],
];

export function listGestures() {
  for (const id of ["help-gestures", "gestures-list"]) {
    byId(id).append(...GESTURES.flatMap(([shown, does]) => [make("dt", {}, shown), make("dd", {}, does)]));
  }
}

/** Until it is closed once. */
export function showGesturesOnce() {
  if (!matchMedia("(pointer: coarse)").matches || kept(KEY) !== null) return;
  const layer = byId("gestures");
  const focused = /** @type {HTMLElement} */ (document.activeElement === document.body ? byId("stage") : document.activeElement);
  const hide = () => {
    if (layer.hidden) return;
    const hadFocus = layer.contains(document.activeElement);
    layer.hidden = true;
    keep(KEY, "seen");
    document.removeEventListener("click", yieldToSheets);
    if (hadFocus) focused.focus({ preventScroll: true });
  };
  const close = () => {
    hide();
    noteClosed();
  };
  /** A sheet that was opened has its place, and its Back. @param {MouseEvent} event */
  const yieldToSheets = ({ target }) => {
    if (target instanceof Element && target.closest("[aria-controls$=-sheet]")) hide();
  };
  for (const id of ["gestures-close", "gestures-done"]) byId(id).addEventListener("click", close);
  layer.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  document.addEventListener("click", yieldToSheets);
  layer.hidden = false;
  noteOpened(hide);
  byId("gestures-done").focus({ preventScroll: true });
}
