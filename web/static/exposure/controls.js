/**
 * The panels of shutter, ISO, EV, white balance and lens: what is asked of the camera. Runs on the page.
 *
 * @import { Camera, Limit } from "../types/camera.js"
 * @import { FrameHeader } from "../types/frame.js"
 * @import { Controls } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { Dial, explain } from "./dial.js";
import { CONTROLS } from "../declared/settings.js";
import { byId, setAttribute, setText } from "../page/dom.js";
import * as notation from "./notation.js";
import { changesTo, EXPOSURE_MODES, modeOf, noCompensation } from "./exposure-modes.js";
import { SettingsSync } from "../page/settings-sync.js";
import { showCaution, showError, showUndoable } from "../page/toast.js";
import { makeChoice } from "../page/widgets.js";
import { OptionalControls } from "./optional-controls.js";
import * as steps from "./steps.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

const PANELS = ["shutter", "iso", "ev", "wb", "focus"];
const WHITE_BALANCES = /** @type {const} */ ([
  { value: "auto", text: say`Auto` },
  { value: "daylight", text: say`Daylight` },
  { value: "cloudy", text: say`Cloudy` },
  { value: "indoor", text: say`Indoor` },
  { value: "fluorescent", text: say`Fluoresc.` },
  { value: "tungsten", text: say`Tungsten` },
  { value: "incandescent", text: say`Incandesc.` },
  { value: "kelvin", text: say`Kelvin` },
  { value: "manual", text: say`Manual` },
]);
const NO_EXPOSURE = say`This is a replay: its pictures were taken long ago, and cannot be exposed or focused again.`;
const NO_LENS = say`This lens has no motor: turn its ring, and watch peaking and the focus score.`;
const FOCUS_STEPS = 240;

export class CameraControls {
  /** What is asked of the camera; null while it is not open. @type {Controls|null} */
  asked = null;
  /** @type {Camera|null} */
  #camera = null;
  /** @type {FrameHeader|null} */
  #frame = null;
  /** @type {SettingsSync<Controls>} */
  #sync;
  #dials;
  #awb;
  #mode;
  #optional;
  #panelClosed = false;
  /** @type {{shutter: readonly number[], iso: readonly number[]}} */
  #steps = { shutter: [], iso: [] };

