/**
 * Where captures go: shown in the captures' sheet when there is a choice, such as a USB drive that was plugged in.
 *
 * @import { StoragePlaces } from "./types.js"
 */

import { ApiError, getJson, sendJson } from "./api.js";
import { byId } from "./dom.js";
import { complain, note } from "./toast.js";
import { makeChoice } from "./widgets.js";

const PATH = "/api/storage";

export class Places {
  /** @param {() => void} onMoved Captures are elsewhere now. */
  constructor(onMoved) {
    this.onMoved = onMoved;
  }

  async refresh() {
    try {
      this.#show(await getJson(PATH));
    } catch {
      // The conditions tell that the server is gone.
    }
  }

  /** @param {StoragePlaces} storage */
  #show({ places }) {
    const holder = byId("gallery-places");
    holder.hidden = places.length < 2;
    const options = places.map(({ id, name }) => ({ value: id, text: name }));
    const choice = makeChoice("Save captures to", options, (place) => void this.#choose(place));
    choice.set(places.find(({ current }) => current)?.id ?? "");
    holder.replaceChildren(choice.element);
  }

  /** @param {string} place */
  async #choose(place) {
    try {
      this.#show(await sendJson("PATCH", PATH, { place }));
      note("Captures go there from the next shot on");
      this.onMoved();
    } catch (error) {
      complain(/** @type {ApiError} */ (error).facts);
      void this.refresh();
    }
  }
}
