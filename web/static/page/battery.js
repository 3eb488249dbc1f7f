/**
 * The charge of the camera's battery in the top bar; nothing where the camera's computer knows of none. Runs on the page.
 *
 * @import { Battery } from "../types/camera.js"
 */

import { byId, setAttribute, setText } from "./dom.js";
import { say } from "../words/words.js";

const LOW_PERCENT = 15;

/** @param {Battery|null} battery */
export function showBattery(battery) {
  const element = byId("battery");
  element.hidden = battery === null;
  if (battery === null) return;
  const { percent, charging } = battery;
  setText(element, `${charging ? "⚡" : "▮"} ${percent} %`);
  setAttribute(element, "data-low", percent <= LOW_PERCENT && !charging);
  element.title = charging ? say`Battery of the camera: ${percent} %, charging` : say`Battery of the camera: ${percent} %`;
}
