/**
 * The assists: what is detected is the camera's, for everyone; how it is painted is this client's.
 *
 * @import { Assists, GraphName, PeakingColour, Readings } from "./types.js"
 * @import { ClientSettings } from "./settings.js"
 */

import { byId, make, setAttribute, setText } from "./dom.js";
import { FocusArea } from "./focus.js";
import { GRAPHS } from "./graphpanel.js";
import { Patcher } from "./patcher.js";
import { formatPercent } from "./scopes.js";
import { SpotMeter } from "./spot.js";
import { complain } from "./toast.js";
import { makeChoice, makeSlider, makeSwitch } from "./widgets.js";

const GRAPH_NOTES = { histogram: "", raw: "raw EV", waveform: "luma", parade: "R G B", vectorscope: "vector" };
const ZEBRAS = /** @type {const} */ (["zebra_high", "zebra_band", "zebra_low"]);
const COLOURS = /** @type {const} */ (["red", "yellow", "green", "cyan", "magenta", "white"]);
const ire = (/** @type {number} */ value) => `${value} IRE`;

export class AssistControls {
  /** Asked first about a tap on the picture; true keeps it. @type {((point: {x: number, y: number}) => boolean)|null} */
  onTouch = null;
  /** What the camera detects; null until it told. @type {Assists|null} */
  values = null;
  /** @type {Readings|null} */
  #readings = null;
  /** Which zebras were on before they were all switched off. @type {Partial<Assists>} */
  #zebrasBefore = { zebra_high: true };
  /** @type {Patcher<Assists>} */
  #patcher;
  /** @type {((values: Assists) => void)[]} */
  #shows = [];
  /** @type {SpotMeter} */
  #spot;
  /** The graph that is shown, and whether this page switched its detector on. @type {{name: GraphName, mine: boolean}} */
  #graph;

  /**
   * @param {ClientSettings} settings
   * @param {{tone: import("./focus.js").FocusTone, onAreaMoved: () => void}} focus
   */
  constructor(settings, focus) {
    this.settings = settings;
    this.focus = focus;
    const picture = /** @type {HTMLCanvasElement} */ (byId("picture"));
    this.area = new FocusArea(byId("focus-area"), picture, (place) => this.#touch(place));
    this.#shows.push((values) => this.area.show(values));
    this.#spot = new SpotMeter(picture);
    this.#shows.push((values) => this.#spot.show(values));
    this.#patcher = new Patcher("/api/assists", (values) => this.#take(values), (error) => complain(error.facts));
    this.#fill(byId("assists-body"));
    byId("chip-peaking").addEventListener("click", () => this.togglePeaking());
    byId("chip-zebra").addEventListener("click", () => this.toggleZebra());
    byId("chip-clipping").addEventListener("click", () => this.toggleClipping());
    byId("chip-histogram").addEventListener("click", () => this.toggleHistogram());
    byId("chip-spot").addEventListener("click", () => this.toggleSpot());
    byId("chip-false").addEventListener("click", () => settings.set({ falseColour: !settings.values.falseColour }));
    this.#graph = { name: settings.values.graph, mine: false };
    settings.follow(() => this.#followGraph());
    settings.follow(() => this.#showChips());
  }

  refresh() {
    return this.#patcher.refresh();
  }

  /** @param {Readings} readings Of the frame on the screen. */
  noteReadings(readings) {
    this.#readings = readings;
    this.#spot.note(readings);
    this.#showChips();
  }

  togglePeaking() {
    this.#toggle("peaking", "showPeaking");
  }

  toggleClipping() {
    this.#toggle("clipping", "showClipping");
  }

  /** The graph that is shown. */
  toggleHistogram() {
    if (!this.values) return;
    const { name } = this.#graph;
    this.#ask(isOn(this.values, name) ? offOf(name) : GRAPHS[name].on);
  }

  /** Where the spot is, as shares of the picture's sides. */
  get spot() {
    return { x: this.values?.spot_x ?? 0.5, y: this.values?.spot_y ?? 0.5 };
  }

  toggleSpot() {
    if (this.values) this.#ask({ spot: !this.values.spot });
  }

  /** Another graph was chosen: what it needs goes on; what this page switched on for the last goes off. */
  #followGraph() {
    const { graph: name } = this.settings.values;
    if (name === this.#graph.name || !this.values) return;
    const left = this.#graph;
    const on = isOn(this.values, name);
    this.#graph = { name, mine: !on };
    const changes = { ...(left.mine ? offOf(left.name) : {}), ...(on ? {} : GRAPHS[name].on) };
    if (Object.keys(changes).length > 0) this.#ask(changes);
  }

  /** A tap on the picture moves the spot while it is on, else the focus area. @param {{focus_x: number, focus_y: number}} place */
  #touch(place) {
    if (this.onTouch?.({ x: place.focus_x, y: place.focus_y })) return;
    if (this.values?.spot) return this.#ask({ spot_x: place.focus_x, spot_y: place.focus_y });
    this.#moveArea(place);
  }

  toggleZebra() {
    const { values } = this;
    if (!values) return;
    const on = ZEBRAS.some((name) => values[name]) && this.settings.values.showZebra;
    if (on) {
      this.#zebrasBefore = Object.fromEntries(ZEBRAS.map((name) => [name, values[name]]));
      return this.#ask({ zebra_high: false, zebra_band: false, zebra_low: false });
    }
    this.settings.set({ showZebra: true });
    if (!ZEBRAS.some((name) => values[name])) this.#ask(this.#zebrasBefore);
  }

  /**
   * One press leads to an assist that is seen, the next to none.
   * @param {"peaking"|"clipping"} detector
   * @param {"showPeaking"|"showClipping"} layer
   */
  #toggle(detector, layer) {
    if (!this.values) return;
    const seen = this.values[detector] && this.settings.values[layer];
    if (!seen) this.settings.set({ [layer]: true });
    if (this.values[detector] === seen) this.#ask({ [detector]: !seen });
  }

  /** @param {Partial<Assists>} changes */
  #ask(changes) {
    if (this.values) this.#take({ ...this.values, ...changes });
    this.#patcher.send(changes);
  }