  /** @param {SettingsStore} settings */
  constructor(settings) {
    this.settings = settings;
    this.#sync = new SettingsSync("/api/controls", (values) => this.#receive(values), (error) => showError(error.facts));
    this.#dials = this.#makeDials();
    this.#awb = makeChoice(say`White balance`, WHITE_BALANCES, (awb) => this.#askAwb(awb));
    this.#mode = makeChoice(say`Exposure mode`, EXPOSURE_MODES, (mode) => this.setMode(mode));
    this.#optional = new OptionalControls((changes) => this.#ask(changes), (changes, text) => this.askUndoably(changes, text));
    this.#fillPanels();
    for (const panel of PANELS) byId(`cell-${panel}`).addEventListener("click", () => this.#tapCell(panel));
    byId("readout").addEventListener("keydown", (event) => this.#moveTab(event));
    byId("ae-lock").addEventListener("click", () => this.toggleAeLock());
    settings.follow(() => this.#openPanel(settings.values.panel));
    this.setCamera(null);
  }

  /** Steps and limits come from the camera that is open. @param {Camera|null} camera */
  setCamera(camera) {
    this.#camera = camera;
    const limits = camera?.limits ?? {};
    /** @type {(name: string, stepsIn: (limit: Limit) => readonly number[]) => readonly number[]} */
    const stepsOf = (name, stepsIn) => (limits[name] ? stepsIn(limits[name]) : []);
    const d = this.#dials;
    const live = camera?.modes?.find((mode) => mode.name === camera.mode);
    const ofMode = (/** @type {Limit} */ limit) =>
      steps.shutterSteps(live ? { ...limit, minimum: live.exposure_min_us, maximum: live.exposure_max_us } : limit);
    this.#steps = { shutter: stepsOf("exposure_us", ofMode), iso: stepsOf("gain", steps.gainSteps) };
    d.shutter.setSteps(this.#steps.shutter);
    d.iso.setSteps(this.#steps.iso);
    d.kelvin.setSteps(stepsOf("colour_temperature_k", (limit) => steps.evenSteps(limit, CONTROLS.colour_temperature_k.step)));
    this.#awb.offer((awb) => awb !== "kelvin" || limits.colour_temperature_k !== undefined);
    this.#optional.setCamera(camera);
    d.ev.setSteps(stepsOf("ev", steps.evSteps));
    d.red.setSteps(stepsOf("colour_gains", (limit) => steps.evenSteps(limit, CONTROLS.colour_gains.step)));
    d.blue.setSteps(stepsOf("colour_gains", (limit) => steps.evenSteps(limit, CONTROLS.colour_gains.step)));
    d.focus.setSteps(stepsOf("focus_m", (limit) => steps.ratioSteps(limit, FOCUS_STEPS)));
    d.aperture.setSteps(stepsOf("f_number", steps.apertureSteps));
    d.focal.setSteps(stepsOf("focal_mm", (limit) => steps.ratioSteps(limit, 60)));
    const exposes = camera?.capabilities.exposure_control ?? true;
    for (const panel of ["shutter", "iso", "ev", "wb"]) explain(byId(`panel-${panel}`), exposes ? "" : NO_EXPOSURE);
    const noLens = exposes ? NO_LENS : NO_EXPOSURE;
    explain(byId("panel-focus"), !camera || camera.capabilities.lens_control ? "" : noLens);
    /** @type {HTMLButtonElement} */ (byId("ae-lock")).disabled = !exposes;
    this.#show();
  }

  /** Read what is asked now: another client may have changed it. */
  refresh() {
    return this.#sync.refresh();
  }

  /** @param {FrameHeader} frame The one on the screen: what automatic controls stand at. */
  noteFrame(frame) {
    this.#frame = frame;
    this.#show();
  }

  /** @param {number} taps Positive is farther. */
  nudgeFocus(taps) {
    this.#dials.focus.nudge(taps);
  }

  /** @param {number} taps Thirds of a stop. */
  nudgeEv(taps) {
    const reason = noCompensation(this.askedOfExposure);
    if (reason) return showCaution(reason);
    this.#dials.ev.nudge(taps);
  }

  /** Expose by so many EV more: compensation while exposure is automatic, else the shutter time. @param {number} stops */
  expose(stops) {
    const { asked } = this;
    const exposure = this.#frame?.exposure;
    const limits = this.#camera?.limits;
    if (!asked || !exposure || !limits || this.askedOfExposure === null) return;
    const within = (/** @type {number} */ value, /** @type {Limit} */ limit) => Math.min(limit.maximum, Math.max(limit.minimum, value));
    if (asked.exposure_us === null || asked.gain === null) {
      if (limits.ev) this.#ask({ ev: Math.round(100 * within(asked.ev + stops, limits.ev)) / 100, ae_lock: false });
    } else if (limits.exposure_us) {
      this.#ask({ exposure_us: within(exposure.exposure_us * 2 ** stops, limits.exposure_us) });
    }
  }

  /** The settings of the rendered picture, as an element to be placed. */
  get pictureSettings() {
    return this.#optional.pictureSettings;
  }

  /** P, S, A or M, from where the picture stands. @param {import("./exposure-modes.js").ExposureMode} mode */
  setMode(mode) {
    if (this.askedOfExposure) this.#ask(changesTo(mode, this.askedOfExposure, this.#frame?.exposure, this.#steps));
  }

  toggleAeLock() {
    if (this.asked && !(/** @type {HTMLButtonElement} */ (byId("ae-lock")).disabled)) this.#ask({ ae_lock: !this.asked.ae_lock });
  }

  /** What is asked, or null where exposure cannot be: then nothing of it is worth showing. */
  get askedOfExposure() {
    return this.#camera?.capabilities.exposure_control === false ? null : this.asked;
  }

  /** Whether focus can be turned from here. */
  get turnsFocus() {
    return this.#camera?.limits.focus_m !== undefined;
  }

  #makeDials() {
    const onUnreadable = (/** @type {string} */ message, /** @type {string} */ expected) =>
      showError({ message, expected: say`for instance ${expected}`, remedy: "" });
    /** @type {(kind: Omit<import("./dial.js").DialKind, "onUnreadable">) => Dial} */
    const dial = (kind) => new Dial({ ...kind, onUnreadable });
    return {
      shutter: dial({
        label: say`Shutter`, resetText: say`Auto`, resetValue: null, example: say`1/125, 0.5 or 2s`,
        format: notation.formatShutter, parse: notation.parseShutter, onPick: (exposure_us) => this.#ask({ exposure_us }),
        onReset: () => this.askUndoably({ exposure_us: null }, say`Shutter is automatic`),
      }),
      iso: dial({
        label: "ISO", resetText: say`Auto`, resetValue: null, example: "400",
        format: notation.formatIso, parse: notation.parseIso, onPick: (gain) => this.#askGain(gain),
        onReset: () => this.askUndoably({ gain: null }, say`ISO is automatic`),
      }),
      ev: dial({
        label: "EV", resetText: "±0", resetValue: 0, example: notation.formatEv(0.7),
        format: notation.formatEv, parse: notation.parseFigure, onPick: (ev) => this.#ask({ ev: ev ?? 0 }),
        onReset: () => this.askUndoably({ ev: 0 }, say`EV is ±0`),
      }),
      red: dial({
        label: say`Red gain`, example: formatNumber(2.85, 2), format: (v) => formatNumber(v, 2), parse: notation.parseFigure,
        onPick: (red) => this.#askGains(red, null),
      }),
      blue: dial({
        label: say`Blue gain`, example: formatNumber(1.6, 2), format: (v) => formatNumber(v, 2), parse: notation.parseFigure,
        onPick: (blue) => this.#askGains(null, blue),
      }),
      kelvin: dial({
        label: say`Kelvin`, example: say`3200 (kelvin)`, stride: 1, format: (v) => `${Math.round(v)} K`, parse: notation.parseFigure,
        onPick: (colour_temperature_k) => this.#ask({ awb: "kelvin", colour_temperature_k }),
      }),
      focus: dial({
        label: say`Distance`, stride: 3, example: say`1.5 (metres)`, format: notation.formatDistance,
        parse: (text) => (text.trim() === "∞" ? (this.#camera?.limits.focus_m?.maximum ?? NaN) : notation.parseFigure(text)),
        onPick: (focus_m) => this.#ask({ focus_m }),
      }),
      aperture: dial({
        label: say`Aperture`, example: formatNumber(2.8, 1), format: notation.formatStop, parse: notation.parseFigure,
        onPick: (f_number) => this.#ask({ f_number }),
      }),
      focal: dial({
        label: say`Focal length`, example: say`16 (mm)`, format: notation.formatFocal, parse: notation.parseFigure,
        onPick: (focal_mm) => this.#ask({ focal_mm }),
      }),
    };
  }

  #fillPanels() {
    const d = this.#dials;
    byId("mode-row").prepend(this.#mode.element);
    byId("panel-shutter").append(d.shutter.element);
    byId("panel-iso").append(d.iso.element);
    byId("panel-ev").prepend(d.ev.element, byId("ev-reason"));
    byId("panel-wb").prepend(this.#awb.element, d.red.element, d.blue.element, d.kelvin.element);
    byId("panel-focus").append(d.focus.element, d.aperture.element, d.focal.element);
  }

  /** @param {Partial<Controls>} changes */
  #ask(changes) {
    if (this.asked) this.asked = { ...this.asked, ...changes };
    this.#sync.send(changes);
    this.#show();
  }

  /** Ask, and offer to ask what was asked before. @param {Partial<Controls>} changes @param {string} text What was done. */
  askUndoably(changes, text) {
    const { asked } = this;
    this.#ask(changes);
    const names = /** @type {(keyof Controls)[]} */ (Object.keys(changes));
    if (!asked || names.every((name) => asked[name] === changes[name])) return;
    showUndoable(text, () => this.#ask(Object.fromEntries(names.map((name) => [name, asked[name]]))));
  }

  /** Give white balance back as it is asked now, later. @returns {() => void} */
  keepWhiteBalance() {
    const { asked } = this;
    return () => {
      if (!asked) return;
      const { awb, colour_gains, colour_temperature_k } = asked;
      this.#ask(awb === "manual" ? { awb, colour_gains } : awb === "kelvin" ? { awb, colour_temperature_k } : { awb });
    };
  }

  /** What was typed may be more than the sensor has; the answer is in ISO, as the question was. @param {number|null} gain */
  #askGain(gain) {
    const limit = this.#camera?.limits.gain;
    if (gain === null || !limit || (gain >= limit.minimum && gain <= limit.maximum)) return this.#ask({ gain });
    const expected = say`ISO ${Math.ceil(100 * limit.minimum)} to ${Math.floor(100 * limit.maximum)}`;
    showError({ message: say`ISO ${notation.formatIso(gain)} is out of range`, expected, remedy: "" });
    this.#show();
  }

  /** @param {Controls["awb"]} awb */
  #askAwb(awb) {
    const gains = this.asked?.colour_gains ?? this.#frame?.exposure.colour_gains ?? null;
    if (awb === "kelvin") return this.#ask({ awb, colour_temperature_k: this.asked?.colour_temperature_k ?? this.#kelvinNow() });
    this.#ask(awb === "manual" && gains ? { awb, colour_gains: gains } : { awb });
  }

  /** The hundred nearest to what the frame was developed for, within what can be asked. */
  #kelvinNow() {
    const limit = this.#camera?.limits.colour_temperature_k ?? CONTROLS.colour_temperature_k;
    const now = Math.round((this.#frame?.exposure.colour_temperature_k ?? 5500) / 100) * 100;
    return Math.min(limit.maximum, Math.max(limit.minimum, now));
  }

  /**
   * @param {number|null} red
   * @param {number|null} blue
   */
  #askGains(red, blue) {
    const gains = this.asked?.colour_gains ?? this.#frame?.exposure.colour_gains;
    if (gains) this.#ask({ awb: "manual", colour_gains: [red ?? gains[0], blue ?? gains[1]] });
  }

  /** @param {Controls} values */
  #receive(values) {
    this.asked = values;
    this.#show();
  }

  #show() {
    this.#showExposure();
    this.#showWhiteBalance();
    this.#showLens();
    this.#mode.set(this.asked ? modeOf(this.asked) : "");
    this.#optional.show(this.asked);
    const locked = this.asked?.ae_lock ?? false;
    setAttribute(byId("ae-lock"), "aria-pressed", locked);
    setText(byId("ae-lock-note"), locked ? say`locked` : say`off`);
  }

  #showExposure() {
    const { asked } = this;
    const exposure = this.#frame?.exposure;
    const got = exposure?.known ? exposure : undefined;
    const { shutter, iso, ev } = this.#dials;
    shutter.show(asked?.exposure_us ?? got?.exposure_us ?? NaN, asked?.exposure_us == null);
    iso.show(asked?.gain ?? got?.analogue_gain ?? NaN, asked?.gain == null);
    ev.show(asked?.ev ?? NaN, asked?.ev === 0);
    const reason = noCompensation(this.askedOfExposure);
    ev.setEnabled(reason === "");
    setText(byId("ev-reason"), reason);
  }

  #showWhiteBalance() {
    const { asked } = this;
    const { red, blue, kelvin } = this.#dials;
    const isManual = asked?.awb === "manual";
    const isKelvin = asked?.awb === "kelvin";
    const gains = (isManual && asked?.colour_gains) || this.#frame?.exposure.colour_gains;
    red.show(gains?.[0] ?? NaN, !isManual);
    blue.show(gains?.[1] ?? NaN, !isManual);
    red.element.hidden = blue.element.hidden = !isManual;
    kelvin.show(asked?.colour_temperature_k ?? NaN, !isKelvin);
    kelvin.element.hidden = !isKelvin;
    this.#awb.set(asked?.awb ?? "auto");
  }

  #showLens() {
    const { asked } = this;
    const lens = this.#frame?.lens;
    const { focus, aperture, focal } = this.#dials;
    focus.show(asked?.focus_m ?? lens?.focus_m ?? NaN, false);
    aperture.show(asked?.f_number ?? lens?.f_number ?? NaN, false);
    focal.show(asked?.focal_mm ?? lens?.focal_mm ?? NaN, false);
  }

  /** Opens its panel; a second tap gives the scopes back the place that the panel borrowed. @param {string} panel */
  #tapCell(panel) {
    const again = panel === this.settings.values.panel && !this.#panelClosed;
    this.#panelClosed = again && !byId("histogram").checkVisibility();
    if (again) this.#openPanel(panel);
    else this.settings.set({ panel });
  }

  /** @param {string} name */
  #openPanel(name) {
    for (const panel of PANELS) {
      const chosen = panel === name;
      byId(`panel-${panel}`).hidden = !chosen || this.#panelClosed;
      setAttribute(byId(`cell-${panel}`), "aria-selected", chosen && !this.#panelClosed);
      byId(`cell-${panel}`).tabIndex = chosen ? 0 : -1;
    }
  }

  /** Left and right walk the tabs, as tab lists do. @param {KeyboardEvent} event */
  #moveTab(event) {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const next = PANELS[(PANELS.indexOf(this.settings.values.panel) + step + PANELS.length) % PANELS.length];
    this.#panelClosed = false;
    this.settings.set({ panel: next });
    byId(`cell-${next}`).focus();
    event.preventDefault();
    event.stopPropagation();
  }
}
