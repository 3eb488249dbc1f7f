/**
 * Where captures go: shown in the captures' sheet when there is a choice, such as a USB drive that was plugged in.
 * Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { StorageList } from "../types/shoot.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId } from "../page/dom.js";
import { showError, showNote } from "../page/toast.js";
import { makeChoice } from "../page/widgets.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

const PATH = "/api/storage";

export class StoragePlaces {
  /** @param {() => void} onMoved Captures are elsewhere now. */
  constructor(onMoved) {
    this.onMoved = onMoved;
  }

  async refresh() {
    try {
      this.#show(await getJson(PATH));
    } catch {
      // The banner says that the server is gone.
    }
  }

  /** @param {StorageList} storage */
  #show({ places, problem }) {
    const holder = byId("gallery-places");
    holder.hidden = places.length < 2 && !problem; // where the drive was pulled out, the one place left is a choice
    if (problem) showError({ message: problem, expected: "", remedy: say`plug it in again, or choose another place` });
    const options = places.map(({ id, name }) => ({ value: id, text: tell(name) }));
    const choice = makeChoice(say`Save captures to`, options, (place) => void this.#choose(place));
    choice.set(places.find(({ current }) => current)?.id ?? "");
    holder.replaceChildren(choice.element);
  }

  /** @param {string} place */
  async #choose(place) {
    try {
      this.#show(await sendJson("PATCH", PATH, { place }));
      showNote(say`Captures go there from the next shot on`);
      this.onMoved();
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
      void this.refresh();
    }
  }
}
