/**
 * Where the picture of a file is sharp, found by the camera with the detector of the viewfinder. Runs on the page; the viewer owns it.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { Capture } from "../types/shoot.js"
 */

import { addressOf } from "../page/address.js";
import { byId } from "../page/dom.js";
import { formatNumber } from "../words/figures.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

export class PeakingOfFile {
  #mask = byId("viewer-peaking-mask");
  #asked = 0;
  #url = "";

  /** @param {SettingsStore} settings @param {(text: string) => void} says */
  constructor(settings, says) {
    this.settings = settings;
    this.says = says;
  }

  /** Show it of a capture; of none, hide it. @param {Capture|null} capture */
  async show(capture) {
    const asked = (this.#asked += 1);
    this.#hide();
    if (!capture?.picture_url) return;
    this.says(say`Looking for what is sharp …`);
    try {
      const answer = await fetch(addressOf(`/api/captures/${capture.id}/peaking`));
      const body = answer.ok ? await answer.blob() : null;
      const told = body ? "" : (await answer.json()).error.message;
      if (asked !== this.#asked) return;
      if (!body) return this.says(tell(told));
      this.#url = URL.createObjectURL(body);
      this.#mask.style.background = `var(--peaking-${this.settings.values.peakingColour})`;
      this.#mask.style.maskImage = `url("${this.#url}")`;
      this.#mask.hidden = false;
      const percent = Number(answer.headers.get("X-Peaking-Percent"));
      this.says(say`In focus: ${formatNumber(percent, 1)} %`);
    } catch {
      if (asked === this.#asked) this.says(say`The camera cannot be reached`);
    }
  }

  #hide() {
    this.#mask.hidden = true;
    this.#mask.style.maskImage = "";
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = "";
  }
}
