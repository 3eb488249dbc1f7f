/**
 * Deleting with a way back: what is deleted goes out of sight at once, and from the card some seconds later. Until then it can be
 * had back, and a page that is left meanwhile has it deleted. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 */

import { sendJson, sendOnLeaving } from "../page/api.js";
import { showError, showNote, showUndoable, UNDO_MS } from "../page/toast.js";
import { say } from "../words/words.js";

const PATH = "/api/captures/delete";
const AT_ONCE = 50; // captures of a request: a slow card takes some seconds for them
const REQUEST_MS = 60_000;

export class Deletions {
  /** What is out of sight, and on the card still. @type {Set<string>} */
  #waiting = new Set();
  /** What the server is deleting. @type {Set<string>} */
  #going = new Set();
  #timer = 0;
  /** What is hidden has changed. @type {() => void} */
  onChange = () => {};
  /** Others have begun to wait, or none waits any more. @type {(label: string) => void} "" for none. */
  onWaiting = () => {};

  constructor() {
    addEventListener("pagehide", () => this.#leave());
  }

  /** Whether it is deleted, or is about to be. @param {string} id */
  hides(id) {
    return this.#waiting.has(id) || this.#going.has(id);
  }

  /** @param {string[]} ids */
  remove(ids) {
    void this.#send();
    this.#waiting = new Set(ids);
    const label = ids.length === 1 ? say`Deleting ${ids[0]}` : say`Deleting ${ids.length} captures`;
    this.#timer = setTimeout(() => void this.#send(), UNDO_MS);
    showUndoable(label, () => this.undo());
    this.onWaiting(label);
    this.onChange();
  }

  undo() {
    if (this.#waiting.size === 0) return;
    clearTimeout(this.#timer);
    this.#waiting.clear();
    this.onWaiting("");
    this.onChange();
    showNote(say`Nothing was deleted`);
  }

  async #send() {
    clearTimeout(this.#timer);
    const ids = [...this.#waiting];
    if (ids.length === 0) return;
    this.#waiting.clear();
    this.onWaiting("");
    for (const id of ids) this.#going.add(id);
    /** @type {{id: string, error: ApiError["facts"]}[]} */
    const failed = [];
    let deleted = 0;
    try {
      for (let from = 0; from < ids.length; from += AT_ONCE) {
        const some = ids.slice(from, from + AT_ONCE);
        const answer = await sendJson("POST", PATH, { ids: some }, REQUEST_MS);
        failed.push(...answer.failed);
        deleted = from + some.length - failed.length;
      }
      if (failed.length > 0) this.#tell(failed[0].error, deleted, ids.length);
    } catch (error) {
      this.#tell(/** @type {ApiError} */ (error).facts, deleted, ids.length);
    }
    for (const id of ids) this.#going.delete(id);
    this.onChange();
  }

  /** @param {ApiError["facts"]} facts @param {number} deleted @param {number} wanted */
  #tell({ message, expected, remedy }, deleted, wanted) {
    showError({ message: wanted === 1 ? message : say`${deleted} of ${wanted} captures deleted; ${message}`, expected, remedy });
  }

  #leave() {
    if (this.#waiting.size === 0) return;
    clearTimeout(this.#timer);
    sendOnLeaving("POST", PATH, { ids: [...this.#waiting] });
    this.#waiting.clear();
  }
}
