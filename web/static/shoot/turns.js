/**
 * Which of this browser's pages sends, and which saves a file: several may be open, and each new shot is saved once. Over plain http
 * there are no locks: a page has its turn for a while, and goes on having it. A page that was stopped for longer than its turn, as
 * phones do, may fetch what another one fetches; who saves it is decided for each file. Runs on the page; the sender calls it.
 */

import { SharedRecords } from "../page/shared-records.js";

const NAME = "sending";
const TURN_MS = 5000; // chosen: so long nobody sends after a page that ended without a word
const CLAIM_MS = 10_000; // of a page that has claimed a file: it saves it at once, or has ended
const FRESH_MS = 2000; // older than this, a claim is made anew: another page may soon take it over
const SAVED_MOST = 500; // chosen: two pages differ by a few files, never by so many

/** @typedef {{page: string, untilMs: number}} Turn */
/** @typedef {{file: string, page: string, atMs: number, isSaved: boolean}} Claim */
/** @typedef {"mine"|"saved"|"another's"} Whose `saved`: by some page of this browser. */

export class Turns {
  #page = [...crypto.getRandomValues(new Uint8Array(8))].join(".");
  #records = new SharedRecords();
  #isMine = false;

  constructor() {
    addEventListener("pagehide", () => this.#isMine && void this.#leave());
  }

  /** Do it when no other page does. @param {() => Promise<void>} send */
  async inTurn(send) {
    if (navigator.locks) return void (await navigator.locks.request(NAME, send));
    while (!(await this.#take())) await rest(TURN_MS / 5);
    this.#isMine = true;
    const renewed = setInterval(() => void this.#take(), TURN_MS / 5);
    try {
      await send();
    } finally {
      clearInterval(renewed);
      this.#isMine = false;
      await this.#leave();
    }
  }

  /** Whose it is to save a file, from now on. Save it at once after "mine", and say so with `saved`. @param {string} file @returns {Promise<Whose>} */
  async claim(file) {
    for (;;) {
      const atMs = Date.now();
      const claim = await this.#change(file, (known) => (known && this.#isHeld(known, atMs) ? known : { file, page: this.#page, atMs, isSaved: false }));
      if (claim.isSaved) return "saved";
      if (claim.page !== this.#page) return "another's";
      if (Math.abs(Date.now() - claim.atMs) < FRESH_MS) return "mine";
    }
  }

  /** It was saved. @param {string} file */
  async saved(file) {
    await this.#change(file, () => ({ file, page: this.#page, atMs: Date.now(), isSaved: true }));
  }

  /** @param {Claim} claim @param {number} nowMs */
  #isHeld(claim, nowMs) {
    return claim.isSaved || (claim.page !== this.#page && Math.abs(nowMs - claim.atMs) < CLAIM_MS);
  }

  /** @param {string} file @param {(known: Claim|undefined) => Claim} change @returns {Promise<Claim>} */
  async #change(file, change) {
    let claim = change(undefined);
    try {
      await this.#records.change("claims", (/** @type {Claim[]|undefined} */ claims = []) => {
        claim = change(claims.find((one) => one.file === file));
        return [...claims.filter((one) => one.file !== file), claim].slice(-SAVED_MOST);
      });
    } catch {
      // A browser that keeps nothing: its pages do not know of each other.
    }
    return claim;
  }

  /** @returns {Promise<boolean>} Whether it is the turn of this page. */
  async #take() {
    const nowMs = Date.now();
    const mine = { page: this.#page, untilMs: nowMs + TURN_MS };
    try {
      const turn = await this.#records.change("turn", (/** @type {Turn|undefined} */ other) => (other && this.#isOthers(other, nowMs) ? other : mine));
      return turn.page === this.#page;
    } catch {
      return true;
    }
  }

  /** @param {Turn} turn @param {number} nowMs */
  #isOthers({ page, untilMs }, nowMs) {
    return page !== this.#page && untilMs > nowMs && untilMs <= nowMs + TURN_MS; // beyond that, a clock was set
  }

  async #leave() {
    try {
      await this.#records.change("turn", (/** @type {Turn|undefined} */ turn) => (turn?.page === this.#page ? { page: "", untilMs: 0 } : (turn ?? { page: "", untilMs: 0 })));
    } catch {
      // It ends by itself.
    }
  }
}

/** @param {number} ms */
function rest(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
