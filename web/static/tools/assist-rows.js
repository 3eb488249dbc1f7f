/**
 * Makes the rows of the assists' sheet. A row either asks the camera (then everyone who watches sees the change) or
 * changes a setting of this browser; all rows show the values that hold. Runs on the page; AssistSheet calls it.
 *
 * @import { Assists, BrowserSettings } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { ASSISTS } from "../declared/settings.js";
import { makeChoice, makeSlider, makeSwitch } from "../page/widgets.js";
import { formatPlain } from "../words/figures.js";
import { word } from "../words/words.js";

/**
 * The names of the settings whose values are of a type.
 * @template {object} Settings
 * @template Value
 * @typedef {{[K in keyof Settings]: Settings[K] extends Value ? K : never}[keyof Settings]} NamesOf
 */

/** Numbers of the assists with a range and a step. @typedef {{[K in keyof typeof ASSISTS]: (typeof ASSISTS)[K] extends {step: number} ? K : never}[keyof typeof ASSISTS]} Ranged */

/** @type {(value: number) => string} */
const formatWholePercent = (value) => `${value} %`;

export class AssistRows {
  /** @type {((values: Assists) => void)[]} */
  #shows = [];

  /**
   * @param {SettingsStore} settings
   * @param {(changes: Partial<Assists>) => void} ask
   */
  constructor(settings, ask) {
    this.settings = settings;
    this.ask = ask;
  }

  /** Show what the camera detects, in every row. @param {Assists} values */
  show(values) {
    for (const show of this.#shows) show(values);
  }

  /** Whether the camera detects something. @param {NamesOf<Assists, boolean>} name */
  detector(name) {
    const toggle = makeSwitch(word(ASSISTS[name].label), (on) => this.ask({ [name]: on }));
    toggle.element.dataset.assist = name;
    this.#shows.push((values) => toggle.set(values[name]));
    return toggle.element;
  }

  /**
   * A number of the camera's assists, in its declared range.
   * @param {Ranged} name
   * @param {(value: number) => string} [format]
   * @param {(value: number) => void} [onPick] By default it is asked of the camera.
   */
  level(name, format = (value) => `${formatPlain(value)} ${ASSISTS[name].unit}`, onPick = (value) => this.ask({ [name]: value })) {
    const { label, minimum: min, maximum: max, step } = ASSISTS[name];
    const slider = makeSlider(word(label), { min, max, step, format }, onPick);
    slider.element.dataset.assist = name;
    this.#shows.push((values) => slider.set(values[name]));
    return slider.element;
  }

  /**
   * One of a few words of the camera's assists.
   * @template {NamesOf<Assists, string>} Name
   * @param {Name} name
   * @param {readonly {value: Assists[Name], text: string}[]} options
   */
  word(name, options) {
    const choice = makeChoice(word(ASSISTS[name].label), options, (value) => this.ask({ [name]: value }));
    choice.element.dataset.assist = name;
    this.#shows.push((values) => choice.set(values[name]));
    return choice.element;
  }

  /** Whether this browser shows something. @param {string} label @param {NamesOf<BrowserSettings, boolean>} name */
  layer(label, name) {
    const toggle = makeSwitch(label, (on) => this.settings.set({ [name]: on }));
    toggle.element.dataset.layer = name;
    this.settings.follow(() => toggle.set(this.settings.values[name]));
    return toggle.element;
  }

  /**
   * One of a few words of this browser's settings.
   * @template {NamesOf<BrowserSettings, string>} Name
   * @param {string} label
   * @param {Name} name
   * @param {readonly {value: BrowserSettings[Name], text: string}[]} options
   */
  browserWord(label, name, options) {
    const choice = makeChoice(label, options, (value) => this.settings.set({ [name]: value }));
    this.settings.follow(() => choice.set(this.settings.values[name]));
    return choice.element;
  }

  /** A share of this browser's settings, in whole percent from 20 on. @param {string} label @param {"peakingOpacity"} name */
  browserShare(label, name) {
    const scale = { min: 20, max: 100, step: 5, format: formatWholePercent };
    const slider = makeSlider(label, scale, (value) => this.settings.set({ [name]: value / 100 }));
    this.settings.follow(() => slider.set(Math.round(this.settings.values[name] * 100)));
    return slider.element;
  }
}
