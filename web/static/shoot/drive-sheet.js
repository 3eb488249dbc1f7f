/**
 * The sheet of drive modes: which one, and its settings, built from what the camera says it has. What was chosen is
 * kept in this browser. Runs on the page; Drive makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { DriveMode, DriveProgress, DriveSetting } from "../types/shoot.js"
 */

import { addressOf } from "../page/address.js";
import { sendJson } from "../page/api.js";
import { keep, kept } from "../page/browser-storage.js";
import { byId, make, setText, writeProse } from "../page/dom.js";
import { makeChoice, makeSwitch } from "../page/widgets.js";
import { makePositionRow } from "./position-row.js";
import { tell } from "../words/sentences.js";
import { formatPlain } from "../words/figures.js";
import { say, word } from "../words/words.js";

const KEY = "hqcam.drive.1";
/** Titles that do not fit on the round button. @type {Record<string, string>} */
const SHORT = { timer: say`Timer`, interval: say`Intvl`, bulb: say`Long`, precapture: say`Pre` };

/** Daily windows at a tap; any other is typed. */
const WINDOWS = [
  { value: "", text: say`all day` },
  { value: "sunrise..sunset", text: say`sunrise..sunset` },
  { value: "sunset..sunrise", text: say`sunset..sunrise` },
];

/** @typedef {{mode: string, settings: Record<string, Record<string, any>>}} Chosen */

export class DriveSheet {
  /** @type {DriveMode[]} */
  #modes = [];
  #chosen = readChosen();
  #locked = false;
  #planAsked = 0;

  get mode() {
    return this.#modes.some(({ name }) => name === this.#chosen.mode) ? this.#chosen.mode : "single";
  }

  /** Only what differs from the camera's defaults. */
  get settings() {
    const known = this.#current?.settings ?? [];
    const chosen = this.#chosen.settings[this.mode] ?? {};
    return Object.fromEntries(known.filter(({ name }) => name in chosen).map(({ name }) => [name, chosen[name]]));
  }

