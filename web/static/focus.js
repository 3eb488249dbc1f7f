/**
 * Focusing by figures: the best so far and whether it was passed, the curve of the last scores, and a tone for the ear.
 *
 * @import { Assists } from "./types.js"
 */

const KEPT = 240; // scores: some ten seconds
const AT_BEST = 0.97; // as in device/meter/focus_meter.py, which says why
const PASSED = 0.85;
const CLIMBED = 1.3;
const TREND_FRAMES = 5;

/** @typedef {"waiting"|"rising"|"best"|"falling"|"passed"} Trend */

/** Follows one score after the other. */
export class FocusMeter {
  /** @type {number[]} The newest last. */
  curve = [];
  best = 0;
  #lowest = Infinity;

  /** @param {number} score */
  note(score) {
    this.curve.push(score);
    if (this.curve.length > KEPT) this.curve.shift();
    this.best = Math.max(this.best, score);
    this.#lowest = Math.min(this.#lowest, score);
  }

  /** The newest score over the best, 0..1. */
  get share() {
    return this.best > 0 ? (this.curve.at(-1) ?? 0) / this.best : 0;
  }

  /** @returns {Trend} */
  get trend() {
    if (this.curve.length < 2 || this.best <= 0) return "waiting";
    if (this.share >= AT_BEST) return "best";
    if (this.share >= PASSED || this.best < CLIMBED * this.#lowest) return "falling";
    const before = this.curve.slice(-TREND_FRAMES - 1, -1);
    const mean = before.reduce((sum, score) => sum + score, 0) / before.length;
    return (this.curve.at(-1) ?? 0) > mean * 1.02 ? "rising" : "passed";
  }

  /** Another subject, another area. */
  forget() {
    this.curve = [];
    this.best = 0;
    this.#lowest = Infinity;
  }
}

/** Draws the curve, newest at the right, the best as a line. */
export class FocusCurve {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
  }

  /** @param {FocusMeter} meter */
  draw(meter) {
    const { canvas } = this;
    const wide = Math.round(canvas.clientWidth * devicePixelRatio);
    const high = Math.round(canvas.clientHeight * devicePixelRatio);
    if (wide < 2 || high < 2) return;
    if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
    const context = canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, wide, high);
    if (meter.best <= 0) return;
    const line = devicePixelRatio;
    const at = (/** @type {number} */ score) => line + (1 - score / meter.best) * (high - 2 * line);
    context.lineWidth = line;
    context.strokeStyle = "#8b949e";
    context.setLineDash([3 * line, 3 * line]);
    context.beginPath();
    context.moveTo(0, at(meter.best));
    context.lineTo(wide, at(meter.best));
    context.stroke();
    context.setLineDash([]);
    context.lineWidth = 1.5 * line;
    context.strokeStyle = meter.trend === "best" ? "#ffd23f" : "#e6edf3";
    context.beginPath();
    const step = wide / (KEPT - 1);
    const start = wide - (meter.curve.length - 1) * step;
    meter.curve.forEach((score, i) => context.lineTo(start + i * step, at(score)));
    context.stroke();
  }
}

const LOW_HZ = 220;
const OCTAVES = 2;
const LOUDNESS = 0.12;
const GLIDE_S = 0.04;

/** A tone that rises with the score, two octaves from nothing to the best; at the best it doubles. */
export class FocusTone {
  /** @type {{context: AudioContext, tone: OscillatorNode, second: GainNode, volume: GainNode}|null} */
  #sound = null;
  #hz = LOW_HZ;
  #loud = 0;

  get on() {
    return this.#sound !== null;
  }

  /** What it glides to: hertz, and how loud 0..1; null when off. For scripts and tests. */
  get state() {
    return this.#sound ? { hz: this.#hz, loud: this.#loud } : null;
  }

