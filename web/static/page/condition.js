/**
 * The condition of the viewfinder, from what is known of server, camera and picture. Pure.
 *
 * @import { CameraState } from "../types/camera.js"
 */

import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

const LATE_MS = 1000;
const LATE_FRAMES = 2.5; // a camera that exposes for two seconds is not late after one
const FAILURES_TO_GONE = 2; // one lost request is a hiccup of the radio

/**
 * @typedef {object} Known
 * @property {CameraState} camera As the server last reported it.
 * @property {number} failures Requests in a row that did not reach the server.
 * @property {number} ageMs Of the picture on the screen; NaN when there is none.
 * @property {number} frameDurationMs Of the picture on the screen.
 */

/**
 * @param {Known} known
 * @returns {Condition}
 */
export function conditionOf(known) {
  if (known.failures >= FAILURES_TO_GONE || known.camera === "closed") return "gone";
  if (known.camera !== "live") return known.camera;
  if (Number.isNaN(known.ageMs)) return "starting";
  return known.ageMs > Math.max(LATE_MS, LATE_FRAMES * known.frameDurationMs) ? "late" : "live";
}

/** @typedef {"starting"|"live"|"late"|"lost"|"failed"|"gone"} Condition What the page says of its picture. */

/** A mark, a word and a title for each condition: readable without colour. */
export const CONDITIONS = Object.freeze(
  /** @type {Record<Condition, {mark: string, word: string, title: string}>} */ ({
    starting: { mark: "○", word: say`STARTING`, title: say`Opening the camera` },
    live: { mark: "●", word: say`LIVE`, title: say`Live` },
    late: { mark: "◐", word: say`LATE`, title: say`The picture is late` },
    lost: { mark: "✕", word: say`CAMERA LOST`, title: say`Camera lost` },
    failed: { mark: "✕", word: say`FAILED`, title: say`The camera cannot start` },
    gone: { mark: "⚡", word: say`NO SERVER`, title: say`Server gone, reconnecting` },
  }),
);

/** `0.8 s`, `12 s`, `3 min 05 s`. @param {number} ms */
export function formatAge(ms) {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 10) return `${formatNumber(seconds, 1)} s`;
  if (seconds < 100) return `${Math.floor(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
}
