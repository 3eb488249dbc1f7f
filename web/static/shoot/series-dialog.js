/**
 * What is made of a series: a film, or a contact sheet; and what was made of it already. It keeps what was set as long as the page
 * lives. Runs on the page; background-work.js makes it.
 *
 * @import { Capture } from "../types/shoot.js"
 * @import { Jobs } from "./jobs.js"
 */

import { FILM } from "../declared/settings.js";
import { addressOf } from "../page/address.js";
import { getJson } from "../page/api.js";
import { make } from "../page/dom.js";
import { makeChoice, makeSlider, makeSwitch } from "../page/widgets.js";
import { say, word } from "../words/words.js";
import { formatBytes, nameOfSeries } from "./capture-facts.js";
import { TaskDialog } from "./task-dialog.js";

/** @type {Record<string, string>} */
const SIZES = { 1080: say`1080 lines`, 2160: say`2160 lines`, original: say`All pixels` };

export class SeriesDialog {
  #place = "";
  /** @type {"timelapse"|"sheet"} */
  #kind = "timelapse";
  #values = { fps: Number(FILM.fps.default), size: String(FILM.size.default), deflicker: Boolean(FILM.deflicker.default) };
  #made = make("p", { class: "task-made" });
  #dialog;

  /** @param {Jobs} jobs */
  constructor(jobs) {
    const { minimum: min, maximum: max, step } = FILM.fps;
    const fps = makeSlider(word(FILM.fps.label), { min, max, step, format: String }, (value) => (this.#values.fps = value));
    fps.set(this.#values.fps);
    fps.element.dataset.film = "fps";
    const options = FILM.size.choices.map((value) => ({ value, text: SIZES[value] }));
    const size = makeChoice(word(FILM.size.label), options, (value) => (this.#values.size = value));
    size.set(this.#values.size);
    size.element.dataset.film = "size";
    const deflicker = makeSwitch(word(FILM.deflicker.label), (on) => {
      this.#values.deflicker = on;
      deflicker.set(on);
    });
    deflicker.set(this.#values.deflicker);
    const settings = make("div", {}, fps.element, make("fieldset", { class: "group" }, make("legend", {}, word(FILM.size.label)), size.element), deflicker.element);
    const what = makeChoice(
      say`What to make`,
      [
        { value: "timelapse", text: say`Film` },
        { value: "sheet", text: say`Contact sheet` },
      ],
      (kind) => {
        this.#kind = kind;
        settings.hidden = kind === "sheet";
      },
    );
    what.set(this.#kind);
    what.element.dataset.make = "";
    const begin = () => jobs.start({ kind: this.#kind, series: this.#place, ...(this.#kind === "timelapse" && { settings: this.#values }) });
    this.#dialog = new TaskDialog("of-series", say`Of the whole series`, say`Begin`, [this.#made, what.element, settings], begin);
  }

  /** @param {NonNullable<Capture["series"]>} series */
  open(series) {
    this.#place = series.place;
    this.#made.replaceChildren();
    this.#dialog.open(nameOfSeries(series));
    void this.#showMade(series);
  }

  /** What there is of it, to be opened. @param {NonNullable<Capture["series"]>} series */
  async #showMade({ id, place }) {
    try {
      const { files } = await getJson(`/api/drive/${id}/files`);
      if (place !== this.#place) return;
      const links = files.map((/** @type {{name: string, kind: "film"|"sheet", bytes: number, url: string}} */ { name, kind, bytes, url }) =>
        make("a", { class: "download", href: addressOf(url), target: "_blank", rel: "noopener", title: name }, kind === "film" ? say`Film` : say`Contact sheet`, " ", make("span", { class: "gallery-size" }, formatBytes(bytes))),
      );
      this.#made.replaceChildren(...links);
    } catch {
      // The server is gone for a while, or the manifest is: nothing is shown of it.
    }
  }
}
