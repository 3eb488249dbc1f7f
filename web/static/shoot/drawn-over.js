/**
 * Captures that a finger or the mouse is drawn over: all between where it began and where it is. A finger begins by staying on one
 * until it is selected, or goes across while captures are selected; up and down it scrolls. Runs on the page; the selection makes it.
 */

const HOLD_MS = 450;
const MOVE_PX = 10;
const EDGE_PX = 56; // from here on the list scrolls
const SCROLL_PX = 10; // a frame

/**
 * @typedef {object} DrawnActions
 * @property {() => boolean} isOn Whether captures are being selected.
 * @property {() => void} begin Select from now on.
 * @property {(ids: string[]) => void} over It is over these, from where it began.
 */

export class DrawnOver {
  /** Where it went down, and on which capture. @type {{x: number, y: number, id: string, pointer: number}|null} */
  #down = null;
  #drawing = false;
  /** Whether it has drawn since it went down: the click that follows is none. */
  #drawn = false;
  #timer = 0;
  /** Where it is. */
  #at = { x: 0, y: 0 };

  /** @param {HTMLElement} list @param {DrawnActions} actions */
  constructor(list, actions) {
    this.list = list;
    this.actions = actions;
    list.addEventListener("pointerdown", (event) => this.#press(event));
    list.addEventListener("pointermove", (event) => this.#move(event));
    for (const kind of /** @type {const} */ (["pointerup", "pointercancel"])) list.addEventListener(kind, () => this.#end());
    list.addEventListener("contextmenu", (event) => {
      if (this.#drawing) event.preventDefault();
    });
    list.addEventListener("dragstart", (event) => event.preventDefault()); // the browser's own drag of a picture
    // While it is drawn the finger does not scroll; only this can keep a browser from it once it is down.
    list.addEventListener("touchmove", (event) => this.#drawing && event.cancelable && event.preventDefault(), { passive: false });
    list.addEventListener("click", (event) => this.#swallow(event), true);
  }

  /** The click that ends a drawing is none. @param {MouseEvent} event */
  #swallow(event) {
    if (!this.#drawn || event.detail === 0) return;
    this.#drawn = false;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {PointerEvent} event */
  #press(event) {
    this.#end();
    this.#drawn = false;
    const id = idAt(event.target);
    if (!event.isPrimary || event.button !== 0 || !id) return;
    this.#down = { x: event.clientX, y: event.clientY, id, pointer: event.pointerId };
    this.#at = { x: event.clientX, y: event.clientY };
    if (event.pointerType !== "mouse" && !this.actions.isOn()) this.#timer = setTimeout(() => this.#begin(), HOLD_MS);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.#down || event.pointerId !== this.#down.pointer) return;
    this.#at = { x: event.clientX, y: event.clientY };
    const [across, along] = [Math.abs(event.clientX - this.#down.x), Math.abs(event.clientY - this.#down.y)];
    if (!this.#drawing) {
      if (Math.max(across, along) < MOVE_PX) return;
      clearTimeout(this.#timer);
      const draws = this.actions.isOn() && (event.pointerType === "mouse" || across > along);
      if (!draws) return void (this.#down = null);
      this.#begin();
    }
    this.#show();
  }

  #begin() {
    if (!this.#down) return;
    if (!this.actions.isOn()) this.actions.begin();
    this.#drawing = this.#drawn = true;
    this.list.setPointerCapture(this.#down.pointer);
    this.#show();
    this.#scroll();
  }

  #show() {
    if (!this.#down) return;
    const { id: from, x, y } = this.#down;
    const still = Math.hypot(this.#at.x - x, this.#at.y - y) < MOVE_PX; // what it was put on, where the list has moved below it
    const to = still ? from : idAt(document.elementFromPoint(this.#at.x, this.#at.y));
    if (!to) return;
    const ids = [...this.list.querySelectorAll("[data-capture]")].map((item) => /** @type {HTMLElement} */ (item).dataset.capture ?? "");
    const [first, last] = [ids.indexOf(from), ids.indexOf(to)].sort((a, b) => a - b);
    if (first >= 0) this.actions.over(ids.slice(first, last + 1));
  }

  /** At the upper and lower edge the list goes on. */
  #scroll() {
    if (!this.#drawing) return;
    const scroller = getComputedStyle(this.list).overflowY === "visible" ? this.list.parentElement : this.list;
    const { top, bottom } = (scroller ?? this.list).getBoundingClientRect();
    const still = !this.#down || Math.abs(this.#at.y - this.#down.y) < MOVE_PX;
    const by = still ? 0 : this.#at.y < top + EDGE_PX ? -SCROLL_PX : this.#at.y > bottom - EDGE_PX ? SCROLL_PX : 0;
    if (by !== 0) {
      scroller?.scrollBy(0, by);
      this.#show();
    }
    requestAnimationFrame(() => this.#scroll());
  }

  #end() {
    clearTimeout(this.#timer);
    this.#down = null;
    this.#drawing = false;
  }
}

/** @param {EventTarget|null} target */
function idAt(target) {
  return target instanceof Element ? /** @type {HTMLElement|null} */ (target.closest("[data-capture]"))?.dataset.capture : undefined;
}
