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

/** @typedef {ReturnType<typeof makeField>} Field */

const FULL_STOPS = "2, 2.8, 4, 5.6, 8, 11, 16";
/** Of a lens of which no more is said than must be. */
const NOTHING_ELSE = {
  focal_long_mm: null, f_widest_long: null, narrowest_known: true, closest_m: null, adapter: "", serial: "", notes: "",
  six_bit: null, source: "", breathing: null, breathing_error: null,
};

export class LensForm {
  /** The one that is changed; null: a new one. @type {LensProfile|null} */
  #lens = null;
  #title = make("h3", {});
  #maker = makeField(say`Maker`, "Leica");
  #model = makeField(say`Model`, "Summicron-M 1:2/50");
  #mount = makeField(say`Lens mount`, say`C, CS, M or M39`);
  #focal = makeField(say`Focal length, mm`, "50", { inputmode: "decimal" });
  #stops = makeField(say`f-stops of its ring, the widest first`, FULL_STOPS);
  #long = makeField(say`Longest focal length of a zoom, mm`, "", { inputmode: "decimal" });
  #closest = makeField(say`Closest distance, m`, "0.7", { inputmode: "decimal" });
  #adapter = makeField(say`Adapter`, "M → C");
  #serial = makeField(say`Serial number`, "");
  #notes = makeField(say`Notes`, "");
  #remove = make("button", { type: "button", class: "wide-button" }, say`Remove`);

  /** @param {FormActions} actions */
  constructor(actions) {
    this.actions = actions;
    const cancel = make("button", { type: "button", class: "wide-button" }, say`Cancel`);
    const save = make("button", { type: "submit", class: "wide-button" }, say`Save`);
    const needed = [this.#maker, this.#model, this.#mount, this.#focal, this.#stops];
    const fields = [...needed, this.#long, this.#closest, this.#adapter, this.#serial, this.#notes].map(({ element }) => element);
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
    /** @type {Partial<LensProfile>} */
    const { maker, model, mount, focal_mm, f_stops, focal_long_mm, closest_m, adapter, serial, notes } = lens ?? {};
    const shown = [
      [this.#maker, maker], [this.#model, model], [this.#mount, mount], [this.#focal, focal_mm], [this.#stops, f_stops?.join(", ")],
      [this.#long, focal_long_mm], [this.#closest, closest_m], [this.#adapter, adapter], [this.#serial, serial], [this.#notes, notes],
    ];
    for (const [field, value] of /** @type {[Field, string|number|null|undefined][]} */ (shown)) field.input.value = String(value ?? "");
  }

  /** What was typed; the server says what of it cannot be. @returns {LensValues} */
  #values() {
    const stops = this.#stops.input.value.split(/[;,\s]+/).filter(Boolean).map(parseFigure);
    return {
      ...(this.#lens ? valuesOf(this.#lens) : NOTHING_ELSE), // what the form has no field for stays
      maker: this.#maker.input.value.trim(),
      model: this.#model.input.value.trim(),
      mount: this.#mount.input.value.trim(),
      focal_mm: parseFigure(this.#focal.input.value),
      f_stops: stops.sort((a, b) => a - b),
      focal_long_mm: figureOrNull(this.#long.input.value),
      closest_m: figureOrNull(this.#closest.input.value),
      adapter: this.#adapter.input.value.trim(),
      serial: this.#serial.input.value.trim(),
      notes: this.#notes.input.value.trim(),
    };
  }
}

/** A lens as it is sent: what was said of it, without what the server found. @param {LensProfile} lens @returns {LensValues} */
export function valuesOf(lens) {
  const names = /** @type {(keyof LensValues)[]} */ (["maker", "model", "mount", "focal_mm", "f_stops", ...Object.keys(NOTHING_ELSE)]);
  return /** @type {LensValues} */ (Object.fromEntries(names.map((name) => [name, lens[name]])));
}

/** What was typed, or null where nothing was; the server refuses what is no figure. @param {string} text */
function figureOrNull(text) {
  return text.trim() === "" ? null : parseFigure(text);
}
