/**
 * The adapter that the lens on the camera needs, and what a wrong one does, in its sheet. The server reckons; here it is asked
 * and shown, while the fold is open. Runs on the page; Lenses makes it.
 *
 * @import { LensAdapting, WrongLength } from "../types/camera.js"
 */

import { getJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { makeField, makeSwitch } from "../page/widgets.js";
import { length } from "./lens-optics.js";
import { parseFigure } from "./notation.js";
import { formatNumber, formatPlain } from "../words/figures.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

export class LensMount {
  /** @type {string|null} The id of the lens. */
  #lens = null;
  /** What the figures on the page are of, or what was asked for last. */
  #asked = "";
  #busy = false;
  #onRing = true;
  #length = makeField(say`Length of your adapter, mm`, "10.27", { inputmode: "decimal", enterkeyhint: "done" });
  #ring = makeSwitch(say`On the C-CS ring`, (on) => this.#put(on));
  #list = make("dl", { class: "lens-figures" });
  #fold = make("details", { class: "lens-optics" }, make("summary", { class: "lens-maker" }, say`Adapter`));
  #note = make("p", { class: "sheet-note", role: "status" });

  constructor() {
    this.#fold.append(this.#length.element, this.#ring.element, this.#list, this.#note);
    byId("lens-mount").append(this.#fold);
    this.#ring.set(this.#onRing);
    this.#length.input.addEventListener("change", () => void this.#refresh());
    this.#fold.addEventListener("toggle", () => void this.#refresh());
  }

  /** @param {string|null} lens Its id; null: no lens is named. */
  show(lens) {
    this.#lens = lens;
    byId("lens-mount").hidden = lens === null;
    void this.#refresh();
  }

  /** @param {boolean} on */
  #put(on) {
    this.#onRing = on;
    this.#ring.set(on);
    void this.#refresh();
  }

  /** The address of the figures that should be shown; "" for none. */
  #wanted() {
    if (this.#lens === null || !this.#fold.open) return "";
    const typed = this.#length.input.value.trim();
    const query = { id: this.#lens, ...(typed && { adapter_mm: String(parseFigure(typed)) }), ring: String(this.#onRing) };
    return `/api/lens/mount?${new URLSearchParams(query)}`;
  }

  /** One question at a time. */
  async #refresh() {
    const wanted = this.#wanted();
    if (this.#busy || wanted === "" || wanted === this.#asked) return;
    this.#busy = true;
    this.#asked = wanted;
    try {
      this.#write(await getJson(wanted));
      setText(this.#note, "");
    } catch (error) {
      this.#list.replaceChildren();
      const { message, expected } = /** @type {import("../page/api.js").ApiError} */ (error).facts;
      setText(this.#note, [message, expected].filter(Boolean).map((text) => tell(text)).join(": "));
    }
    this.#busy = false;
    void this.#refresh();
  }

  /** @param {LensAdapting} a */
  #write(a) {
    const rows = [
      [say`Flange to sensor`, a.flange_mm === null ? "" : `${formatPlain(a.flange_mm)} mm`],
      [say`Adapter`, adapterText(a)],
      [say`0.1 mm too long`, effect(a.long)],
      [say`0.1 mm too short`, effect(a.short)],
      [say`Yours`, yours(a.given)],
    ];
    const shown = rows.filter(([, text]) => text !== "");
    this.#list.replaceChildren(...shown.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]));
  }
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
