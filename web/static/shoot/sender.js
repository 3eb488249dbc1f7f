/**
 * Sends new shots to this phone while the page is open: a queue that outlives a reload and a lost link. JPEGs go before raw files.
 * Each file is fetched whole, checked, and handed to the browser, once. Runs on the page; main.js makes it.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { Capture, CaptureList as Answer } from "../types/shoot.js"
 * @import { NotFetched } from "./fetched-file.js"
 */

import { getJson } from "../page/api.js";
import { keep, kept } from "../page/browser-storage.js";
import { make } from "../page/dom.js";
import { FetchedFile } from "./fetched-file.js";
import { sentName, sentUrl } from "./sent-url.js";
import { Turns } from "./turns.js";

const KEY = "hqcam.sent.1";
const RETRY_MS = [500, 1000, 2000, 5000, 10_000];
const SETTLE_MS = 250; // two saves at once are one for some browsers
const OTHERS_MS = 1000; // another page of this browser is about to save a file
const PAGE = 100;

/** @typedef {{capture: string, name: string, url: string, kind: "dng"|"jpeg", bytes: number}} Sent */
/** @typedef {{since: number, waiting: Sent[], sent: number}} Queue `since`: the sequence of the newest capture that was looked at. */
/** @typedef {{left: number, bytesLeft: number, sent: number, now: string, share: number, problem: string}} Progress */

export class Sender {
  /** @type {Queue} */
  #queue = { since: -1, waiting: [], sent: 0 };
  #ended = new AbortController();
  #isSending = false;
  #turns = new Turns();
  #looking = Promise.resolve();
  /** @type {Progress} */
  progress = { left: 0, bytesLeft: 0, sent: 0, now: "", share: 0, problem: "" };
  /** It has gone on. @type {() => void} */
  onProgress = () => {};

