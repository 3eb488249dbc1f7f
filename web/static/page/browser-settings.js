/**
 * How this browser shows the picture and its tools: kept in its storage. Without storage they last as long as the page.
 * Runs on the page.
 *
 * @import { BrowserSettings, Display } from "../types/settings.js"
 */

import { keep, kept } from "./browser-storage.js";

const KEY = "hqcam.paint.1";

/** What DISP goes through. @type {readonly Display[]} */
export const DISPLAYS = ["own", "clean", "essentials", "everything"];

/** @type {Readonly<BrowserSettings>} */
const DEFAULTS = Object.freeze({
  peakingColour: "red",
  peakingOpacity: 1,
  peakingHairline: true,
  monochrome: false,
  showPeaking: true,
  showZebra: true,
  showClipping: true,
  histogramScale: "linear",
  loupeScale: 1,
  graph: "histogram",
  guideLines: "none",
  guideMask: "none",
  guideSafe: false,
  frameLines: "",
  frameFormat: "own",
  level: false,
  brightEv: 0,
  falseColour: false,
  falseScale: "ire",
  panel: "shutter",
  display: "own",
  shutterSound: true,
  review: "off",
  viewerMarks: false,
  viewerPeaking: false,
  sendNew: "off",
  sendSize: "original",
  sendMetadata: true,
  hand: "right",
  light: "all",
});

/** Whose they are is the person at this screen, not the picture: no preset has them. @type {readonly (keyof BrowserSettings)[]} */
const PERSONAL = ["panel", "hand", "light", "review", "viewerMarks", "viewerPeaking", "sendNew", "sendSize", "sendMetadata"];

/** @type {{[K in keyof BrowserSettings]: (value: unknown) => boolean}} */
const VALID = {
  peakingColour: (v) => ["red", "yellow", "green", "cyan", "magenta", "white"].includes(String(v)),
  peakingOpacity: (v) => typeof v === "number" && v >= 0.2 && v <= 1,
  peakingHairline: (v) => typeof v === "boolean",
  monochrome: (v) => typeof v === "boolean",
  showPeaking: (v) => typeof v === "boolean",
  showZebra: (v) => typeof v === "boolean",
  showClipping: (v) => typeof v === "boolean",
  loupeScale: (v) => v === 1 || v === 2,
  histogramScale: (v) => v === "linear" || v === "log",
  graph: (v) => ["histogram", "raw", "waveform", "parade", "vectorscope"].includes(String(v)),
  guideLines: (v) => ["none", "thirds", "phi", "diagonals", "centre"].includes(String(v)),
  guideMask: (v) => ["none", "3:2", "1:1", "16:9", "2.39:1"].includes(String(v)),
  guideSafe: (v) => typeof v === "boolean",
  frameLines: (v) => typeof v === "string" && /^[0-9. ]{0,60}$/.test(v),
  frameFormat: (v) => ["own", "full", "super35", "super16", "6x6"].includes(String(v)),
  level: (v) => typeof v === "boolean",
  brightEv: (v) => [0, 1, 2, 3].includes(Number(v)) && typeof v === "number",
  falseColour: (v) => typeof v === "boolean",
  falseScale: (v) => v === "ire" || v === "stops",
  panel: (v) => ["shutter", "iso", "ev", "wb", "focus"].includes(String(v)),
  display: (v) => DISPLAYS.includes(/** @type {Display} */ (v)),
  shutterSound: (v) => typeof v === "boolean",
  review: (v) => ["off", "2", "5", "hold"].includes(String(v)),
  viewerMarks: (v) => typeof v === "boolean",
  viewerPeaking: (v) => typeof v === "boolean",
  sendNew: (v) => ["off", "jpeg", "raw+jpeg"].includes(String(v)),
  sendSize: (v) => ["original", "2048", "1080"].includes(String(v)),
  sendMetadata: (v) => typeof v === "boolean",
  hand: (v) => v === "right" || v === "left",
  light: (v) => v === "all" || v === "red",
};

