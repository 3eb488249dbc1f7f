/**
 * The capture that was taken last, on the button of the captures, and how many more fit. Runs on the page; the gallery owns it.
 *
 * @import { Capture, CaptureList as Answer } from "../types/shoot.js"
 */

import { getJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { say } from "../words/words.js";
import { formatBytes } from "./capture-facts.js";

export class NewestCapture {
  /** @type {Capture|null} */
  capture = null;
  #asked = 0;

  /** Ask again; quiet when the server is gone, which the banner says. */
  async refresh() {
    const asked = (this.#asked += 1);
    try {
      const answer = /** @type {Answer} */ (await getJson("/api/captures?limit=1"));
      if (asked === this.#asked) this.#show(answer);
    } catch {
      // It is asked for again when the server is back.
    }
  }

  /** @param {Answer} answer */
  #show(answer) {
    const left = shotsLeft(answer);
    setText(byId("shots-left"), answer.shots_left > 9999 ? ">9999" : left);
    setText(byId("gallery-room"), say`${formatBytes(answer.free_bytes)} free · ${left} shots left`);
    this.capture = answer.captures[0] ?? null;
    const { id = "", thumbnail_url: url = null } = this.capture ?? {};
    const thumb = byId("gallery-thumb");
    if (id === (thumb.dataset.capture ?? "")) return;
    thumb.dataset.capture = id;
    thumb.replaceChildren(...(url ? [make("img", { src: url, alt: say`Newest capture, ${id}` })] : []));
  }
}

/**
 * How many more fit, by the size of the last shots. Before the first one the count is by the largest that a shot can be: so
 * many at least, in hundreds.
 * @param {Answer} answer
 */
function shotsLeft({ shots_left, total }) {
  return total > 0 || shots_left < 100 ? String(shots_left) : `>${Math.floor(shots_left / 100) * 100}`;
}
