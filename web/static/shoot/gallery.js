/**
 * The captures on the camera: thumbnails, downloads, deleting, and how many more fit. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { Capture, CaptureList } from "../types/shoot.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { showError, showNote } from "../page/toast.js";
import { say } from "../words/words.js";
import { downloadLink, factsOf, formatBytes, kindOf, verdictOf } from "./capture-facts.js";

const LIST = "/api/captures";
const PAGE = 50;
const LIMIT_MAX = 1000; // of one request

const BIN = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5"/></svg>';

export class Gallery {
  /** How many are shown at most. */
  #wanted = PAGE;
  #version = "";
  /** What is shown, by the capture's id, and of what: a question that is open stays when others come. @type {Map<string, {json: string, item: HTMLElement}>} */
  #items = new Map();
  /** Those that are shown, the one taken last first. @type {Capture[]} */
  captures = [];
  /** Whether there are older ones that were not read. */
  hasMore = false;
  /** Shows one whole. @type {(capture: Capture) => void} */
  onOpen = () => {};
  /** Whether one is selected. @type {(id: string) => boolean} */
  isSelected = () => false;
  /** The list was read again, and is shown. @type {() => void} */
  onShown = () => {};

  /** Read the list again and show it; quiet when the server is gone. */
  async refresh() {
    try {
      const list = /** @type {CaptureList} */ (await getJson(`${LIST}?limit=${Math.min(this.#wanted, LIMIT_MAX)}`));
      while (list.next && list.captures.length < this.#wanted) {
        const more = await getJson(`${LIST}?limit=${LIMIT_MAX}&after=${encodeURIComponent(list.next)}`);
        list.captures.push(...more.captures);
        list.next = more.next;
      }
      this.#show(list);
    } catch {
      // The banner says that the server is gone; the list is read again when it is back.
    }
  }

  /** Read the list again if captures came or went, whoever took them. @param {string} version */
  noteVersion(version) {
    if (version === this.#version) return;
    this.#version = version;
    void this.refresh();
  }

  /** Show older ones too. */
  loadMore() {
    this.#wanted += PAGE;
    return this.refresh();
  }

  /** The one taken before it (1) or after it (-1), of those that are shown. @param {Capture} capture @param {-1|1} step */
  beside({ id }, step) {
    const at = this.captures.findIndex((other) => other.id === id);
    return (at < 0 ? null : this.captures[at + step]) ?? null;
  }

  /** @param {CaptureList} list */
  #show(list) {
    this.captures = list.captures;
    this.hasMore = list.next !== null;
    const left = shotsLeft(list);
    setText(byId("shots-left"), list.shots_left > 9999 ? ">9999" : left);
    setText(byId("gallery-room"), say`${formatBytes(list.free_bytes)} free · ${left} shots left`);
    this.#items = new Map(list.captures.map((capture) => [capture.id, this.#shownAs(capture)]));
    /** @type {HTMLElement[]} */
    const shown = [...this.#items.values()].map(({ item }) => item);
    if (shown.length === 0) shown.push(make("li", { class: "gallery-empty" }, say`Nothing taken yet.`));
    if (list.next) shown.push(this.#more(list.total - list.captures.length));
    placeInOrder(byId("gallery"), shown);
    this.#showNewest(list.captures[0]);
    this.onShown();
  }

  /** As it is shown already where nothing changed, and while it asks: its verdict may come later. @param {Capture} capture */
  #shownAs(capture) {
    const json = JSON.stringify(capture);
    const before = this.#items.get(capture.id);
    const stays = before && (before.json === json || before.item.querySelector(".gallery-sure"));
    return stays ? before : { json, item: this.#item(capture) };
  }

  /** @param {number} left How many are older than those that are shown. */
  #more(left) {
    const button = make("button", { type: "button", class: "download" }, say`Show more of ${left}`);
    button.addEventListener("click", () => {
      button.disabled = true;
      void this.loadMore();
    });
    return make("li", { class: "gallery-more" }, button);
  }

  /** @param {Capture} capture */
  #item(capture) {
    const remove = make("button", { type: "button", class: "icon-button gallery-delete", "aria-label": say`Delete ${capture.id}`, title: say`Delete` });
    remove.innerHTML = BIN;
    const name = make("p", { class: "gallery-name" }, capture.id);
    const head = make("div", { class: "gallery-head" }, make("div", {}, name, make("p", { class: "gallery-facts" }, factsOf(capture))), remove);
    const links = make("p", { class: "gallery-links" }, ...capture.files.map(downloadLink));
    const box = make("input", { type: "checkbox", class: "gallery-check", "aria-label": say`Select ${capture.id}` });
    box.checked = this.isSelected(capture.id);
    const about = make("div", {}, head, ...verdictOf(capture), links);
    const item = make("li", { class: "gallery-item", "data-capture": capture.id }, this.#picture(capture), about, box);
    const ask = () => links.isConnected && links.replaceWith(this.#question(capture, links, remove));
    remove.addEventListener("click", ask);
    item.addEventListener("keydown", ({ key }) => key === "Delete" && ask());
    return item;
  }

  /**
   * Deleting is for good: it is asked for twice, and the safe answer has the focus.
   * @param {Capture} capture
   * @param {HTMLElement} links What the answer "keep" brings back.
   * @param {HTMLElement} asked What has the focus then.
   */
  #question(capture, links, asked) {
    const kinds = capture.files.map(kindOf).join(say` and `);
    const keep = make("button", { type: "button", class: "download" }, say`Keep`);
    const remove = make("button", { type: "button", class: "download gallery-sure" }, say`Delete for good`);
    const question = make("div", { role: "group", "aria-label": say`Delete ${kinds} of ${capture.id}?` });
    question.append(make("p", { class: "gallery-ask" }, say`Delete ${kinds}?`), make("p", { class: "gallery-links" }, keep, remove));
    const back = () => {
      question.replaceWith(links);
      asked.focus();
    };
    keep.addEventListener("click", back);
    question.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // the sheet stays
      back();
    });
    remove.addEventListener("click", () => void this.#delete(capture, remove, back));
    requestAnimationFrame(() => keep.focus());
    return question;
  }

  /**
   * @param {Capture} capture
   * @param {HTMLButtonElement} button
   * @param {() => void} back
   */
  async #delete(capture, button, back) {
    button.disabled = true;
    const next = /** @type {HTMLElement|null} */ (button.closest(".gallery-item")?.nextElementSibling)?.dataset.capture;
    try {
      await sendJson("DELETE", `/api/captures/${capture.id}`, {});
      showNote(say`Deleted ${capture.id}`);
    } catch (error) {
      back();
      showError(/** @type {ApiError} */ (error).facts);
    }
    await this.refresh();
    /** @type {HTMLElement|null} */ (document.querySelector(`[data-capture="${next}"] .gallery-delete`))?.focus();
  }

  /** The thumbnail; a tap shows the whole picture. @param {Capture} capture */
  #picture(capture) {
    if (!capture.thumbnail_url || !capture.picture_url) return make("span", { class: "gallery-picture" });
    const image = make("img", { class: "gallery-picture", src: capture.thumbnail_url, alt: "", loading: "lazy" });
    const link = make("a", { class: "gallery-link", href: capture.picture_url, target: "_blank", "aria-label": say`Show ${capture.id}` }, image);
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own
      event.preventDefault();
      this.onOpen(capture);
    });
    return link;
  }

  /** @param {Capture|undefined} newest */
  #showNewest(newest) {
    const thumb = byId("gallery-thumb");
    if ((newest?.id ?? "") === (thumb.dataset.capture ?? "")) return;
    thumb.dataset.capture = newest?.id ?? "";
    const url = newest?.thumbnail_url;
    thumb.replaceChildren(...(url ? [make("img", { src: url, alt: say`Newest capture, ${newest.id}` })] : []));
  }
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

/**
 * How many more fit, by the size of the last shots. Before the first one the count is by the largest that a shot can be: so
 * many at least, in hundreds.
 * @param {CaptureList} list
 */
function shotsLeft({ shots_left, total }) {
  return total > 0 || shots_left < 100 ? String(shots_left) : `>${Math.floor(shots_left / 100) * 100}`;
}