  /** From a tap or a key: browsers let nothing else begin to sound. */
  start() {
    if (this.#sound) return;
    const context = new AudioContext();
    const volume = new GainNode(context, { gain: 0 });
    const second = new GainNode(context, { gain: 0 });
    const tone = new OscillatorNode(context, { type: "triangle", frequency: LOW_HZ });
    const fifth = new OscillatorNode(context, { type: "triangle", frequency: LOW_HZ * 2 ** OCTAVES * 1.5 });
    tone.connect(volume);
    fifth.connect(second).connect(volume);
    volume.connect(context.destination);
    tone.start();
    fifth.start();
    this.#sound = { context, tone, second, volume };
  }

  stop() {
    void this.#sound?.context.close();
    this.#sound = null;
  }

  /** @param {FocusMeter} meter */
  follow(meter) {
    if (!this.#sound) return;
    const { context, tone, second, volume } = this.#sound;
    const now = context.currentTime;
    this.#hz = LOW_HZ * 2 ** (OCTAVES * meter.share);
    this.#loud = meter.trend === "waiting" ? 0 : LOUDNESS;
    tone.frequency.setTargetAtTime(this.#hz, now, GLIDE_S);
    second.gain.setTargetAtTime(meter.trend === "best" ? 0.5 : 0, now, GLIDE_S);
    volume.gain.setTargetAtTime(this.#loud, now, GLIDE_S);
  }

  /** The picture stands still or is gone: no sound about the past. */
  hush() {
    this.#loud = 0;
    this.#sound?.volume.gain.setTargetAtTime(0, this.#sound.context.currentTime, GLIDE_S);
  }
}

/** The frame on the picture that is scored: tap or drag to move it. */
export class FocusArea {
  #dragging = false;
  #magnified = false;
  /** @type {Assists|null} */
  #values = null;

  /**
   * @param {HTMLElement} frame Lies over the picture, within the same parent.
   * @param {HTMLCanvasElement} picture
   * @param {(place: {focus_x: number, focus_y: number}) => void} onMove
   */
  constructor(frame, picture, onMove) {
    this.frame = frame;
    this.picture = picture;
    this.onMove = onMove;
    picture.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0 || this.#magnified) return;
      this.#dragging = true;
      picture.setPointerCapture(event.pointerId);
      this.#moveTo(event);
    });
    picture.addEventListener("pointermove", (event) => {
      if (this.#dragging && event.isPrimary) this.#moveTo(event);
    });
    for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (this.#dragging = false));
    new ResizeObserver(() => this.#place()).observe(picture);
  }

  /** The loupe is scored in its middle, and moved itself. @param {boolean} magnified */
  setMagnified(magnified) {
    this.#magnified = magnified;
    this.#place();
  }

  /** Where it is, as shares of the picture's sides. */
  get point() {
    return { x: this.#values?.focus_x ?? 0.5, y: this.#values?.focus_y ?? 0.5 };
  }

  /** @param {Assists} values */
  show(values) {
    this.#values = values;
    this.#place();
  }

  /** @param {PointerEvent} event */
  #moveTo(event) {
    if (!this.#values?.focus_score && !this.#values?.spot) return;
    const box = this.picture.getBoundingClientRect();
    const share = (/** @type {number} */ at, /** @type {number} */ size) => Math.round(1000 * Math.min(Math.max(at / size, 0), 1)) / 1000;
    this.onMove({ focus_x: share(event.clientX - box.left, box.width), focus_y: share(event.clientY - box.top, box.height) });
  }

  /** As device/analysis/focus_score.py: pushed into the picture where it would stand out. */
  #place() {
    const values = this.#values;
    this.frame.hidden = !values?.focus_score;
    if (!values?.focus_score) return;
    const size = values.focus_size;
    const { x, y } = this.#magnified ? { x: 0.5, y: 0.5 } : this.point;
    const start = (/** @type {number} */ middle) => Math.min(Math.max(middle - size / 2, 0), 1 - size);
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = this.picture;
    Object.assign(this.frame.style, {
      left: `${offsetLeft + start(x) * offsetWidth}px`,
      top: `${offsetTop + start(y) * offsetHeight}px`,
      width: `${size * offsetWidth}px`,
      height: `${size * offsetHeight}px`,
    });
  }
}
