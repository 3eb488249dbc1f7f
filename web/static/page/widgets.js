/** Switches, choices, sliders and fields of the sheets. Each gives its element and a way to set what it shows. Run on the page. */

import { make, setAttribute, setText } from "./dom.js";

let made = 0;

/**
 * On or off.
 * @param {string} label
 * @param {(on: boolean) => void} onToggle
 */
export function makeSwitch(label, onToggle) {
  const element = make("button", { type: "button", role: "switch", class: "switch", "aria-checked": "false" });
  element.append(make("span", { class: "switch-label" }, label), make("span", { class: "switch-track", "aria-hidden": true }));
  element.addEventListener("click", () => onToggle(element.getAttribute("aria-checked") !== "true"));
  return { element, set: (/** @type {boolean} */ on) => setAttribute(element, "aria-checked", on) };
}

/**
 * One of a few.
 * @template {string} Value
 * @param {string} label
 * @param {readonly {value: Value, text: string, title?: string}[]} options
 * @param {(value: Value) => void} onPick
 */
export function makeChoice(label, options, onPick) {
  const element = make("div", { role: "radiogroup", class: "choice", "aria-label": label });
  const name = `choice-${(made += 1)}`;
  const inputs = options.map(({ value, text, title }) => {
    const input = make("input", { type: "radio", name, value });
    input.addEventListener("change", () => onPick(value));
    const option = make("label", { class: "choice-option", "data-value": value }, input, make("span", {}, text));
    if (title) option.title = title;
    element.append(option);
    return input;
  });
  return {
    element,
    /** Show only what can be had. @param {(value: Value) => boolean} offered */
    offer: (offered) => {
      inputs.forEach((input, i) => (/** @type {HTMLElement} */ (input.parentElement).hidden = !offered(options[i].value)));
    },
    set: (/** @type {string} */ value) => {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}

/** A choice whose words alone do not say what they are of, below its label. @param {HTMLElement} choice */
export function withLabel(choice) {
  return make("div", { class: "labelled" }, make("span", { class: "choice-name", "aria-hidden": true }, choice.ariaLabel ?? ""), choice);
}

/**
 * A number on a scale.
 * @param {string} label
 * @param {{min: number, max: number, step: number, format: (value: number) => string}} scale
 * @param {(value: number) => void} onPick
 */
export function makeSlider(label, scale, onPick) {
  const { min, max, step, format } = scale;
  const input = make("input", { type: "range", min, max, step, "aria-label": label });
  const figure = make("output", { class: "slider-figure" });
  const element = make("label", { class: "slider" }, make("span", { class: "slider-label" }, label), input, figure);
  const show = () => {
    setText(figure, format(input.valueAsNumber));
    setAttribute(input, "aria-valuetext", format(input.valueAsNumber));
  };
  let held = false;
  input.addEventListener("pointerdown", () => (held = true));
  for (const end of ["pointerup", "pointercancel", "change"]) input.addEventListener(end, () => (held = false));
  input.addEventListener("input", () => {
    show();
    onPick(input.valueAsNumber);
  });
  return {
    element,
    set: (/** @type {number} */ value) => {
      if (held) return; // it must not slip from under the thumb
      input.valueAsNumber = value;
      show();
    },
  };
}

/**
 * A line to type.
 * @param {string} label
 * @param {string} example
 * @param {Record<string, string>} [attributes] Others of the input.
 */
export function makeField(label, example, attributes = {}) {
  const input = make("input", { class: "text-field", type: "text", autocomplete: "off", spellcheck: "false", placeholder: example, ...attributes });
  const says = make("span", {}, label);
  return { element: make("label", { class: "text-label" }, says, input), input, label: says };
}
