/**
 * The shots of a series one after the other, as a film: each is loaded before it is shown, and some ahead of it. A slow camera or
 * link makes it slower, and leaves nothing out. Runs on the page; the viewer owns it.
 *
 * @import { Capture } from "../types/shoot.js"
 * @import { CaptureList } from "./capture-list.js"
 */

import { addressOf } from "../page/address.js";
import { say } from "../words/words.js";
import { EVERYTHING } from "./capture-list.js";

const EDGE_PX = 1080; // a tenth of a second each on a Pi 4, and enough for motion
const SHOT_MS = 125; // eight a second at most
const AHEAD = 3;

export class Film {
  /** Counts the starts: an older one has ended. */
  #run = 0;
  isPlaying = false;

  /**
   * @param {CaptureList} list
   * @param {(capture: Capture, url: string, place: string) => void} show A shot of it; at the end without a place.
   */
  constructor(list, show) {
    this.list = list;
    this.show = show;
  }

  stop() {
    this.#run += 1;
    this.isPlaying = false;
  }

  /** Play the series of a capture to its end, or until it is stopped. Throws an ApiError. @param {Capture} capture */
  async play({ series }) {
    this.stop();
    const run = this.#run;
    this.isPlaying = true;
    try {
      const shots = (await this.list.readCaptures({ ...EVERYTHING, series: series?.place ?? "" })).reverse().filter(({ picture_url: url }) => url);
      /** @type {Promise<string>[]} */
      const loading = [];
      for (const [at, shot] of shots.entries()) {
        for (let next = loading.length; next < Math.min(at + AHEAD, shots.length); next += 1) loading.push(load(shots[next]));
        const until = performance.now() + SHOT_MS;
        const url = await loading[at];
        if (run !== this.#run) return forget(loading.slice(at));
        if (url) this.show(shot, url, say`${at + 1} of ${shots.length}`);
        await new Promise((resolve) => {
          setTimeout(resolve, Math.max(0, until - performance.now()));
        });
        if (run !== this.#run) return forget(loading.slice(at));
        forget([loading[at - 1]]);
      }
      this.isPlaying = false;
      if (shots.length > 0) this.show(shots[shots.length - 1], "", "");
      forget(loading.slice(-1));
    } finally {
      if (run === this.#run) this.isPlaying = false;
    }
  }
}

/** Its picture in memory; "" where it cannot be had. @param {Capture} shot @returns {Promise<string>} */
async function load({ picture_url: url, files }) {
  try {
    const jpeg = files.some(({ kind }) => kind === "jpeg");
    const answer = await fetch(addressOf(`${url}${jpeg ? `?size=${EDGE_PX}` : ""}`));
    if (!answer.ok) return "";
    const kept = URL.createObjectURL(await answer.blob());
    const image = new Image();
    image.src = kept;
    await image.decode();
    return kept;
  } catch {
    return "";
  }
}

/** @param {(Promise<string>|undefined)[]} loading */
function forget(loading) {
  for (const one of loading) void one?.then((url) => url && URL.revokeObjectURL(url));
}
