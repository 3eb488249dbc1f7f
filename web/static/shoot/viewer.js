/**
 * One capture, full screen: the whole picture first, all of its pixels when it is made larger; what it was taken with, what the
 * audit found, its histogram, where it is clipped and where it is sharp; a series as a film. Opened from the captures, and after a shot as long as one likes. Runs on
 * the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { Capture } from "../types/shoot.js"
 * @import { Deletions } from "./deletions.js"
 * @import { Gallery } from "./gallery.js"
 */

import { sendJson } from "../page/api.js";
import { noteClosed, noteOpened } from "../page/back.js";
import { byId, setAttribute, setText } from "../page/dom.js";
import { makeChoice, withLabel } from "../page/widgets.js";
import { formatNumber } from "../words/figures.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";
import { downloadLink, factsOf, nameOfSeries, verdictOf } from "./capture-facts.js";
import { Film } from "./film.js";
import { isSeries } from "./gallery-tile.js";
import { drawHistogram, marksOf } from "./picture-marks.js";
import { PeakingOfFile } from "./peaking-of-file.js";
import { picturesOf } from "./pictures-of.js";
import { canShare, share } from "./share.js";
import { PictureZoom } from "./picture-zoom.js";

const NO_PICTURES = { whole: null, first: null, quick: null };

export class Viewer {
  /** @type {Capture|null} */
  #capture = null;
  #dialog = /** @type {HTMLDialogElement} */ (byId("viewer"));
  #picture = /** @type {HTMLImageElement} */ (byId("viewer-picture"));
  #zoom;
  /** @type {import("./pictures-of.js").Pictures} */
  #pictures = NO_PICTURES;
  /** Whether it is the quick one that is shown, or was asked for. */
  #quick = false;
  /** Whether all pixels are shown, or asked for. */
  #whole = false;
  #closeTimer = 0;
  #film;
  #peaking;
  /** Buttons beside its files, for what else can be done with it. @type {(capture: Capture) => HTMLElement[]} */
  tasksOf = () => [];

