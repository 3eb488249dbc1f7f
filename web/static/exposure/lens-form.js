/**
 * A lens to write: a new one, or one of the owner's that is changed or removed. Runs on the page; Lenses makes it.
 *
 * @import { LensProfile, LensValues } from "../types/camera.js"
 */

import { byId, make, setText } from "../page/dom.js";
import { makeField } from "../page/widgets.js";
import { parseFigure } from "./notation.js";
import { say } from "../words/words.js";

/**
 * @typedef {object} FormActions
 * @property {(values: LensValues, lens: LensProfile|null) => void} save
 * @property {(lens: LensProfile) => void} remove
 * @property {() => void} done Nothing is changed.
 */

const FULL_STOPS = "2, 2.8, 4, 5.6, 8, 11, 16";

export class LensForm {
  /** The one that is changed; null: a new one. @type {LensProfile|null} */
  #lens = null;
  #title = make("h3", {});
  #maker = makeField(say`Maker`, "Leica");
  #model = makeField(say`Model`, "Summicron-M 1:2/50");
  #mount = makeField(say`Lens mount`, say`C, CS, M or M39`);
  #focal = makeField(say`Focal length, mm`, "50", { inputmode: "decimal" });
  #stops = makeField(say`f-stops of its ring, the widest first`, FULL_STOPS);
  #remove = make("button", { type: "button", class: "wide-button" }, say`Remove`);

  /** @param {FormActions} actions */
  constructor(actions) {
    this.actions = actions;
    const cancel = make("button", { type: "button", class: "wide-button" }, say`Cancel`);
    const save = make("button", { type: "submit", class: "wide-button" }, say`Save`);
    const fields = [this.#maker, this.#model, this.#mount, this.#focal, this.#stops].map(({ element }) => element);
    const form = byId("lens-form");
    form.append(this.#title, ...fields, make("div", { class: "form-buttons" }, save, cancel, this.#remove));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      actions.save(this.#values(), this.#lens);
    });
    cancel.addEventListener("click", () => actions.done());
    this.#remove.addEventListener("click", () => this.#lens && actions.remove(this.#lens));
  }

  /** @param {LensProfile|null} lens */
  open(lens) {
    this.#lens = lens;
    setText(this.#title, lens ? say`Change ${lens.model}` : say`Add a lens`);
    this.#remove.hidden = lens === null;
    this.#maker.input.value = lens?.maker ?? "";
    this.#model.input.value = lens?.model ?? "";
    this.#mount.input.value = lens?.mount ?? "";
    this.#focal.input.value = lens ? String(lens.focal_mm) : "";
    this.#stops.input.value = lens?.f_stops.join(", ") ?? "";
  }

  /** What was typed; the server says what of it cannot be. @returns {LensValues} */
  #values() {
    const stops = this.#stops.input.value.split(/[;,\s]+/).filter(Boolean).map(parseFigure);
    return {
      maker: this.#maker.input.value.trim(),
      model: this.#model.input.value.trim(),
      mount: this.#mount.input.value.trim(),
      focal_mm: parseFigure(this.#focal.input.value),
      f_stops: stops.sort((a, b) => a - b),
    };
  }
}
