/**
 * The assists: what is detected is the camera's, for everyone who watches; how it is painted is this browser's. Wires
 * chips, sheet, spot meter and focus area to both. Runs on the page; main.js makes it.
 *
 * @import { Readings } from "../types/frame.js"
 * @import { Assists, GraphName } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { FocusTone } from "./focus-tone.js"
 */

import { ASSISTS } from "../declared/settings.js";
import { byId } from "../page/dom.js";
import { onLongPress } from "../page/long-press.js";
import { SettingsSync } from "../page/settings-sync.js";
import { showError } from "../page/toast.js";
import { showChips, showsSpot } from "./assist-chips.js";
import { AssistSheet } from "./assist-sheet.js";
import { FocusArea } from "./focus-area.js";
import { GRAPHS, isDetected, offChangesOf } from "./graph-panel.js";
import { SpotMeter } from "./spot-meter.js";
import { ALL_ZEBRAS_OFF, isAnyZebraOn, zebrasOf } from "./zebras.js";

export class AssistControls {
  /** Asked first about a tap on the picture; true: it was used there. @type {((point: {x: number, y: number}) => boolean)|null} */
  onTouch = null;
  /** Shows the graph large, or no longer. @type {(() => void)|null} */
  onLargeGraph = null;
  /** What the camera detects; null until it answered. @type {Assists|null} */
  values = null;
  /** @type {Readings|null} */
  #readings = null;
  /** Which zebras were on before they were all switched off. @type {Partial<Assists>} */
  #zebrasBefore = { zebra_high: true };
  /** @type {SettingsSync<Assists>} */
  #sync;
  #spot;
  #sheet;
  /** The graph that is shown, and whether this page switched its detector on. @type {{name: GraphName, isOurs: boolean}} */
  #graph;

