/**
 * A level from this device's own sensor: true for the camera only where the two are fixed to each other. Runs on the page;
 * main.js makes it.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { byId, setText } from "../page/dom.js";
import { showCaution } from "../page/toast.js";
import { makeSwitch } from "../page/widgets.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

const LEVEL_DEGREES = 0.5; // chosen: what a hand can hold
const FLAT = 0.2; // chosen: with less of gravity along the screen it lies flat, and has no horizon
const SILENT_MS = 1500;

/**
 * By how much the screen is turned clockwise from level; null where it lies flat.
 * @param {number} beta Degrees, as in DeviceOrientationEvent: tipped to the front or back.
 * @param {number} gamma Degrees: tipped to the left or right.
 * @param {number} screenAngle Degrees, as in `screen.orientation.angle`.
 * @returns {number|null} Degrees, -180..180.
 */
export function rollOf(beta, gamma, screenAngle) {
  const [b, g] = [beta, gamma].map((degrees) => (degrees * Math.PI) / 180);
  // Gravity along the device's own sides, to its right and to its lower edge.
  const right = Math.cos(b) * Math.sin(g);
  const down = Math.sin(b);
  if (Math.hypot(right, down) < FLAT) return null;
  const roll = (Math.atan2(right, down) * 180) / Math.PI + screenAngle;
  return ((((roll + 180) % 360) + 360) % 360) - 180;
}

export class Level {
  #toggle = makeSwitch(say`Level of this device`, (on) => void this.#switch(on));
  #on = false;
  #timer = 0;
  #listener = (/** @type {DeviceOrientationEvent} */ event) => this.#show(event.beta, event.gamma);

  /** @param {SettingsStore} settings @param {HTMLElement} group Where the switch goes. */
  constructor(settings, group) {
    this.settings = settings;
    this.#toggle.element.dataset.guide = "level";
    group.append(this.#toggle.element);
    // Where the browser asks first (iOS), only a press may start it: it is not taken up by itself.
    if (settings.values.level && !needsPermission()) void this.#switch(true);
  }

  /** @param {boolean} on */
  async #switch(on) {
    const refusal = on ? await refusalOf() : "";
    if (refusal) showCaution(refusal);
    this.#on = on && !refusal;
    this.#toggle.set(this.#on);
    this.settings.set({ level: this.#on });
    byId("level").hidden = !this.#on;
    removeEventListener("deviceorientation", this.#listener);
    clearTimeout(this.#timer);
    if (!this.#on) return;
    setText(byId("level-figure"), "…");
    addEventListener("deviceorientation", this.#listener);
    this.#timer = setTimeout(() => {
      showCaution(say`This device has no sensor that tells its position`);
      void this.#switch(false);
    }, SILENT_MS);
  }

  /**
   * @param {number|null} beta
   * @param {number|null} gamma
   */
  #show(beta, gamma) {
    if (beta === null || gamma === null) return; // a browser without the sensor sends one such event
    clearTimeout(this.#timer);
    const roll = rollOf(beta, gamma, screen.orientation?.angle ?? 0);
    const mark = byId("level");
    byId("level-line").style.transform = `rotate(${-(roll ?? 0)}deg)`;
    mark.toggleAttribute("data-level", roll !== null && Math.abs(roll) <= LEVEL_DEGREES);
    setText(byId("level-figure"), roll === null ? say`lies flat` : `${formatNumber(Math.abs(roll), 1)}°`);
  }
}

/** iOS asks its user. */
function needsPermission() {
  return typeof (/** @type {any} */ (globalThis.DeviceOrientationEvent)?.requestPermission) === "function";
}

/** Why there is no level, in a sentence; empty when there may be one. */
async function refusalOf() {
  if (!isSecureContext) return say`No level here: browsers give the position of the device only to pages over https`;
  if (!("DeviceOrientationEvent" in globalThis)) return say`No level here: this browser does not tell the position of the device`;
  if (!needsPermission()) return "";
  const answer = await /** @type {any} */ (DeviceOrientationEvent).requestPermission().catch(() => "denied");
  return answer === "granted" ? "" : say`No level: the browser was told to keep the position of the device to itself`;
}