  get title() {
    return tell(this.#current?.title ?? "");
  }

  /** @param {DriveMode[]} modes */
  fill(modes) {
    const same = shapeOf(modes) === shapeOf(this.#modes);
    this.#modes = modes;
    if (same) return this.#showSentence(); // a list that is made anew under the thumb is tapped wrongly
    const options = modes.map(({ name, title }) => ({ value: name, text: tell(title) }));
    const choice = makeChoice(say`Drive mode`, options, (mode) => this.#choose(mode));
    choice.element.classList.add("choice-modes");
    choice.set(this.mode);
    byId("drive-modes").replaceChildren(choice.element);
    this.#show();
  }

  /** Offer the list of what was taken. @param {DriveProgress} progress */
  offerManifest({ id, state, taken }) {
    byId("drive-last").hidden = id === "" || state === "running" || taken === 0;
    if (id) byId("drive-manifest").setAttribute("href", addressOf(`/api/drive/${encodeURIComponent(id)}/manifest`));
  }

  /**
   * While something runs nothing is chosen: button and sheet show the progress instead.
   * @param {DriveProgress|null} progress
   */
  showProgress(progress) {
    const locked = progress !== null;
    if (locked !== this.#locked) {
      this.#locked = locked;
      byId("drive-chosen").inert = locked;
      byId("drive-end").hidden = byId("drive-progress").hidden = !locked;
      this.#showButton();
    }
    if (!progress) return;
    const { taken, total } = progress;
    const shots = total ? say`${taken} of ${total} saved` : say`${taken} saved`;
    const title = tell(this.#modes.find(({ name }) => name === progress.mode)?.title ?? "");
    setText(byId("drive-name"), SHORT[progress.mode] ?? title);
    const left = progress.left_s ? say`${formatLeft(progress.left_s)} left` : "";
    setText(byId("drive-note"), progress.left_s ? formatLeft(progress.left_s) : say`runs`);
    const missed = progress.missed > 0 ? missedWords(progress) : "";
    const message = progress.message in progress.missed_why ? "" : tell(progress.message);
    writeProse(byId("drive-progress"), [shots, left, missed, message].filter(Boolean).join(" · "));
  }

  get #current() {
    return this.#modes.find(({ name }) => name === this.mode);
  }

  /** Choose a mode with these settings, as a preset has them. @param {{mode: string, settings: Record<string, any>}} chosen */
  recall({ mode, settings }) {
    this.#chosen.settings[mode] = settings;
    this.#choose(mode);
    const inputs = document.querySelectorAll(".choice-modes input");
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (inputs)) input.checked = input.value === mode;
  }

  /** @param {string} mode */
  #choose(mode) {
    this.#chosen.mode = mode;
    keep(KEY, JSON.stringify(this.#chosen));
    this.#show();
    void this.showPlan();
  }

  /**
   * @param {string} name
   * @param {any} value
   */
  #set(name, value) {
    (this.#chosen.settings[this.mode] ??= {})[name] = value;
    keep(KEY, JSON.stringify(this.#chosen));
    this.#showButton();
    void this.showPlan();
  }

  /**
   * Say what the chosen mode comes to, and what the camera could not do, if it began now; the last answer that was asked for
   * counts.
   */
  async showPlan() {
    const asked = ++this.#planAsked;
    /** @type {string[]} */
    let said = [];
    try {
      const { plan, warnings } = await sendJson("POST", "/api/drive/plan", { mode: this.mode, settings: this.settings });
      said = [plan, ...warnings].filter(Boolean).map(tell);
    } catch (error) {
      const { code, message, remedy } = /** @type {ApiError} */ (error).facts;
      if (code === "bad_input") said = [message, remedy].filter(Boolean).map(tell); // else the banner says what is wrong
    }
    if (asked === this.#planAsked) writeProse(byId("drive-plan"), said.join(" · "));
  }

  #show() {
    const mode = this.#current;
    if (!mode) return;
    this.#showSentence();
    byId("drive-settings").replaceChildren(...mode.settings.map((setting) => this.#row(setting)));
    this.#showButton();
  }

  #showSentence() {
    if (this.#current) setText(byId("drive-sentence"), `${tell(this.#current.sentence)} ${tell(this.#current.note)}`.trim());
  }

  #showButton() {
    const mode = this.#current;
    if (!mode) return;
    const first = mode.settings[0];
    const value = first ? (this.settings[first.name] ?? first.default) : "";
    setText(byId("drive-name"), SHORT[mode.name] ?? tell(mode.title));
    setText(byId("drive-note"), first ? `${typeof value === "number" ? formatPlain(value) : word(String(value))}${first.unit ? ` ${first.unit}` : "×"}` : say`shot`);
  }

  /** @param {DriveSetting} setting */
  #row(setting) {
    const value = this.settings[setting.name] ?? setting.default;
    const onPick = (/** @type {any} */ picked) => this.#set(setting.name, picked);
    const row = make("fieldset", { class: "group", "data-setting": setting.name });
    const label = word(setting.label);
    const unit = setting.unit ? `, ${setting.unit}` : "";
    if (setting.kind === "switch") {
      const toggle = makeSwitch(label, (on) => {
        toggle.set(on);
        onPick(on);
      });
      toggle.set(value);
      row.append(toggle.element);
      return row;
    }
    row.append(make("legend", {}, label + unit));
    if (setting.kind === "choice") {
      const choice = makeChoice(label, setting.choices.map((text) => ({ value: text, text: word(text) })), onPick);
      choice.set(value);
      row.append(choice.element);
    } else if (setting.kind === "time") {
      const input = make("input", { type: "time", class: "drive-figure", value, "aria-label": label });
      input.addEventListener("change", () => onPick(input.value));
      row.append(input);
    } else if (setting.kind === "window") {
      row.append(dailyWindow(setting, value, onPick), makePositionRow(() => void this.showPlan()));
    } else {
      row.append(figure(setting, value, onPick));
    }
    return row;
  }
}

/**
 * From when to when on each day: usual ones at a tap, and any other by typing.
 * @param {DriveSetting} setting
 * @param {string} value
 * @param {(value: string) => void} onPick
 */
function dailyWindow(setting, value, onPick) {
  const placeholder = "06:00..20:00, sunrise-30m..sunset+1h";
  const input = make("input", { type: "text", class: "drive-figure drive-window", placeholder, "aria-label": word(setting.label) });
  const choice = makeChoice(word(setting.label), WINDOWS, (text) => pick(text));
  const pick = (/** @type {string} */ text) => {
    input.value = text;
    choice.set(text);
    onPick(text);
  };
  input.addEventListener("change", () => pick(input.value.trim()));
  input.value = value;
  choice.set(value);
  return make("div", {}, choice.element, input);
}

/**
 * A number: values worth having at a tap, and any other by typing.
 * @param {DriveSetting} setting
 * @param {number} value
 * @param {(value: number) => void} onPick
 */
function figure(setting, value, onPick) {
  const { minimum: min, maximum: max, zero } = setting;
  const label = word(setting.label);
  const step = setting.kind === "whole" ? 1 : "any";
  const input = make("input", { type: "number", class: "drive-figure", inputmode: "decimal", min, max, step, "aria-label": label });
  const options = setting.steps.map((n) => ({ value: String(n), text: n === 0 && zero ? word(zero) : formatPlain(n) }));
  const choice = makeChoice(label, options, (text) => pick(Number(text)));
  let current = value;
  const show = () => {
    input.value = String(current);
    choice.set(String(current));
  };
  const pick = (/** @type {number} */ n) => {
    if (Number.isFinite(n) && n >= min && n <= max) {
      current = setting.kind === "whole" ? Math.round(n) : n;
      onPick(current);
    }
    show();
  };
  input.addEventListener("change", () => pick(input.valueAsNumber));
  show();
  return make("div", { class: "drive-number" }, choice.element, input);
}

/** `40 s`, `12 min`, `3 h`: as much as fits on the button. @param {number} seconds */
function formatLeft(seconds) {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** All but what changes with the moment. @param {DriveMode[]} modes */
function shapeOf(modes) {
  return JSON.stringify(modes, (name, value) => (name === "note" ? undefined : value));
}

/** @returns {Chosen} */
function readChosen() {
  try {
    const chosen = JSON.parse(kept(KEY) ?? "{}");
    const settings = chosen !== null && typeof chosen.settings === "object" && chosen.settings !== null ? chosen.settings : {};
    return { mode: typeof chosen?.mode === "string" ? chosen.mode : "single", settings };
  } catch {
    return { mode: "single", settings: {} };
  }
}

/** How many shots were missed and why, each reason with its count where there is more than one. @param {DriveProgress} p */
export function missedWords(p) {
  const why = Object.entries(p.missed_why);
  const reasons = why.map(([reason, times]) => (why.length > 1 ? `${times}: ${tell(reason)}` : tell(reason))).join("; ");
  return reasons ? say`${p.missed} missed (${reasons})` : say`${p.missed} missed`;
}
