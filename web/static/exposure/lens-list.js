/**
 * The lenses to choose from: the last used and the owner's own first, then all; or what was searched for, which the server
 * finds also where it was mistyped. Runs on the page; Lenses makes it.
 *
 * @import { LensList as Listed, LensProfile } from "../types/camera.js"
 */

import { getJson } from "../page/api.js";
import { byId, make, setAttribute, setText } from "../page/dom.js";
import { showError } from "../page/toast.js";
import { formatFocal, formatStop } from "./notation.js";
import { say } from "../words/words.js";

/** @typedef {{ids: string[], near: boolean}} Found */

/**
 * @typedef {object} ListActions
 * @property {(id: string|null) => void} pick
 * @property {(lens: LensProfile) => void} edit
 */

export class LensList {
  /** @type {Listed|null} */
  #list = null;
  /** @type {Found|null} */
  #found = null;
  /** The ids of the last used when the sheet was opened: a list that moves under the thumb is tapped wrongly. @type {string[]} */
  #recent = [];
  #settled = false;
  #asked = 0;
  /** What the rows were made of. */
  #made = "";
  #search = /** @type {HTMLInputElement} */ (byId("lens-search"));

  /** @param {ListActions} actions */
  constructor(actions) {
    this.actions = actions;
    this.#search.addEventListener("input", () => void this.#find());
    this.#search.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#pickFirst();
    });
  }

  /** All lenses, the last used first as they are now. */
  reset() {
    this.#search.value = "";
    this.#settled = false;
    void this.#find();
  }

  /** @param {Listed} list */
  show(list) {
    this.#list = list;
    if (!this.#settled) this.#recent = list.recent;
    this.#settled = true;
    const made = JSON.stringify([list.lenses, list.own, this.#recent, this.#found]);
    if (made !== this.#made) byId("lens-list").replaceChildren(...this.#groups(list));
    this.#made = made;
    for (const button of document.querySelectorAll(".lens-pick")) {
      setAttribute(button, "aria-pressed", /** @type {HTMLElement} */ (button).dataset.lens === (list.chosen?.id ?? ""));
    }
  }

  async #find() {
    const words = this.#search.value.trim();
    const asked = (this.#asked += 1);
    try {
      const found = words === "" ? null : await getJson(`/api/lens/search?words=${encodeURIComponent(words)}`);
      if (asked !== this.#asked) return; // more was typed since
      this.#found = found;
    } catch (error) {
      return showError(/** @type {import("../page/api.js").ApiError} */ (error).facts);
    }
    setText(byId("lens-found"), this.#foundText());
    if (this.#list) this.show(this.#list);
  }

  #foundText() {
    const found = this.#found;
    if (!found) return "";
    if (found.ids.length === 0) return say`No lens is like that. Try fewer words, or add it.`;
    return found.near ? say`No lens is called that. The nearest:` : "";
  }

  #pickFirst() {
    const first = /** @type {HTMLElement|null} */ (this.#found && document.querySelector("#lens-list .lens-pick"));
    if (!first) return;
    this.#search.blur(); // the keyboard of a phone gives the ring its place
    first.click();
  }

  /** @param {Listed} list */
  #groups(list) {
    const byLensId = new Map(list.lenses.map((lens) => [lens.id, lens]));
    const lensesOf = (/** @type {string[]} */ ids) => ids.flatMap((id) => byLensId.get(id) ?? []);
    if (this.#found) return [this.#group("", lensesOf(this.#found.ids), list)];
    const first = [...new Set([...this.#recent, ...list.own])];
    const rest = list.lenses.filter(({ id }) => !first.includes(id));
    const mine = this.#group(say`Mine`, lensesOf(first), list);
    mine.append(make("div", { class: "lens-row" }, this.#pickButton("", [make("b", {}, say`No lens named`)])));
    return [mine, this.#byMaker(rest, list)];
  }

  /** Folded by maker: the whole list would be longer than a thumb likes. @param {LensProfile[]} lenses @param {Listed} list */
  #byMaker(lenses, list) {
    const makers = [...new Set(lenses.map(({ maker }) => maker))].sort((a, b) => a.localeCompare(b));
    const folds = makers.map((maker) => {
      const made = lenses.filter((lens) => lens.maker === maker);
      const rows = made.map((lens) => this.#row(lens, list.own.includes(lens.id)));
      const summary = make("summary", { class: "lens-maker" }, maker, make("span", {}, String(made.length)));
      return make("details", {}, summary, ...rows);
    });
    const all = make("summary", { class: "lens-maker" }, say`All`, make("span", {}, String(lenses.length)));
    return make("details", { class: "lens-group" }, all, make("div", { class: "lens-makers" }, ...folds));
  }

  /** @param {string} title @param {LensProfile[]} lenses @param {Listed} list */
  #group(title, lenses, list) {
    const rows = lenses.map((lens) => this.#row(lens, list.own.includes(lens.id)));
    return make("section", { class: "lens-group", "aria-label": title || say`Found` }, ...(title ? [make("h3", {}, title)] : []), ...rows);
  }

  /** @param {LensProfile} lens @param {boolean} own */
  #row(lens, own) {
    const facts = `${lens.maker} · ${formatFocal(lens.focal_mm, lens.focal_long_mm)} (${Math.round(lens.equivalent_mm)}) · ${formatStop(lens.f_stops[0])} · ${lens.mount}`;
    const row = make("div", { class: "lens-row" }, this.#pickButton(lens.id, [make("b", {}, lens.model), make("span", {}, facts)]));
    if (!own) return row;
    const edit = make("button", { type: "button", class: "wide-button lens-edit", "aria-label": say`Change ${lens.model}` }, say`Change`);
    edit.addEventListener("click", () => this.actions.edit(lens));
    row.append(edit);
    return row;
  }

  /** @param {string} id @param {HTMLElement[]} words */
  #pickButton(id, words) {
    const button = make("button", { type: "button", class: "lens-pick", "data-lens": id, "aria-pressed": "false" }, ...words);
    button.addEventListener("click", () => this.actions.pick(id || null));
    return button;
  }
}
