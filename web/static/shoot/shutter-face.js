/**
 * What the shutter button says of itself: its state and the word below it. At rest the word follows the camera: a shutter
 * that cannot shoot does not say "ready". Runs on the page; main.js makes it for the shutter and the drive mode.
 *
 * @import { Condition } from "../page/condition.js"
 */

import { byId, setAttribute, setText } from "../page/dom.js";
import { say } from "../words/words.js";

/** @type {Readonly<Record<Condition, string>>} */
const AT_REST = Object.freeze({
  starting: say`starting…`,
  live: say`ready`,
  late: say`ready`,
  lost: say`no camera`,
  failed: say`no camera`,
  gone: say`no server`,
});

/** @typedef {"ready"|"saving"|"saved"|"failed"|"running"} ShutterState */

export class ShutterFace {
  button = byId("shutter");
  #atRest = AT_REST.starting;
  #reset = 0;

  /** @returns {ShutterState} */
  get state() {
    return /** @type {ShutterState} */ (this.button.dataset.state);
  }

  /** @param {Condition} condition */
  noteCondition(condition) {
    this.#atRest = AT_REST[condition];
    if (this.state === "ready") setText(byId("shutter-word"), this.#atRest);
  }

  /**
   * @param {ShutterState} state
   * @param {string} word
   */
  show(state, word) {
    clearTimeout(this.#reset);
    setAttribute(this.button, "data-state", state);
    setText(byId("shutter-word"), word);
  }

  /** Show how something ended, then that the shutter is at rest. @param {"saved"|"failed"} state @param {string} word @param {number} ms */
  showEnd(state, word, ms) {
    this.show(state, word);
    this.#reset = setTimeout(() => this.show("ready", this.#atRest), ms);
  }
}
