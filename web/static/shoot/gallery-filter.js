/**
 * Which captures are listed: all, those that a filter keeps, or the shots of one series. Runs on the page; main.js makes it.
 *
 * @import { Gallery } from "./gallery.js"
 */

import { noteOpened } from "../page/back.js";
import { byId, make, setText } from "../page/dom.js";
import { say } from "../words/words.js";

const CHOICES = /** @type {const} */ ([
  ["", say`All captures`],
  ["starred", say`Starred`],
  ["raw", say`With a raw file`],
  ["doubtful", say`Not quite as asked`],
]);

export class GalleryFilter {
  #only = /** @type {HTMLSelectElement} */ (byId("gallery-only"));
  #lens = /** @type {HTMLSelectElement} */ (byId("gallery-lens"));
  /** Those that any capture was seen to have. @type {Set<string>} */
  #lenses = new Set();

  /** @param {Gallery} gallery */
  constructor(gallery) {
    this.gallery = gallery;
    for (const [value, text] of CHOICES) this.#only.append(make("option", { value }, text));
    this.#lens.append(make("option", { value: "" }, say`Any lens`));
    for (const select of [this.#only, this.#lens]) select.addEventListener("change", () => this.#choose());
    byId("gallery-back").addEventListener("click", () => this.#leave());
    byId("gallery-sheet").addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !gallery.list.query.series) return;
      event.stopPropagation(); // the sheet stays
      this.#leave();
    });
  }

  /** The list is shown anew. */
  show() {
    const { series, only, lens } = this.gallery.list.query;
    const wasSeries = !byId("gallery-series").hidden;
    byId("gallery-series").hidden = !series;
    byId("gallery-filters").toggleAttribute("data-series", series !== "");
    if (series) setText(byId("gallery-title"), this.gallery.title);
    if (series && !wasSeries) noteOpened(() => this.#leave());
    [this.#only.value, this.#lens.value] = [only, lens];
    for (const capture of this.gallery.list.captures) if (capture.lens) this.#lenses.add(capture.lens);
    if (this.#lenses.size !== this.#lens.options.length - 1) {
      const options = [...this.#lenses].sort().map((name) => make("option", { value: name }, name));
      this.#lens.replaceChildren(make("option", { value: "" }, say`Any lens`), ...options);
      this.#lens.value = lens;
    }
    this.#lens.hidden = this.#lenses.size < 2 && !lens;
  }

  #choose() {
    const only = /** @type {""|"starred"|"raw"|"doubtful"} */ (this.#only.value);
    void this.gallery.choose({ only, lens: this.#lens.value });
  }

  /** Back from a series to all of them. */
  #leave() {
    if (!this.gallery.list.query.series) return;
    this.#choose();
    byId("gallery-series").hidden = true;
    const opener = byId("gallery-open");
    noteOpened(() => opener.click()); // Back closes the captures next
    byId("gallery-select").focus();
  }
}
