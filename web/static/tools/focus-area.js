/**
 * The focus area: the rectangle over the picture whose sharpness is scored. A tap or a drag moves it; two fingers and a swipe
 * up do not. Runs on the page.
 *
 * @import { Assists } from "../types/settings.js"
 */

import { ASSISTS } from "../declared/settings.js";
import { hasSwiped, maySwipe } from "./picture-gestures.js";
import { followPlace, layOver, sensorPointAt } from "./picture-place.js";

const DRAG_PX = 8; // a finger that moves less has tapped; the second finger of a pinch may still come

export class FocusArea {
  /** The one pointer that may move it: where it went down, and whether it has moved it. @type {{from: PointerEvent, moved: boolean}|null} */
  #drag = null;
  /** Where a pinch puts it back. @type {{focus_x: number, focus_y: number}|null} */
  #before = null;
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
      if (!event.isPrimary) return this.#giveUp();
      if (event.button !== 0 || this.#magnified) return;
      this.#drag = { from: event, moved: false };
      picture.setPointerCapture(event.pointerId);
      if (event.pointerType !== "touch") this.#moveTo(event);
    });
    picture.addEventListener("pointermove", (event) => {
      if (!this.#drag || !event.isPrimary) return;
      const { from, moved } = this.#drag;
      if (!moved && maySwipe(from, event)) return;
      if (moved || Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > DRAG_PX) this.#moveTo(event);
    });
    picture.addEventListener("pointerup", (event) => {
      if (this.#drag && !this.#drag.moved && event.isPrimary && !hasSwiped(this.#drag.from, event)) this.#moveTo(event);
      if (event.isPrimary) this.#drag = null;
    });
    picture.addEventListener("pointercancel", () => (this.#drag = null));
    followPlace(picture, () => this.#place());
  }

  /** The loupe is scored in its middle, and moved itself. @param {boolean} magnified */
  setMagnified(magnified) {
    this.#magnified = magnified;
    this.#place();
  }

  /** Where it is, as shares of the sides of the sensor's picture. */
  get point() {
    return { x: this.#values?.focus_x ?? ASSISTS.focus_x.default, y: this.#values?.focus_y ?? ASSISTS.focus_y.default };
  }

  /** @param {Assists} values */
  show(values) {
    this.#values = values;
    this.#place();
  }

  /** A second finger: it was no drag. */
  #giveUp() {
    const moved = this.#drag?.moved;
    this.#drag = null;
    if (moved && this.#before) this.onMove(this.#before);
  }

  /** @param {PointerEvent} event */
  #moveTo(event) {
    const values = this.#values;
    if (!this.#drag || !values || (!values.focus_score && !values.spot)) return;
    if (!this.#drag.moved) {
      const { spot_x: focus_x, spot_y: focus_y } = values;
      this.#before = values.spot ? { focus_x, focus_y } : { focus_x: values.focus_x, focus_y: values.focus_y };
      this.#drag.moved = true;
    }
    const { x, y } = sensorPointAt(this.picture, event);
    this.onMove({ focus_x: Math.round(1000 * x) / 1000, focus_y: Math.round(1000 * y) / 1000 });
  }

  /** As device/analysis/focus_score.py: pushed into the picture where it would stand out. */
  #place() {
    const values = this.#values;
    this.rectangle.hidden = !values?.focus_score;
    if (!values?.focus_score) return;
    const size = values.focus_size;
    const { x, y } = this.#magnified ? { x: 0.5, y: 0.5 } : this.point;
    const inside = (/** @type {number} */ middle) => Math.min(Math.max(middle, size / 2), 1 - size / 2);
    layOver(this.rectangle, this.picture, { x: inside(x), y: inside(y) }, size);
  }
}
