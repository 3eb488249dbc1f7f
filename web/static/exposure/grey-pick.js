/**
 * White balance from a grey thing: one press arms, the next tap on the picture picks.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { CameraControls } from "./controls.js"
 */

import { sendJson } from "../page/api.js";
import { byId, setAttribute, setText } from "../page/dom.js";
import { showError, showUndoable } from "../page/toast.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

export class GreyPick {
  #armed = false;
  #button = byId("grey-pick");

  /** @param {CameraControls} controls */
  constructor(controls) {
    this.controls = controls;
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
    await this.controls.refresh(); // what is taken back is what was asked last, by whom ever
    const giveBack = this.controls.keepWhiteBalance();
    try {
      const { colour_gains } = await sendJson("POST", "/api/controls/grey", { x, y });
      showUndoable(say`White balance from the picture: red ${formatNumber(colour_gains[0], 2)}, blue ${formatNumber(colour_gains[1], 2)}`, giveBack);
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
    void this.controls.refresh();
  }

  /** @param {boolean} on */
  #arm(on) {
    this.#armed = on;
    setAttribute(this.#button, "aria-pressed", on);
    setText(this.#button, on ? say`Tap something grey` : say`Pick grey`);
    byId("stage").toggleAttribute("data-picking", on);
  }
}
