/**
 * The guide to the right back focus, in the settings under the calibration: the camera measures a target, and this says which way
 * to turn the ring and how far, until it is right. It is the camera's: all who watch see the same. Runs on the page.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { BackFocusAdvice, BackFocusState } from "../types/camera.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { showError } from "../page/toast.js";
import { makeField } from "../page/widgets.js";
import { parseFigure } from "../exposure/notation.js";
import { formatPlain } from "../words/figures.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

const PATH = "/api/backfocus";
const PERIOD_MS = 1000;

export class BackFocus {
  element = make("fieldset", { class: "group", id: "back-focus" }, make("legend", {}, say`Back focus · from lens to sensor`));
  #state = make("p", { role: "status" });
  #place = make("p", { class: "sheet-note" });
  #tilt = make("p", { class: "sheet-note" });
  #told = make("p", { role: "alert", class: "sheet-note" });
  #bar = make("progress", { "aria-label": say`Progress of the measurement`, max: 3, value: 0 });
  #distance = makeField(say`Distance of the target, m`, "∞", { inputmode: "decimal" });
  #stop = makeField(say`What the aperture ring stands at`, "f/2", { inputmode: "decimal" });
  #pitch = makeField(say`Thread of the ring, mm a turn`, "0.79", { inputmode: "decimal" });
  #moved = makeField(say`If it was moved otherwise: µm in all, out above 0`, "", { inputmode: "text" });
  #setup = make("div", { class: "field-form" }, this.#distance.element, this.#stop.element, this.#pitch.element);
  #go = make("button", { type: "button", class: "wide-button" });
  #end = make("button", { type: "button", class: "wide-button" });
  #timer = 0;
  /** @type {BackFocusState|null} */
  #known = null;
  /** Whether the user is asked for the target. */
  #asked = false;

  constructor() {
    const buttons = make("div", { class: "form-buttons" }, this.#go, this.#end);
    this.element.append(this.#state, this.#place, this.#tilt, this.#setup, this.#moved.element, this.#bar, this.#told, buttons);
    this.element.hidden = true;
    this.#go.addEventListener("click", () => void this.#next());
    this.#end.addEventListener("click", () => void this.#leave());
    byId("assists-open").addEventListener("click", () => void this.refresh());
  }

  async refresh() {
    try {
      this.#take(await getJson(PATH));
    } catch {
      // The banner says that the server or the camera is gone.
    }
  }

  async #next() {
    const active = this.#known?.state === "waiting";
    if (!active && !this.#asked) {
      this.#asked = true;
      this.#show();
    } else if (active) {
      const moved = typedIn(this.#moved.input);
      await this.#ask(() => sendJson("PUT", PATH, moved === null ? {} : { moved_um: moved }));
    } else {
      const setup = { distance_m: typedIn(this.#distance.input), f_number: typedIn(this.#stop.input), pitch_mm: typedIn(this.#pitch.input) };
      await this.#ask(() => sendJson("POST", PATH, setup));
    }
  }

  async #leave() {
    this.#asked = false;
    if (this.#known?.state === "idle" && !this.#known.error) this.#show();
    else await this.#ask(() => sendJson("DELETE", PATH, {}));
  }

  /** @param {() => Promise<BackFocusState>} request */
  async #ask(request) {
    try {
      this.#take(await request());
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
  }

  /** @param {BackFocusState} now */
  #take(now) {
    const before = this.#known;
    this.#known = now;
    if (now.state !== "idle") this.#asked = false;
    if (before?.state === "measuring" && now.state !== "measuring" && !now.error) this.#moved.input.value = "";
    this.#show();
    clearTimeout(this.#timer);
    const seen = this.element.offsetParent !== null; // another phone may have it measured
    if (now.state === "measuring" || (now.state === "waiting" && seen)) this.#timer = setTimeout(() => void this.refresh(), PERIOD_MS);
  }

  #show() {
    const now = this.#known;
    if (now === null) return;
    const { state, error } = now;
    const measuring = state === "measuring";
    this.element.hidden = !now.possible;
    setText(this.#state, this.#says(now));
    setText(this.#place, measuring ? "" : placeOf(now));
    this.#place.hidden = this.#place.textContent === "";
    setText(this.#tilt, tiltText(now));
    this.#tilt.hidden = this.#tilt.textContent === "";
    this.#stop.input.placeholder = now.known_f_number === null ? "f/2" : `f/${formatPlain(now.known_f_number, 1)}`;
    this.#setup.hidden = !this.#asked;
    this.#moved.element.hidden = state !== "waiting" || now.advice === null;
    this.#bar.hidden = !measuring;
    this.#bar.max = now.of;
    this.#bar.value = now.done;
    this.#told.hidden = error === null;
    setText(this.#told, error ? [error.message, error.remedy || error.expected].filter(Boolean).map(tell).join(". ") : "");
    this.#go.hidden = measuring || state === "right" || state === "unsure";
    setText(this.#go, goText(now, this.#asked));
    this.#end.hidden = state === "idle" && !this.#asked;
    setText(this.#end, state === "right" || state === "unsure" ? say`Close the guide` : say`End the guide`);
  }

  /** What is done now, or is to be done by hand. @param {BackFocusState} now */
  #says(now) {
    if (now.state === "measuring") return tell(now.what);
    if (now.state === "right") return say`It is right: lock the ring.`;
    if (now.state === "unsure") return say`It is not known to be right. More light, a target with finer print or a firmer stand; then begin again from here.`;
    if (now.advice?.move_um) return moveText(now.advice, now.advice.move_um);
    if (now.state === "waiting") return say`The target is not measured yet.`;
    if (!this.#asked) return say`Where infinity is missed or the marks of the lens are wrong: this leads to the right distance between lens and sensor.`;
    return say`Open the aperture. Set the lens to the target's distance, or to infinity for one beyond 2000 focal lengths. Fasten the camera. Print, edges or texture have to be in the focus area.`;
  }
}

/** @param {BackFocusState} now @param {boolean} asked */
function goText(now, asked) {
  if (now.state !== "waiting") return asked ? say`Measure the target` : say`Set the back focus`;
  if (now.error || now.advice === null) return say`Measure again`;
  return now.by_itself ? say`Turn the simulated ring` : say`It is turned: measure`;
}

/** @param {BackFocusAdvice} advice @param {number} um */
function moveText({ degrees }, um) {
  const [far, angle] = [formatPlain(Math.abs(um), 0), formatPlain(Math.abs(degrees), 0)];
  return um > 0 ? say`Turn the ring so that the lens goes out, away from the sensor: ${far} µm, ${angle}°` : say`Turn the ring so that the lens goes in, towards the sensor: ${far} µm, ${angle}°`;
}

/** Where the sensor was found, and how often it was turned. @param {BackFocusState} now */
function placeOf({ advice, turns_most: most }) {
  if (advice === null) return "";
  const turns = say`Turns so far: ${advice.turns} of at most ${most}.`;
  if (advice.place === null) return say`The first turn tells the side. ${turns}`;
  const [um, sigma] = [formatPlain(Math.abs(advice.place.um), 0), formatPlain(advice.place.sigma_um, 0)];
  const place = advice.place.um > 0 ? say`The lens is ${um} µm too far from the sensor, give or take ${sigma}.` : say`The lens is ${um} µm too near to the sensor, give or take ${sigma}.`;
  return `${place} ${turns}`;
}

/** How the sensor is tilted, once it is at its end. @param {BackFocusState} now */
function tiltText({ state, tilt }) {
  if (state !== "right" && state !== "unsure") return "";
  if (tilt === null) return say`The tilt is not known: too little is seen in the corners, or they are not as far away as the target.`;
  const [right, bottom] = [within(tilt.right), within(tilt.bottom)];
  return say`Tilt, if all corners are as far away as the target: the right of the sensor's picture is ${right} farther from the lens than the left, the bottom ${bottom} farther than the top.`;
}

/** @param {{um: number, sigma_um: number}} place */
function within({ um, sigma_um: sigma }) {
  return `${um < 0 ? "−" : "+"}${formatPlain(Math.abs(um), 0)} ± ${formatPlain(sigma, 0)} µm`;
}

/** A figure; null for none or infinity. What is no figure is sent as it is, and refused. @param {HTMLInputElement} input */
function typedIn(input) {
  const typed = input.value.trim();
  if (typed === "" || typed === "∞") return null;
  const figure = parseFigure(typed);
  return Number.isNaN(figure) ? typed : figure;
}