  /**
   * @param {Gallery} gallery
   * @param {SettingsStore} settings
   * @param {Deletions} deletions
   * @param {() => {x: number, y: number}} focusPoint Where the focus area is, in parts of the picture as it is shown.
   */
  constructor(gallery, settings, deletions, focusPoint) {
    this.gallery = gallery;
    this.settings = settings;
    this.deletions = deletions;
    this.#film = new Film(gallery.list, (capture, url, place) => this.#showOfFilm(capture, url, place));
    this.#peaking = new PeakingOfFile(settings, (text) => setText(byId("viewer-says"), text));
    this.#zoom = new PictureZoom(byId("viewer-place"), byId("viewer-moved"), this.#picture, {
      onSwipe: (step) => void this.#turn(step),
      onEnlarge: () => this.#showAllPixels(),
      onTouch: () => clearTimeout(this.#closeTimer),
    });
    byId("viewer-close").addEventListener("click", () => this.#dialog.close());
    byId("viewer-before").addEventListener("click", () => void this.#turn(-1));
    byId("viewer-after").addEventListener("click", () => void this.#turn(1));
    byId("viewer-pixels").addEventListener("click", () => this.#zoom.toggleAt(focusPoint()));
    byId("viewer-star").addEventListener("click", () => void this.#star());
    byId("viewer-play").addEventListener("click", () => void this.#play());
    byId("viewer-peaking").addEventListener("click", () => settings.set({ viewerPeaking: !settings.values.viewerPeaking }));
    byId("viewer-undo").addEventListener("click", () => this.#undo());
    deletions.onWaiting = (label) => this.#showWaiting(label);
    byId("viewer-marks").addEventListener("click", () => settings.set({ viewerMarks: !settings.values.viewerMarks }));
    byId("viewer-delete").addEventListener("click", () => void this.#delete());
    this.#picture.addEventListener("load", () => this.#loaded());
    this.#picture.addEventListener("error", () => this.#noteMissing());
    this.#dialog.addEventListener("keydown", (event) => this.#key(event));
    this.#dialog.addEventListener("pointerdown", () => clearTimeout(this.#closeTimer));
    this.#dialog.addEventListener("close", () => this.#closed());
    settings.follow(() => {
      this.#showMarks();
      this.#showPeaking();
      this.#showFiles();
    });
    byId("viewer-share").addEventListener("click", () => void this.#share());
    byId("release-settings").append(withLabel(this.#reviewChoice()));
  }

  /** The one that is shown. */
  get capture() {
    return this.#capture;
  }

  /** What is known of the captures has changed: the files of this one may have. */
  noteChanged() {
    const now = this.#capture && this.gallery.find(this.#capture.id);
    if (!now) return;
    this.#capture = now;
    this.#showFiles();
  }

  /** @param {Capture} capture */
  open(capture) {
    this.#open(capture);
    void this.gallery.readAround(capture).then(() => this.#capture === capture && this.#showSteps());
  }

  /** @param {Capture} capture @param {boolean} [quick] */
  #open(capture, quick = false) {
    if (!this.#dialog.open) {
      this.#dialog.showModal();
      noteOpened(() => this.#dialog.close());
    }
    this.#show(capture, quick);
  }

  /** The shot that was taken last. @returns {boolean} Whether there is one that is not deleted. */
  openNewest() {
    const { newest } = this.gallery;
    if (!newest || this.deletions.hides(newest.id)) return false;
    this.open(newest);
    return true;
  }

  /**
   * A shot is on the disk: show it as long as the user likes.
   * @param {Capture} capture
   * @param {Promise<void>} listed When the gallery knows it: it need not be waited for.
   */
  review(capture, listed) {
    const { review } = this.settings.values;
    if (review === "off" || document.querySelector("dialog[open]")) return;
    this.#open(capture, true);
    void listed.then(() => this.gallery.readAround(capture)).then(() => this.#capture === capture && this.#showSteps());
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

  /** @param {Capture} capture @param {boolean} [quick] Whether the picture that is there soonest is shown first. */
  #show(capture, quick = false) {
    this.#film.stop();
    this.#tell(capture);
    this.#whole = false;
    this.#zoom.reset();
    setAttribute(this.#dialog, "data-picture", capture.picture_url ? "loading" : "none");
    this.#pictures = picturesOf(capture);
    this.#quick = quick;
    const src = quick ? this.#pictures.quick : this.#pictures.first;
    if (src) this.#picture.src = src;
    else this.#picture.removeAttribute("src");
    this.#showPeaking();
  }

  /** What is said of it. @param {Capture} capture */
  #tell(capture) {
    this.#capture = capture;
    setText(byId("viewer-name"), capture.id);
    setText(byId("viewer-facts"), factsOf(capture));
    byId("viewer-verdict").replaceChildren(...verdictOf(capture));
    this.#showFiles();
    setText(byId("viewer-says"), "");
    this.#picture.alt = say`Picture of ${capture.id}`;
    this.#hideMarks();
    this.#showStar();
    byId("viewer-play").hidden = !isSeries(capture);
    setText(byId("viewer-series"), isSeries(capture) && capture.series ? nameOfSeries(capture.series) : "");
    this.#showSteps();
  }

  /** Its files, as this device wants them. */
  #showFiles() {
    const files = this.#capture?.files ?? [];
    const tasks = this.#capture ? this.tasksOf(this.#capture) : [];
    byId("viewer-files").replaceChildren(...files.map((file) => downloadLink(file, this.settings.values)), ...tasks);
    byId("viewer-share").hidden = !canShare() || !files.some(({ kind }) => kind === "jpeg");
  }

  async #share() {
    const capture = this.#capture;
    if (!capture) return;
    setText(byId("viewer-says"), say`Looking …`);
    setText(byId("viewer-says"), await share(capture, this.settings.values));
  }

  /** Whether there is one before it, and after it. */
  #showSteps() {
    const capture = this.#capture;
    if (!capture) return;
    const [before, after] = [this.gallery.beside(capture, -1), this.gallery.beside(capture, 1)];
    /** @type {HTMLButtonElement} */ (byId("viewer-before")).disabled = before === null;
    /** @type {HTMLButtonElement} */ (byId("viewer-after")).disabled = after === null && !this.gallery.hasMore;
  }

  /** @param {Capture} capture @param {string} url @param {string} place "3 of 24". */
  #showOfFilm(capture, url, place) {
    this.#tell(capture);
    setAttribute(byId("viewer-play"), "aria-pressed", place !== "");
    if (!place) return this.#show(capture); // the end: all of it can be seen again
    setText(byId("viewer-says"), place);
    this.#picture.src = url;
  }

  /** The shots of its series one after the other, from the first; or stop here. */
  async #play() {
    const capture = this.#capture;
    if (!capture) return;
    if (this.#film.isPlaying) return this.#show(capture);
    this.#zoom.reset();
    byId("viewer-says").textContent = say`Looking …`;
    try {
      await this.#film.play(capture);
    } catch (error) {
      this.#say(/** @type {ApiError} */ (error));
    }
    setAttribute(byId("viewer-play"), "aria-pressed", false);
  }

  #showStar() {
    const starred = this.#capture?.starred ?? false;
    setAttribute(byId("viewer-star"), "aria-pressed", starred);
    setText(byId("viewer-star"), starred ? "★" : "☆");
  }

  async #star() {
    const capture = this.#capture;
    if (!capture) return;
    try {
      const { starred } = await sendJson("PUT", `/api/captures/${capture.id}/star`, { starred: !capture.starred });
      const now = { ...capture, starred };
      this.gallery.replace(now);
      if (this.#capture?.id !== capture.id) return;
      this.#capture = now;
      this.#showStar();
    } catch (error) {
      this.#say(/** @type {ApiError} */ (error));
    }
  }

  /** @param {ApiError} error */
  #say({ facts: { message, remedy } }) {
    setText(byId("viewer-says"), [message, remedy].filter(Boolean).map(tell).join("; "));
  }

  #showPeaking() {
    const { viewerPeaking } = this.settings.values;
    setAttribute(byId("viewer-peaking"), "aria-pressed", viewerPeaking);
    void this.#peaking.show(this.#dialog.open && viewerPeaking ? this.#capture : null);
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
    const url = this.#pictures.whole;
    if (this.#whole || !url) return;
    this.#whole = true;
    this.#whole = await this.#exchange(url); // else it is asked for again when it is made larger again
  }

  /** Where it is the quick picture, the one that others begin with takes its place. */
  #loaded() {
    this.#showMarks();
    const { quick, first } = this.#pictures;
    if (this.#quick && first && first !== quick) void this.#exchange(first, () => !this.#whole);
    this.#quick = false;
  }

  /** Another copy of the same picture takes its place once it is here. @param {string} url @param {() => boolean} [wanted] */
  async #exchange(url, wanted = () => true) {
    const capture = this.#capture;
    const copy = new Image();
    copy.src = url;
    try {
      await copy.decode();
    } catch {
      return false;
    }
    if (this.#capture === capture && wanted()) this.#picture.src = copy.src;
    return true;
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
    setText(byId("viewer-clipped-share"), say`JPEG clipped: ${formatNumber(100 * marks.clippedShare, 2)} %`);
    for (const id of ["viewer-graph", "viewer-clipped"]) byId(id).hidden = false;
  }

  #hideMarks() {
    for (const id of ["viewer-graph", "viewer-clipped"]) byId(id).hidden = true;
  }

  #noteMissing() {
    const { first } = this.#pictures;
    if (this.#quick && first) this.#picture.src = first;
    else if (this.#picture.hasAttribute("src")) setAttribute(this.#dialog, "data-picture", "none");
    this.#quick = false;
  }

  /** It goes out of sight, and the next one is shown; for a while it can be had back. */
  async #delete() {
    const capture = this.#capture;
    if (!capture) return;
    const next = this.gallery.beside(capture, 1) ?? this.gallery.beside(capture, -1);
    this.#deleted = capture;
    this.deletions.remove([capture.id]);
    if (next) this.#show(next);
    else this.#dialog.close();
  }

  /** The one that was deleted last here. @type {Capture|null} */
  #deleted = null;

  #undo() {
    this.deletions.undo();
    if (this.#deleted) this.#show(this.#deleted);
    setText(byId("viewer-says"), say`Nothing was deleted`);
  }

  /** @param {string} label What can be had back; "" for nothing. */
  #showWaiting(label) {
    byId("viewer-waiting").hidden = !label;
    setText(byId("viewer-deleting"), label);
    if (!label) this.#showSteps();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    clearTimeout(this.#closeTimer);
    if (event.key === "Escape") event.stopPropagation(); // the captures below stay
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && !byId("viewer-waiting").hidden) this.#undo();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && event.target instanceof Element && event.target.matches("button, a")) return; // their own key
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
      p: () => byId("viewer-peaking").click(),
      s: () => void this.#star(),
      d: () => document.getElementById("viewer-develop")?.click(),
      " ": () => !byId("viewer-play").hidden && void this.#play(),
      Delete: () => void this.#delete(),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  #closed() {
    clearTimeout(this.#closeTimer);
    this.#film.stop();
    this.#capture = this.#deleted = null;
    void this.#peaking.show(null);
    this.#picture.removeAttribute("src"); // 50 MB of pixels
    const opener = byId("gallery-open");
    if (byId("gallery-sheet").hidden) noteClosed();
    else noteOpened(() => opener.click()); // Back closes the captures next
  }
}
