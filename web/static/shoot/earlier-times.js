/**
 * Pictures of earlier starts of the camera's computer, taken while nobody knew what time it was: the true time of one of them
 * corrects all of its start. A group of the settings; hidden while there are none. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { EarlierStart } from "../types/shoot.js"
 */

import { addressOf } from "../page/address.js";
import { getJson } from "../page/api.js";
import { CORRECTIONS, changeTimes } from "../page/clock-offer.js";
import { byId, make, setText } from "../page/dom.js";
import { showError, showNote } from "../page/toast.js";
import { showTabs } from "../tools/tool-tabs.js";
import { formatTime } from "../words/figures.js";
import { say } from "../words/words.js";

export class EarlierTimes {
  element = make("fieldset", { class: "group", id: "earlier-times" }, make("legend", {}, say`Times of earlier starts`));
  #list = make("div", {});
  /** Whether times are being changed. */
  #busy = false;

  constructor() {
    this.element.hidden = true;
    this.element.append(
      make("p", { class: "sheet-note" }, say`The camera's computer did not know what time it was. Say when one picture was taken, and all of that start are right.`),
      this.#list,
    );
    byId("assists-open").addEventListener("click", () => void this.refresh());
  }

  async refresh() {
    if (this.#busy) return;
    try {
      const { starts } = await getJson("/api/clock/earlier");
      this.#list.replaceChildren(...starts.map((/** @type {EarlierStart} */ start) => this.#row(start)));
      this.element.hidden = starts.length === 0;
      showTabs();
    } catch {
      // The banner says that the server is gone, and a place that cannot be read says so in the captures.
    }
  }

  /** @param {EarlierStart} start */
  #row(start) {
    const shows = formatTime(start.taken_at);
    const facts = start.captures === 1 ? say`1 picture: ${shows}` : say`${start.captures} pictures, the last: ${shows}`;
    const src = addressOf(`/api/captures/${encodeURIComponent(start.shot)}/thumbnail`);
    const told = make("p", { role: "status" }, facts);
    const input = make("input", { type: "datetime-local", step: 1, class: "drive-figure", "aria-label": say`When it was taken` });
    const button = make("button", { type: "button", class: "wide-button" }, start.corrected ? say`Give back the first times` : say`Correct the time`);
    button.addEventListener("click", () => {
      const taken = new Date(input.value);
      if (start.corrected) void this.#change(told, "DELETE", `${CORRECTIONS}?shot=${encodeURIComponent(start.shot)}`, {});
      else if (Number.isNaN(taken.valueOf())) input.focus();
      else void this.#change(told, "POST", CORRECTIONS, { shot: start.shot, taken_at: taken.toISOString() });
    });
    const picture = make("img", { src, alt: "", width: 96, loading: "lazy" });
    return make("div", { class: "earlier-start", "data-shot": start.shot }, picture, told, ...(start.corrected ? [] : [input]), button);
  }

  /** @param {HTMLElement} told @param {"POST"|"DELETE"} method @param {string} path @param {object} body */
  async #change(told, method, path, body) {
    if (this.#busy) return;
    this.#busy = true;
    try {
      const changed = await changeTimes(method, path, body, (left) => setText(told, say`Correcting: ${left} left`));
      showNote(changed === 1 ? say`1 picture was corrected` : say`${changed} pictures were corrected`);
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    } finally {
      this.#busy = false;
    }
    await this.refresh();
  }
}
