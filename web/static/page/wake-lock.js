/** Keeps the device's screen on, where the browser offers it (only in a secure context). Runs on the page. */

export class ScreenWakeLock {
  /** @type {WakeLockSentinel|null} */
  #lock = null;
  #asking = false;

  /** Keep it on or let it go; off while the page is hidden. @param {boolean} wanted */
  async keep(wanted) {
    if (!("wakeLock" in navigator) || this.#asking) return;
    const held = this.#lock !== null && !this.#lock.released;
    if (wanted === held || (wanted && document.visibilityState !== "visible")) return;
    this.#asking = true;
    try {
      if (wanted) this.#lock = await navigator.wakeLock.request("screen");
      else await this.#lock?.release();
    } catch {
      this.#lock = null; // refused, for instance on low battery: the screen then sleeps as usual
    } finally {
      this.#asking = false;
    }
  }
}
