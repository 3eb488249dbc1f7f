/**
 * What the link can take, measured on the last frames: how many bytes to ask for, and whether to ask ahead.
 *
 * A picture that takes long on the way is old when it comes. So a body may take BODY_MS of the link's time, and what
 * that is in bytes follows the rate that the last bodies had: down at once, up by doubling.
 */

const BODY_MS = 70; // chosen: with a round trip of 20 ms some ten frames a second on any link
const FREE_MS = 4; // a body that was here this soon says nothing about the link but that it is fast
const FREE_RATE = 2500; // bytes a millisecond beyond which nothing is limited: the finest body takes 23 ms
const AHEAD_ROUND_TRIPS = 2.5; // one request in flight loses 29 % of the frames of a 2 MB/s link with 20 ms of them
const RTT_MIN_MS = 2;
const FEW_BYTES = 30_000; // below this the graphs would be a large part of a body
const GRAPHS_EVERY_MS = 500;
const COARSEST_BYTES = 12_000; // some

/**
 * @typedef {object} Timing One answer, all of `performance.now()` but the wait.
 * @property {number} requestedAt
 * @property {number} headersAt
 * @property {number} endAt
 * @property {number} waitedMs How long the camera's next frame was waited for; NaN for a body that was given up.
 * @property {number} bytes
 */

export class Link {
  /** Bytes a millisecond. */
  #rate = Infinity;
  #rttMs = Infinity;
  #bodyMs = 0;
  #graphsAt = -Infinity;

  /** @param {Timing} timing */
  note({ requestedAt, headersAt, endAt, waitedMs, bytes }) {
    const rtt = Math.max(headersAt - requestedAt - waitedMs, 0);
    // The shortest, which ages slowly: phones move.
    if (!Number.isNaN(rtt)) this.#rttMs = Math.min(this.#rttMs * 1.02 + 0.1, rtt);
    this.#bodyMs = endAt - headersAt;
    const seen = this.#bodyMs < FREE_MS ? Infinity : bytes / this.#bodyMs;
    if (seen < this.#rate) this.#rate = Number.isFinite(this.#rate) ? 0.3 * this.#rate + 0.7 * seen : seen;
    else this.#rate = Math.min(2 * this.#rate, seen);
    if (this.#rate > FREE_RATE) this.#rate = Infinity;
  }

  /**
   * Whether a body should be given up at this rate: it is far more than would be asked for now, and than the coarsest.
   * @param {number} bytes
   * @param {number} rate Bytes a millisecond.
   */
  isTooMuch(bytes, rate) {
    return bytes > 2 * Math.max(rate * BODY_MS, COARSEST_BYTES);
  }

  /** The link broke: what is known of it is old. */
  forget() {
    this.#rate = Infinity;
    this.#rttMs = Infinity;
    this.#bodyMs = 0;
  }

  /** What a body should weigh, bytes; Infinity without a limit. */
  get bodyBytes() {
    return Math.round(this.#rate * BODY_MS);
  }

  /** Whether the next frame is asked for before this one's body is here. */
  get asksAhead() {
    return this.#bodyMs < AHEAD_ROUND_TRIPS * Math.max(this.#rttMs, RTT_MIN_MS);
  }

  /** Whether the next body brings graphs; on a slow link not every one does. @param {number} now */
  wantsGraphs(now) {
    if (this.bodyBytes >= FEW_BYTES || now - this.#graphsAt >= GRAPHS_EVERY_MS) {
      this.#graphsAt = now;
      return true;
    }
    return false;
  }

  /** For scripts and tests. */
  get state() {
    return { bytesPerS: 1000 * this.#rate, rttMs: this.#rttMs, bodyBytes: this.bodyBytes, asksAhead: this.asksAhead };
  }
}
