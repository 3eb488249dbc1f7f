/**
 * The captures on the camera: a picture each, by day, a series as one. Only those near what is seen are in the document. Runs on
 * the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { Capture } from "../types/shoot.js"
 * @import { Part } from "./capture-list.js"
 * @import { Deletions } from "./deletions.js"
 */

import { byId, make, setText } from "../page/dom.js";
import { showError } from "../page/toast.js";
import { say } from "../words/words.js";
import { bytesOf, CaptureList, EVERYTHING } from "./capture-list.js";
import { nameOfSeries } from "./capture-facts.js";
import { dayOf, isSeries, makeDay, makeTile } from "./gallery-tile.js";
import { NewestCapture } from "./newest-capture.js";

const NEAR = 1.5; // heights of the list above and below it: what a finger brings into sight before it is drawn

export class Gallery {
  list = new CaptureList();
  /** Shows one whole. @type {(capture: Capture) => void} */
  onOpen = () => {};
  /** How one is selected. @type {(capture: Capture) => boolean} */
  isSelected = () => false;
  /** What is listed, or how it is shown, has changed. @type {() => void} */
  onShown = () => {};

  #version = "";
  #newest = new NewestCapture();
  #holder = byId("gallery");
  /** @type {Map<Part, HTMLElement>} */
  #sections = new Map();
  /** Those that are drawn, and of what. @type {Map<string, {json: string, item: HTMLElement}>} */
  #items = new Map();
  /** The one that Tab comes to. */
  #current = "";
  #frame = 0;

