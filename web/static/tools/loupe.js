/**
 * The loupe: the sensor's own pixels around a point. Two fingers that go apart, a double tap or M put it there, a drag moves
 * it, the map shows where on the whole frame it is. The camera makes it, so the frames show whether it is on. Runs on the page;
 * main.js makes it.
 *
 * @import { Camera } from "../types/camera.js"
 * @import { FrameHeader, SensorWindow } from "../types/frame.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { Point } from "../paint/orientation.js"
 * @import { Place } from "./picture-place.js"
 */

import { addressOf } from "../page/address.js";
import { ApiError, sendJson } from "../page/api.js";
import { byId, setAttribute, setText } from "../page/dom.js";
import { showError } from "../page/toast.js";
import { directionOnSensor, directionShown, shownSize, toSensor, toShown } from "../paint/orientation.js";
import { orientationOf, sensorPointAt, shareIn } from "./picture-place.js";
import { say } from "../words/words.js";

const DOUBLE_TAP_MS = 320;
const DOUBLE_TAP_PX = 32;
const ARRIVES_MS = 1500; // after the last answer: then what the frames say counts, whatever was asked
const STEP = 0.25; // of the window, for a key

export class Loupe {
  /** @type {SensorWindow|null} Of the frame on the screen. */
  #window = null;
  /** The whole frame, in the sensor's pixels. */
  #full = { width: 4056, height: 3040 };
  #available = false;
  /** @type {Point|null} Where it was asked to be: the middle of its window, in the sensor's pixels. */
  #wanted = null;
  #sending = false;
  #movedMeanwhile = false;
  #arrivesUntil = 0;
  /** @type {{id: number, from: Point, middle: Point}|null} */
  #drag = null;
  /** Two fingers are, or were, on the picture: neither a tap nor a drag. */
  #pinches = false;
  #lastTap = { at: -Infinity, x: 0, y: 0 };
  #mapTakenMs = NaN;

