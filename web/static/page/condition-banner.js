/**
 * Shows the condition: a mark at the top, a banner over the picture, and the words for a screen reader. Runs on the page.
 *
 * @import { Status } from "../types/camera.js"
 * @import { Condition } from "./condition.js"
 */

import { byId, setText, writeProse } from "./dom.js";
import { CONDITIONS, formatAge } from "./condition.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

/** @typedef {{message: string, remedy: string}} Words */

/** What only the page can know. @type {Partial<Record<Condition, Words>>} */
const PAGE_TEXTS = {
  late: {
    message: say`Frames arrive slowly: what you see is past.`,
    remedy: say`Go nearer to the camera, or close other pages that show it.`,
  },
  gone: {
    message: say`The server does not answer. This page goes on by itself as soon as it does.`,
    remedy: say`Check that hqcam is running and that this device is on its network.`,
  },
};

/** Shown until the answer comes in which the server says more. @type {Words} */
const FIRST_WORDS = { message: say`The camera sends no frames`, remedy: say`the reason is being asked for` };

const FULL_STOP = say`.`;
const SLOW_TITLE = say`The camera is slow: its computer is busy`;

export class ConditionBanner {
  /** @type {Condition|null} */
  #condition = null;

  /**
   * @param {Condition} condition
   * @param {Status|null} status The last answer; its message explains a camera that is not live.
   * @param {number} ageMs Of the picture on the screen, NaN when there is none.
   * @param {number} retryMs Until the camera is tried again, NaN when not known.
   */
  show(condition, status, ageMs, retryMs) {
    const { mark, word, title } = CONDITIONS[condition];
    if (condition !== this.#condition) {
      this.#condition = condition;
      byId("app").dataset.condition = condition;
      setText(byId("condition-mark"), mark);
      setText(byId("condition-word"), word);
      setText(byId("announcer"), title);
      byId("banner").hidden = condition === "live";
    }
    if (condition === "live") return;
    const words = PAGE_TEXTS[condition] ?? (status?.state === condition ? status : FIRST_WORDS);
    setText(byId("banner-mark"), mark);
    setText(byId("banner-title"), isSlow(condition, status) ? SLOW_TITLE : title);
    writeProse(byId("banner-message"), sentence(tell(words.message)));
    writeProse(byId("banner-remedy"), sentence(tell(words.remedy)));
    setText(byId("banner-age"), Number.isNaN(ageMs) ? "" : say`Picture is ${formatAge(ageMs)} old`);
    const counts = condition === "lost" && !Number.isNaN(retryMs);
    setText(byId("banner-retry"), counts ? (retryMs > 0 ? say`Trying again in ${Math.ceil(retryMs / 1000)} s` : say`Trying again now`) : "");
  }
}

/** The camera delivers, and its computer is too busy to keep up. @param {Condition} condition @param {Status|null} status */
function isSlow(condition, status) {
  return condition === "late" && status?.state === "live" && status.message !== "";
}

/** Begin with a capital and end with a full stop: the server's messages are clauses. @param {string} text */
function sentence(text) {
  if (text === "") return "";
  return text[0].toUpperCase() + text.slice(1) + (/[.!?。！？]$/.test(text) ? "" : FULL_STOP);
}
