/**
 * How raw files are developed on the camera: file, brightness, white balance, what is kept of the picture. It keeps what was set
 * as long as the page lives. Runs on the page; background-work.js makes it.
 *
 * @import { Jobs } from "./jobs.js"
 */

import { DEVELOP } from "../declared/settings.js";
import { make } from "../page/dom.js";
import { makeChoice, makeSlider } from "../page/widgets.js";
import { formatNumber } from "../words/figures.js";
import { say, word } from "../words/words.js";
import { TaskDialog } from "./task-dialog.js";

/** @typedef {Record<string, string|number|boolean>} Values */
/** @typedef {"ev"|"kelvin"|"tint"|"cut_left"|"cut_right"|"cut_top"|"cut_bottom"} NumberName */

const EDGES = /** @type {const} */ (["cut_left", "cut_right", "cut_top", "cut_bottom"]);
/** @type {Record<string, string>} */
const TEXTS = {
  jpeg: "JPEG",
  tiff: say`TIFF, 16 bit`,
  camera: say`As shot`,
  auto: say`Auto`,
  kelvin: say`Kelvin`,
  none: say`All of it`,
};

export class DevelopDialog {
  /** @type {string[]} */
  #ids = [];
  #values = /** @type {Values} */ (Object.fromEntries(Object.entries(DEVELOP).map(([name, { default: value }]) => [name, value])));
  #ofKelvin = make("div", { class: "group", hidden: true });
  #what;
  #dialog;

  /** @param {Jobs} jobs */
  constructor(jobs) {
    this.#ofKelvin.append(this.#slider("kelvin", (k) => say`${k} K`), this.#slider("tint", (tint) => formatNumber(tint, 0)));
    const edges = make("details", { class: "task-edges" }, make("summary", {}, say`Cut edges off`), ...EDGES.map((edge) => this.#slider(edge, (percent) => say`${formatNumber(percent, 1)} %`)));
    const content = [
      this.#choice("format"),
      this.#slider("ev", (ev) => say`${ev > 0 ? "+" : ""}${formatNumber(ev, 1)} EV`),
      this.#choice("white_balance"),
      this.#ofKelvin,
      this.#choice("crop"),
      edges,
    ];
    const settings = make("div", {}, ...content);
    this.#what = makeChoice(
      say`What to make`,
      [
        { value: "develop", text: say`Developed pictures` },
        { value: "sheet", text: say`Contact sheet` },
      ],
      (kind) => {
        this.#kind = kind;
        settings.hidden = kind === "sheet";
      },
    );
    this.#what.element.dataset.make = "";
    this.#what.set(this.#kind);
    const begin = () => jobs.start({ kind: this.#kind, ids: this.#ids, ...(this.#kind === "develop" && { settings: this.#values }) });
    this.#dialog = new TaskDialog("develop", say`Develop`, say`Begin`, [this.#what.element, settings], begin);
  }

  /** @type {"develop"|"sheet"} */
  #kind = "develop";

  /** @param {string[]} ids Of captures. @param {string} of What they are. */
  open(ids, of) {
    this.#ids = ids;
    this.#what.element.hidden = ids.length < 2;
    if (ids.length < 2 && this.#kind === "sheet") /** @type {HTMLElement} */ (this.#what.element.querySelector("input")).click();
    this.#dialog.open(of);
  }

  /** @param {"format"|"white_balance"|"crop"} name */
  #choice(name) {
    const { label, choices } = DEVELOP[name];
    const legend = make("legend", {}, word(label));
    const options = choices.map((value) => ({ value, text: TEXTS[value] ?? value }));
    const choice = makeChoice(word(label), options, (value) => {
      this.#values[name] = value;
      if (name === "white_balance") this.#ofKelvin.hidden = value !== "kelvin";
    });
    choice.element.dataset.develop = name;
    choice.set(String(this.#values[name]));
    return make("fieldset", { class: "group" }, legend, choice.element);
  }

  /** @param {NumberName} name @param {(value: number) => string} format */
  #slider(name, format) {
    const { label, minimum: min, maximum: max, step } = DEVELOP[name];
    const slider = makeSlider(word(label), { min, max, step, format }, (value) => (this.#values[name] = value));
    slider.element.dataset.develop = name;
    slider.set(Number(this.#values[name]));
    return slider.element;
  }
}
