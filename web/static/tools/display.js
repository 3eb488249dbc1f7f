/**
 * DISP: goes through the displays, from what the user chose to the clean picture, the essentials, everything, and back. It
 * hides and shows on this screen alone; what the camera detects stays, and no warning is touched. Runs on the page; main.js
 * makes it.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { DISPLAYS } from "../page/browser-settings.js";
import { byId, setAttribute, setText } from "../page/dom.js";
import { say } from "../words/words.js";

const NAMES = {
  own: { short: say`own`, text: say`as you set it` },
  clean: { short: say`clean`, text: say`clean picture` },
  essentials: { short: say`basic`, text: say`essentials` },
  everything: { short: say`all`, text: say`everything` },
};

export class DisplayButton {
  /** @param {SettingsStore} settings */
  constructor(settings) {
    this.settings = settings;
    const button = byId("display");
    button.addEventListener("click", () => this.next());
    settings.follow(() => {
      const { short, text } = NAMES[settings.values.display];
      setText(button.children[1], short);
      setAttribute(button, "aria-label", `DISP ${short}: ${text}`);
      document.documentElement.dataset.display = settings.values.display; // display.css hides by it
    });
  }

  next() {
    const { display } = this.settings.values;
    const next = DISPLAYS[(DISPLAYS.indexOf(display) + 1) % DISPLAYS.length];
    this.settings.set({ display: next });
    setText(byId("announcer"), say`Display: ${NAMES[next].text}`);
  }
}
