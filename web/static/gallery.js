/**
 * The captures on the camera: thumbnails, downloads, and how many more fit.
 *
 * @import { Capture, CaptureList } from "./types.js"
 */

import { getJson } from "./api.js";
import { byId, make, setText } from "./dom.js";
import { formatShutter } from "./exposure.js";

const LIST = "/api/captures?limit=50";

export class Gallery {
  /** Read the list again and show it; quiet when the server is gone. */
  async refresh() {
    try {
      this.#show(await getJson(LIST));
    } catch {
      // The conditions tell that the server is gone; the list is read again when it is back.
    }
  }

  /** @param {CaptureList} list */
  #show(list) {
    setText(byId("shots-left"), list.shots_left > 9999 ? ">9999" : String(list.shots_left));
    setText(byId("gallery-room"), `${formatBytes(list.free_bytes)} free · ${list.shots_left} shots left`);
    const holder = byId("gallery");
    holder.replaceChildren(...list.captures.map(item));
    if (list.captures.length === 0) holder.append(make("li", { class: "gallery-empty" }, "Nothing taken yet."));
    this.#showNewest(list.captures[0]);
  }

  /** @param {Capture|undefined} newest */
  #showNewest(newest) {
    const thumb = byId("gallery-thumb");
    if ((newest?.id ?? "") === (thumb.dataset.capture ?? "")) return;
    thumb.dataset.capture = newest?.id ?? "";
    const url = newest?.thumbnail_url;
    thumb.replaceChildren(...(url ? [make("img", { src: url, alt: `Newest capture, ${newest.id}` })] : []));
  }
}

/** @param {Capture} capture */
function item(capture) {
  const picture = capture.thumbnail_url
    ? make("img", { class: "gallery-picture", src: capture.thumbnail_url, alt: "", loading: "lazy" })
    : make("span", { class: "gallery-picture" });
  const facts = make("p", { class: "gallery-facts" }, factsOf(capture));
  const name = make("p", { class: "gallery-name" }, capture.id);
  const links = make("p", { class: "gallery-links" }, ...capture.files.map(link));
  const about = make("div", {}, name, facts, ...verdictOf(capture), links);
  return make("li", { class: "gallery-item", "data-capture": capture.id }, picture, about);
}

/** @param {Capture} capture */
function verdictOf(capture) {
  if (capture.audit === null) return [];
  const { verdict, findings } = capture.audit;
  const label = { ok: "✓ read back and sound", warning: "! not quite as asked", fault: "✗ not sound" }[verdict];
  const line = make("p", { class: "gallery-audit", "data-verdict": verdict }, label);
  return [line, ...findings.map((finding) => make("p", { class: "gallery-finding" }, finding))];
}

/** @param {Capture["files"][number]} file */
function link(file) {
  const label = `${file.kind === "dng" ? "DNG" : "JPEG"} `;
  const size = make("span", { class: "gallery-size" }, formatBytes(file.bytes));
  return make("a", { class: "download", href: `${file.url}?download=1`, download: file.name }, label, size);
}

/** @param {Capture} capture */
function factsOf(capture) {
  const facts = [];
  if (capture.taken_at) facts.push(new Date(capture.taken_at).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" }));
  if (capture.exposure_us) facts.push(formatShutter(capture.exposure_us));
  if (capture.iso) facts.push(`ISO ${capture.iso}`);
  if (capture.simulated) facts.push("simulated");
  return facts.join(" · ");
}

/** @param {number} bytes */
function formatBytes(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
