/**
 * A still picture that fingers, mouse and keys make larger and move. Runs on the page; the viewer makes it.
 *
 * At scale 1 the whole picture is shown. The largest scale shows a pixel of the picture as four of the screen.
 */

const MOVE_PX = 8; // a finger that moved less has tapped
const SWIPE_PX = 48;
const TAPS_APART_MS = 300;
const KEY_STEP = 1.5;
const ENLARGED = 1.01;

/**
 * @typedef {object} ZoomActions
 * @property {(step: -1|1) => void} onSwipe To the picture before, or after.
 * @property {() => void} onEnlarge The picture is shown larger than its place: all of its pixels may be wanted.
 * @property {() => void} onTouch Anything was done with it.
 */

/** @typedef {{x: number, y: number}} Point CSS pixels from the middle of the place. */

export class PictureZoom {
  #scale = 1;
  /** Of the picture's middle. @type {Point} */
  #at = { x: 0, y: 0 };
  /** Those that are down, by pointer. @type {Map<number, Point>} */
  #fingers = new Map();
  /** @type {Point|null} Where the only finger went down, while it may be a tap or a swipe. */
  #pressed = null;
  #tappedAtMs = -Infinity;

  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} moved What is made larger within the place; it fills it.
   * @param {HTMLImageElement} picture
   * @param {ZoomActions} actions
   */
  constructor(place, moved, picture, actions) {
    this.place = place;
    this.moved = moved;
    this.picture = picture;
    this.actions = actions;
    place.addEventListener("pointerdown", (event) => this.#press(event));
    place.addEventListener("pointermove", (event) => this.#move(event));
    place.addEventListener("pointerup", (event) => this.#lift(event));
    place.addEventListener("pointercancel", (event) => this.#forget(event));
    place.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    new ResizeObserver(() => this.#draw()).observe(place);
  }

  get enlarged() {
    return this.#scale > ENLARGED;
  }

  /** Show it whole. */
  reset() {
    this.#scale = 1;
    this.#at = { x: 0, y: 0 };
    this.#draw();
  }

  /** Larger or smaller by a step of the keys. @param {-1|1} step */
  step(step) {
    this.#zoomAt({ x: 0, y: 0 }, this.#scale * KEY_STEP ** step);
  }

  /** Pixel for pixel of the screen around a point, or whole again. @param {Point} [point] */
  toggle(point = { x: 0, y: 0 }) {
    this.#zoomAt(point, this.enlarged ? 1 : this.#pixelScale);
  }

  /** The same around a place of the picture, which comes to the middle. @param {Point} part From 0 to 1, from its corner. */
  toggleAt({ x, y }) {
    const { clientWidth, clientHeight } = this.place;
    const { naturalWidth, naturalHeight } = this.picture;
    const whole = naturalWidth > 0 ? Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight) : 0;
    const wasWhole = !this.enlarged;
    this.toggle();
    if (!wasWhole) return;
    this.#at = { x: (0.5 - x) * naturalWidth * whole * this.#scale, y: (0.5 - y) * naturalHeight * whole * this.#scale };
    this.#draw();
  }

  /** How much larger than whole one pixel of the picture is one of the screen. */
  get #pixelScale() {
    const { clientWidth, clientHeight } = this.place;
    const { naturalWidth, naturalHeight } = this.picture;
    if (naturalWidth === 0) return 1;
    const whole = Math.min(clientWidth / naturalWidth, clientHeight / naturalHeight) * devicePixelRatio;
    return Math.max(1 / whole, ENLARGED);
  }

  /** @param {Point} point Stays where it is. @param {number} scale */
  #zoomAt(point, scale) {
    const next = Math.min(Math.max(scale, 1), 2 * this.#pixelScale);
    const ratio = next / this.#scale;
    this.#at = { x: point.x + (this.#at.x - point.x) * ratio, y: point.y + (this.#at.y - point.y) * ratio };
    this.#scale = next;
    this.#draw();
    this.actions.onTouch();
    if (this.enlarged) this.actions.onEnlarge();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.place;
    const { naturalWidth, naturalHeight } = this.picture;
    const whole = naturalWidth > 0 ? Math.min(width / naturalWidth, height / naturalHeight) : 1;
    const most = (/** @type {number} */ picture, /** @type {number} */ place) => Math.max(0, (picture * whole * this.#scale - place) / 2);
    const [right, down] = [most(naturalWidth, width), most(naturalHeight, height)];
    this.#at = { x: Math.min(Math.max(this.#at.x, -right), right), y: Math.min(Math.max(this.#at.y, -down), down) };
    this.moved.style.transform = `translate(${this.#at.x}px, ${this.#at.y}px) scale(${this.#scale})`;
    this.place.toggleAttribute("data-enlarged", this.enlarged);
  }

  /** @param {{clientX: number, clientY: number}} event @returns {Point} */
  #pointOf({ clientX, clientY }) {
    const box = this.place.getBoundingClientRect();
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 };
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    if (event.isPrimary) this.#fingers.clear();
    const point = this.#pointOf(event);
    this.#fingers.set(event.pointerId, point);
    this.#pressed = this.#fingers.size === 1 ? point : null;
    this.place.setPointerCapture(event.pointerId);
    this.actions.onTouch();
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const before = this.#fingers.get(event.pointerId);
    if (!before) return;
    const pairBefore = this.#pair;
    const now = this.#pointOf(event);
    this.#fingers.set(event.pointerId, now);
    if (pairBefore && this.#pair) {
      this.#at = { x: this.#at.x + this.#pair.x - pairBefore.x, y: this.#at.y + this.#pair.y - pairBefore.y };
      this.#zoomAt(this.#pair, (this.#scale * this.#pair.apart) / pairBefore.apart);
    } else if (this.enlarged && !(this.#pressed && distance(this.#pressed, now) < MOVE_PX)) {
      this.#pressed = null;
      this.#at = { x: this.#at.x + now.x - before.x, y: this.#at.y + now.y - before.y };
      this.#draw();
    }
  }

  /** @param {PointerEvent} event */
  #lift(event) {
    const from = this.#pressed;
    this.#forget(event);
    if (!from) return;
    const to = this.#pointOf(event);
    const across = to.x - from.x;
    if (distance(from, to) < MOVE_PX) this.#tap(to, event.timeStamp);
    else if (!this.enlarged && Math.abs(across) > Math.max(SWIPE_PX, 2 * Math.abs(to.y - from.y))) this.actions.onSwipe(across < 0 ? 1 : -1);
  }

  /** @param {Point} point @param {number} atMs */
  #tap(point, atMs) {
    const twice = atMs - this.#tappedAtMs < TAPS_APART_MS;
    this.#tappedAtMs = twice ? -Infinity : atMs;
    if (twice) this.toggle(point);
  }

  /** @param {PointerEvent} event */
  #forget(event) {
    this.#fingers.delete(event.pointerId);
    this.#pressed = null;
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    this.#zoomAt(this.#pointOf(event), this.#scale * Math.exp(-event.deltaY / 400));
  }

  /** The middle between the two that are down, and how far they are apart; null for one or none. */
  get #pair() {
    const [a, b] = this.#fingers.values();
    return a && b ? { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, apart: Math.max(1, distance(a, b)) } : null;
  }
}

/** @param {Point} a @param {Point} b */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
