/**
 * White balance from a grey thing: one press arms, the next tap on the picture picks.
 *
 * @import { ApiError } from "../page/api.js"
 */

import { sendJson } from "../page/api.js";
import { byId, setAttribute, setText } from "../page/dom.js";
import { showError, showNote } from "../page/toast.js";

export class GreyPick {
  #armed = false;
  #button = byId("grey-pick");

  /** @param {() => void} onPicked */
  constructor(onPicked) {
    this.onPicked = onPicked;
    this.#button.addEventListener("click", () => this.#arm(!this.#armed));
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#arm(false);
    });
  }

  /**
   * A tap on the picture; true when it was used.
   * @param {{x: number, y: number}} point Shares of the picture's sides.
   */
  handleTap(point) {
    if (!this.#armed) return false;
    this.#arm(false);
    void this.pick(point);
    return true;
  }

  /** @param {{x: number, y: number}} point */
  async pick({ x, y }) {
    try {
      const { colour_gains } = await sendJson("POST", "/api/controls/grey", { x, y });
      showNote(`White balance from the picture: red ${colour_gains[0].toFixed(2)}, blue ${colour_gains[1].toFixed(2)}`);
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
    this.onPicked();
  }

  /** @param {boolean} on */
  #arm(on) {
    this.#armed = on;
    setAttribute(this.#button, "aria-pressed", on);
    setText(this.#button, on ? "Tap something grey" : "Pick grey");
    byId("stage").toggleAttribute("data-picking", on);
  }
}