  /** @param {Assists} values */
  #take(values) {
    this.values = values;
    for (const show of this.#shows) show(values);
    this.#showChips();
  }

  /** @param {HTMLElement} body */
  #fill(body) {
    body.append(
      make("p", { class: "sheet-note" }, "What is detected is set in the camera, for everyone who watches. Colours and what is shown are this screen's."),
      this.#group("Focus peaking", [
        this.#detector("Detect", "peaking"),
        this.#sensitivity(),
        this.#layer("Show on this screen", "showPeaking"),
        this.#colour(),
        this.#opacity(),
        this.#layer("Dark hairline", "peakingHairline"),
        this.#layer("Picture in grey", "monochrome"),
      ]),
      this.#group("Zebra · display signal", [
        this.#layer("Show on this screen", "showZebra"),
        this.#detector("High", "zebra_high"),
        this.#channel(),
        this.#level("High from", "zebra_high_ire", 70, 100),
        this.#detector("Band", "zebra_band"),
        this.#level("Band from", "zebra_band_low_ire", 0, 100),
        this.#level("Band to", "zebra_band_high_ire", 0, 100),
        this.#detector("Low", "zebra_low"),
        this.#level("Low to", "zebra_low_ire", 0, 20),
      ]),
      this.#group("Clipping and shadows · raw samples", [
        this.#detector("Clipping", "clipping"),
        this.#detector("Shadows", "raw_shadow"),
        this.#level("Shadows to", "raw_shadow_ev", 0, 6, 0.5, (v) => `${v} EV`),
        this.#layer("Show on this screen", "showClipping"),
        this.#level("May clip", "ettr_tolerance_percent", 0, 5, 0.1, (v) => `${v.toFixed(1)} %`),
      ]),
      this.#group("False colour · display signal, this screen", [
        this.#layer("Paint the picture", "falseColour"),
        this.#falseScale(),
      ]),
      this.#group("Spot meter · tap the picture to move it", [
        this.#detector("Measure", "spot"),
        this.#level("Size of spot", "spot_size", 0.005, 0.2, 0.005, (v) => `${(100 * v).toFixed(1)} %`),
      ]),
      this.#group("Focus score · tap the picture to move its area", [
        this.#detector("Measure", "focus_score"),
        this.#areaSize(),
        this.#tone(),
      ]),
      this.#group("Graphs · tap the graph for the next", [
        this.#graphChoice(),
        this.#scale(),
        this.#detector("Histogram (display)", "histogram"),
        this.#detector("Raw histogram", "raw_histogram"),
        this.#waveform(),
        this.#detector("Vectorscope", "vectorscope"),
      ]),
    );
  }

  /**
   * @param {string} title
   * @param {HTMLElement[]} rows
   */
  #group(title, rows) {
    return make("fieldset", { class: "group" }, make("legend", {}, title), ...rows);
  }

  /**
   * @param {string} label
   * @param {"peaking"|"zebra_high"|"zebra_band"|"zebra_low"|"clipping"|"raw_shadow"|"raw_histogram"|"histogram"|"vectorscope"|"spot"|"focus_score"} name
   */
  #detector(label, name) {
    const toggle = makeSwitch(label, (on) => this.#ask({ [name]: on }));
    toggle.element.dataset.assist = name;
    this.#shows.push((values) => toggle.set(values[name]));
    return toggle.element;
  }

  /**
   * @param {string} label
   * @param {"zebra_high_ire"|"zebra_band_low_ire"|"zebra_band_high_ire"|"zebra_low_ire"|"raw_shadow_ev"|"ettr_tolerance_percent"|"spot_size"} name
   * @param {number} min
   * @param {number} max
   * @param {number} [step]
   * @param {(value: number) => string} [format]
   */
  #level(label, name, min, max, step = 1, format = ire) {
    const slider = makeSlider(label, { min, max, step, format }, (value) => this.#ask({ [name]: value }));
    slider.element.dataset.assist = name;
    this.#shows.push((values) => slider.set(values[name]));
    return slider.element;
  }

  /** @param {Partial<Assists>} place */
  #moveArea(place) {
    this.#ask(place);
    this.focus.onAreaMoved();
  }

  /** The middle of the picture, at the size it began with. */
  centreArea() {
    this.#moveArea({ focus_x: 0.5, focus_y: 0.5, focus_size: 0.5 });
  }

  #areaSize() {
    const scale = { min: 5, max: 100, step: 5, format: (/** @type {number} */ v) => `${v} %` };
    const slider = makeSlider("Size of the area", scale, (value) => this.#moveArea({ focus_size: value / 100 }));
    this.#shows.push((values) => slider.set(Math.round(values.focus_size * 100)));
    return slider.element;
  }

  #tone() {
    const toggle = makeSwitch("Tone on this device", (on) => {
      if (on) this.focus.tone.start();
      else this.focus.tone.stop();
      toggle.set(this.focus.tone.on);
    });
    toggle.element.dataset.tone = "";
    return toggle.element;
  }

  #sensitivity() {
    const options = /** @type {const} */ ([
      { value: "low", text: "Low" },
      { value: "medium", text: "Medium" },
      { value: "high", text: "High" },
      { value: "auto", text: "Auto" },
    ]);
    const choice = makeChoice("Peaking sensitivity", options, (value) => this.#ask({ peaking_sensitivity: value }));
    this.#shows.push((values) => choice.set(values.peaking_sensitivity));
    return choice.element;
  }

  /**
   * @param {string} label
   * @param {"showPeaking"|"showZebra"|"showClipping"|"peakingHairline"|"monochrome"|"falseColour"} name
   */
  #layer(label, name) {
    const toggle = makeSwitch(label, (on) => this.settings.set({ [name]: on }));
    toggle.element.dataset.layer = name;
    this.settings.follow(() => toggle.set(this.settings.values[name]));
    return toggle.element;
  }

  #colour() {
    const options = COLOURS.map((value) => ({ value, text: value }));
    const choice = makeChoice("Peaking colour", options, (/** @type {PeakingColour} */ value) => {
      this.settings.set({ peakingColour: value });
    });
    choice.element.classList.add("choice-colours");
    this.settings.follow(() => choice.set(this.settings.values.peakingColour));
    return choice.element;
  }

  #opacity() {
    const scale = { min: 20, max: 100, step: 5, format: (/** @type {number} */ v) => `${v} %` };
    const slider = makeSlider("Opacity", scale, (value) => this.settings.set({ peakingOpacity: value / 100 }));
    this.settings.follow(() => slider.set(Math.round(this.settings.values.peakingOpacity * 100)));
    return slider.element;
  }

  #scale() {
    const options = /** @type {const} */ ([
      { value: "linear", text: "Linear" },
      { value: "log", text: "Log" },
    ]);
    const choice = makeChoice("Histogram scale", options, (value) => this.settings.set({ histogramScale: value }));
    this.settings.follow(() => choice.set(this.settings.values.histogramScale));
    return choice.element;
  }

  #channel() {
    const options = /** @type {const} */ ([
      { value: "any", text: "Any" },
      { value: "luma", text: "Luma" },
      { value: "red", text: "R" },
      { value: "green", text: "G" },
      { value: "blue", text: "B" },
    ]);
    const choice = makeChoice("Channel of the high zebra", options, (value) => this.#ask({ zebra_high_channel: value }));
    choice.element.dataset.assist = "zebra_high_channel";
    this.#shows.push((values) => choice.set(values.zebra_high_channel));
    return choice.element;
  }

  #waveform() {
    const options = /** @type {const} */ ([
      { value: "off", text: "No waveform" },
      { value: "luma", text: "Luma" },
      { value: "parade", text: "R G B" },
    ]);
    const choice = makeChoice("Waveform", options, (value) => this.#ask({ waveform: value }));
    choice.element.dataset.assist = "waveform";
    this.#shows.push((values) => choice.set(values.waveform));
    return choice.element;
  }

  #graphChoice() {
    const options = /** @type {const} */ ([
      { value: "histogram", text: "Display" },
      { value: "raw", text: "Raw" },
      { value: "waveform", text: "Waveform" },
      { value: "parade", text: "Parade" },
      { value: "vectorscope", text: "Vector" },
    ]);
    const choice = makeChoice("Graph that is shown", options, (value) => this.settings.set({ graph: value }));
    choice.element.dataset.graph = "";
    this.settings.follow(() => choice.set(this.settings.values.graph));
    return choice.element;
  }

  #falseScale() {
    const options = /** @type {const} */ ([
      { value: "ire", text: "IRE" },
      { value: "stops", text: "Stops" },
    ]);
    const choice = makeChoice("Scale of false colour", options, (value) => this.settings.set({ falseScale: value }));
    choice.element.dataset.falseScale = "";
    this.settings.follow(() => choice.set(this.settings.values.falseScale));
    return choice.element;
  }

  #showChips() {
    const { values } = this;
    if (!values) return;
    const shown = this.settings.values;
    const r = this.#readings;
    chip("peaking", values.peaking, shown.showPeaking, percentNote(r?.peaking_percent));
    const zebra = ZEBRAS.some((name) => values[name]);
    chip("zebra", zebra, shown.showZebra, values.zebra_high ? `≥${values.zebra_high_ire}` : values.zebra_band ? "band" : "low");
    const raw = r?.raw_clipping;
    const worst = raw ? Math.max(raw.red_percent, raw.green_percent, raw.blue_percent) : undefined;
    chip("clipping", values.clipping, shown.showClipping, percentNote(worst));
    const { name } = this.#graph;
    chip("histogram", isOn(values, name), true, GRAPH_NOTES[name] || shown.histogramScale);
    chip("false", shown.falseColour, true, shown.falseScale === "ire" ? "IRE" : "stops");
    chip("spot", values.spot, true, r?.spot ? `${r.spot.ire.toFixed(0)} IRE` : "on");
  }
}

/**
 * @param {string} name
 * @param {boolean} detected
 * @param {boolean} shown
 * @param {string} note
 */
function chip(name, detected, shown, note) {
  const element = byId(`chip-${name}`);
  setAttribute(element, "aria-pressed", detected && shown);
  setText(element.children[1], !detected ? "off" : !shown ? "hidden" : note);
}

/**
 * @param {Assists} values
 * @param {GraphName} name
 */
function isOn(values, name) {
  return Object.entries(GRAPHS[name].on).every(([key, value]) => values[/** @type {keyof Assists} */ (key)] === value);
}

/** @param {GraphName} name @returns {Partial<Assists>} */
function offOf(name) {
  return Object.fromEntries(Object.keys(GRAPHS[name].on).map((key) => [key, key === "waveform" ? "off" : false]));
}

/** @param {number|null|undefined} percent */
function percentNote(percent) {
  return percent == null ? "on" : `${formatPercent(percent)} %`;
}
