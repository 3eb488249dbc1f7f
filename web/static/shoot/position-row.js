/**
 * Where the camera stands, told once: sunrise and sunset of daily windows are computed from it. Runs on the page; the drive
 * sheet makes it.
 *
 * @import { ApiError } from "../page/api.js"
 */

import { POSITION } from "../declared/settings.js";
import { getJson, sendJson } from "../page/api.js";
import { make } from "../page/dom.js";
import { showError } from "../page/toast.js";
import { say, word } from "../words/words.js";

const PATH = "/api/position";
/** @type {("latitude_deg"|"longitude_deg")[]} */
const NAMES = ["latitude_deg", "longitude_deg"];

/**
 * Two figures; both empty is no position.
 * @param {() => void} onKept Called when another one is kept.
 */
export function makePositionRow(onKept) {
  const inputs = NAMES.map((name) => {
    const { minimum: min, maximum: max } = POSITION[name];
    const label = word(POSITION[name].label);
    const attributes = { inputmode: "text", min, max, step: "any", placeholder: label, "aria-label": say`${label}, degrees` };
    return make("input", { type: "number", class: "drive-figure", "data-position": name, ...attributes });
  });
  let typed = false;
  const keep = async () => {
    const told = inputs.filter(({ value }) => value !== "");
    if (told.length === 1 || !inputs.every((input) => input.checkValidity())) return;
    const position = Object.fromEntries(NAMES.map((name, i) => [name, inputs[i].valueAsNumber]));
    try {
      await (told.length ? sendJson("PUT", PATH, position) : sendJson("DELETE", PATH, {}));
      onKept();
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
  };
  const show = async () => {
    try {
      const { position } = await getJson(PATH);
      if (!typed) NAMES.forEach((name, i) => (inputs[i].value = position ? String(position[name]) : ""));
    } catch {
      // The banner says that the server is gone.
    }
  };
  for (const input of inputs) {
    input.addEventListener("input", () => (typed = true));
    input.addEventListener("change", () => void keep());
  }
  void show();
  const row = make("fieldset", { class: "group" }, make("legend", {}, say`Position, ° north and east (for sunrise and sunset)`));
  row.append(make("div", { class: "drive-number" }, ...inputs));
  return row;
}