  /** @param {Deletions} deletions */
  constructor(deletions) {
    this.deletions = deletions;
    deletions.onChange = () => {
      for (const part of this.list.parts) this.#draw(part);
      void this.refresh();
    };
    byId("gallery-sheet").addEventListener("scroll", () => this.#layOutSoon(), { capture: true, passive: true });
    new ResizeObserver(() => this.#layOutSoon()).observe(this.#holder);
    this.#holder.addEventListener("keydown", (event) => this.#key(event));
    this.#holder.addEventListener("focusin", ({ target }) => this.#noteFocus(target));
  }

  get isOpen() {
    return !byId("gallery-sheet").hidden;
  }

  /** The one taken last, whatever is listed. */
  get newest() {
    return this.#newest.capture;
  }

  /** All that were read and are not deleted, newest first. */
  get captures() {
    return this.list.captures.filter(({ id }) => !this.deletions.hides(id));
  }

  /** Whether there are older ones that were not read. */
  get hasMore() {
    return this.list.hasMore;
  }

  /** Show others. @param {Partial<import("./capture-list.js").Query>} query */
  async choose(query) {
    this.list.choose({ ...EVERYTHING, ...query });
    this.#sections.clear();
    this.#items.clear();
    this.#current = "";
    this.#holder.replaceChildren();
    this.#holder.scrollTop = 0;
    await this.#fillUp();
  }

  /** The room and the newest are asked for, and what is seen is read again; quiet when the server is gone. */
  async refresh() {
    for (const part of this.list.parts) part.stale = true;
    await Promise.all([this.#newest.refresh(), this.#fillUp()]);
  }

  /** Read the list again if captures came or went, whoever took them. @param {string} version @returns {boolean} Whether so. */
  noteVersion(version) {
    if (version === this.#version) return false;
    this.#version = version;
    void this.refresh();
    return true;
  }

  /** Read older ones too. @returns {Promise<boolean>} Whether there were any. */
  async loadMore() {
    try {
      const part = await this.list.readMore();
      if (part) this.#add(part);
      return part !== null;
    } catch {
      return false; // asked for again when it is scrolled, and when the server is back
    }
  }

  /** Have those before and after it, where it is not among what is listed. @param {Capture} capture */
  async readAround({ id }) {
    if (this.list.captures.some((other) => other.id === id)) return;
    if (this.isOpen || this.list.parts.length === 0) return void (await this.loadMore());
    await this.choose(EVERYTHING);
    if (this.list.parts.length === 0) await this.loadMore();
  }

  /** The one taken before it (1) or after it (-1), of those that were read. @param {Capture} capture @param {-1|1} step */
  beside({ id }, step) {
    const { captures } = this;
    const at = captures.findIndex((other) => other.id === id);
    return (at < 0 ? null : captures[at + step]) ?? null;
  }

  /** One that was read, as it is known now. @param {string} id */
  find(id) {
    return this.list.captures.find((capture) => capture.id === id) ?? (this.newest?.id === id ? this.newest : null);
  }

  /** It is known to be so from now on, until it is read again. @param {Capture} capture */
  replace(capture) {
    for (const part of this.list.parts) {
      const at = part.captures.findIndex(({ id }) => id === capture.id);
      if (at < 0) continue;
      part.captures[at] = capture;
      this.#draw(part);
    }
    if (this.newest?.id === capture.id) this.#newest.capture = capture;
  }

  /** Its ids, all of a series. @param {Capture} capture @returns {Promise<Map<string, number>>} Bytes by id. */
  async shotsOf(capture) {
    if (!this.standsForSeries(capture)) return new Map([[capture.id, bytesOf(capture)]]);
    return await this.list.readAll({ ...EVERYTHING, series: capture.series?.place ?? "" });
  }

  /** Whether its tile is that of a whole series. @param {Capture} capture */
  standsForSeries(capture) {
    const { only, lens, series } = this.list.query;
    return isSeries(capture) && !only && !lens && !series;
  }

  /** Draw again whether each is selected. */
  showSelected() {
    for (const capture of this.list.captures) {
      const item = this.#items.get(capture.id)?.item;
      const box = /** @type {HTMLInputElement|null|undefined} */ (item?.querySelector(".gallery-check"));
      if (box) box.checked = this.isSelected(capture);
    }
  }

  /** Read and draw what is seen; more than fits, so that it can be scrolled. */
  async #fillUp() {
    if (!this.isOpen) return;
    if (this.list.parts.length === 0) await this.loadMore();
    await this.#layOut();
  }

  #layOutSoon() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => void this.#layOut());
  }

  /** What is near is drawn, what is far leaves its height; what may have changed is read again when it is near. */
  async #layOut() {
    if (!this.isOpen || this.#holder.clientWidth === 0) return;
    const [list, sheet] = [this.#holder.getBoundingClientRect(), byId("gallery-sheet").getBoundingClientRect()];
    const [top, bottom] = [Math.max(list.top, sheet.top), Math.min(list.bottom, sheet.bottom)]; // either of them scrolls
    const margin = NEAR * Math.max(bottom - top, 200);
    const [from, to] = [top - margin, bottom + margin];
    const again = [];
    for (const [part, section] of this.#sections) {
      const place = section.getBoundingClientRect();
      const isNear = place.bottom >= from && place.top <= to;
      if (isNear && part.stale) again.push(part);
      if (isNear === !section.hasAttribute("data-far")) continue;
      section.toggleAttribute("data-far", !isNear);
      section.style.blockSize = isNear ? "" : `${place.height}px`;
      if (isNear) this.#draw(part);
      else this.#forget(part, section);
    }
    for (const part of again) await this.#readAgain(part);
    this.#showEnd();
    const end = byId("gallery-end").getBoundingClientRect().top;
    if (this.hasMore && end <= to && (await this.loadMore())) this.#layOutSoon();
  }

  /** @param {Part} part */
  async #readAgain(part) {
    try {
      if (!(await this.list.readAgain(part))) return;
      for (const [at, other] of this.list.parts.entries()) this.#add(other, this.#sections.get(this.list.parts[at - 1])?.nextSibling);
      this.#draw(part);
      if (this.list.parts.some(({ stale }) => stale)) this.#layOutSoon();
    } catch (error) {
      const { status, facts } = /** @type {ApiError} */ (error);
      if (status !== 404) return; // gone for a while
      showError(facts); // the series was deleted
      await this.choose(EVERYTHING);
    }
  }

  /** @param {Part} part @param {Node|null} [before] What it stands before, if not at the end. */
  #add(part, before = null) {
    if (this.#sections.has(part)) return;
    const section = make("ul", { class: "gallery-part" });
    this.#sections.set(part, section);
    this.#holder.insertBefore(section, before ?? this.#end());
    this.#draw(part);
  }

  #end() {
    return document.getElementById("gallery-end") ?? this.#holder.appendChild(make("p", { id: "gallery-end", class: "gallery-end", role: "status" }));
  }

  /** @param {Part} part */
  #draw(part) {
    const section = this.#sections.get(part);
    if (!section || section.hasAttribute("data-far")) return;
    const focused = section.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
    const before = this.#listed();
    /** @type {HTMLElement[]} */
    const shown = [];
    let day = this.#dayBefore(part);
    for (const capture of part.captures) {
      if (this.deletions.hides(capture.id)) continue;
      if (dayOf(capture) !== day) {
        day = dayOf(capture);
        shown.push(this.#dayOf(section, day));
      }
      shown.push(this.#tile(capture));
    }
    placeInOrder(section, shown);
    if (focused && !focused.isConnected) this.#focusNear(before, focused);
    this.#showEnd();
    this.onShown();
  }

  /** The day of the last capture above a part: it is not said again. @param {Part} part */
  #dayBefore(part) {
    const above = this.list.parts.slice(0, this.list.parts.indexOf(part)).flatMap(({ captures }) => captures);
    const last = above.filter(({ id }) => !this.deletions.hides(id)).pop();
    return last ? dayOf(last) : null;
  }

  /** @param {HTMLElement} section @param {string} day */
  #dayOf(section, day) {
    return /** @type {HTMLElement|null} */ (section.querySelector(`.gallery-day[data-day="${day}"]`)) ?? makeDay(day);
  }

  /** As it is shown already where nothing changed. @param {Capture} capture */
  #tile(capture) {
    const json = JSON.stringify([capture, this.standsForSeries(capture)]);
    const before = this.#items.get(capture.id);
    if (before?.json === json) return before.item;
    const item = makeTile(capture, this.standsForSeries(capture));
    const link = /** @type {HTMLElement} */ (item.querySelector(".gallery-link"));
    link.addEventListener("click", (event) => this.#open(event, capture));
    setTabIndex(item, capture.id === (this.#current || this.list.parts[0]?.captures[0]?.id) ? 0 : -1);
    const box = /** @type {HTMLInputElement} */ (item.querySelector(".gallery-check"));
    box.checked = this.isSelected(capture);
    this.#items.set(capture.id, { json, item });
    return item;
  }

  /** @param {Part} part @param {HTMLElement} section */
  #forget(part, section) {
    for (const { id } of part.captures) this.#items.delete(id);
    section.replaceChildren();
  }

  /** @param {MouseEvent} event @param {Capture} capture */
  #open(event, capture) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
    event.preventDefault();
    if (this.standsForSeries(capture)) void this.choose({ series: capture.series?.place });
    else this.onOpen(capture);
  }

  #showEnd() {
    const { only, lens, series } = this.list.query;
    const empty = this.captures.length === 0;
    const filtered = only || lens || series;
    this.#end();
    setText(byId("gallery-end"), this.hasMore ? say`Looking for more …` : !empty ? "" : filtered ? say`None of the captures is so.` : say`Nothing taken yet.`);
  }

