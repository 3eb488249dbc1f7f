/**
 * The spot meter on the picture: a mark that a tap moves, and its figures. Runs on the page; AssistControls makes it.
 *
 * @import { Readings } from "../types/frame.js"
 * @import { Assists } from "../types/settings.js"
 */

import { byId, setText } from "../page/dom.js";
import { formatEv } from "../exposure/notation.js";
import { followPlace, layOver } from "./picture-place.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

const LEAST_PX = 20; // smaller could not be found on a phone

export class SpotMeter {
  /** @type {Assists|null} */
  #values = null;
  #magnified = false;

  /** @param {HTMLCanvasElement} picture */
  constructor(picture) {
    this.picture = picture;
    followPlace(picture, () => this.#place());
  }

  /** @param {Assists} values */
  show(values) {
    this.#values = values;
    this.#place();
  }

  /** The loupe is measured in its middle, and moved itself. @param {boolean} magnified */
  setMagnified(magnified) {
    this.#magnified = magnified;
    this.#place();
  }

  /** @param {Readings} readings Of the frame on the screen. */
  showFigures({ spot }) {
    const figures = byId("spot-figures");
    figures.hidden = spot === null;
    if (spot) setText(figures, spotText(spot));
  }

  #place() {
    const values = this.#values;
    const mark = byId("spot");
    mark.hidden = !values?.spot;
    if (!values?.spot) return;
    const { spot_x, spot_y, spot_size } = values;
    const inside = (/** @type {number} */ at) => Math.min(Math.max(at, spot_size / 2), 1 - spot_size / 2);
    const middle = this.#magnified ? { x: 0.5, y: 0.5 } : { x: inside(spot_x), y: inside(spot_y) };
    layOver(mark, this.picture, middle, spot_size, LEAST_PX);
  }
}

/** `raw −3.7 EV · 26 IRE · R62 G77 B26 · 7.1 % (−1.3 EV)`. @param {NonNullable<Readings["spot"]>} spot */
export function spotText(spot) {
  const raw = spot.raw;
  const brightest = raw ? Math.max(...[raw.red_ev, raw.green_ev, raw.blue_ev].map((ev) => ev ?? -Infinity)) : null;
  const clipped = raw && raw.clipped_percent > 0 ? "≥" : "";
  const level = brightest === null ? say`display only` : brightest === -Infinity ? say`raw black` : say`raw ${clipped}${formatEv(brightest)} EV`;
  const rgb = `R${Math.round(spot.red)} G${Math.round(spot.green)} B${Math.round(spot.blue)}`;
  const stops = spot.from_grey_ev === null ? "" : ` (${formatEv(spot.from_grey_ev)})`;
  return `${level} · ${spot.ire.toFixed(0)} IRE · ${rgb} · ${formatNumber(spot.reflectance_percent, 1)} %${stops}`;
}
