/**
 * A tone that follows the focus score, for focusing by ear. Runs on the page; Figures calls it for each painted frame.
 *
 * @import { FocusMeter } from "./focus-meter.js"
 */

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
  silence() {
    this.#loud = 0;
    this.#sound?.volume.gain.setTargetAtTime(0, this.#sound.context.currentTime, GLIDE_S);
  }
}
