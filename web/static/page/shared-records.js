/**
 * Records that all pages of this browser share, each changed by one page at a time: localStorage does not promise that, and locks
 * need https. Runs on the page.
 */

const BASE = "hqcam";
const STORE = "records";

export class SharedRecords {
  /** @type {Promise<IDBDatabase>|null} */
  #opened = null;

  /**
   * Change a record; what `change` returns takes its place once all of it is kept. Rejects where this browser keeps nothing.
   * @template T
   * @param {string} name
   * @param {(record: T|undefined) => T} change Called once, and alone in all pages.
   * @returns {Promise<T>}
   */
  async change(name, change) {
    this.#opened ??= this.#open();
    const base = await this.#opened;
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(STORE, "readwrite");
      const store = transaction.objectStore(STORE);
      const asked = store.get(name);
      /** @type {T} */
      let changed;
      asked.addEventListener("success", () => {
        changed = change(asked.result);
        store.put(changed, name);
      });
      transaction.addEventListener("complete", () => resolve(changed));
      transaction.addEventListener("abort", () => reject(transaction.error ?? new Error("it was not kept")));
    });
  }

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open(BASE, 1);
      asked.addEventListener("upgradeneeded", () => asked.result.createObjectStore(STORE));
      asked.addEventListener("success", () => {
        asked.result.addEventListener("close", () => (this.#opened = null)); // its owner cleared it
        resolve(asked.result);
      });
      asked.addEventListener("error", () => reject(asked.error));
    });
  }
}
