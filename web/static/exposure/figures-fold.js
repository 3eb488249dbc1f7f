/**
 * A fold in the lens's sheet with figures that the server reckons: asked for and shown while it is open, one question at a time.
 * Runs on the page; the parts of the sheet make one each.
 *
 * @import { ApiError } from "../page/api.js"
 */

import { getJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { tell } from "../words/sentences.js";

/** @template T What the server answers. */
export class FiguresFold {
  /** What the figures on the page are of, or what was asked for last. */
  #asked = "";
  #busy = false;
  #list = make("dl", { class: "lens-figures" });
  #fold = make("details", { class: "lens-optics" });
  #note = make("p", { class: "sheet-note", role: "status" });

  /**
   * @param {string} place The id of the element that it is in.
   * @param {string} title
   * @param {HTMLElement[]} controls What the user chooses, above the figures.
   * @param {() => string} wanted The address of the figures that should be shown; "" for none.
   * @param {(answer: T) => string[][]} rowsOf Names and texts; a row without text is not shown.
   */
  constructor(place, title, controls, wanted, rowsOf) {
    this.place = byId(place);
    this.wanted = wanted;
    this.rowsOf = rowsOf;
    this.#fold.append(make("summary", { class: "lens-maker" }, title), ...controls, this.#list, this.#note);
    this.place.append(this.#fold);
    this.#fold.addEventListener("toggle", () => void this.refresh());
  }

  /** @param {boolean} possible Whether there is a lens to show figures of. */
  show(possible) {
    this.place.hidden = !possible;
    void this.refresh();
  }

  /** What is wanted may have changed; a focus ring that turns would ask faster than is answered. */
  async refresh() {
    const wanted = this.#fold.open && !this.place.hidden ? this.wanted() : "";
    if (this.#busy || wanted === "" || wanted === this.#asked) return;
    this.#busy = true;
    this.#asked = wanted;
    try {
      const shown = this.rowsOf(await getJson(wanted)).filter(([, text]) => text !== "");
      this.#list.replaceChildren(...shown.flatMap(([name = "", text = ""]) => [make("dt", {}, name), make("dd", {}, text)]));
      setText(this.#note, "");
    } catch (error) {
      this.#list.replaceChildren();
      const { message, expected } = /** @type {ApiError} */ (error).facts;
      setText(this.#note, [message, expected].filter(Boolean).map((text) => tell(text)).join(": "));
    }
    this.#busy = false;
    void this.refresh();
  }
}
