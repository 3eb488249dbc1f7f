/**
 * A dialog in which something is set up and then asked for as a job: over the captures, or over the viewer. What the camera
 * refuses is said in it. Runs on the page; the dialogs of develop-dialog.js and others are made of it.
 *
 * @import { ApiError } from "../page/api.js"
 */

import { addressOf } from "../page/address.js";
import { noteClosed, noteOpened } from "../page/back.js";
import { byId, make, setText } from "../page/dom.js";
import { inLanguage } from "../words/language.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

export class TaskDialog {
  #says = make("p", { class: "task-says", role: "status" });
  #of = make("p", { class: "sheet-fact" });
  #begin;

  /**
   * @param {string} id Of the dialog.
   * @param {string} title
   * @param {string} begin What its button says.
   * @param {HTMLElement[]} content
   * @param {() => Promise<unknown>} onBegin
   */
  constructor(id, title, begin, content, onBegin) {
    const cross = make("button", { class: "icon-button", type: "button", "aria-label": say`Close` }, "×");
    const head = make("header", { class: "sheet-head" }, make("h2", { id: `${id}-title` }, title), cross);
    const help = make("a", { href: addressOf(inLanguage("/help/developing")), target: "_blank", rel: "noopener" }, say`About developing`);
    this.#begin = make("button", { class: "wide-button task-begin", type: "button" }, begin);
    const body = make("div", { class: "task-body" }, this.#of, ...content, make("p", { class: "sheet-note" }, help));
    const foot = make("footer", { class: "task-foot" }, this.#says, this.#begin);
    this.element = make("dialog", { id, class: "task", "aria-labelledby": `${id}-title` }, head, body, foot);
    document.body.append(this.element);
    cross.addEventListener("click", () => this.element.close());
    this.element.addEventListener("keydown", (event) => event.stopPropagation()); // they are keys of what is below, too
    this.element.addEventListener("close", () => this.#closed());
    this.#begin.addEventListener("click", () => void this.#ask(onBegin));
  }

  /** @param {string} of What it is about. */
  open(of) {
    setText(this.#of, of);
    setText(this.#says, "");
    this.element.showModal();
    noteOpened(() => this.element.close());
  }

  /** @param {() => Promise<unknown>} onBegin */
  async #ask(onBegin) {
    this.#begin.disabled = true;
    setText(this.#says, say`Looking …`);
    try {
      await onBegin();
      this.element.close();
    } catch (error) {
      const { message, expected, remedy } = /** @type {ApiError} */ (error).facts;
      const parts = [tell(message), expected && say`Expected: ${tell(expected)}`, remedy && say`To do: ${tell(remedy)}`];
      setText(this.#says, parts.filter(Boolean).join("; "));
    }
    this.#begin.disabled = false;
  }

  /** Back closes what is below it next. */
  #closed() {
    const viewer = /** @type {HTMLDialogElement} */ (byId("viewer"));
    const opener = byId("gallery-open");
    if (viewer.open) noteOpened(() => viewer.close());
    else if (!byId("gallery-sheet").hidden) noteOpened(() => opener.click());
    else noteClosed();
  }
}
