/**
 * Back (Android's button or gesture, the browser's arrow) closes what lies open over the viewfinder, and does not leave it: what
 * is open has an entry in the history. Runs on the page.
 */

/** @type {(() => void)|null} What Back does now. */
let onBack = null;
let entered = history.state?.opened > 0; // a page that was loaded again keeps its entry
let leaving = false;
let opened = 0;

function enter() {
  history.pushState({ opened: (opened += 1) }, "");
  entered = true;
}

/** Something was opened, or took the place of what was; Back calls `close`. @param {() => void} close */
export function noteOpened(close) {
  onBack = close;
  if (!leaving && !entered) enter();
}

/** It was closed otherwise than by Back: its entry goes. */
export function noteClosed() {
  onBack = null;
  if (!entered || leaving) return;
  leaving = true;
  history.back();
}

addEventListener("popstate", () => {
  const close = onBack;
  entered = false;
  if (leaving) {
    leaving = false;
    if (close) enter(); // something else was opened before the browser had gone back
    return;
  }
  onBack = null;
  close?.();
});
