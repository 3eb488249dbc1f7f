/** A finger that stays: what else a button has. A right button and a menu key ask for the same. Runs on the page. */

const HOLD_MS = 500;
const SLOP_PX = 10;

/**
 * Call `action` when the element is held; the click that may follow is not its click.
 * @param {HTMLElement} element
 * @param {() => void} action
 */
export function onLongPress(element, action) {
  /** @type {PointerEvent|null} The pointer that is down. */
  let down = null;
  let held = false;
  let timer = 0;
  const act = () => {
    clearTimeout(timer);
    if (down && held) return; // the browser's own long press comes beside the timer
    held = down !== null;
    if (held) quietUntilNextPress();
    action();
  };
  const end = () => {
    clearTimeout(timer);
    down = null;
  };
  element.addEventListener("pointerdown", (event) => {
    end();
    down = event;
    held = false;
    if (event.pointerType !== "mouse") timer = setTimeout(act, HOLD_MS);
  });
  element.addEventListener("pointermove", (event) => {
    if (down && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > SLOP_PX) clearTimeout(timer);
  });
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    act();
  });
  element.addEventListener("touchend", (event) => {
    if (held) event.preventDefault(); // or a tap follows, and takes the focus from what was opened
  });
  element.addEventListener(
    "click",
    (event) => {
      if (!held || event.detail === 0) return; // a key's click has no count
      held = false;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
}

/** The browser's own long press may come later, on what was opened: it takes no focus and opens no menu. */
function quietUntilNextPress() {
  const quiet = (/** @type {Event} */ event) => event.preventDefault();
  const kinds = ["mousedown", "contextmenu"];
  for (const kind of kinds) addEventListener(kind, quiet, { capture: true });
  const end = () => {
    for (const kind of kinds) removeEventListener(kind, quiet, { capture: true });
  };
  addEventListener("pointerdown", end, { capture: true, once: true });
}
