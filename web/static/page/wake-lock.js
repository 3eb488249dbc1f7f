/**
 * Keeps the device's screen on: by the browser's wake lock, which only a secure context has; over plain http by a tiny silent
 * video, during which browsers leave the screen on. Where neither plays, it says so. Runs on the page; main.js makes it.
 */

import { byId, make, setText } from "./dom.js";
import { showCaution } from "./toast.js";
import { say } from "../words/words.js";

const DRAW_MS = 500; // a video that shows nothing new stops playing

export class ScreenWakeLock {
  /** @type {WakeLockSentinel|null} */
  #lock = null;
  /** @type {{element: HTMLVideoElement, drawing: number}|null} */
  #video = null;
  #asking = false;
  /** Until the next touch: browsers that save power let a video begin only then. */
  #refused = false;
  #touched = false;

  constructor() {
    addEventListener("pointerup", () => {
      this.#touched = true;
      this.#refused = false;
    });
  }

  /** Keep it on or let it go; off while the page is hidden. @param {boolean} wanted */
  async keep(wanted) {
    if (this.#asking) return;
    const held = (this.#lock !== null && !this.#lock.released) || (this.#video !== null && !this.#video.element.paused);
    if (wanted === held || (wanted && (document.visibilityState !== "visible" || this.#refused))) return;
    this.#asking = true;
    try {
      await (wanted ? this.#take() : this.#letGo());
      setText(byId("screen-kind"), wanted ? (this.#lock ? say`kept on` : say`kept on by a silent video`) : say`sleeps as usual`);
    } catch {
      this.#refused = true; // for instance on low battery: the screen then sleeps as usual
      await this.#letGo();
      setText(byId("screen-kind"), say`sleeps as usual`);
      if (this.#touched) showCaution(say`This browser does not let the page keep the screen on: set a longer time in the device's own settings`);
    } finally {
      this.#asking = false;
    }
  }

  async #take() {
    if ("wakeLock" in navigator) this.#lock = await navigator.wakeLock.request("screen");
    else await (this.#video ??= silentVideo()).element.play();
  }

  async #letGo() {
    const [lock, video] = [this.#lock, this.#video];
    this.#lock = this.#video = null;
    if (video) clearInterval(video.drawing);
    video?.element.remove();
    await lock?.release();
  }
}

/** A video of a canvas on which a dot changes; in sight, because browsers do not count what is not. */
function silentVideo() {
  const canvas = make("canvas", { width: 2, height: 2 });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let drawn = 0;
  const draw = () => {
    context.fillStyle = (drawn += 1) % 2 === 0 ? "#000" : "#111";
    context.fillRect(0, 0, 2, 2);
  };
  draw();
  const element = make("video", { class: "wake-video", playsinline: true, loop: true, "aria-hidden": "true", tabindex: -1 });
  element.muted = true;
  element.srcObject = canvas.captureStream();
  document.body.append(element);
  return { element, drawing: setInterval(draw, DRAW_MS) };
}
