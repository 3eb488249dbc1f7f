/**
 * Many captures at once: selected by a tap each or by drawing over them, then downloaded as one zip, or deleted. The tile of a
 * series stands for all of its shots. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { Capture } from "../types/shoot.js"
 * @import { Gallery } from "./gallery.js"
 */

import { sendJson } from "../page/api.js";
import { byId, make, setAttribute, setText } from "../page/dom.js";
import { showCaution, showError, showNote } from "../page/toast.js";
import { say } from "../words/words.js";
import { formatBytes } from "./capture-facts.js";
import { DrawnOver } from "./drawn-over.js";

const ZIP = "/api/captures/zip";
const TASKS = ["gallery-zip", "gallery-zip-jpeg", "gallery-make", "gallery-remove"];

export class GallerySelection {
  /** Bytes by id, in the order in which they were selected. @type {Map<string, number>} */
  #chosen = new Map();
  #selecting = false;
  /** What is being looked up: the shots of a series, or all. */
  #asking = 0;
  #list = byId("gallery");

  /** @param {Gallery} gallery */
  constructor(gallery) {
    this.gallery = gallery;
    gallery.isSelected = ({ id }) => this.#chosen.has(id);
    byId("gallery-select").addEventListener("click", () => this.#set(!this.#selecting));
    byId("gallery-all").addEventListener("click", () => void this.#selectAll());
    byId("gallery-zip").addEventListener("click", () => void this.#download("raw+jpeg"));
    byId("gallery-zip-jpeg").addEventListener("click", () => void this.#download("jpeg"));
    byId("gallery-remove").addEventListener("click", () => this.#delete());
    new DrawnOver(this.#list, {
      isOn: () => this.#selecting,
      begin: () => this.#set(true),
      over: (ids) => void this.#add(ids),
    });
    this.#list.addEventListener("click", (event) => this.#tap(event), true);
    byId("gallery-sheet").addEventListener(
      "keydown",
      (event) => {
        if (event.key !== "Escape" || !this.#selecting) return;
        event.stopImmediatePropagation(); // the sheet stays, and the series
        this.#set(false);
      },
      { capture: true },
    );
    this.show();
  }

  /** Those that are selected, in the order in which they were. */
  get ids() {
    return [...this.#chosen.keys()];
  }

  /** @param {boolean} selecting */
  #set(selecting) {
    this.#selecting = selecting;
    this.#chosen.clear();
    this.show();
  }

  /** While captures are selected a tap anywhere on one selects it. @param {MouseEvent} event */
  #tap(event) {
    const item = event.target instanceof Element ? /** @type {HTMLElement|null} */ (event.target.closest("[data-capture]")) : null;
    const capture = this.gallery.find(item?.dataset.capture ?? "");
    if (!this.#selecting || !capture) return;
    if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
    event.stopPropagation();
    if (this.#chosen.has(capture.id)) void this.#take(capture);
    else void this.#add([capture.id]);
  }

  /** @param {string[]} ids Of tiles. */
  async #add(ids) {
    for (const id of ids) {
      const capture = this.gallery.find(id);
      if (capture && !this.#chosen.has(id)) await this.#lookUp(this.gallery.shotsOf(capture));
    }
    this.show();
  }

  /** @param {Capture} capture */
  async #take(capture) {
    if (this.gallery.standsForSeries(capture)) {
      for (const id of (await this.gallery.shotsOf(capture)).keys()) this.#chosen.delete(id);
    }
    this.#chosen.delete(capture.id);
    this.show();
  }

  /** All that are listed, seen or not; or none. */
  async #selectAll() {
    const listed = this.gallery.captures.every(({ id }) => this.#chosen.has(id));
    if (listed) this.#chosen.clear();
    else await this.#lookUp(this.gallery.list.readAll());
    this.show();
  }

  /** @param {Promise<Map<string, number>>} shots */
  async #lookUp(shots) {
    this.#asking += 1;
    this.show();
    try {
      for (const [id, bytes] of await shots) {
        if (this.#selecting && !this.gallery.deletions.hides(id)) this.#chosen.set(id, bytes);
      }
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
    this.#asking -= 1;
  }

  /** Show how many, and what can be done with them. */
  show() {
    for (const id of this.#chosen.keys()) if (this.gallery.deletions.hides(id)) this.#chosen.delete(id);
    setAttribute(byId("gallery-select"), "aria-pressed", this.#selecting);
    this.#list.toggleAttribute("data-selecting", this.#selecting);
    byId("gallery-chosen").hidden = !this.#selecting;
    const bytes = [...this.#chosen.values()].reduce((total, file) => total + file, 0);
    setText(byId("gallery-count"), !this.#selecting ? "" : this.#asking ? say`Looking …` : say`${this.#chosen.size} selected · ${formatBytes(bytes)}`);
    for (const id of TASKS) {
      /** @type {HTMLButtonElement} */ (byId(id)).disabled = this.#chosen.size === 0 || this.#asking > 0;
    }
    this.gallery.showSelected();
  }

  /** @param {"raw+jpeg"|"jpeg"} files */
  async #download(files) {
    try {
      const zip = await sendJson("POST", ZIP, { ids: [...this.#chosen.keys()], files });
      make("a", { href: zip.url, download: zip.name }).click();
      showNote(say`Downloading ${zip.files} files, ${formatBytes(zip.bytes)}`);
      if (zip.without > 0) showCaution(say`${zip.without} of the selected have no such file`);
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
  }

  #delete() {
    const ids = [...this.#chosen.keys()];
    this.#set(false);
    this.gallery.deletions.remove(ids);
    byId("gallery-select").focus(); // what had the focus is gone
  }
}
