/**
 * Exposing to the right (ETTR): how many EV more the raw samples can take, and a tap that exposes so. Runs on the page;
 * Figures makes it.
 *
 * @import { Readings } from "../types/frame.js"
 */

import { byId, setAttribute, setText } from "../page/dom.js";
import { formatEv } from "../exposure/notation.js";
import { say } from "../words/words.js";

const STEP_WHEN_OVER_EV = -1; // by how much it is over cannot be known: down by one, then the next reading shows

export class EttrButton {
  /** @type {number|null} */
  #stops = null;
  /** Whether this camera gives raw samples while live. */
  rawLive = true;

  /** @param {(stops: number) => void} onApply */
  constructor(onApply) {
    byId("ettr").addEventListener("click", () => this.apply());
    this.onApply = onApply;
  }

  /** From a tap or a key. */
  apply() {
    if (this.#stops !== null) this.onApply(this.#stops);
  }

  /** @param {Readings} readings */
  show(readings) {
    const raw = readings.raw_exposure;
    this.#stops = !raw ? null : raw.over ? STEP_WHEN_OVER_EV : raw.ettr_ev === null ? null : Math.round(100 * raw.ettr_ev) / 100;
    const button = /** @type {HTMLButtonElement} */ (byId("ettr"));
    button.disabled = this.#stops === null;
    setText(byId("ettr-figure"), figureOf(raw, this.rawLive));
    setAttribute(button, "data-state", !raw ? "off" : raw.over ? "over" : raw.ettr_ev === null ? "dark" : "room");
    button.title = raw ? explain(raw) : this.rawLive ? say`The raw histogram is off` : say`This camera gives no raw while live`;
  }
}

/**
 * @param {Readings["raw_exposure"]} raw
 * @param {boolean} rawLive
 */
function figureOf(raw, rawLive) {
  if (!raw) return rawLive ? "" : say`display only`;
  if (raw.over) return say`too bright`;
  return raw.ettr_ev === null ? say`too dark` : `ETTR ${formatEv(raw.ettr_ev)}`;
}

/** @param {NonNullable<Readings["raw_exposure"]>} raw */
function explain(raw) {
  if (raw.over) return say`More than the tolerance clips. Tap: one EV less`;
  if (raw.ettr_ev === null) return say`Nothing stands out of the noise`;
  const each = [raw.ettr_red_ev, raw.ettr_green_ev, raw.ettr_blue_ev].map((ev) => (ev === null ? "—" : formatEv(ev)));
  return say`Room to the right: R ${each[0]}, G ${each[1]}, B ${each[2]} EV. Tap to expose so`;
}
