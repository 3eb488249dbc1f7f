/**
 * The camera's clock as seen from the page: turns a frame's capture time into the time on `performance.now()`.
 *
 * Every answer says when it was sent (capture time + age, both of the camera's clock) and we know when its headers
 * arrived. The way between takes an unknown time >= 0, so `sent - arrived` is never more than the true offset, and
 * the largest of many is the one that was delayed least. To it we add the way itself, taken as half of the shortest
 * round trip seen. The error is at most that half, and is reported as `uncertaintyMs`.
 * An answer can also not be sent before its request: that bounds the offset from above.
 */

const WINDOW = 120; // answers; a wall clock that is set on the camera is followed within as many frames
const JUMP_MS = 500; // more than any delay worth averaging: the camera's clock was set

export class CameraClock {
  #lower = new Float64Array(WINDOW).fill(-Infinity);
  #upper = new Float64Array(WINDOW).fill(Infinity);
  #next = 0;
  #last = NaN;
  #minRttMs = Infinity;

  /** A whole round trip of a small request. @param {number} ms */
  noteRoundTrip(ms) {
    // The shortest ages slowly, so that a phone that moved to another network is believed in the end.
    this.#minRttMs = Math.min(this.#minRttMs * 1.02 + 0.01, ms);
  }

  /**
   * One frame's answer.
   * @param {number} sentMs Unix time on the camera when it answered: captured_ms + age.
   * @param {number} requestedAt `performance.now()` when we asked.
   * @param {number} arrivedAt `performance.now()` when the headers were here.
   */
  note(sentMs, requestedAt, arrivedAt) {
    const lower = sentMs - arrivedAt;
    if (Math.abs(lower - this.#last) > JUMP_MS) this.reset();
    this.#last = lower;
    this.#lower[this.#next] = lower;
    this.#upper[this.#next] = sentMs - requestedAt;
    this.#next = (this.#next + 1) % WINDOW;
  }

  reset() {
    this.#lower.fill(-Infinity);
    this.#upper.fill(Infinity);
    this.#last = NaN;
  }

  /** Half the shortest round trip: the most by which ages can be wrong. 0 until one was measured. */
  get uncertaintyMs() {
    return Number.isFinite(this.#minRttMs) ? this.#minRttMs / 2 : 0;
  }

  /** Add to `performance.now()` to get the camera's Unix time. NaN before the first answer. */
  get offsetMs() {
    const least = this.#lower.reduce((a, b) => Math.max(a, b), -Infinity);
    const most = this.#upper.reduce((a, b) => Math.min(a, b), Infinity);
    if (!Number.isFinite(least)) return NaN;
    return Math.max(least, Math.min(least + this.uncertaintyMs, most));
  }

  /**
   * How old a frame is, or was, at a moment of `performance.now()`.
   * @param {number} capturedMs
   * @param {number} now
   */
  ageMs(capturedMs, now) {
    return now + this.offsetMs - capturedMs;
  }
}