  /**
   * @param {HTMLCanvasElement} picture
   * @param {SettingsStore} settings
   * @param {() => Point} focusPoint Where it opens when no point was tapped.
   */
  constructor(picture, settings, focusPoint) {
    this.picture = picture;
    this.settings = settings;
    this.focusPoint = focusPoint;
    this.map = byId("loupe-map");
    byId("loupe-open").addEventListener("click", () => this.toggle());
    byId("loupe-close").addEventListener("click", () => this.close());
    byId("loupe-scale").addEventListener("click", () => this.toggleScale());
    picture.addEventListener("pointerdown", (event) => this.#beginDrag(event));
    picture.addEventListener("pointermove", (event) => this.#move(event));
    picture.addEventListener("pointerup", (event) => this.#end(event));
    picture.addEventListener("pointercancel", () => (this.#drag = null));
    for (const kind of /** @type {const} */ (["pointerdown", "pointermove"])) {
      this.map.addEventListener(kind, (event) => this.#moveOnMap(event));
    }
    picture.addEventListener("turn", () => this.#showTurned());
    settings.follow(() => this.#showScale());
  }

  get on() {
    return this.#window !== null;
  }

  /** Of the frame on the screen. */
  get #orientation() {
    return orientationOf(this.picture);
  }

  /** @param {Camera} camera */
  setCamera(camera) {
    this.#available = camera.capabilities.loupe;
    byId("loupe-open").hidden = !this.#available;
  }

  /** Once per painted frame. @param {FrameHeader} header */
  noteFrame({ window, mode }) {
    const before = this.#window;
    this.#window = window;
    if (window) this.#full = mode;
    if ((before === null) !== (window === null)) this.#showSwitched();
    if (window) this.#showPlace();
  }

  toggle() {
    if (this.on) this.close();
    else this.#openAt(this.focusPoint());
  }

  close() {
    if (!this.on) return;
    this.#wanted = null;
    void this.#request(() => sendJson("DELETE", "/api/loupe", {}));
  }

  /** Two fingers went apart there: the sensor's own pixels; when they are shown, larger. @param {Place} place */
  zoomIn(place) {
    if (this.on) this.settings.set({ loupeScale: 2 });
    else this.#openAt(sensorPointAt(this.picture, place));
  }

  toggleScale() {
    this.settings.set({ loupeScale: this.settings.values.loupeScale === 1 ? 2 : 1 });
  }

  /** A part of the window, by keys. @param {number} right @param {number} down */
  nudge(right, down) {
    if (!this.#window) return;
    const { x, y } = this.#wanted ?? middleOf(this.#window);
    const step = directionOnSensor({ x: right, y: down }, this.#orientation);
    this.#moveTo({ x: x + step.x * STEP * this.#window.width, y: y + step.y * STEP * this.#window.height });
  }

  /** The age of the map beside it. @param {number} cameraNowMs Unix time on the camera's clock. */
  showMapAge(cameraNowMs) {
    if (!this.on || Number.isNaN(this.#mapTakenMs)) return;
    const seconds = Math.max(0, Math.round((cameraNowMs - this.#mapTakenMs) / 1000));
    setText(byId("loupe-map-age"), say`still, ${seconds} s old`);
  }

  /** @param {Point} at Shares of the whole frame. */
  #openAt(at) {
    if (this.#available) this.#moveTo({ x: at.x * this.#full.width, y: at.y * this.#full.height });
  }

  /** @param {Point} middle In the sensor's pixels. */
  #moveTo(middle) {
    const { width, height } = this.#window ?? { width: 0, height: 0 };
    const inside = (/** @type {number} */ at, /** @type {number} */ part, /** @type {number} */ whole) =>
      Math.min(Math.max(at, part / 2), whole - part / 2);
    this.#wanted = { x: inside(middle.x, width, this.#full.width), y: inside(middle.y, height, this.#full.height) };
    void this.#send(); // first: a place that is not being sent is forgotten
    this.#showPlace();
  }

  /** One request at a time, the newest place last. */
  async #send() {
    if (this.#sending) {
      this.#movedMeanwhile = true;
      return;
    }
    this.#sending = true;
    do {
      this.#movedMeanwhile = false;
      if (!this.#wanted) break;
      const at = { x: this.#wanted.x / this.#full.width, y: this.#wanted.y / this.#full.height };
      await this.#request(() => sendJson("PUT", "/api/loupe", at));
    } while (this.#movedMeanwhile);
    this.#sending = false;
  }

  /** @param {() => Promise<unknown>} request */
  async #request(request) {
    try {
      setAttribute(byId("loupe-open"), "aria-busy", true);
      await request();
    } catch (error) {
      this.#wanted = null;
      if (error instanceof ApiError) showError(error.facts);
      else throw error;
    } finally {
      byId("loupe-open").removeAttribute("aria-busy");
      this.#arrivesUntil = performance.now() + ARRIVES_MS;
    }
  }

  #showSwitched() {
    const { on } = this;
    byId("loupe-bar").hidden = !on;
    byId("stage").classList.toggle("magnified", on);
    setAttribute(byId("loupe-open"), "aria-pressed", on);
    this.#drag = null;
    this.map.hidden = !on;
    this.#showTurned();
    this.picture.style.translate = "";
    if (!on) this.#wanted = null;
  }

  /** The map is turned as the picture is: the camera says so in it. */
  #showTurned() {
    const { width, height } = shownSize(this.#full, this.#orientation);
    this.map.style.aspectRatio = `${width} / ${height}`;
    if (this.on) void this.#loadMap();
  }

  async #loadMap() {
    this.#mapTakenMs = NaN;
    const image = /** @type {HTMLImageElement} */ (byId("loupe-map-picture"));
    const response = await fetch(addressOf("/api/loupe/map"), { cache: "no-store" }).catch(() => null);
    image.hidden = !response?.ok;
    setText(byId("loupe-map-age"), response?.ok ? "" : say`no picture`);
    if (!response?.ok) return;
    this.#mapTakenMs = Number(response.headers.get("X-Frame-Captured-Ms") ?? NaN);
    const url = URL.createObjectURL(await response.blob());
    image.onload = () => URL.revokeObjectURL(url);
    image.src = url;
  }

  /** The picture follows the finger at once; the frames that show the new place come some later. */
  #showPlace() {
    if (!this.#window) return;
    if (this.#wanted && !this.#drag && !this.#sending && performance.now() > this.#arrivesUntil) this.#wanted = null;
    const shown = middleOf(this.#window);
    const middle = this.#wanted ?? shown;
    const perPx = this.#cssPerPx;
    const farOnSensor = { x: (shown.x - middle.x) * perPx, y: (shown.y - middle.y) * perPx };
    const far = this.#wanted ? directionShown(farOnSensor, this.#orientation) : { x: 0, y: 0 };
    this.picture.style.translate = Math.hypot(far.x, far.y) > 2 * perPx ? `${far.x}px ${far.y}px` : "";
    const stage = byId("stage").getBoundingClientRect();
    const full = shownSize(this.#full, this.#orientation);
    const window = shownSize(this.#window, this.#orientation);
    const wide = Math.min(window.width, stage.width / perPx) / full.width;
    const high = Math.min(window.height, stage.height / perPx) / full.height;
    const { x, y } = toShown({ x: middle.x / this.#full.width, y: middle.y / this.#full.height }, this.#orientation);
    Object.assign(byId("loupe-map-window").style, {
      left: `${100 * (x - wide / 2)}%`,
      top: `${100 * (y - high / 2)}%`,
      width: `${100 * wide}%`,
      height: `${100 * high}%`,
    });
  }

  /** CSS pixels per pixel of the sensor. */
  get #cssPerPx() {
    return this.settings.values.loupeScale / devicePixelRatio;
  }

  #showScale() {
    const scale = this.settings.values.loupeScale;
    setText(byId("loupe-scale"), `${scale}:1`);
    byId("loupe-scale").title = scale === 1 ? say`One pixel of the sensor on one of the screen` : say`One pixel of the sensor on 2 x 2 of the screen`;
    this.#showPlace();
  }

  /** @param {PointerEvent} event */
  #beginDrag(event) {
    this.#pinches = !event.isPrimary;
    if (this.#pinches) this.#drag = null;
    if (!event.isPrimary || event.button !== 0 || !this.#window) return;
    this.picture.setPointerCapture(event.pointerId);
    const middle = this.#wanted ?? middleOf(this.#window);
    this.#drag = { id: event.pointerId, from: { x: event.clientX, y: event.clientY }, middle };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    if (this.#drag?.id !== event.pointerId) return;
    const { from, middle } = this.#drag;
    const moved = directionOnSensor({ x: event.clientX - from.x, y: event.clientY - from.y }, this.#orientation);
    const perPx = this.#cssPerPx;
    this.#moveTo({ x: middle.x - moved.x / perPx, y: middle.y - moved.y / perPx });
  }

  /** @param {PointerEvent} event */
  #end(event) {
    if (!event.isPrimary || event.button !== 0 || this.#pinches) return;
    const from = this.#drag?.from;
    this.#drag = null;
    if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > DOUBLE_TAP_PX / 2) return;
    const { at, x, y } = this.#lastTap;
    const now = event.timeStamp; // when it was tapped, however busy the page was since
    const twice = now - at < DOUBLE_TAP_MS && Math.hypot(event.clientX - x, event.clientY - y) < DOUBLE_TAP_PX;
    this.#lastTap = { at: twice ? -Infinity : now, x: event.clientX, y: event.clientY };
    if (!twice) return;
    if (this.on) this.close();
    else this.#openAt(sensorPointAt(this.picture, event));
  }

  /** @param {PointerEvent} event */
  #moveOnMap(event) {
    if (!event.isPrimary || (event.type === "pointermove" && event.buttons === 0)) return;
    if (event.type === "pointerdown") this.map.setPointerCapture(event.pointerId);
    const at = toSensor(shareIn(this.map, event), this.#orientation);
    this.#moveTo({ x: at.x * this.#full.width, y: at.y * this.#full.height });
  }
}

/** @param {SensorWindow} window @returns {Point} */
function middleOf({ x, y, width, height }) {
  return { x: x + width / 2, y: y + height / 2 };
}
