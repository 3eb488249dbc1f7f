/**
 * The focus meter: the best score so far, and whether it was passed. The same as device/meter/focus_meter.py, which says why the
 * numbers are as they are; tests/golden/focus_meter.json holds both together. Pure.
 */

/** Scores in the curve: some ten seconds. */
export const CURVE_SCORES = 240;
const AT_BEST = 0.97;
const PASSED = 0.85;
const CLIMBED = 1.3;
const TURNED = 1.05;

/** @typedef {"waiting"|"rising"|"best"|"falling"|"passed"} Trend */

/** Takes one score after the other. */
export class FocusMeter {
  /** @type {number[]} The newest last. */
  curve = [];
  best = 0;
  #lowest = Infinity;
  /** @type {number|null} */
  #series = null;
  /** The highest score since it last fell, or the lowest since it rose. */
  #turn = 0;
  #falling = false;

  /** @param {number} score @param {number|null} series One of another series begins anew: not only focus changed. */
  note(score, series = null) {
    if (series !== this.#series) this.forget();
    this.#series = series;
    this.curve.push(score);
    if (this.curve.length > CURVE_SCORES) this.curve.shift();
    this.best = Math.max(this.best, score);
    this.#lowest = Math.min(this.#lowest, score);
    const turned = this.#falling ? score > TURNED * this.#turn : this.#turn > TURNED * score;
    if (turned) this.#falling = !this.#falling;
    this.#turn = turned ? score : (this.#falling ? Math.min : Math.max)(this.#turn, score);
  }

  /** The newest score over the best, 0..1. */
  get share() {
    return this.best > 0 ? (this.curve.at(-1) ?? 0) / this.best : 0;
  }

  /** Where the focus ring stands. @returns {Trend} */
  get trend() {
    if (this.curve.length < 2 || this.best <= 0) return "waiting";
    if (this.share >= AT_BEST) return "best";
    if (this.share >= PASSED || this.best < CLIMBED * this.#lowest) return "falling";
    return this.#falling ? "passed" : "rising";
  }

  /** Begin anew: another subject, another area. @returns {() => void} Takes it back, while the series is the same. */
  forget() {
    const [series, curve, best, lowest, turn, falling] = [this.#series, this.curve, this.best, this.#lowest, this.#turn, this.#falling];
    this.curve = [];
    this.best = 0;
    this.#lowest = Infinity;
    this.#turn = 0;
    this.#falling = false;
    return () => {
      if (series !== this.#series) return;
      const since = this.curve;
      [this.curve, this.best, this.#lowest, this.#turn, this.#falling] = [curve, best, lowest, turn, falling];
      for (const score of since) this.note(score, series);
    };
  }
}
