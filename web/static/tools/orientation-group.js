/**
 * How the camera is mounted, in the sheet of settings: how its picture is turned, for everyone who watches. Runs on the page;
 * main.js makes it.
 *
 * @import { Camera } from "../types/camera.js"
 */

import { ORIENTATION } from "../declared/settings.js";
import { make } from "../page/dom.js";
import { SettingsSync } from "../page/settings-sync.js";
import { showError } from "../page/toast.js";
import { makeChoice, makeSwitch } from "../page/widgets.js";
import { say, word } from "../words/words.js";

/** @typedef {{rotation_deg: number, mirrored: boolean}} Orientation */

const { rotation_deg: ROTATION, mirrored: MIRRORED } = ORIENTATION;
const TURNS = Array.from({ length: 1 + ROTATION.maximum / ROTATION.step }, (_, i) => String(i * ROTATION.step));

export class OrientationGroup {
  element;
  /** @type {SettingsSync<Orientation>} */
  #sync;
  #turned;
  #mirrored;

  /** @param {HTMLElement} picture It says of each frame how it is turned. */
  constructor(picture) {
    this.#sync = new SettingsSync("/api/orientation", (values) => this.#show(values), (error) => showError(error.facts));
    const turns = TURNS.map((value) => ({ value, text: `${value}${ROTATION.unit}`, title: say`${value} degrees clockwise` }));
    this.#turned = makeChoice(say`Turned clockwise`, turns, (value) => this.#sync.send({ rotation_deg: Number(value) }));
    this.#mirrored = makeSwitch(word(MIRRORED.label), (mirrored) => {
      this.#mirrored.set(mirrored);
      this.#sync.send({ mirrored });
    });
    this.#turned.element.dataset.orientation = "rotation_deg";
    this.#mirrored.element.dataset.orientation = "mirrored";
    const note = make("p", { class: "sheet-note" }, say`For a camera that hangs upside down or stands on its side. Files say how to turn them; their pixels stay.`);
    const rows = [this.#turned.element, this.#mirrored.element, note];
    this.element = make("fieldset", { class: "group", id: "orientation" }, make("legend", {}, say`Orientation · how the camera is mounted`), ...rows);
    picture.addEventListener("turn", () => void this.#sync.refresh()); // by another client, or on the command line
    this.#show({ rotation_deg: ROTATION.default, mirrored: MIRRORED.default });
  }

  /** @param {Camera} camera A replay's pictures are the right way up already. */
  setCamera(camera) {
    this.element.hidden = !camera.capabilities.turnable;
    void this.#sync.refresh();
  }

  /** @param {Orientation} values */
  #show({ rotation_deg, mirrored }) {
    this.#turned.set(String(rotation_deg));
    this.#mirrored.set(mirrored);
  }
}
