/**
 * The graph, large: over the lower part of the page, with scale lines and the values at a finger. A drag of its grip moves it,
 * a tap on the grip puts it up or down; Escape and Back close it. Runs on the page; GraphPanel makes it.
 *
 * @import { Graphs, RawExposure } from "../types/frame.js"
 * @import { GraphName } from "../types/settings.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { noteClosed, noteOpened } from "../page/back.js";
import { byId, make, setAttribute, setText } from "../page/dom.js";
import { makeChoice } from "../page/widgets.js";
import { GraphView } from "./graph-view.js";
import { scaleOf, valuesAt } from "./graph-values.js";
import { say } from "../words/words.js";

const CHOICES = /** @type {const} */ ([
  { value: "histogram", text: say`Hist`, title: say`Histogram of the display signal` },
  { value: "raw", text: say`Raw`, title: say`Raw histogram` },
  { value: "waveform", text: say`Wave`, title: say`Waveform, luma` },
  { value: "parade", text: "RGB", title: say`Waveform, R G B` },
  { value: "vectorscope", text: say`Vector`, title: say`Vectorscope` },
]);
const STEP = 1 / 64;
const STRIDE = 8; // steps, with Shift
const DRAG_PX = 6; // a finger that moves less has tapped
/** @type {Record<string, readonly [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class LargeGraph {
  #panel = byId("large-graph");
  #plot = byId("large-graph-plot");
  #canvas = /** @type {HTMLCanvasElement} */ (byId("large-graph-canvas"));
  #view = new GraphView(this.#canvas);
  #choice;
  /** @type {Graphs|null} */
  #graphs = null;
  /** @type {HTMLElement|null} */
  #focusedBefore = null;
  /** Where the values are read. */
  #point = { x: 0.5, y: 0.5 };
  #scaled = "";
  /** From its place in the layout, in CSS pixels. */
  #moved = { x: 0, y: 0 };
  /** @type {{from: PointerEvent, moved: {x: number, y: number}, dragged: boolean}|null} */
  #drag = null;
  #draw;

  /**
   * @param {SettingsStore} settings
   * @param {() => void} draw Shows the newest frame again.
   */
  constructor(settings, draw) {
    this.settings = settings;
    this.#draw = draw;
    this.#choice = makeChoice(say`Graph`, CHOICES, (graph) => settings.set({ graph: /** @type {GraphName} */ (graph) }));
    byId("large-graph-head").insertBefore(this.#choice.element, byId("large-graph-close"));
    byId("large-graph-close").addEventListener("click", () => this.close());
    byId("large-graph-scale").addEventListener("click", () => {
      settings.set({ histogramScale: settings.values.histogramScale === "log" ? "linear" : "log" });
    });
    // Before the sheet does: what is opened next gets Back.
    document.addEventListener("click", (event) => this.#giveWay(event), true);
    addEventListener("keydown", (event) => this.#escape(event), true);
    this.#plot.addEventListener("keydown", (event) => this.#nudge(event));
    for (const kind of /** @type {const} */ (["pointerdown", "pointermove"])) {
      this.#plot.addEventListener(kind, (event) => this.#read(event));
    }
    this.#listenToGrip(byId("large-graph-grip"));
    new ResizeObserver(() => this.#keepInside()).observe(document.documentElement);
    new ResizeObserver(() => draw()).observe(this.#plot);
  }

  get isOpen() {
    return !this.#panel.hidden;
  }

  toggle() {
    if (this.isOpen) return this.close();
    this.#focusedBefore = /** @type {HTMLElement} */ (document.activeElement);
    this.#panel.hidden = false;
    setAttribute(byId("histogram"), "aria-expanded", true);
    noteOpened(() => this.#hide());
    this.#keepInside();
    this.#draw();
    this.#plot.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.#hide();
    noteClosed();
  }

  /**
   * @param {Graphs} graphs Of the frame on the screen.
   * @param {RawExposure|null} exposure
   * @param {string} missing What to say where there is no graph.
   */
  show(graphs, exposure, missing) {
    if (!this.isOpen) return;
    this.#graphs = graphs;
    const { graph, histogramScale } = this.settings.values;
    const drawn = this.#view.draw(graph, histogramScale, graphs, exposure);
    this.#choice.set(graph);
    const scale = byId("large-graph-scale");
    scale.hidden = graph !== "histogram" && graph !== "raw";
    setText(scale, histogramScale === "log" ? say`log` : say`lin`);
    byId("large-graph-off").hidden = drawn;
    setText(byId("large-graph-off"), missing);
    this.#showScale(graph);
    this.#showValues();
  }

  #hide() {
    const hadFocus = this.#panel.contains(document.activeElement);
    this.#panel.hidden = true;
    setAttribute(byId("histogram"), "aria-expanded", false);
    if (hadFocus) this.#focusedBefore?.focus({ preventScroll: true }); // the body takes none: the space bar shoots then
  }

  /** @param {GraphName} graph */
  #showScale(graph) {
    const { clientWidth } = this.#canvas;
    const scaled = `${graph} ${clientWidth}`;
    if (scaled === this.#scaled) return;
    this.#scaled = scaled;
    const marks = scaleOf(graph, clientWidth).map(({ text, side, at }) => {
      const mark = make("span", { class: "graph-mark", "data-side": side }, text);
      mark.style.setProperty("--at", `${100 * at}%`);
      mark.toggleAttribute("data-at-end", at === 1);
      return mark;
    });
    byId("large-graph-marks").replaceChildren(...marks);
    setAttribute(this.#plot, "data-graph-shown", graph);
  }

  #showValues() {
    const { graph } = this.settings.values;
    const { clientWidth, clientHeight } = this.#canvas;
    const { x, y } = this.#point;
    this.#plot.style.setProperty("--x", `${100 * x}%`);
    this.#plot.style.setProperty("--y", `${100 * y}%`);
    // The vectorscope is a square in the middle.
    const side = graph === "vectorscope" ? Math.min(clientWidth, clientHeight) : 0;
    const inSquare = (/** @type {number} */ share, /** @type {number} */ length) => 0.5 + ((share - 0.5) * length) / side;
    const point = side > 0 ? { x: inSquare(x, clientWidth), y: inSquare(y, clientHeight) } : { x, y };
    setText(byId("large-graph-values"), (this.#graphs && valuesAt(graph, this.#graphs, point, clientWidth)) || "—");
  }

  /** @param {PointerEvent} event */
  #read(event) {
    if (!event.isPrimary || (event.type === "pointermove" && event.pointerType !== "mouse" && event.buttons === 0)) return;
    if (event.type === "pointerdown") this.#plot.setPointerCapture(event.pointerId);
    const box = this.#canvas.getBoundingClientRect();
    const share = (/** @type {number} */ at) => Math.min(Math.max(at, 0), 1);
    this.#point = { x: share((event.clientX - box.left) / box.width), y: share((event.clientY - box.top) / box.height) };
    this.#showValues();
  }

  /** The arrows move the place where values are read. @param {KeyboardEvent} event */
  #nudge(event) {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? STEP * STRIDE : STEP;
    const share = (/** @type {number} */ at) => Math.min(Math.max(at, 0), 1);
    this.#point = { x: share(this.#point.x + arrow[0] * step), y: share(this.#point.y + arrow[1] * step) };
    this.#showValues();
    setText(byId("announcer"), byId("large-graph-values").textContent ?? "");
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    if (event.key !== "Escape" || !this.isOpen || document.querySelector("dialog[open]")) return;
    event.stopPropagation();
    this.close();
  }

  /** A sheet or the help opens: it takes the place. @param {Event} event */
  #giveWay(event) {
    if (event.target instanceof Element && event.target.closest("[aria-controls$=-sheet], #help-open")) this.close();
  }

  /** @param {HTMLElement} grip */
  #listenToGrip(grip) {
    grip.addEventListener("pointerdown", (event) => {
      if (!event.isPrimary || event.button !== 0) return;
      grip.setPointerCapture(event.pointerId);
      this.#drag = { from: event, moved: this.#moved, dragged: false };
    });
    grip.addEventListener("pointermove", (event) => {
      const drag = this.#drag;
      if (!drag || !event.isPrimary) return;
      const [right, down] = [event.clientX - drag.from.clientX, event.clientY - drag.from.clientY];
      drag.dragged ||= Math.hypot(right, down) > DRAG_PX;
      if (drag.dragged) this.#moveTo({ x: drag.moved.x + right, y: drag.moved.y + down });
    });
    grip.addEventListener("click", () => {
      const dragged = this.#drag?.dragged ?? false;
      this.#drag = null;
      if (dragged) return;
      const home = this.#moved.x === 0 && this.#moved.y === 0;
      this.#moveTo({ x: 0, y: home ? -innerHeight : 0 });
    });
    grip.addEventListener("pointercancel", () => (this.#drag = null));
  }

  /** The screen was turned, or text grew. */
  #keepInside() {
    if (this.isOpen) this.#moveTo(this.#moved);
  }

  /** As near as the page allows. @param {{x: number, y: number}} wanted */
  #moveTo(wanted) {
    const box = this.#panel.getBoundingClientRect();
    const home = { x: box.left - this.#moved.x, y: box.top - this.#moved.y };
    const inside = (/** @type {number} */ by, /** @type {number} */ start, /** @type {number} */ size, /** @type {number} */ room) =>
      Math.round(Math.min(Math.max(by, -start), Math.max(room - size - start, -start)));
    this.#moved = { x: inside(wanted.x, home.x, box.width, innerWidth), y: inside(wanted.y, home.y, box.height, innerHeight) };
    this.#panel.style.translate = `${this.#moved.x}px ${this.#moved.y}px`;
  }
}
