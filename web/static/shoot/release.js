/**
 * What a release feels like: the phone shakes at the press; as the exposure begins the picture blinks and the shutter sounds;
 * once the shot is on the disk it flies to its thumbnail. Runs on the page; main.js makes it for the shutter and the drive mode.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { byId } from "../page/dom.js";
import { makeSwitch } from "../page/widgets.js";
import { ShutterSound } from "./shutter-sound.js";
import { say } from "../words/words.js";

const SHAKE_MS = 15;
const BLINK_MS = 120;
const BLINKS_APART_MS = 340; // never more than three flashes a second (WCAG 2.3.1)
const FLIGHT_MS = 380;
const PRINT = 0.55; // of the picture, at first: a print over it, which nobody takes for the live picture

export class Release {
  #sound = new ShutterSound();
  #reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");
  #live = false;
  #blinkedAt = -Infinity;
  /** @type {HTMLImageElement|null} The print on its way. */
  #print = null;

  /** @param {SettingsStore} settings */
  constructor(settings) {
    this.settings = settings;
    const toggle = makeSwitch(say`Shutter sound`, (shutterSound) => {
      settings.set({ shutterSound });
      if (!shutterSound) return;
      this.#sound.wake();
      this.#sound.play(); // what it is like
    });
    toggle.element.id = "shutter-sound";
    byId("release-settings").append(toggle.element);
    settings.follow(() => toggle.set(settings.values.shutterSound));
  }

  /** A picture that stands still neither blinks nor sounds: nothing is exposed. @param {boolean} live */
  setLive(live) {
    this.#live = live;
  }

  /** A press was taken on. */
  press() {
    if (navigator.userActivation?.isActive !== false) navigator.vibrate?.(SHAKE_MS);
    if (this.settings.values.shutterSound) this.#sound.wake();
  }

  /** An exposure begins. */
  expose() {
    if (!this.#live) return;
    if (this.settings.values.shutterSound) this.#sound.play();
    const now = performance.now();
    if (this.#reducedMotion.matches || now - this.#blinkedAt < BLINKS_APART_MS) return;
    this.#blinkedAt = now;
    byId("blink").animate({ opacity: [0, 1, 1, 0] }, { duration: BLINK_MS });
  }

  /**
   * A shot is on the disk, and the captures were read again.
   * @param {string} id Of the capture.
   */
  async fly(id) {
    const thumb = byId("gallery-thumb");
    const shown = thumb.querySelector("img");
    if (!shown || thumb.dataset.capture !== id) return;
    if (!this.#live || this.#reducedMotion.matches || document.hidden) return;
    const print = /** @type {HTMLImageElement} */ (shown.cloneNode());
    print.className = "print";
    print.alt = "";
    try {
      await Promise.all([shown.decode(), print.decode()]);
    } catch {
      return; // the picture cannot be read, or has gone
    }
    if (!shown.checkVisibility()) return;
    this.#print?.remove();
    this.#print = print;
    const to = thumb.getBoundingClientRect();
    Object.assign(print.style, { left: `${to.left}px`, top: `${to.top}px`, width: `${to.width}px`, height: `${to.height}px` });
    document.body.append(print);
    const timing = { duration: FLIGHT_MS, easing: "cubic-bezier(0.4, 0, 0.6, 1)" };
    shown.animate({ opacity: [0, 0] }, timing); // its place is empty until it lands
    const flight = print.animate({ transform: [overPicture(to), "none"] }, timing);
    await flight.finished.catch(() => {}); // another one took its place
    print.remove();
  }
}

/** The transform that lays what is at `box` on the foot of the picture: its head says when it is late. @param {DOMRect} box */
function overPicture(box) {
  const [picture, stage] = ["picture", "stage"].map((id) => byId(id).getBoundingClientRect());
  const height = Math.min(picture.height, stage.height); // the loupe's picture is larger than its place
  const right = stage.left + stage.width / 2 - box.left - box.width / 2;
  const down = stage.top + (stage.height + (1 - PRINT) * height) / 2 - box.top - box.height / 2;
  return `translate(${right}px, ${down}px) scale(${(PRINT * height) / box.height})`;
}
