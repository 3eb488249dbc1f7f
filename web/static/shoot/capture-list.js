/**
 * The captures on the camera as lists of the server give them, in parts: newest first, a series as its newest shot, or those
 * that a filter keeps. A part is read again alone, between the cursors that it had. Runs on the page; the gallery owns it.
 *
 * @import { Capture, CaptureList as Answer } from "../types/shoot.js"
 */

import { getJson } from "../page/api.js";

const PATH = "/api/captures";
const PART = 60;
const LIMIT_MAX = 1000; // of one request

/** @typedef {{only: ""|"starred"|"raw"|"doubtful", lens: string, series: string}} Query "" for any; `series` is its place. */

/** @type {Query} */
export const EVERYTHING = { only: "", lens: "", series: "" };

/** Some captures that follow each other. */
export class Part {
  /** Newest first. @type {Capture[]} */
  captures = [];
  /** What is shown of it may not be so any more. */
  stale = false;
  /** How often it was asked for: only the last answer counts. */
  asked = 0;

  /**
   * @param {string|null} after The cursor that ends the part before; null for the first.
   * @param {string|null} until Its own end; null for the last.
   */
  constructor(after, until) {
    this.after = after;
    this.until = until;
  }
}

export class CaptureList {
  /** @type {Part[]} */
  parts = [];
  query = EVERYTHING;
  /** Counts the queries: an answer to an older one is dropped. */
  #queries = 0;
  /** @type {Promise<Part|null>|null} */
  #reading = null;

  /** All that were read, newest first. */
  get captures() {
    return this.parts.flatMap((part) => part.captures);
  }

  /** Whether there are older ones that were not read. */
  get hasMore() {
    return this.parts.length === 0 || this.parts[this.parts.length - 1].until !== null;
  }

  /** Ask for others from now on; nothing is read yet. @param {Query} query */
  choose(query) {
    this.query = query;
    this.#queries += 1;
    this.#reading = null;
    this.parts = [];
  }

  /** Read the next part; null when there is none, or another query was chosen meanwhile. @returns {Promise<Part|null>} */
  readMore() {
    this.#reading ??= this.#readNext().finally(() => (this.#reading = null));
    return this.#reading;
  }

  async #readNext() {
    if (!this.hasMore) return null;
    const [query, after] = [this.#queries, this.parts[this.parts.length - 1]?.until ?? null];
    const { captures, next } = await this.#read(after, null, PART);
    if (query !== this.#queries) return null;
    const part = new Part(after, next);
    part.captures = captures;
    this.parts.push(part);
    return part;
  }

  /** Read a part again; one that has grown is parted. @param {Part} part @returns {Promise<boolean>} Whether it has the newest answer now. */
  async readAgain(part) {
    const asked = (part.asked += 1);
    part.stale = false;
    try {
      const { captures, next } = await this.#read(part.after, part.until, 2 * PART);
      if (asked !== part.asked || !this.parts.includes(part)) return false;
      part.captures = captures;
      if (next !== null) {
        const rest = new Part(next, part.until);
        rest.stale = true;
        part.until = next;
        this.parts.splice(this.parts.indexOf(part) + 1, 0, rest);
      }
      return true;
    } catch (error) {
      part.stale = true;
      throw error;
    }
  }

  /** The ids of all that meet the query, read or not; series in full. @returns {Promise<Map<string, number>>} Their bytes by id. */
  async readAll(query = this.query) {
    return new Map((await this.readCaptures(query)).map((capture) => [capture.id, bytesOf(capture)]));
  }

  /** The same, as they are. @param {Query} query @returns {Promise<Capture[]>} Newest first. */
  async readCaptures(query) {
    /** @type {Capture[]} */
    const captures = [];
    let next = /** @type {string|null} */ (null);
    do {
      const answer = await this.#ask(query, { limit: LIMIT_MAX, after: next, fold: false });
      captures.push(...answer.captures);
      next = answer.next;
    } while (next !== null);
    return captures;
  }

  /** @param {string|null} after @param {string|null} until @param {number} wanted */
  async #read(after, until, wanted) {
    /** @type {Capture[]} */
    const captures = [];
    let next = after;
    do {
      const limit = Math.min(wanted - captures.length, LIMIT_MAX);
      const answer = await this.#ask(this.query, { limit, after: next, until, fold: true });
      captures.push(...answer.captures);
      next = answer.next;
    } while (next !== null && captures.length < wanted);
    return { captures, next };
  }

  /**
   * @param {Query} query
   * @param {{limit: number, after?: string|null, until?: string|null, fold: boolean}} part
   * @returns {Promise<Answer>}
   */
  async #ask({ only, lens, series }, { limit, after, until, fold }) {
    const folded = fold && !only && !lens && !series ? "1" : "";
    const given = Object.entries({ after, until, only, lens, series, fold: folded }).filter(([, value]) => value);
    const parameters = new URLSearchParams({ limit: String(limit), ...Object.fromEntries(given) });
    return await getJson(`${PATH}?${parameters}`);
  }
}

/** @param {Capture} capture */
export function bytesOf({ files }) {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