/** @type {Readonly<Partial<BrowserSettings>>} */
const NO_MARKS = Object.freeze({
  showPeaking: false,
  showZebra: false,
  showClipping: false,
  monochrome: false,
  falseColour: false,
  guideLines: "none",
  guideMask: "none",
  guideSafe: false,
  frameLines: "",
});

/** What display and light show in place of what the user chose. @param {Readonly<BrowserSettings>} own @returns {Partial<BrowserSettings>} */
function replacedBy(own) {
  return { ...replacedByDisplay(own), ...(own.light === "red" ? { peakingColour: "red" } : {}) }; // others are dark in it
}

/** @param {Readonly<BrowserSettings>} own @returns {Partial<BrowserSettings>} */
function replacedByDisplay({ display, guideLines }) {
  if (display === "clean") return NO_MARKS;
  if (display === "essentials") return { ...NO_MARKS, showPeaking: true, showClipping: true };
  if (display === "everything") {
    return { showPeaking: true, showZebra: true, showClipping: true, guideLines: guideLines === "none" ? "thirds" : guideLines };
  }
  return {};
}

export class SettingsStore {
  /** As the display that is chosen shows them. Read it anywhere; change it with `set`. @type {BrowserSettings} */
  values = { ...DEFAULTS };
  /** As the user chose them: what is kept, and shown in the display "own". @type {BrowserSettings} */
  #own = { ...DEFAULTS };
  /** @type {(() => void)[]} */
  #listeners = [];

  constructor() {
    const stored = readStored();
    for (const name of /** @type {(keyof BrowserSettings)[]} */ (Object.keys(DEFAULTS))) {
      if (VALID[name](stored[name])) Object.assign(this.#own, { [name]: stored[name] });
    }
    Object.assign(this.values, this.#own, replacedBy(this.#own));
  }

  /** What is changed by hand is shown: a display that would hide it ends. @param {Partial<BrowserSettings>} changes */
  set(changes) {
    const names = /** @type {(keyof BrowserSettings)[]} */ (Object.keys(changes));
    const marks = names.filter((name) => (name in NO_MARKS || name === "level") && changes[name] !== this.values[name]);
    Object.assign(this.#own, changes, marks.length > 0 ? { display: "own" } : {});
    this.#apply();
  }

  #apply() {
    Object.assign(this.values, this.#own, replacedBy(this.#own));
    keep(KEY, JSON.stringify(this.#own));
    for (const listener of this.#listeners) listener();
  }

  /** As the user chose them, for a preset. @returns {Partial<BrowserSettings>} */
  get own() {
    return Object.fromEntries(Object.entries(this.#own).filter(([name]) => !isPersonal(name)));
  }

  /** The names of what cannot be set. @param {Record<string, unknown>} values */
  invalid(values) {
    return Object.keys(values).filter((name) => !Object.hasOwn(VALID, name) || !VALID[/** @type {keyof BrowserSettings} */ (name)](values[name]));
  }

  /** Set all as it was in a preset. @param {Partial<BrowserSettings>} values Valid ones. */
  recall(values) {
    const personal = Object.entries(this.#own).filter(([name]) => isPersonal(name));
    Object.assign(this.#own, DEFAULTS, values, Object.fromEntries(personal));
    this.#apply();
  }

  /** Something was switched by hand that another display may hide. */
  showOwn() {
    if (this.values.display !== "own") this.set({ display: "own" });
  }

  /** Call `listener` now and after every change. @param {() => void} listener */
  follow(listener) {
    this.#listeners.push(listener);
    listener();
  }
}

/** @param {string} name */
function isPersonal(name) {
  return PERSONAL.includes(/** @type {keyof BrowserSettings} */ (name));
}

/** @returns {Record<string, unknown>} */
function readStored() {
  try {
    const stored = JSON.parse(kept(KEY) ?? "{}");
    return stored !== null && typeof stored === "object" ? stored : {};
  } catch {
    return {};
  }
}
