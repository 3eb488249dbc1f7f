/**
 * A camera's dial: automatic, one step down, a figure that can be typed, one step up, and a slider over all steps. Runs on
 * the page; CameraControls makes them.
 */

import { make, setAttribute, setText } from "../page/dom.js";
import { nearestStep } from "./steps.js";
import { midSentence, say } from "../words/words.js";

/**
 * @typedef {object} DialKind
 * @property {string} label
 * @property {string} [resetText] The button for automatic or for the neutral value; left out when there is none.
 * @property {number|null} [resetValue] What that button asks for; null is automatic.
 * @property {number} [stride] Steps that one tap of - or + moves.
 * @property {(value: number) => string} format
 * @property {(text: string) => number} parse NaN when the text is none.
 * @property {string} example What can be typed.
 * @property {(value: number|null) => void} onPick
 * @property {() => void} [onReset] In place of `onPick` when that button is pressed.
 * @property {(message: string, expected: string) => void} onUnreadable
 */

export class Dial {
  element;
  #reset;
  #down;
  #up;
  #figure;
  #slider;
  /** @type {readonly number[]} */
  #steps = [];
  #value = NaN;
  #enabled = true;
  #sliderHeld = false;

  /** @param {DialKind} kind */
  constructor(kind) {
    this.kind = kind;
    const { label } = kind;
    this.#reset = make("button", { type: "button", class: "dial-auto", "aria-pressed": "false" }, kind.resetText ?? "");
    this.#reset.hidden = kind.resetText === undefined;
    this.#down = make("button", { type: "button", class: "dial-step", "aria-label": say`${label}: one step less` }, "−");
    this.#up = make("button", { type: "button", class: "dial-step", "aria-label": say`${label}: one step more` }, "+");
    this.#figure = make("input", {
      class: "dial-figure",
      type: "text",
      inputmode: "text",
      autocomplete: "off",
      spellcheck: "false",
      enterkeyhint: "done",
      "aria-label": say`${label}, for example ${kind.example}`,
    });
    this.#slider = make("input", { type: "range", class: "dial-slider", min: 0, step: 1, "aria-label": label });
    const row = make("div", { class: "dial-row" }, this.#reset, this.#down, this.#figure, this.#up);
    this.element = make("div", { class: "dial", role: "group", "aria-label": label }, row, this.#slider);
    this.element.prepend(make("span", { class: "dial-label" }, label));
    this.#listen();
  }

  /** The values it steps through, rising. @param {readonly number[]} steps */
  setSteps(steps) {
    this.#steps = steps;
    this.#slider.max = String(Math.max(0, steps.length - 1));
    this.#showEnabled();
  }

  /** @param {boolean} enabled Whether what it asks for has an effect. */
  setEnabled(enabled) {
    if (enabled === this.#enabled) return;
    this.#enabled = enabled;
    this.#showEnabled();
  }

  #showEnabled() {
    const off = this.#steps.length === 0;
    this.element.classList.toggle("is-off", off);
    for (const part of [this.#reset, this.#down, this.#up, this.#figure, this.#slider]) part.disabled = off || !this.#enabled;
  }

  /**
   * Show what is asked, or while automatic what the frame has.
   * @param {number} value NaN when nothing is known.
   * @param {boolean} automatic
   */
  show(value, automatic) {
    this.#value = value;
    setAttribute(this.#reset, "aria-pressed", automatic);
    const text = Number.isNaN(value) ? "—" : this.kind.format(value);
    if (document.activeElement !== this.#figure && this.#figure.value !== text) this.#figure.value = text;
    if (this.#sliderHeld || this.#steps.length === 0 || Number.isNaN(value)) return;
    const index = String(nearestStep(this.#steps, value));
    if (this.#slider.value !== index) this.#slider.value = index;
    setAttribute(this.#slider, "aria-valuetext", text);
  }

  /** Move by taps of + (positive) or -. @param {number} taps */
  nudge(taps) {
    if (this.#steps.length === 0 || !this.#enabled || Number.isNaN(this.#value)) return;
    const from = nearestStep(this.#steps, this.#value);
    const to = Math.min(this.#steps.length - 1, Math.max(0, from + taps * (this.kind.stride ?? 1)));
    this.#pick(this.#steps[to]);
  }

  #listen() {
    this.#down.addEventListener("click", () => this.nudge(-1));
    this.#up.addEventListener("click", () => this.nudge(1));
    this.#reset.addEventListener("click", () => this.#toggleReset());
    this.#figure.addEventListener("focus", () => this.#figure.select());
    this.#figure.addEventListener("change", () => this.#readFigure());
    this.#figure.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.#figure.blur();
    });
    this.#slider.addEventListener("pointerdown", () => (this.#sliderHeld = true));
    for (const end of ["pointerup", "pointercancel", "change"]) {
      this.#slider.addEventListener(end, () => (this.#sliderHeld = false));
    }
    this.#slider.addEventListener("input", () => this.#pick(this.#steps[this.#slider.valueAsNumber]));
  }

  #toggleReset() {
    const value = this.kind.resetValue ?? null;
    const pressed = this.#reset.getAttribute("aria-pressed") === "true";
    // From automatic to manual: begin where automatic stood.
    if (value === null && pressed) return this.nudge(0);
    if (this.kind.onReset) this.kind.onReset();
    else this.kind.onPick(value);
  }

  #readFigure() {
    const text = this.#figure.value;
    const value = this.kind.parse(text);
    if (!Number.isNaN(value)) return this.#pick(value);
    this.kind.onUnreadable(say`“${text.slice(0, 30)}” is not a value for ${midSentence(this.kind.label)}`, this.kind.example);
    this.#figure.value = Number.isNaN(this.#value) ? "—" : this.kind.format(this.#value);
  }

  /** @param {number} value */
  #pick(value) {
    this.show(value, false);
    this.kind.onPick(value);
  }
}

/** @param {HTMLElement} panel @param {string} reason Empty when the control is offered. */
export function explain(panel, reason) {
  let text = panel.querySelector(".panel-reason");
  if (!text) panel.append((text = make("p", { class: "panel-reason" })));
  setText(text, reason);
  panel.classList.toggle("is-off", reason !== "");
}