  /** The tiles that are in the document, in order. */
  #listed() {
    return /** @type {HTMLElement[]} */ ([...this.#holder.querySelectorAll("[data-capture]")]);
  }

  /** What had the focus is gone: the next one gets it. @param {HTMLElement[]} before @param {HTMLElement} focused */
  #focusNear(before, focused) {
    const at = before.findIndex((item) => item.contains(focused));
    const near = [...before.slice(at + 1), ...before.slice(0, at).reverse()].find((item) => item.isConnected);
    if (near) focusOn(near);
    else byId("gallery-select").focus();
  }

  /** @param {EventTarget|null} target */
  #noteFocus(target) {
    const item = /** @type {HTMLElement|null} */ (target instanceof Element ? target.closest("[data-capture]") : null);
    if (!item?.dataset.capture || item.dataset.capture === this.#current) return;
    this.#current = item.dataset.capture;
    for (const other of this.#listed()) setTabIndex(other, -1);
    setTabIndex(item, 0);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const items = this.#listed();
    const at = items.findIndex((item) => item.contains(document.activeElement));
    const capture = at < 0 ? null : this.find(items[at].dataset.capture ?? "");
    if (!capture) return;
    const columns = Math.max(1, items.findIndex((item) => item.offsetTop > items[0].offsetTop));
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns, Home: -at, End: items.length - 1 - at };
    if (event.key in steps) {
      const next = items[at + steps[/** @type {keyof typeof steps} */ (event.key)]];
      if (next) focusOn(next);
    } else if (event.key === "Delete") {
      void this.delete(capture);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation(); // they are keys of the viewfinder too
  }

  /** Delete it, or its series; it can be had back for a while. @param {Capture} capture */
  async delete(capture) {
    try {
      this.deletions.remove([...(await this.shotsOf(capture)).keys()]);
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
  }

  /** What is listed, in words. */
  get title() {
    const { series } = this.list.query;
    const first = this.list.captures[0];
    return series && first?.series ? nameOfSeries(first.series) : "";
  }
}

/** The picture, or the box while captures are selected. @param {HTMLElement} item */
function focusOn(item) {
  const box = /** @type {HTMLElement} */ (item.querySelector(".gallery-check"));
  /** @type {HTMLElement} */ (box.checkVisibility() ? box : item.querySelector(".gallery-link")).focus();
}

/** @param {HTMLElement} item @param {number} index */
function setTabIndex(item, index) {
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (item.querySelectorAll(".gallery-link, .gallery-check"))) part.tabIndex = index;
}

/**
 * Make `items` the children of `holder`; those that are there already are not touched.
 * @param {HTMLElement} holder
 * @param {HTMLElement[]} items
 */
function placeInOrder(holder, items) {
  const wanted = new Set(items);
  for (const child of [...holder.children]) if (!wanted.has(/** @type {HTMLElement} */ (child))) child.remove();
  let next = holder.firstElementChild;
  for (const item of items) {
    if (item === next) next = next.nextElementSibling;
    else holder.insertBefore(item, next);
  }
}
