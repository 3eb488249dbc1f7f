/**
 * What the viewfinder achieved: `window.hqcam.viewfinder.stats`. Runs on the page; main.js calls it.
 *
 * painted  frames drawn since the page was opened
 * fps      frames drawn a second, over the window
 * ageMs    from the start of the exposure to the animation frame that drew it, over the last 300 frames drawn
 * dropped  frames that were received and never drawn, because a newer one was there first; frames that the camera
 *          made and this client never asked for are not counted (pull skips them by design)
 */

const WINDOW = 300;
const RECENT = 9;
const FPS_WINDOW_MS = 3000;

export class Stats {
  #ages = new Float64Array(WINDOW);
  #times = new Float64Array(WINDOW);
  #sorted = new Float64Array(WINDOW);
  painted = 0;
  dropped = 0;

  /**
   * @param {number} ageMs
   * @param {number} now
   */
  notePainted(ageMs, now) {
    const slot = this.painted % WINDOW;
    this.#ages[slot] = ageMs;
    this.#times[slot] = now;
    this.painted += 1;
  }

  noteDropped() {
    this.dropped += 1;
  }

  /** Frames drawn a second, over the last three seconds. */
  get fps() {
    const now = performance.now();
    const count = Math.min(this.painted, WINDOW);
    let recent = 0;
    let oldest = now;
    for (let i = 0; i < count; i++) {
      if (now - this.#times[i] <= FPS_WINDOW_MS) {
        recent += 1;
        oldest = Math.min(oldest, this.#times[i]);
      }
    }
    return recent < 2 ? 0 : recent / ((now - oldest) / 1000);
  }

  /** Median, 95th percentile and maximum; NaN before the first frame. */
  get ageMs() {
    const count = Math.min(this.painted, WINDOW);
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#ages.subarray(0, count));
    sorted.sort();
    const at = (/** @type {number} */ share) => (count ? sorted[Math.min(count - 1, Math.floor(share * count))] : NaN);
    return { median: at(0.5), p95: at(0.95), max: at(1) };
  }

  /** Median age of the last few frames drawn: calm enough to be read. NaN before the first. */
  get recentAgeMs() {
    const count = Math.min(this.painted, RECENT);
    const sorted = this.#sorted.subarray(0, count);
    for (let i = 0; i < count; i++) sorted[i] = this.#ages[(this.painted - 1 - i) % WINDOW];
    sorted.sort();
    return count ? sorted[count >> 1] : NaN;
  }

  /** All of it as plain values, for scripts and tests. */
  snapshot() {
    return { painted: this.painted, fps: this.fps, ageMs: this.ageMs, dropped: this.dropped };
  }
}
