/**
 * Controls that only some cameras offer: how auto exposure meters, how the picture is rendered, which files are kept. Runs
 * on the page; CameraControls calls it.
 *
 * @import { Camera } from "../types/camera.js"
 * @import { Controls } from "../types/settings.js"
 */

import { CONTROLS } from "../declared/settings.js";
import { byId, make, setText } from "../page/dom.js";
import { formatShutter } from "./notation.js";
import { makeChoice, makeSlider } from "../page/widgets.js";
import { formatNumber } from "../words/figures.js";
import { say, word } from "../words/words.js";

/** @type {Record<string, string>} */
const TEXTS = {
  centre: say`Centre`,
  spot: say`Spot`,
  matrix: say`Matrix`,
  normal: say`Normal`,
  highlight: say`Protected`,
  off: say`Off`,
  auto: say`Auto`,
  fast: say`Fast`,
  best: say`Best`,
  "raw+jpeg": "RAW + JPEG",
  raw: "RAW",
  jpeg: "JPEG",
};
/** What fits on the button of the captures. */
const MARKS = { "raw+jpeg": "R+J", raw: "RAW", jpeg: "JPG" };
/** What most people want: by hand, leaning, on a tripod. The last choice is the camera's own limit. */
const SLOWEST_US = [1e6 / 60, 1e6 / 15, 1e6, 8e6, 30e6];
const METERING = /** @type {const} */ (["metering", "constraint", "anti_flicker"]);
const PICTURE = /** @type {const} */ (["contrast", "saturation", "sharpness"]);
const TUNED = /** @type {const} */ ([...PICTURE, "noise_reduction"]);

export class OptionalControls {
  /** @type {Controls|null} */
  #asked = null;
  /** @type {((asked: Controls) => void)[]} */
  #shows = [];
  #metering = make("div", { class: "choices" });
  /** The settings of the rendered picture. */
  pictureSettings = make("fieldset", { class: "group", id: "picture-settings" });

  /**
   * @param {(changes: Partial<Controls>) => void} ask
   * @param {(changes: Partial<Controls>, text: string) => void} askUndoably And say what was done.
   */
  constructor(ask, askUndoably) {
    this.ask = ask;
    this.askUndoably = askUndoably;
    byId("panel-ev").prepend(this.#metering);
  }

  /** @param {Camera|null} camera */
  setCamera(camera) {
    this.#shows = [];
    this.#metering.replaceChildren(...METERING.flatMap((name) => this.#choice(camera, name)), ...this.#slowest(camera));
    const sliders = PICTURE.flatMap((name) => this.#slider(camera, name));
    const rows = [...sliders, ...this.#choice(camera, "noise_reduction")];
    const reset = make("button", { type: "button", class: "wide-button" }, say`Reset picture settings`);
    reset.addEventListener("click", () => {
      const offered = TUNED.filter((name) => camera?.limits[name] || camera?.choices[name]);
      this.askUndoably(Object.fromEntries(offered.map((name) => [name, CONTROLS[name].default])), say`The picture settings are reset`);
    });
    if (rows.length > 0) rows.push(this.#quality());
    const note = make("p", { class: "sheet-note" }, say`Sharpness and noise reduction touch the JPEG alone: peaking reads the view.`);
    this.pictureSettings.replaceChildren(make("legend", {}, say`Picture · view and JPEG, never raw`), ...rows, note, reset);
    this.pictureSettings.hidden = rows.length === 0;
    this.#files(camera?.capabilities.raw_still ?? false);
    if (this.#asked) this.show(this.#asked);
  }

  /** @param {Controls|null} asked */
  show(asked) {
    this.#asked = asked;
    if (asked) for (const show of this.#shows) show(asked);
  }

  /**
   * @param {Camera|null} camera
   * @param {"metering"|"constraint"|"anti_flicker"|"noise_reduction"} name
   */
  #choice(camera, name) {
    const words = camera?.choices[name];
    if (!words) return [];
    const options = words.map((value) => ({ value, text: TEXTS[value] ?? value }));
    const label = word(CONTROLS[name].label);
    const choice = makeChoice(label, options, (value) => this.ask({ [name]: value }));
    choice.element.dataset.control = name;
    this.#shows.push((asked) => choice.set(asked[name]));
    return [make("span", { class: "choice-name", "aria-hidden": true }, label), choice.element];
  }

  /** How long a shot in the dark may take. @param {Camera|null} camera */
  #slowest(camera) {
    const limit = camera?.limits.slowest_us;
    if (!limit) return [];
    const times = [...SLOWEST_US.filter((us) => us >= limit.minimum && us < limit.maximum), limit.maximum];
    const options = times.map((us) => ({ value: String(us), text: formatShutter(us) }));
    const label = word(CONTROLS.slowest_us.label);
    const choice = makeChoice(label, options, (value) => this.ask({ slowest_us: Number(value) }));
    choice.element.dataset.control = "slowest_us";
    this.#shows.push((asked) => choice.set(String(asked.slowest_us)));
    return [make("span", { class: "choice-name", "aria-hidden": true }, label), choice.element];
  }

  /** What is kept of a shot, with the drive modes; a camera without raw has no choice. @param {boolean} offered */
  #files(offered) {
    const label = word(CONTROLS.files.label);
    const { choices } = CONTROLS.files;
    const holder = byId("shot-files");
    holder.hidden = byId("files-mark").hidden = !offered;
    const options = choices.map((value) => ({ value, text: TEXTS[value] ?? value }));
    const choice = makeChoice(label, options, (value) => this.ask({ files: /** @type {Controls["files"]} */ (value) }));
    choice.element.dataset.control = "files";
    holder.replaceChildren(make("legend", {}, label), choice.element);
    this.#shows.push((asked) => {
      choice.set(asked.files);
      setText(byId("files-mark"), MARKS[asked.files]);
    });
  }

  /** Of the file of a shot: the same with every camera. */
  #quality() {
    const { minimum, maximum, step } = CONTROLS.jpeg_quality;
    const label = word(CONTROLS.jpeg_quality.label);
    const range = { min: Number(minimum), max: Number(maximum), step, format: String };
    const slider = makeSlider(label, range, (value) => this.ask({ jpeg_quality: value }));
    slider.element.dataset.control = "jpeg_quality";
    this.#shows.push((asked) => slider.set(asked.jpeg_quality));
    return slider.element;
  }

  /**
   * @param {Camera|null} camera
   * @param {"contrast"|"saturation"|"sharpness"} name
   */
  #slider(camera, name) {
    const limit = camera?.limits[name];
    if (!limit) return [];
    const format = (/** @type {number} */ v) => formatNumber(v, 2);
    const { step } = CONTROLS[name];
    const label = word(CONTROLS[name].label);
    const slider = makeSlider(label, { min: limit.minimum, max: limit.maximum, step, format }, (value) => this.ask({ [name]: value }));
    slider.element.dataset.control = name;
    this.#shows.push((asked) => slider.set(asked[name]));
    return [slider.element];
  }
}
