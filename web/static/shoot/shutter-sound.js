/**
 * The sound of a shutter, made of noise in the browser. Runs on the page; Release makes it.
 */

const LENGTH_S = 0.09;
/** Two curtains: when each begins, how fast it fades, how loud it is. */
const CURTAINS = [
  { at_s: 0, fades_s: 0.004, loud: 0.5 },
  { at_s: 0.045, fades_s: 0.008, loud: 0.3 },
];
const SMOOTH = 0.35; // share of a new sample in a low pass: without it the noise hisses

/**
 * The samples of one click, -1..1.
 * @param {number} rateHz
 */
export function shutterSamples(rateHz) {
  const samples = new Float32Array(Math.ceil(LENGTH_S * rateHz));
  let smooth = 0;
  for (let i = 0; i < samples.length; i++) {
    smooth += SMOOTH * (2 * Math.random() - 1 - smooth);
    for (const { at_s, fades_s, loud } of CURTAINS) {
      const since_s = i / rateHz - at_s;
      if (since_s >= 0) samples[i] += smooth * loud * Math.exp(-since_s / fades_s);
    }
  }
  return samples;
}

export class ShutterSound {
  /** @type {{context: AudioContext, click: AudioBuffer}|null} */
  #sound = null;
  /** @type {AudioBufferSourceNode|null} */
  #last = null;

  /** From a tap or a key: browsers let nothing else begin to sound. */
  wake() {
    if (this.#sound) return;
    const context = new AudioContext();
    const click = new AudioBuffer({ length: Math.ceil(LENGTH_S * context.sampleRate), sampleRate: context.sampleRate });
    click.copyToChannel(shutterSamples(context.sampleRate), 0);
    this.#sound = { context, click };
  }

  /** Silent before `wake`. */
  play() {
    if (!this.#sound) return;
    const { context, click } = this.#sound;
    const source = new AudioBufferSourceNode(context, { buffer: click });
    source.connect(context.destination);
    source.addEventListener("ended", () => {
      if (source === this.#last) void context.suspend(); // an open output costs the phone's battery
    });
    this.#last = source;
    void context.resume();
    source.start();
  }
}
