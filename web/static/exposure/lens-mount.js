/**
 * The adapter that the lens on the camera needs, and what a wrong one does, in its sheet. Runs on the page; Lenses makes it.
 *
 * @import { LensAdapting, WrongLength } from "../types/camera.js"
 */

import { makeField, makeSwitch } from "../page/widgets.js";
import { FiguresFold } from "./figures-fold.js";
import { length } from "./lens-optics.js";
import { parseFigure } from "./notation.js";
import { formatNumber, formatPlain } from "../words/figures.js";
import { say } from "../words/words.js";

export class LensMount {
  /** @type {string|null} The id of the lens. */
  #lens = null;
  #onRing = true;
  #length = makeField(say`Length of your adapter, mm`, "10.27", { inputmode: "decimal", enterkeyhint: "done" });
  #ring = makeSwitch(say`On the C-CS ring`, (on) => this.#put(on));
  /** @type {FiguresFold<LensAdapting>} */
  #fold = new FiguresFold("lens-mount", say`Adapter`, [this.#length.element, this.#ring.element], () => this.#wanted(), rowsOf);

  constructor() {
    this.#ring.set(this.#onRing);
    this.#length.input.addEventListener("change", () => void this.#fold.refresh());
  }

  /** @param {string|null} lens Its id; null: no lens is named. */
  show(lens) {
    this.#lens = lens;
    this.#fold.show(lens !== null);
  }

  /** @param {boolean} on */
  #put(on) {
    this.#onRing = on;
    this.#ring.set(on);
    void this.#fold.refresh();
  }

  #wanted() {
    const typed = this.#length.input.value.trim();
    const query = { id: this.#lens ?? "", ...(typed && { adapter_mm: String(parseFigure(typed)) }), ring: String(this.#onRing) };
    return `/api/lens/mount?${new URLSearchParams(query)}`;
  }
}

/** @param {LensAdapting} a */
function rowsOf(a) {
  return [
    [say`Flange to sensor`, a.flange_mm === null ? "" : `${formatPlain(a.flange_mm)} mm`],
    [say`Adapter`, adapterText(a)],
    [say`0.1 mm too long`, effect(a.long)],
    [say`0.1 mm too short`, effect(a.short)],
    [say`Yours`, yours(a.given)],
  ];
}

/** @param {LensAdapting} a */
function adapterText({ cs_mm, ring_mm, source }) {
  if (cs_mm === null || ring_mm === null) {
    return source ? say`screwed in until it is sharp: this mount has no flange distance` : say`this mount is not known`;
  }
  if (cs_mm < 0) return say`none: such a lens would have to sit inside the camera`;
  if (Math.abs(ring_mm) < 0.001) return say`none but the C-CS ring`;
  if (cs_mm < 0.001) return say`none, without the C-CS ring`;
  if (ring_mm < 0) return say`${formatNumber(cs_mm, 2)} mm without the C-CS ring`;
  return say`${formatNumber(ring_mm, 2)} mm on the C-CS ring, ${formatNumber(cs_mm, 2)} mm without`;
}

/** @param {WrongLength|null} w */
function effect(w) {
  if (w === null) return "";
  if (!w.sharp) return say`nothing is sharp at any mark`;
  const nearest = w.closest_m === null ? "" : say`nearest ${length(w.closest_m)}`;
  if (w.farthest_m !== null) return [say`focuses no farther than ${length(w.farthest_m)}`, nearest].filter(Boolean).join("; ");
  if (w.infinity_mark_m !== null) {
    return [say`infinity is sharp at the mark of ${length(w.infinity_mark_m)}, nothing beyond it`, nearest].filter(Boolean).join("; ");
  }
  return "";
}

/** @param {WrongLength|null} w */
function yours(w) {
  if (w === null) return "";
  if (w.error_mm === 0) return say`right`;
  const wrong = formatNumber(Math.abs(w.error_mm), 2);
  return [w.error_mm > 0 ? say`${wrong} mm too long` : say`${wrong} mm too short`, effect(w)].join(": ");
}
