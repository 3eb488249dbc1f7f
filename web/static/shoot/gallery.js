/**
 * The captures on the camera: thumbnails, downloads, deleting, and how many more fit. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { Capture, CaptureList } from "../types/shoot.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { formatShutter } from "../exposure/notation.js";
import { showError, showNote } from "../page/toast.js";
import { formatNumber, formatTime } from "../words/figures.js";
import { tellFinding } from "../words/sentences.js";
import { say } from "../words/words.js";

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

  /** @param {CaptureList} list */
  #show(list) {
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
      this.#wanted += PAGE;
      void this.refresh();
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
    const about = make("div", {}, head, ...verdictOf(capture), links);
    const item = make("li", { class: "gallery-item", "data-capture": capture.id }, picture(capture), about);
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

/** The thumbnail; a tap shows the whole picture. @param {Capture} capture */
function picture(capture) {
  if (!capture.thumbnail_url || !capture.picture_url) return make("span", { class: "gallery-picture" });
  const image = make("img", { class: "gallery-picture", src: capture.thumbnail_url, alt: "", loading: "lazy" });
  return make("a", { href: capture.picture_url, target: "_blank", "aria-label": say`Show ${capture.id}` }, image);
}

/** @param {Capture} capture */
function verdictOf(capture) {
  if (capture.audit === null) return [];
  const { verdict, findings } = capture.audit;
  const label = { ok: say`✓ read back and sound`, warning: say`! not quite as asked`, fault: say`✗ not sound` }[verdict];
  const line = make("p", { class: "gallery-audit", "data-verdict": verdict }, label);
  return [line, ...findings.map((finding) => make("p", { class: "gallery-finding" }, tellFinding(finding)))];
}

/** @param {Capture["files"][number]} file */
function downloadLink(file) {
  const size = make("span", { class: "gallery-size" }, formatBytes(file.bytes));
  return make("a", { class: "download", href: `${file.url}?download=1`, download: file.name }, `${kindOf(file)} `, size);
}

/** @param {Capture["files"][number]} file */
function kindOf({ kind }) {
  return kind === "dng" ? "DNG" : "JPEG";
}

/** @param {Capture} capture */
function factsOf(capture) {
  const facts = [];
  if (capture.taken_at) facts.push(formatTime(capture.taken_at));
  if (capture.exposure_us) facts.push(formatShutter(capture.exposure_us));
  if (capture.iso) facts.push(`ISO ${capture.iso}`);
  if (capture.simulated) facts.push(say`simulated`);
  return facts.join(" · ");
}

/**
 * How many more fit, by the size of the last shots. Before the first one the count is by the largest that a shot can be: so
 * many at least, in hundreds.
 * @param {CaptureList} list
 */
function shotsLeft({ shots_left, total }) {
  return total > 0 || shots_left < 100 ? String(shots_left) : `>${Math.floor(shots_left / 100) * 100}`;
}

/** @param {number} bytes */
function formatBytes(bytes) {
  if (bytes >= 1e9) return `${formatNumber(bytes / 1e9, 1)} GB`;
  return bytes >= 1e6 ? `${formatNumber(bytes / 1e6, 1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
