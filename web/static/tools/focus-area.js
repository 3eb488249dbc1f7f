/**
 * The focus area: the rectangle over the picture whose sharpness is scored. A tap or a drag moves it. Runs on the page.
 *
 * @import { Assists } from "../types/settings.js"
 */

import { ASSISTS } from "../declared/settings.js";

export class FocusArea {
  #dragging = false;
  #magnified = false;
  /** @type {Assists|null} */
  #values = null;

  /**
   * @param {HTMLElement} rectangle Lies over the picture, within the same parent.
   * @param {HTMLCanvasElement} picture
   * @param {(place: {focus_x: number, focus_y: number}) => void} onMove
   */
  constructor(rectangle, picture, onMove) {
    this.rectangle = rectangle;
    this.picture = picture;
    this.onMove = onMove;
    picture.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0 || this.#magnified) return;
      this.#dragging = true;
      picture.setPointerCapture(event.pointerId);
      this.#moveTo(event);
    });
    picture.addEventListener("pointermove", (event) => {
      if (this.#dragging && event.isPrimary) this.#moveTo(event);
    });
    for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (this.#dragging = false));
    new ResizeObserver(() => this.#place()).observe(picture);
  }

  /** The loupe is scored in its middle, and moved itself. @param {boolean} magnified */
  setMagnified(magnified) {
    this.#magnified = magnified;
    this.#place();
  }

  /** Where it is, as shares of the picture's sides. */
  get point() {
    return { x: this.#values?.focus_x ?? ASSISTS.focus_x.default, y: this.#values?.focus_y ?? ASSISTS.focus_y.default };
  }

  /** @param {Assists} values */
  show(values) {
    this.#values = values;
    this.#place();
  }

  /** @param {PointerEvent} event */
  #moveTo(event) {
    if (!this.#values?.focus_score && !this.#values?.spot) return;
    const box = this.picture.getBoundingClientRect();
    const share = (/** @type {number} */ at, /** @type {number} */ size) => Math.round(1000 * Math.min(Math.max(at / size, 0), 1)) / 1000;
    this.onMove({ focus_x: share(event.clientX - box.left, box.width), focus_y: share(event.clientY - box.top, box.height) });
  }

  /** As device/analysis/focus_score.py: pushed into the picture where it would stand out. */
  #place() {
    const values = this.#values;
    this.rectangle.hidden = !values?.focus_score;
    if (!values?.focus_score) return;
    const size = values.focus_size;
    const { x, y } = this.#magnified ? { x: 0.5, y: 0.5 } : this.point;
    const start = (/** @type {number} */ middle) => Math.min(Math.max(middle - size / 2, 0), 1 - size);
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = this.picture;
    Object.assign(this.rectangle.style, {
      left: `${offsetLeft + start(x) * offsetWidth}px`,
      top: `${offsetTop + start(y) * offsetHeight}px`,
      width: `${size * offsetWidth}px`,
      height: `${size * offsetHeight}px`,
    });
  }
}
