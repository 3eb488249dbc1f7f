/** The device's screen: kept awake while live, and made full. Both only where the browser offers them. */

import { note } from "./toast.js";

/** Keeps the screen on while asked to and while the page is seen (needs a secure context). */
export class Wakefulness {
  /** @type {WakeLockSentinel|null} */
  #lock = null;
  #asking = false;

  /** @param {boolean} wanted */
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

/** Full screen on or off. */
export async function toggleFullscreen() {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen({ navigationUI: "hide" });
  } catch {
    note("Full screen is not available here; add the page to the home screen instead");
  }
}

/** iPhones have none for pages. */
export const HAS_FULLSCREEN = document.fullscreenEnabled === true;
