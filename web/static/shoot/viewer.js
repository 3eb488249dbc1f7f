/**
 * One capture, full screen: the whole picture first, all of its pixels when it is made larger; what it was taken with, what the
 * audit found, its histogram and where it is clipped. Opened from the captures, and after a shot as long as one likes. Runs on
 * the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { Capture } from "../types/shoot.js"
 * @import { Gallery } from "./gallery.js"
 */

import { sendJson } from "../page/api.js";
import { noteClosed, noteOpened } from "../page/back.js";
import { byId, make, setAttribute, setText } from "../page/dom.js";
import { makeChoice } from "../page/widgets.js";
import { formatNumber } from "../words/figures.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";
import { downloadLink, factsOf, verdictOf } from "./capture-facts.js";
import { drawHistogram, marksOf } from "./picture-marks.js";
import { PictureZoom } from "./picture-zoom.js";

const FIRST_EDGE_PX = 2048; // enough for any phone's screen, and a tenth of the bytes

export class Viewer {
  /** @type {Capture|null} */
  #capture = null;
  #dialog = /** @type {HTMLDialogElement} */ (byId("viewer"));
  #picture = /** @type {HTMLImageElement} */ (byId("viewer-picture"));
  #zoom;
  /** Whether all pixels are shown, or asked for. */
  #whole = false;
  #closeTimer = 0;