  /**
   * @param {SettingsStore} settings
   * @param {FocusTone} tone
   */
  constructor(settings, tone) {
    this.settings = settings;
    const picture = /** @type {HTMLCanvasElement} */ (byId("picture"));
    this.area = new FocusArea(byId("focus-area"), picture, (place) => this.#touch(place));
    this.#spot = new SpotMeter(picture);
    this.#sync = new SettingsSync("/api/assists", (values) => this.#receive(values), (error) => showError(error.facts));
    this.#sheet = new AssistSheet(byId("assists-body"), settings, {
      ask: (changes) => this.#switch(changes),
      tone,
      pointOf: () => this.area.point,
    });
    this.groups = this.#sheet.groups;
    byId("chip-peaking").addEventListener("click", () => this.togglePeaking());
    byId("chip-zebra").addEventListener("click", () => this.toggleZebra());
    byId("chip-clipping").addEventListener("click", () => this.toggleClipping());
    byId("chip-histogram").addEventListener("click", () => this.toggleGraph());
    byId("chip-spot").addEventListener("click", () => this.toggleSpot());
    byId("chip-false").addEventListener("click", () => settings.set({ falseColour: !settings.values.falseColour }));
    for (const name of /** @type {const} */ (["peaking", "zebra", "clipping", "histogram", "false", "spot"])) {
      onLongPress(byId(`chip-${name}`), () => this.#sheet.reveal(name));
    }
    this.#graph = { name: settings.values.graph, isOurs: false };
    settings.follow(() => this.#followGraph());
    settings.follow(() => this.#showChips());
  }

  /** Read what the camera detects: another client may have changed it. */
  refresh() {
    return this.#sync.refresh();
  }

  /** @param {Readings} readings Of the frame on the screen. */
  noteReadings(readings) {
    this.#readings = readings;
    this.#spot.showFigures(readings);
    this.#showChips();
  }

  togglePeaking() {
    this.#toggle("peaking", "showPeaking");
  }

  toggleClipping() {
    this.#toggle("clipping", "showClipping");
  }

  /** The detector of the graph that is shown. */
  toggleGraph() {
    if (!this.values) return;
    const { name } = this.#graph;
    const isOn = isDetected(this.values, name);
    if (isOn && this.settings.values.display === "clean") return this.settings.showOwn();
    const hasPlace = byId("histogram").checkVisibility();
    if (!isOn || hasPlace) this.#switch(isOn ? offChangesOf(name) : GRAPHS[name].on);
    if (!hasPlace) this.onLargeGraph?.(); // the open panel has the place of the small one
  }

  /** The loupe is scored and measured in its middle. @param {boolean} magnified */
  setMagnified(magnified) {
    this.area.setMagnified(magnified);
    this.#spot.setMagnified(magnified);
  }

  /** Where the spot is, as shares of the picture's sides. */
  get spot() {
    return { x: this.values?.spot_x ?? ASSISTS.spot_x.default, y: this.values?.spot_y ?? ASSISTS.spot_y.default };
  }

  toggleSpot() {
    if (!this.values) return;
    if (this.values.spot && !showsSpot(this.settings.values.display)) return this.settings.showOwn();
    this.#switch({ spot: !this.values.spot });
  }

  toggleZebra() {
    const { values } = this;
    if (!values) return;
    if (isAnyZebraOn(values) && this.settings.values.showZebra) {
      this.#zebrasBefore = zebrasOf(values);
      return this.#switch(ALL_ZEBRAS_OFF);
    }
    this.settings.set({ showZebra: true });
    if (!isAnyZebraOn(values)) this.#switch(this.#zebrasBefore);
  }

  /** The focus area to the middle of the picture, at the size it began with. */
  centreArea() {
    const { focus_x, focus_y, focus_size } = ASSISTS;
    this.#ask({ focus_x: focus_x.default, focus_y: focus_y.default, focus_size: focus_size.default });
  }

  /** Another graph was chosen: what it needs goes on; what this page switched on for the last goes off. */
  #followGraph() {
    const { graph: name } = this.settings.values;
    if (name === this.#graph.name || !this.values) return;
    const before = this.#graph;
    const isOn = isDetected(this.values, name);
    this.#graph = { name, isOurs: !isOn };
    const changes = { ...(before.isOurs ? offChangesOf(before.name) : {}), ...(isOn ? {} : GRAPHS[name].on) };
    if (Object.keys(changes).length > 0) this.#ask(changes);
  }

  /** A tap on the picture moves the spot while it is on, else the focus area. @param {{focus_x: number, focus_y: number}} place */
  #touch(place) {
    if (this.onTouch?.({ x: place.focus_x, y: place.focus_y })) return;
    if (this.values?.spot) return this.#ask({ spot_x: place.focus_x, spot_y: place.focus_y });
    this.#ask(place);
  }

  /**
   * One press leads to an assist that is seen, the next to none.
   * @param {"peaking"|"clipping"} detector
   * @param {"showPeaking"|"showClipping"} layer
   */
  #toggle(detector, layer) {
    if (!this.values) return;
    const isSeen = this.values[detector] && this.settings.values[layer];
    if (!isSeen) this.settings.set({ [layer]: true });
    if (this.values[detector] === isSeen) this.#switch({ [detector]: !isSeen });
  }

  /** By hand: what is switched on must be seen. @param {Partial<Assists>} changes */
  #switch(changes) {
    this.settings.showOwn();
    this.#ask(changes);
  }

  /** Show the changes at once, and send them. @param {Partial<Assists>} changes */
  #ask(changes) {
    if (this.values) this.#receive({ ...this.values, ...changes });
    this.#sync.send(changes);
  }

  /** @param {Assists} values */
  #receive(values) {
    this.values = values;
    this.area.show(values);
    this.#spot.show(values);
    this.#sheet.show(values);
    this.#showChips();
  }

  #showChips() {
    if (this.values) showChips(this.values, { ...this.settings.values, graph: this.#graph.name }, this.#readings);
  }
}
