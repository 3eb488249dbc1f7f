/**
 * Many captures at once: selected by a tap each, then downloaded as one zip, or deleted. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { Gallery } from "./gallery.js"
 */

import { sendJson } from "../page/api.js";
import { byId, make, setAttribute, setText } from "../page/dom.js";
import { showCaution, showError, showNote } from "../page/toast.js";
import { say } from "../words/words.js";
import { formatBytes } from "./capture-facts.js";

const ZIP = "/api/captures/zip";

export class GallerySelection {
  /** @type {Set<string>} Ids, in the order in which they were selected. */
  #ids = new Set();
  #selecting = false;
  #busy = false;
  #list = byId("gallery");

  /** @param {Gallery} gallery */
  constructor(gallery) {
    this.gallery = gallery;
    gallery.isSelected = (/** @type {string} */ id) => this.#ids.has(id);
    gallery.onShown = () => this.#keepListed();
    byId("gallery-select").addEventListener("click", () => this.#set(!this.#selecting));
    byId("gallery-all").addEventListener("click", () => this.#selectAll());
    byId("gallery-zip").addEventListener("click", () => void this.#download("raw+jpeg"));
    byId("gallery-zip-jpeg").addEventListener("click", () => void this.#download("jpeg"));
    byId("gallery-remove").addEventListener("click", () => this.#ask());
    this.#list.addEventListener("click", (event) => this.#tap(event), true);
    byId("gallery-sheet").addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#selecting) return;
      event.stopPropagation(); // the sheet stays
      this.#set(false);
    });
    this.#show();
  }

  /** @param {boolean} selecting */
  #set(selecting) {
    this.#selecting = selecting;
    this.#ids.clear();
    this.#show();
  }

  /** While captures are selected a tap anywhere on one selects it. @param {MouseEvent} event */
  #tap(event) {
    const item = event.target instanceof Element ? /** @type {HTMLElement|null} */ (event.target.closest("[data-capture]")) : null;
    const id = item?.dataset.capture;
    if (!this.#selecting || !id || this.#busy) return;
    if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
    event.stopPropagation();
    if (!this.#ids.delete(id)) this.#ids.add(id);
    this.#show();
  }

  #selectAll() {
    const listed = this.gallery.captures.map(({ id }) => id);
    const all = listed.every((id) => this.#ids.has(id));
    this.#ids = new Set(all ? [] : listed);
    this.#show();
  }

  /** Those that have gone are selected no more. */
  #keepListed() {
    const listed = new Set(this.gallery.captures.map(({ id }) => id));
    this.#ids = new Set([...this.#ids].filter((id) => listed.has(id)));
    this.#show();
  }

  #show() {
    setAttribute(byId("gallery-select"), "aria-pressed", this.#selecting);
    this.#list.toggleAttribute("data-selecting", this.#selecting);
    byId("gallery-chosen").hidden = !this.#selecting;
    byId("gallery-question").replaceChildren();
    const bytes = this.gallery.captures.filter(({ id }) => this.#ids.has(id)).flatMap(({ files }) => files.map((file) => file.bytes));
    const sum = bytes.reduce((total, file) => total + file, 0);
    setText(byId("gallery-count"), this.#selecting ? say`${this.#ids.size} selected · ${formatBytes(sum)}` : "");
    for (const id of ["gallery-zip", "gallery-zip-jpeg", "gallery-remove"]) {
      /** @type {HTMLButtonElement} */ (byId(id)).disabled = this.#ids.size === 0 || this.#busy;
    }
    for (const box of this.#list.querySelectorAll("input.gallery-check")) {
      const { capture } = /** @type {HTMLElement} */ (box.closest("[data-capture]")).dataset;
      /** @type {HTMLInputElement} */ (box).checked = this.#ids.has(capture ?? "");
    }
  }

  /** @param {"raw+jpeg"|"jpeg"} files */
  async #download(files) {
    try {
      const zip = await sendJson("POST", ZIP, { ids: [...this.#ids], files });
      make("a", { href: zip.url, download: zip.name }).click();
      showNote(say`Downloading ${zip.files} files, ${formatBytes(zip.bytes)}`);
      if (zip.without > 0) showCaution(say`${zip.without} of the selected have no such file`);
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
  }

  /** Deleting is for good: it is asked for twice, and the safe answer has the focus. */
  #ask() {
    const keep = make("button", { type: "button", class: "download" }, say`Keep`);
    const remove = make("button", { type: "button", class: "download gallery-sure" }, say`Delete for good`);
    keep.addEventListener("click", () => {
      byId("gallery-question").replaceChildren();
      byId("gallery-remove").focus();
    });
    remove.addEventListener("click", () => void this.#delete());
    const question = make("p", { class: "gallery-ask" }, say`Delete ${this.#ids.size} captures?`);
    byId("gallery-question").replaceChildren(question, keep, remove);
    keep.focus();
  }

  /** One after the other; the first that cannot be deleted ends it, and those that are left stay selected. */
  async #delete() {
    const ids = [...this.#ids];
    this.#busy = true;
    this.#show();
    let deleted = 0;
    try {
      for (const id of ids) {
        setText(byId("gallery-count"), say`Deleting ${deleted + 1} of ${ids.length}`);
        await sendJson("DELETE", `/api/captures/${id}`, {});
        this.#ids.delete(id);
        deleted += 1;
      }
      showNote(say`${deleted} captures deleted`);
    } catch (error) {
      const { message, expected, remedy } = /** @type {ApiError} */ (error).facts;
      showError({ message: say`${deleted} of ${ids.length} captures deleted; ${message}`, expected, remedy });
    }
    this.#busy = false;
    await this.gallery.refresh();
    this.#show();
    byId("gallery-select").focus(); // what had the focus is gone
  }
}
