/**
 * Bright view: the picture on this screen made brighter, to compose by. It is labelled, and nothing that measures or saves
 * uses it. Runs on the page; main.js makes it.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { byId, setText } from "../page/dom.js";
import { makeChoice } from "../page/widgets.js";
import { say } from "../words/words.js";

const STEPS = /** @type {const} */ ([0, 1, 2, 3]);
const GAMMA = 2.2; // chosen: near to the camera's tone curve in the shadows, where it is wanted

/** By what the screen's codes are multiplied. @param {number} ev */
function codeGain(ev) {
  return 2 ** (ev / GAMMA);
}

export class BrightView {
  /**
   * @param {SettingsStore} settings
   * @param {(gain: number) => void} onGain
   */
  constructor(settings, onGain) {
    this.settings = settings;
    const options = STEPS.map((ev) => ({ value: String(ev), text: ev === 0 ? say`Off` : `+${ev} EV` }));
    const choice = makeChoice(say`Bright view on this screen`, options, (ev) => settings.set({ brightEv: /** @type {0|1|2|3} */ (Number(ev)) }));
    choice.element.dataset.bright = "";
    byId("bright-choice").append(choice.element);
    settings.follow(() => {
      const { brightEv, falseColour } = settings.values;
      choice.set(String(brightEv));
      byId("bright-mark").hidden = brightEv === 0 || falseColour; // false colours are of the true picture
      setText(byId("bright-mark"), say`BRIGHT VIEW +${brightEv} EV · not the exposure`);
      onGain(codeGain(brightEv));
    });
  }

  /** Off, or on by two stops. */
  toggle() {
    this.settings.set({ brightEv: this.settings.values.brightEv === 0 ? 2 : 0 });
  }
}
