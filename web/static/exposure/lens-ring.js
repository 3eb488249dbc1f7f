/**
 * The aperture ring of the chosen lens: a detent for each f-stop as engraved, and a field for what lies between. Runs on the
 * page; Lenses makes it.
 *
 * @import { LensProfile } from "../types/camera.js"
 */

import { byId, make } from "../page/dom.js";
import { showError } from "../page/toast.js";
import { makeChoice } from "../page/widgets.js";
import { formatStop, parseFigure } from "./notation.js";
import { formatPlain } from "../words/figures.js";
import { say } from "../words/words.js";

export class LensRing {
  #detents = makeChoice(say`f-stop`, [], () => {});
  /** Of the stops that the ring has now. */
  #engraved = "";
  #figure = make("input", {
    class: "dial-figure lens-figure", type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false",
    enterkeyhint: "done", "aria-label": say`f-number, for example 3.5`,
  });
  /** @type {number|null} */
  #stop = null;

  /** @param {(stop: number) => void} onPick */
  constructor(onPick) {
    this.onPick = onPick;
    this.#figure.addEventListener("focus", () => this.#figure.select());
    this.#figure.addEventListener("change", () => this.#read());
  }

  /** @param {LensProfile|null} lens @param {number|null} stop null when it was not told. */
  show(lens, stop) {
    const engraved = lens ? lens.f_stops.join(" ") : "";
    if (engraved !== this.#engraved) this.#engrave(lens?.f_stops ?? []);
    this.#engraved = engraved;
    const turned = stop !== this.#stop;
    this.#stop = stop;
    this.#detents.set(stop === null ? "" : String(stop));
    if (document.activeElement !== this.#figure) this.#write();
    if (turned) this.centre();
  }

  /** Bring the f-stop that is set to the middle. */
  centre() {
    const { element } = this.#detents;
    const set = /** @type {HTMLElement|null} */ (element.querySelector(".choice-option:has(:checked)"));
    if (set) element.scrollLeft = set.offsetLeft + (set.offsetWidth - element.clientWidth) / 2;
  }

  /** @param {readonly number[]} stops */
  #engrave(stops) {
    const options = stops.map((stop) => ({ value: String(stop), text: formatPlain(stop), title: formatStop(stop) }));
    this.#detents = makeChoice(say`f-stop`, options, (stop) => this.onPick(Number(stop)));
    this.#detents.element.classList.add("lens-ring");
    byId("lens-ring").replaceChildren(...(stops.length > 0 ? [this.#detents.element, this.#figure] : []));
  }

  #write() {
    this.#figure.value = this.#stop === null ? "f/—" : formatStop(this.#stop);
  }

  #read() {
    const stop = parseFigure(this.#figure.value);
    if (stop > 0) return this.onPick(stop);
    showError({ message: say`“${this.#figure.value.slice(0, 30)}” is not an f-number`, expected: say`for instance 3.5`, remedy: "" });
    this.#write();
  }
}
