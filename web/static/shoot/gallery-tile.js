/**
 * The tile of a capture, or of a series, and the head of a day. Runs on the page; the gallery makes them.
 *
 * @import { Capture } from "../types/shoot.js"
 */

import { make } from "../page/dom.js";
import { formatDay } from "../words/figures.js";
import { say } from "../words/words.js";
import { factsOf, nameOfSeries } from "./capture-facts.js";

/** Whether it is one of several. @param {Capture} capture */
export function isSeries({ series }) {
  return series !== null && series.captures > 1;
}

/** The day on which it was taken, as its files say; "" where they do not. @param {Capture} capture */
export function dayOf({ taken_at }) {
  return taken_at?.slice(0, 10) ?? "";
}

/** @param {string} day */
export function makeDay(day) {
  const name = day ? formatDay(`${day}T12:00:00`) : say`Day not known`;
  return make("li", { class: "gallery-day", "data-day": day }, make("h3", {}, name));
}

/** @param {Capture} capture @param {boolean} ofSeries Whether it stands for its whole series. */
export function makeTile(capture, ofSeries) {
  const series = ofSeries && capture.series ? nameOfSeries(capture.series) : "";
  const label = [series || say`Show ${capture.id}`, factsOf(capture), ...marksOf(capture).map(({ says }) => says)].filter(Boolean).join(", ");
  const attributes = { class: "gallery-link", "aria-label": label, title: label, draggable: "false" };
  const image = capture.thumbnail_url ? thumbnail(capture.thumbnail_url, capture.id) : unseen(capture.id);
  const link = capture.picture_url && !ofSeries ? make("a", { ...attributes, href: capture.picture_url }) : make("button", { ...attributes, type: "button" });
  link.append(image, ...badgesOf(capture, ofSeries));
  const box = make("input", { type: "checkbox", class: "gallery-check", tabindex: "-1", "aria-label": say`Select ${series || capture.id}` });
  const item = make("li", { class: "gallery-item", "data-capture": capture.id }, link, box);
  if (ofSeries && capture.series) item.dataset.series = capture.series.place;
  return item;
}

/** @param {string} src @param {string} id */
function thumbnail(src, id) {
  const image = make("img", { class: "gallery-picture", src, alt: "", loading: "lazy", decoding: "async", draggable: "false" });
  image.addEventListener("error", () => image.replaceWith(unseen(id))); // a file that is none, or broken
  return image;
}

/** @param {string} id */
function unseen(id) {
  return make("span", { class: "gallery-picture gallery-unseen" }, id);
}

/** @param {Capture} capture @param {boolean} ofSeries */
function badgesOf(capture, ofSeries) {
  const badges = marksOf(capture).map(({ sign, kind }) => make("span", { class: "gallery-badge", "data-kind": kind }, sign));
  if (ofSeries && capture.series) badges.unshift(make("span", { class: "gallery-badge", "data-kind": "series" }, `▤ ${capture.series.captures}`));
  return badges.length > 0 ? [make("span", { class: "gallery-badges", "aria-hidden": "true" }, ...badges)] : [];
}

/** What stands out of the usual. @param {Capture} capture */
function marksOf({ starred, files, audit }) {
  const marks = [];
  if (starred) marks.push({ sign: "★", kind: "star", says: say`starred` });
  if (files.length > 0 && files.every(({ kind }) => kind !== "jpeg")) marks.push({ sign: "RAW", kind: "raw", says: say`raw file alone` });
  if (audit?.verdict === "warning") marks.push({ sign: "!", kind: "warning", says: say`not quite as asked` });
  if (audit?.verdict === "fault") marks.push({ sign: "✗", kind: "fault", says: say`not sound` });
  return marks;
}
