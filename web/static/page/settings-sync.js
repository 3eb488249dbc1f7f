/**
 * Keeps settings of the page and the server in step: sends the page's changes, and reads the server's values. One request
 * is in flight; changes that come meanwhile are merged, and the newest wins. After a refusal the server's values are
 * read again, so that the controls show what is true. Runs on the page; exposure controls and assists each have one.
 *
 * @import { ApiError } from "./api.js"
 */

import { getJson, sendJson } from "./api.js";

/** @template {object} Values */
export class SettingsSync {
  /** @type {Partial<Values>|null} */
  #waiting = null;
  #busy = false;

  /**
   * @param {string} path
   * @param {(values: Values) => void} onValues The server's values; not called while newer changes wait.
   * @param {(error: ApiError) => void} onError
   */
  constructor(path, onValues, onError) {
    this.path = path;
    this.onValues = onValues;
    this.onError = onError;
  }

  /** Whether changes are on their way: values read meanwhile would be older. */
  get busy() {
    return this.#busy;
  }

  /** @param {Partial<Values>} changes */
  send(changes) {
    this.#waiting = Object.assign(this.#waiting ?? {}, changes);
    if (!this.#busy) void this.#sendWaiting();
  }

  /** Read the server's values, unless changes are on their way. */
  async refresh() {
    if (this.#busy) return;
    try {
      const values = await getJson(this.path);
      if (!this.#busy) this.onValues(values);
    } catch {
      // The camera is closed or the server gone: the banner says so, and a refresh follows when it is back.
    }
  }

  async #sendWaiting() {
    this.#busy = true;
    let values = null;
    let refused = null;
    while (this.#waiting) {
      const changes = this.#waiting;
      this.#waiting = null;
      try {
        values = await sendJson("PATCH", this.path, changes);
        refused = null;
      } catch (error) {
        refused = /** @type {ApiError} */ (error);
        this.onError(refused);
      }
    }
    this.#busy = false;
    if (refused) await this.refresh();
    else this.onValues(values);
  }
}
