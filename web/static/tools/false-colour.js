/**
 * False colour: the camera's bands as a table for the painter, and as a legend over the picture. Runs on the page; main.js
 * makes it.
 *
 * @import { FalseBand } from "../types/camera.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { getJson } from "../page/api.js";
import { byId, make } from "../page/dom.js";
import { formatEv } from "../exposure/notation.js";
import { tell } from "../words/sentences.js";

export class FalseColour {
  /** @type {Record<"ire"|"stops", FalseBand[]>|null} */
  #scales = null;
  #shown = "";

  /**
   * @param {SettingsStore} settings
   * @param {(table: Uint8Array|null) => void} onTable 256 colours of red, green, blue, 255; null paints the picture.
   */
  constructor(settings, onTable) {
    this.settings = settings;
    this.onTable = onTable;
    settings.follow(() => this.#show());
  }

  /** The bands depend on the camera's tone curve. */
  async refresh() {
    try {
      this.#scales = await getJson("/api/false-colour");
    } catch {
      return; // the camera went away meanwhile: it is read again when it is back
    }
    this.#shown = "";
    this.#show();
  }

  toggle() {
    this.settings.set({ falseColour: !this.settings.values.falseColour });
  }

  #show() {
    const { falseColour, falseScale } = this.settings.values;
    const bands = falseColour ? this.#scales?.[falseScale] : undefined;
    const key = bands ? falseScale : "off";
    if (key === this.#shown) return;
    this.#shown = key;
    const legend = byId("false-legend");
    legend.hidden = !bands;
    legend.replaceChildren(...(bands ?? []).map(legendEntry));
    this.onTable(bands ? falseColourTable(bands) : null);
  }
}

/** @param {readonly FalseBand[]} bands */
export function falseColourTable(bands) {
  const table = new Uint8Array(4 * 256);
  for (const { rgb, first_code, last_code } of bands) {
    for (let code = first_code; code <= last_code; code++) table.set([...rgb, 255], 4 * code);
  }
  return table;
}

/** @param {FalseBand} band */
function legendEntry(band) {
  const [red, green, blue] = band.rgb;
  const dark = 0.299 * red + 0.587 * green + 0.114 * blue < 110;
  const element = make("span", { class: "false-band", title: tell(band.name), "data-text": dark ? "light" : "dark" });
  element.style.background = `rgb(${red} ${green} ${blue})`;
  element.append(
    make("b", {}, band.from_ire.toFixed(0)),
    make("small", {}, band.from_ev === null ? "−∞" : formatEv(band.from_ev)),
  );
  return element;
}
