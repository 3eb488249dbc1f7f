/**
 * The presets C1 to C3 beside P, S, A and M: a tap sets camera, assists, display and drive mode as they were saved, or nothing.
 * A button that is held, or that has nothing saved, opens their sheet. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { Preset, PresetSlot } from "../types/settings.js"
 * @import { Drive } from "./drive.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, make, setAttribute, setText } from "../page/dom.js";
import { onLongPress } from "../page/long-press.js";
import { showCaution, showError, showUndoable } from "../page/toast.js";
import { say } from "../words/words.js";

const PATH = "/api/presets";
/** @type {readonly PresetSlot[]} */
const SLOTS = ["C1", "C2", "C3"];
const NAME_MAX = 40;

export class Presets {
  /** @type {Partial<Record<PresetSlot, Preset|null>>} */
  #kept = {};
  /** What was asked last: a name and a save that follows it must arrive in this order. @type {Promise<any>} */
  #asked = Promise.resolve();
  /** Leads from the settings to the presets: where there is little room nothing else does. */
  opener = make("button", { type: "button", class: "wide-button" }, say`Presets C1 to C3`);
  #rows = SLOTS.map((slot) => this.#row(slot));

  /**
   * @param {SettingsStore} settings
   * @param {Drive} drive
   * @param {() => void} onChange Controls and assists of the camera are others now.
   */
  constructor(settings, drive, onChange) {
    this.settings = settings;
    this.drive = drive;
    this.onChange = onChange;
    byId("presets").append(...this.#rows.map(({ button }) => button));
    byId("preset-rows").append(...this.#rows.map(({ group }) => group));
    this.opener.addEventListener("click", () => this.#open());
  }

  /** Read what is saved: another client or `hqcam preset` may have changed it. */
  async refresh() {
    try {
      this.#show((await getJson(PATH)).presets);
    } catch {
      // The banner says that the server is gone.
    }
  }

  /** @param {Record<PresetSlot, Preset|null>} kept */
  #show(kept) {
    this.#kept = kept;
    for (const { slot, button, name, recall, forget } of this.#rows) {
      const preset = kept[slot];
      setAttribute(button, "aria-label", preset ? [slot, preset.name].filter(Boolean).join(": ") : say`${slot}: nothing is saved`);
      button.title = preset ? say`${preset.name || slot}. Held: save and name` : say`Nothing is saved: tap to save`;
      button.toggleAttribute("data-empty", !preset);
      if (document.activeElement !== name) name.value = preset?.name ?? "";
      recall.disabled = forget.disabled = !preset;
    }
  }

  #open() {
    if (!byId("preset-sheet").checkVisibility()) byId("presets-open").click();
  }

  /** @param {PresetSlot} slot */
  #tap(slot) {
    if (this.#kept[slot]) return this.#recall(slot);
    return this.#open();
  }

  /** @param {PresetSlot} slot */
  async #recall(slot) {
    const preset = this.#kept[slot];
    if (!preset) return;
    if (this.drive.running) return showCaution(say`${slot} is not recalled while a series is taken`);
    const refused = this.settings.invalid(preset.display);
    if (refused.length > 0) {
      const message = say`${slot} is not recalled: this page cannot set ${refused.join(", ")}`;
      return showError({ message, expected: say`what this page offers`, remedy: say`set it by hand, and save the preset again` });
    }
    const before = { display: this.settings.own, drive: this.drive.chosen };
    const answer = await this.#ask("POST", `${PATH}/${slot}`, {});
    if (!answer) return;
    this.#setHere(answer.preset);
    const undo = async () => {
      if (await this.#ask("POST", PATH, answer.before)) this.#setHere(before);
    };
    showUndoable(say`${[slot, preset.name].filter(Boolean).join(" ")} is set`, () => void undo());
  }

  /** What this browser keeps; what was saved elsewhere has none of it. @param {Pick<Preset, "display"|"drive">} preset */
  #setHere({ display, drive }) {
    if (Object.keys(display).length > 0) this.settings.recall(display);
    if (drive.mode !== undefined) this.drive.recall({ mode: drive.mode, settings: drive.settings ?? {} });
    this.onChange();
  }

  /** @param {PresetSlot} slot @param {string} name */
  async #save(slot, name) {
    const values = { name, display: this.settings.own, drive: this.drive.chosen };
    await this.#put(slot, values, say`${slot} is saved`);
  }

  /** @param {PresetSlot} slot @param {object} values @param {string} text What was done. */
  async #put(slot, values, text) {
    const before = this.#kept[slot];
    const answer = await this.#ask("PUT", `${PATH}/${slot}`, values);
    if (answer) this.#offerBack(slot, before ?? null, answer, text);
  }

  /** @param {PresetSlot} slot */
  async #forget(slot) {
    const before = this.#kept[slot] ?? null;
    const answer = await this.#ask("DELETE", `${PATH}/${slot}`, {});
    if (answer) this.#offerBack(slot, before, answer, say`${slot} is empty`);
  }

  /** @param {PresetSlot} slot @param {Preset|null} before @param {any} answer @param {string} text */
  #offerBack(slot, before, answer, text) {
    this.#show(answer.presets);
    const undo = async () => {
      const back = await (before ? this.#ask("PUT", `${PATH}/${slot}`, before) : this.#ask("DELETE", `${PATH}/${slot}`, {}));
      if (back) this.#show(back.presets);
    };
    showUndoable(text, () => void undo());
  }

  /** @param {"POST"|"PUT"|"DELETE"} method @param {string} path @param {object} body @returns null when it was refused. */
  #ask(method, path, body) {
    const answer = this.#asked.then(() => sendJson(method, path, body)).catch((/** @type {ApiError} */ error) => {
      showError(error.facts);
      return null;
    });
    this.#asked = answer;
    return answer;
  }

  /** @param {PresetSlot} slot */
  #row(slot) {
    const button = make("button", { type: "button", class: "preset", "data-empty": true, "data-slot": slot }, slot);
    button.addEventListener("click", () => void this.#tap(slot));
    onLongPress(button, () => this.#open());
    const name = make("input", {
      type: "text", class: "text-field preset-name", maxlength: NAME_MAX, autocomplete: "off", enterkeyhint: "done",
      placeholder: say`Name`, "aria-label": say`Name of ${slot}`,
    });
    name.addEventListener("change", () => {
      const preset = this.#kept[slot];
      if (preset) void this.#put(slot, { ...preset, name: name.value }, say`${slot} is named`);
    });
    const recall = wide(say`Recall`, say`Recall ${slot}`, () => void this.#recall(slot));
    const save = wide(say`Save`, say`Save what is set now as ${slot}`, () => void this.#save(slot, name.value));
    const forget = wide(say`Empty`, say`Empty ${slot}`, () => void this.#forget(slot));
    const title = make("legend", {});
    setText(title, slot);
    const group = make("fieldset", { class: "group", "data-preset": slot }, title, name, make("div", { class: "preset-buttons" }, recall, save, forget));
    return { slot, button, name, recall, forget, group };
  }
}

/** @param {string} text @param {string} label @param {() => void} onClick */
function wide(text, label, onClick) {
  const button = make("button", { type: "button", class: "wide-button", "aria-label": label }, text);
  button.addEventListener("click", onClick);
  return button;
}
