/**
 * The lens on the camera: in the focus panel each lens with the stops of its ring, so that one tap chooses both. Runs on the
 * page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { LensList, LensProfile } from "../types/camera.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, make, setAttribute } from "../page/dom.js";
import { showError } from "../page/toast.js";

const PATH = "/api/lens";

export class Lenses {
  /** @type {LensList|null} */
  #list = null;
  #element = make("section", { class: "lens-list", "aria-label": "Lens on the camera" });

  constructor() {
    byId("panel-focus").append(this.#element);
  }

  /** `50 mm` and `f/4` for the read-out, or null. */
  get names() {
    const chosen = this.#list?.chosen;
    const lens = this.#list?.lenses.find(({ id }) => id === chosen?.id);
    if (!lens || !chosen) return null;
    return { focal: `${lens.focal_mm} mm`, stop: chosen.f_number === null ? lens.model : `f/${chosen.f_number}` };
  }

  async refresh() {
    try {
      this.#show(await getJson(PATH));
    } catch {
      // The banner says that the server is gone.
    }
  }

  /**
   * @param {string|null} id
   * @param {number|null} stop
   */
  async #choose(id, stop) {
    try {
      this.#show(await sendJson("PATCH", PATH, id === null ? { id } : { id, f_number: stop }));
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
  }

  /** @param {LensList} list */
  #show(list) {
    if (JSON.stringify(list) === JSON.stringify(this.#list)) return;
    const before = this.#list;
    this.#list = list;
    if (list.problem && list.problem !== before?.problem) {
      showError({ message: list.problem, expected: "", remedy: "the lenses that hqcam ships are shown until it is mended" });
    }
    if (before && JSON.stringify(before.lenses) === JSON.stringify(list.lenses)) return this.#markChosen();
    const rank = (/** @type {LensProfile} */ { id }) => (list.recent.includes(id) ? list.recent.indexOf(id) : Infinity);
    const sorted = [...list.lenses].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
    this.#element.replaceChildren(...sorted.map((lens) => this.#row(lens)), this.#none());
    this.#markChosen();
  }

  /** Marks only: a list that moves under the thumb is tapped wrongly. */
  #markChosen() {
    const chosen = this.#list?.chosen;
    for (const button of this.#element.querySelectorAll("button")) {
      const { lens, stop } = button.dataset;
      const on = lens === (chosen?.id ?? "") && (lens === "" || Number(stop) === chosen?.f_number);
      setAttribute(button, "aria-pressed", on);
      if (on) button.closest(".lens")?.setAttribute("data-on", "");
      else if (button.closest(".lens") && lens !== chosen?.id) button.closest(".lens")?.removeAttribute("data-on");
    }
  }

  /** @param {LensProfile} lens */
  #row(lens) {
    const name = make("p", { class: "lens-name" }, `${lens.maker} `, make("b", {}, lens.model), ` · ${lens.focal_mm} mm · ${lens.mount}`);
    const stops = lens.f_stops.map((stop) => {
      const label = `${lens.maker} ${lens.model} at f/${stop}`;
      const button = make("button", { type: "button", class: "lens-stop", "aria-label": label, "data-lens": lens.id, "data-stop": stop }, `f/${stop}`);
      button.addEventListener("click", () => void this.#choose(lens.id, stop));
      return button;
    });
    return make("div", { class: "lens" }, name, make("div", { class: "lens-stops", role: "group", "aria-label": lens.model }, ...stops));
  }

  #none() {
    const button = make("button", { type: "button", class: "lens-stop lens-none", "data-lens": "" }, "No lens named");
    button.addEventListener("click", () => void this.#choose(null, null));
    return button;
  }
}
