/**
 * Gestures of fingers on the picture: two that go apart or together, and one that swipes up. What one finger moves otherwise
 * belongs to the focus area and to the loupe. Runs on the page; main.js makes it.
 */

const APART = 1.3; // times as far from each other as when both were down
const TOGETHER = 0.75;
const SWIPE_MS = 300;
const SWIPE_PX = 64;

/** @typedef {Pick<PointerEvent, "clientX"|"clientY"|"timeStamp"|"pointerType">} Finger Where a finger was, and when. */

/**
 * Whether this finger may still be swiping up: then it carries nothing along. Pure.
 * @param {Finger} from Where it went down.
 * @param {Finger} to Where it is.
 */
export function maySwipe(from, to) {
  const up = from.clientY - to.clientY;
  return to.pointerType === "touch" && to.timeStamp - from.timeStamp < SWIPE_MS && up > Math.abs(from.clientX - to.clientX);
}

/** Whether it has swiped up, when it leaves the screen. Pure. @param {Finger} from @param {Finger} to */
export function hasSwiped(from, to) {
  return maySwipe(from, to) && from.clientY - to.clientY >= SWIPE_PX;
}

/**
 * @typedef {object} GestureActions
 * @property {(middle: {clientX: number, clientY: number}) => void} apart Two went apart, from around this place.
 * @property {() => void} together
 * @property {() => void} swipeUp
 */

/** @typedef {{apartPx: number, clientX: number, clientY: number}} Pair */

export class PictureGestures {
  /** Those that are down, by pointer. @type {Map<number, PointerEvent>} */
  #fingers = new Map();
  /** Where the only finger went down. @type {PointerEvent|null} */
  #single = null;
  /** How far two were from each other when both were down, and what was between them; null when their gesture is over. @type {Pair|null} */
  #first = null;

  /**
   * @param {HTMLElement} picture
   * @param {GestureActions} actions
   */
  constructor(picture, actions) {
    this.picture = picture;
    this.actions = actions;
    picture.addEventListener("pointerdown", (event) => this.#press(event));
    picture.addEventListener("pointermove", (event) => this.#move(event));
    picture.addEventListener("pointerup", (event) => this.#lift(event));
    picture.addEventListener("pointercancel", (event) => this.#forget(event));
    visualViewport?.addEventListener("resize", () => this.#yieldToZoom());
  }

  /** On a page that is zoomed in, two fingers on the picture are the page's: the way back. */
  #yieldToZoom() {
    this.picture.style.touchAction = visualViewport && visualViewport.scale > 1.01 ? "pinch-zoom" : "";
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.pointerType !== "touch") return;
    if (event.isPrimary) this.#fingers.clear();
    this.#fingers.set(event.pointerId, event);
    this.#single = event.isPrimary ? event : null;
    this.#first = this.#fingers.size === 2 ? this.#pair : null;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (!this.#fingers.has(event.pointerId)) return;
    this.#fingers.set(event.pointerId, event);
    if (!this.#first) return;
    const first = this.#first;
    const ratio = this.#pair.apartPx / first.apartPx;
    if (ratio > TOGETHER && ratio < APART) return;
    this.#first = null; // one step each time
    if (ratio < 1) this.actions.together();
    else this.actions.apart(first);
  }

  /** @param {PointerEvent} event */
  #lift(event) {
    if (this.#single?.pointerId === event.pointerId && hasSwiped(this.#single, event)) this.actions.swipeUp();
    this.#forget(event);
  }

  /** @param {PointerEvent} event */
  #forget(event) {
    this.#fingers.delete(event.pointerId);
    this.#single = null;
    this.#first = null;
  }

  /** @returns {Pair} Of the two that are down. */
  get #pair() {
    const [a, b] = this.#fingers.values();
    const apartPx = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    return { apartPx, clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2 };
  }
}
