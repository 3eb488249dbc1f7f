/**
 * One file from the camera, whole and checked: what breaks off goes on where it was, and what does not have the checksum that the
 * camera tells is thrown away. Runs on the page; the sender and the viewer call it.
 */

import { addressOf } from "../page/address.js";
import { Sha256 } from "../page/sha256.js";

const HASHED_AT_ONCE = 256 * 1024; // some 10 ms of a phone: its page stays alive
const SILENT_MS = 15_000; // a link without a byte for so long is taken for dead
const DIGEST = /sha-256=:([A-Za-z0-9+/=]+):/;

/** It cannot be had, now or ever. */
export class NotFetched extends Error {
  /** @param {string} message @param {boolean} gone Whether it will never come. */
  constructor(message, gone) {
    super(message);
    this.gone = gone;
  }
}

/** A file that is being fetched: what of it is here stays over tries. */
export class FetchedFile {
  /** @type {Uint8Array<ArrayBuffer>[]} */
  #pieces = [];
  #bytes = 0;
  /** How many bytes it has; NaN where that was not told. */
  #total = NaN;
  #etag = "";
  #digest = "";

  /** @param {string} url Within the camera's pages. */
  constructor(url) {
    this.url = url;
  }

  /** How much of it is here. */
  get bytes() {
    return this.#bytes;
  }

  /** SHA-256 in base64; "" before it is known. */
  get digest() {
    return this.#digest;
  }

  /**
   * Fetch it, or the rest of it. Throws NotFetched.
   * @param {AbortSignal} ended
   * @param {(bytes: number) => void} [onBytes] So much of it is here.
   * @returns {Promise<Blob>}
   */
  async fetch(ended, onBytes = () => {}) {
    if (this.#bytes === 0 || this.#bytes !== this.#total) await this.#fetchRest(ended, onBytes);
    await this.#check();
    return new Blob(this.#pieces);
  }

  /** @param {AbortSignal} ended @param {(bytes: number) => void} onBytes */
  async #fetchRest(ended, onBytes) {
    const watch = new AbortController();
    let timer = setTimeout(() => watch.abort(), SILENT_MS);
    try {
      const answer = await this.#ask(AbortSignal.any([ended, watch.signal]));
      const reader = /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (answer.body).getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => watch.abort(), SILENT_MS);
        this.#pieces.push(next.value);
        this.#bytes += next.value.length;
        onBytes(this.#bytes);
      }
    } catch (error) {
      if (error instanceof NotFetched) throw error;
      throw new NotFetched(String(error), false);
    } finally {
      clearTimeout(timer);
    }
  }

  /** @param {AbortSignal} signal */
  async #ask(signal) {
    /** @type {Record<string, string>} */
    const headers = { "Want-Repr-Digest": "sha-256=1" };
    if (this.#bytes > 0 && this.#etag) Object.assign(headers, { Range: `bytes=${this.#bytes}-`, "If-Range": this.#etag });
    const answer = await fetch(addressOf(this.url), { headers, signal, cache: "no-store" });
    if (answer.status === 416) this.#forget(); // it was whole, or is another one now
    if (!answer.ok) throw new NotFetched(`status ${answer.status}`, answer.status === 404);
    if (answer.status !== 206) this.#forget();
    this.#total = this.#bytes + Number(answer.headers.get("Content-Length") ?? NaN);
    this.#etag = answer.headers.get("ETag") ?? "";
    this.#digest = DIGEST.exec(answer.headers.get("Repr-Digest") ?? "")?.[1] ?? "";
    return answer;
  }

  async #check() {
    const sum = new Sha256();
    for (const piece of this.#pieces) {
      for (let from = 0; from < piece.length; from += HASHED_AT_ONCE) {
        sum.update(piece.subarray(from, from + HASHED_AT_ONCE));
        await new Promise((next) => {
          setTimeout(next);
        });
      }
    }
    if (this.#digest && sum.base64() === this.#digest) return;
    const told = this.#digest !== "";
    this.#forget();
    throw new NotFetched(told ? "its checksum is another one" : "no checksum was told", false);
  }

  #forget() {
    this.#pieces = [];
    this.#bytes = 0;
  }
}