  /**
   * @param {Gallery} gallery
   * @param {SettingsStore} settings
   */
  constructor(gallery, settings) {
    this.gallery = gallery;
    this.settings = settings;
    this.#zoom = new PictureZoom(byId("viewer-place"), byId("viewer-moved"), this.#picture, {
      onSwipe: (step) => void this.#turn(step),
      onEnlarge: () => this.#showAllPixels(),
      onTouch: () => clearTimeout(this.#closeTimer),
    });
    byId("viewer-close").addEventListener("click", () => this.#dialog.close());
    byId("viewer-before").addEventListener("click", () => void this.#turn(-1));
    byId("viewer-after").addEventListener("click", () => void this.#turn(1));
    byId("viewer-pixels").addEventListener("click", () => this.#zoom.toggle());
    byId("viewer-marks").addEventListener("click", () => settings.set({ viewerMarks: !settings.values.viewerMarks }));
    byId("viewer-delete").addEventListener("click", () => this.#ask());
    this.#picture.addEventListener("load", () => this.#showMarks());
    this.#picture.addEventListener("error", () => this.#noteMissing());
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("pointerdown", () => clearTimeout(this.#closeTimer));
    this.#dialog.addEventListener("close", () => this.#closed());
    settings.follow(() => this.#showMarks());
    byId("release-settings").append(this.#reviewChoice());
  }

  /** @param {Capture} capture */
  open(capture) {
    if (!this.#dialog.open) {
      this.#dialog.showModal();
      noteOpened(() => this.#dialog.close());
    }
    this.#show(capture);
  }

  /** A shot is on the disk: show it as long as the user likes. @param {string} id */
  review(id) {
    const { review } = this.settings.values;
    const capture = this.gallery.captures.find((other) => other.id === id);
    if (review === "off" || !capture || document.querySelector("dialog[open]")) return;
    this.open(capture);
    clearTimeout(this.#closeTimer);
    if (review !== "hold") this.#closeTimer = setTimeout(() => this.#dialog.close(), 1000 * Number(review));
  }

  #reviewChoice() {
    const choice = makeChoice(
      say`Show the picture after a shot`,
      [
        { value: "off", text: say`Off` },
        { value: "2", text: say`${2} s` },
        { value: "5", text: say`${5} s` },
        { value: "hold", text: say`Until closed` },
      ],
      (review) => this.settings.set({ review: /** @type {"off"|"2"|"5"|"hold"} */ (review) }),
    );
    choice.element.dataset.review = "";
    this.settings.follow(() => choice.set(this.settings.values.review));
    return choice.element;
  }

  /** @param {Capture} capture */
  #show(capture) {
    this.#capture = capture;
    this.#whole = false;
    this.#zoom.reset();
    setText(byId("viewer-name"), capture.id);
    setText(byId("viewer-facts"), factsOf(capture));
    byId("viewer-verdict").replaceChildren(...verdictOf(capture));
    byId("viewer-files").replaceChildren(...capture.files.map(downloadLink));
    byId("viewer-question").replaceChildren();
    setText(byId("viewer-says"), "");
    setAttribute(this.#dialog, "data-picture", capture.picture_url ? "loading" : "none");
    this.#picture.alt = say`Picture of ${capture.id}`;
    this.#hideMarks();
    const { picture_url: url } = capture;
    const jpeg = capture.files.some((file) => file.kind === "jpeg");
    if (url) this.#picture.src = jpeg ? `${url}?size=${FIRST_EDGE_PX}` : url;
    else this.#picture.removeAttribute("src");
    const [before, after] = [this.gallery.beside(capture, -1), this.gallery.beside(capture, 1)];
    /** @type {HTMLButtonElement} */ (byId("viewer-before")).disabled = before === null;
    /** @type {HTMLButtonElement} */ (byId("viewer-after")).disabled = after === null && !this.gallery.hasMore;
  }

  /** To the one taken after (-1) or before (1) it. @param {-1|1} step */
  async #turn(step) {
    const from = this.#capture;
    if (!from) return;
    if (step === 1 && this.gallery.beside(from, 1) === null && this.gallery.hasMore) await this.gallery.loadMore();
    const next = this.gallery.beside(from, step);
    if (next && this.#capture === from) this.#show(next);
  }

  /** The copy that is shown first has fewer pixels than the file: they are loaded, and take its place when they are here. */
  async #showAllPixels() {
    const capture = this.#capture;
    if (this.#whole || !capture?.picture_url) return;
    this.#whole = true;
    const all = new Image();
    all.src = capture.picture_url;
    try {
      await all.decode();
    } catch {
      this.#whole = false; // asked for again when it is made larger again
      return;
    }
    if (this.#capture === capture) this.#picture.src = all.src;
  }

  #showMarks() {
    const { viewerMarks } = this.settings.values;
    setAttribute(byId("viewer-marks"), "aria-pressed", viewerMarks);
    const loaded = this.#picture.complete && this.#picture.naturalWidth > 0;
    if (!this.#dialog.open || !loaded) return;
    setAttribute(this.#dialog, "data-picture", "shown");
    if (!viewerMarks) return this.#hideMarks();
    const marks = marksOf(this.#picture);
    drawHistogram(/** @type {HTMLCanvasElement} */ (byId("viewer-histogram")), marks);
    const canvas = /** @type {HTMLCanvasElement} */ (byId("viewer-clipped"));
    Object.assign(canvas, { width: marks.width, height: marks.height });
    canvas.getContext("2d")?.putImageData(marks.clipped, 0, 0);
    setText(byId("viewer-share"), say`JPEG clipped: ${formatNumber(100 * marks.clippedShare, 2)} %`);
    for (const id of ["viewer-graph", "viewer-clipped"]) byId(id).hidden = false;
  }

  #hideMarks() {
    for (const id of ["viewer-graph", "viewer-clipped"]) byId(id).hidden = true;
  }

  #noteMissing() {
    if (this.#picture.hasAttribute("src")) setAttribute(this.#dialog, "data-picture", "none");
  }

  /** Deleting is for good: it is asked for twice, and the safe answer has the focus. */
  #ask() {
    const capture = this.#capture;
    if (!capture) return;
    const keep = make("button", { type: "button", class: "download" }, say`Keep`);
    const remove = make("button", { type: "button", class: "download gallery-sure" }, say`Delete for good`);
    const back = () => byId("viewer-question").replaceChildren();
    keep.addEventListener("click", back);
    remove.addEventListener("click", () => void this.#delete(capture, remove));
    byId("viewer-question").replaceChildren(keep, remove);
    keep.focus();
  }

  /** @param {Capture} capture @param {HTMLButtonElement} button */
  async #delete(capture, button) {
    button.disabled = true;
    const next = this.gallery.beside(capture, 1) ?? this.gallery.beside(capture, -1);
    try {
      await sendJson("DELETE", `/api/captures/${capture.id}`, {});
    } catch (error) {
      byId("viewer-question").replaceChildren();
      const { message, remedy } = /** @type {ApiError} */ (error).facts;
      return setText(byId("viewer-says"), [message, remedy].filter(Boolean).map(tell).join("; "));
    }
    await this.gallery.refresh();
    if (this.#capture !== capture) return;
    if (!next) return this.#dialog.close();
    this.#show(next);
    setText(byId("viewer-says"), say`Deleted ${capture.id}`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    clearTimeout(this.#closeTimer);
    if (event.key === "Escape") event.stopPropagation(); // the captures below stay
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    /** @type {Record<string, () => void>} */
    const actions = {
      ArrowLeft: () => void this.#turn(-1),
      ArrowRight: () => void this.#turn(1),
      "+": () => this.#zoom.step(1),
      "=": () => this.#zoom.step(1),
      "-": () => this.#zoom.step(-1),
      1: () => this.#zoom.toggle(),
      0: () => this.#zoom.reset(),
      h: () => byId("viewer-marks").click(),
      Delete: () => this.#ask(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #closed() {
    clearTimeout(this.#closeTimer);
    this.#capture = null;
    this.#picture.removeAttribute("src"); // 50 MB of pixels
    const opener = byId("gallery-open");
    if (byId("gallery-sheet").hidden) noteClosed();
    else noteOpened(() => opener.click()); // Back closes the captures next
  }
}