  /** @param {SettingsStore} settings */
  constructor(settings) {
    this.settings = settings;
    this.#read();
    addEventListener("online", () => this.#wake());
    addEventListener("storage", ({ key }) => key === KEY && this.#read()); // another tab sends
    settings.follow(() => this.#follow());
  }

  get isOn() {
    return this.settings.values.sendNew !== "off";
  }

  /** There may be new captures: put them into the queue. */
  look() {
    if (this.isOn) this.#looking = this.#looking.then(() => this.#look()).then(() => void this.#send());
  }

  /** Send none of those that wait. */
  clear() {
    this.#queue.waiting = [];
    this.#keep();
    this.#ended.abort();
    this.#ended = new AbortController();
    this.#tell({ now: "", share: 0, problem: "" });
  }

  /** Try again now. */
  retry() {
    this.#wake();
  }

  /** @type {() => void} */
  #wake = () => {};

  #read() {
    try {
      const { since, waiting, sent } = JSON.parse(kept(KEY) ?? "{}");
      if (!Number.isInteger(since) || !Array.isArray(waiting)) return;
      this.#queue = { since, waiting: waiting.filter(isSent), sent: Number.isInteger(sent) ? sent : 0 };
    } catch {
      // Somebody else wrote there: nothing waits.
    }
    this.#tell({});
  }

  #keep() {
    keep(KEY, JSON.stringify(this.#queue));
  }

  #follow() {
    if (this.isOn) return this.look();
    if (this.#queue.since < 0) return;
    this.#queue.since = -1; // what is taken from now on is not sent, also when it is switched on again
    this.clear();
  }

  /** All that were taken since the last look; at the first one, none. */
  async #look() {
    try {
      /** @type {Capture[]} */
      const found = [];
      let after = "";
      do {
        const query = `limit=${this.#queue.since < 0 ? 1 : PAGE}${after && `&after=${encodeURIComponent(after)}`}`;
        const list = /** @type {Answer} */ (await getJson(`/api/captures?${query}`));
        const newest = list.captures[0]?.sequence ?? 0;
        if (!after && newest < this.#queue.since) this.#queue.since = newest; // another card, or the last ones were deleted
        const newer = list.captures.filter(({ sequence }) => (sequence ?? 0) > this.#queue.since);
        found.push(...newer);
        after = newer.length === list.captures.length && this.#queue.since >= 0 ? (list.next ?? "") : "";
      } while (after);
      const last = Math.max(this.#queue.since, 0, ...found.map(({ sequence }) => sequence ?? 0));
      if (this.#queue.since >= 0) this.#add(found.reverse());
      this.#queue.since = last;
      this.#keep();
    } catch {
      // The server is gone: the next change of its captures comes when it is back.
    }
  }

  /** @param {Capture[]} captures The one taken first first. */
  #add(captures) {
    const { sendNew } = this.settings.values;
    const files = captures.flatMap(({ id, files: all }) => all.map(({ name, url, kind, bytes }) => ({ capture: id, name, url, kind, bytes }))).filter(isSent);
    const wanted = files.filter(({ kind, capture }) => kind === "jpeg" || sendNew === "raw+jpeg" || isAlone(files, capture));
    this.#queue.waiting.push(...wanted);
    this.#queue.waiting.sort((a, b) => Number(a.kind === "dng") - Number(b.kind === "dng")); // stable: in order otherwise
    this.#tell({});
  }

  async #send() {
    if (this.#isSending) return;
    this.#isSending = true;
    await this.#turns.inTurn(() => this.#sendAll());
    this.#isSending = false;
  }

  async #sendAll() {
    this.#read();
    let tries = 0;
    let begun = { of: "", name: "", file: new FetchedFile("") };
    while (this.#queue.waiting.length > 0) {
      const [next] = this.#queue.waiting;
      const { values } = this.settings;
      if (begun.of !== next.name) begun = { of: next.name, name: sentName(next, values), file: new FetchedFile(sentUrl(next, values)) };
      const before = begun.file.bytes;
      this.#tell({ now: next.name, share: before / next.bytes });
      try {
        const body = await begun.file.fetch(this.#ended.signal, (bytes) => this.#tell({ share: Math.min(1, bytes / next.bytes) }));
        const file = `${begun.name} ${begun.file.digest}`;
        const whose = await this.#turns.claim(file);
        if (!this.#queue.waiting.includes(next)) continue; // cleared meanwhile
        if (whose === "saved") this.#drop(next);
        if (whose === "mine") this.#done(next, begun.name, body);
        if (whose === "mine") await this.#turns.saved(file);
        tries = 0;
        await rest(whose === "another's" ? OTHERS_MS : SETTLE_MS);
      } catch (error) {
        const { gone, message } = /** @type {NotFetched} */ (error);
        if (!this.#queue.waiting.includes(next)) continue;
        if (gone) this.#drop(next);
        else await this.#waitForLink(message, tries);
        tries = begun.file.bytes > before ? 0 : tries + 1; // a bad link is no dead one
      }
    }
    this.#tell({ now: "", share: 0, problem: "" });
  }

  /** It is counted and handed over in one go: a page that ends here neither forgets it nor sends it twice. @param {Sent} file @param {string} name @param {Blob} body */
  #done(file, name, body) {
    this.#queue.sent += 1;
    this.#drop(file);
    const url = URL.createObjectURL(body);
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser reads it meanwhile
    this.#tell({ problem: "" });
  }

  /** @param {Sent} file */
  #drop(file) {
    this.#queue.waiting = this.#queue.waiting.filter((other) => other !== file);
    this.#keep();
  }

  /** @param {string} problem @param {number} tries */
  async #waitForLink(problem, tries) {
    this.#tell({ problem });
    await new Promise((resolve) => {
      this.#wake = () => resolve(null);
      setTimeout(resolve, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]);
    });
  }

  /** @param {Partial<Progress>} changes */
  #tell(changes) {
    const bytesLeft = this.#queue.waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    this.progress = { ...this.progress, left: this.#queue.waiting.length, bytesLeft, sent: this.#queue.sent, ...changes };
    this.onProgress();
  }
}

/** Whether a raw file is all that there is of a shot. @param {Sent[]} files @param {string} id */
function isAlone(files, id) {
  return files.every(({ capture, kind }) => capture !== id || kind === "dng");
}

/** @param {unknown} value @returns {value is Sent} */
function isSent(value) {
  const { capture, name, url, kind, bytes } = /** @type {Record<string, unknown>} */ (value ?? {});
  const texts = [capture, name, url].every((text) => typeof text === "string");
  return texts && String(url).startsWith("/api/captures/") && (kind === "dng" || kind === "jpeg") && Number.isFinite(bytes);
}

/** @param {number} ms */
function rest(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
