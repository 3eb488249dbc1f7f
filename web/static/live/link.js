/**
 * The rate of the link, measured on the last frames: how many bytes to ask for, and when to ask for the next. Pure; the
 * frame puller calls it.
 *
 * A picture that takes long on the way is old when it comes. So a body may take BODY_MS of the link's time, and what
 * that is in bytes follows the rate that the last bodies had: down at once, up by doubling.
 */

const BODY_MS = 70; // chosen: with a round trip of 20 ms some ten frames a second on any link
const FREE_MS = 4; // a body that was here this soon only shows that the link is fast
const FREE_RATE = 2500; // bytes a millisecond beyond which nothing is limited: the finest body takes 23 ms
const LEAST_RATE = 10; // bytes a millisecond: no picture is coarse enough for less, and doubling nothing leads nowhere
const AHEAD_ROUND_TRIPS = 1.75; // chosen: the round trip as measured has some 5 ms of both programs in it
const RTT_MIN_MS = 2;
const RTT_TIMES = 3; // the first request also opens the connection
const FEW_BYTES = 30_000; // below this the graphs would be a large part of a body
const GRAPHS_EVERY_MS = 500;
const COARSEST_BYTES = 12_000; // some

/**
 * @typedef {object} Timing One answer, all of `performance.now()` but the wait; the end is when `bytes` of the body were here.
 * @property {number} requestedAt
 * @property {number} headersAt
 * @property {number} endAt
 * @property {number} waitedMs How long the camera made the answer wait; NaN where an answer shows no round trip: it was
 *   given up, or asked for while another body filled the link.
 * @property {number} bytes
 */

export class Link {
  /** Bytes a millisecond. */
  #rate = Infinity;
  #rttMs = Infinity;
  #rttTimes = 0;
  #graphsAt = -Infinity;

  /** @param {Timing} timing */
  note({ requestedAt, headersAt, endAt, waitedMs, bytes }) {
    const rtt = Math.max(headersAt - requestedAt - waitedMs, 0);
    // The shortest, which ages slowly: phones move.
    if (!Number.isNaN(rtt)) {
      this.#rttMs = Math.min(this.#rttMs * 1.02 + 0.1, rtt);
      this.#rttTimes += 1;
    }
    const bodyMs = endAt - headersAt;
    const seen = bodyMs < FREE_MS ? Infinity : Math.max(bytes / bodyMs, LEAST_RATE);
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
    this.#rttTimes = 0;
  }

  /** What a body should weigh, bytes; Infinity without a limit. */
  get bodyBytes() {
    return Math.round(this.#rate * BODY_MS);
  }

  /**
   * Whether it is time to ask for the next frame. Its answer should begin when the rest of this body is here: later, and
   * the link lies idle (a round trip of 20 ms at 2 MB/s costs 29 % of the frames); sooner, and the answer grows old
   * behind the rest. Where a whole body is quick beside the round trip it is time at once.
   * @param {number} restBytes
   * @param {number} bytes Of the whole body.
   */
  isDue(restBytes, bytes) {
    const rtt = Math.max(this.#rttMs, RTT_MIN_MS) * this.#rate; // in bytes
    return this.#rttTimes >= RTT_TIMES && (restBytes < rtt || bytes < AHEAD_ROUND_TRIPS * rtt);
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
    return { bytesPerS: 1000 * this.#rate, rttMs: this.#rttMs, bodyBytes: this.bodyBytes };
  }
}
