/**
 * Guides over the picture: lines to compose by, masks of other shapes, safe areas, frames of other lenses. Drawn by this browser alone. Runs on the
 * page; main.js makes it.
 *
 * @import { GuideLines, GuideMask } from "../types/settings.js"
 * @import { Field } from "./frame-lines.js"
 * @import { SettingsStore } from "../page/browser-settings.js"
 */

import { byId, make } from "../page/dom.js";
import { makeChoice, makeSwitch } from "../page/widgets.js";
import { formatPlain } from "../words/figures.js";
import { say } from "../words/words.js";
import { frameLinesOf, makeFrameLineRows, readFocals, whyNotDrawn } from "./frame-lines.js";

const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** @type {Record<Exclude<GuideMask, "none">, number>} Width over height. */
const MASKS = { "3:2": 3 / 2, "1:1": 1, "16:9": 16 / 9, "2.39:1": 2.39 };
const SAFE = /** @type {const} */ ([0.93, 0.9]); // action and title safe, EBU R 95 (16:9)

/**
 * The lines of a guide, each [x0, y0, x1, y1] as shares of the picture's sides.
 * @param {GuideLines} name
 * @param {number} aspect Width over height: diagonals of squares depend on it.
 * @returns {number[][]}
 */
export function guideLinesOf(name, aspect) {
  const crossed = (/** @type {number[]} */ at) => at.flatMap((s) => [[s, 0, s, 1], [0, s, 1, s]]);
  if (name === "thirds") return crossed([1 / 3, 2 / 3]);
  if (name === "phi") return crossed([1 - GOLDEN, GOLDEN]);
  if (name === "diagonals") {
    // From each corner at 45 degrees, until the other side.
    const [wide, high] = aspect > 1 ? [1 / aspect, 1] : [1, aspect];
    return [[0, 0, wide, high], [0, 1, wide, 1 - high], [1, 0, 1 - wide, high], [1, 1, 1 - wide, 1 - high]];
  }
  if (name === "centre") return [[0.46, 0.5, 0.54, 0.5], [0.5, 0.5 - 0.04 * aspect, 0.5, 0.5 + 0.04 * aspect]];
  return [];
}

/**
 * The rectangle that a mask leaves: [left, top, width, height] as shares of the picture's sides. On a picture that is upright
 * the mask is, too.
 * @param {GuideMask} mask
 * @param {number} aspect Of the picture.
 */
export function maskRectangle(mask, aspect) {
  const lying = mask === "none" ? aspect : MASKS[mask];
  const wanted = mask !== "none" && aspect < 1 ? 1 / lying : lying;
  const [wide, high] = wanted < aspect ? [wanted / aspect, 1] : [1, aspect / wanted];
  return [(1 - wide) / 2, (1 - high) / 2, wide, high];
}

export class Guides {
  /** Where their switches are. */
  group = make("fieldset", {});
  #canvas = /** @type {HTMLCanvasElement} */ (byId("guides"));
  /** What the picture holds; null: not known, or the loupe shows a part of it. @type {Field|null} */
  #field = null;
  /** @type {(text: string) => void} */
  #tell = () => {};

  /**
   * @param {SettingsStore} settings
   * @param {HTMLCanvasElement} picture
   */
  constructor(settings, picture) {
    this.settings = settings;
    this.picture = picture;
    this.#fill(byId("assists-body"));
    settings.follow(() => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(picture);
  }

  /** The frames of other lenses follow this one. @param {Field|null} field */
  noteField(field) {
    const last = this.#field;
    if (field?.focalMm === last?.focalMm && field?.fieldMm[0] === last?.fieldMm[0] && field?.fieldMm[1] === last?.fieldMm[1]) return;
    this.#field = field;
    this.#draw();
  }

  /** @param {boolean} upright */
  #frames(upright) {
    const { frameLines, frameFormat } = this.settings.values;
    const wanted = readFocals(frameLines) ?? [];
    const frames = this.#field ? frameLinesOf(this.#field, wanted, frameFormat, upright) : [];
    this.#tell(whyNotDrawn(this.#field, wanted, frames.map(({ mm }) => mm)));
    return frames;
  }

  #draw() {
    const { guideLines, guideMask, guideSafe, frameLines } = this.settings.values;
    const canvas = this.#canvas;
    canvas.hidden = guideLines === "none" && guideMask === "none" && !guideSafe && !frameLines;
    if (canvas.hidden) return this.#tell("");
    const { offsetLeft, offsetTop, offsetWidth, offsetHeight } = this.picture;
    Object.assign(canvas.style, { left: `${offsetLeft}px`, top: `${offsetTop}px`, width: `${offsetWidth}px`, height: `${offsetHeight}px` });
    const [wide, high] = [offsetWidth, offsetHeight].map((side) => Math.round(side * devicePixelRatio));
    Object.assign(canvas, { width: wide, height: high }); // clears it, too
    const context = canvas.getContext("2d");
    if (!context || wide === 0 || high === 0) return;
    const [left, top, width, height] = maskRectangle(guideMask, wide / high);
    const box = [left * wide, top * high, width * wide, height * high];
    context.fillStyle = "rgb(0 0 0 / 0.72)";
    context.fillRect(0, 0, wide, high);
    context.clearRect(box[0], box[1], box[2], box[3]);
    context.beginPath();
    for (const [x0, y0, x1, y1] of guideLinesOf(guideLines, box[2] / box[3])) {
      context.moveTo(box[0] + x0 * box[2], box[1] + y0 * box[3]);
      context.lineTo(box[0] + x1 * box[2], box[1] + y1 * box[3]);
    }
    for (const share of guideSafe ? SAFE : []) {
      const rest = (1 - share) / 2;
      context.rect(box[0] + rest * box[2], box[1] + rest * box[3], share * box[2], share * box[3]);
    }
    const frames = this.#frames(wide < high);
    for (const { rectangle: [x, y, w, h] } of frames) context.rect(x * wide, y * high, w * wide, h * high);
    for (const [colour, line] of /** @type {const} */ ([["rgb(0 0 0 / 0.55)", 3], ["rgb(255 255 255 / 0.8)", 1]])) {
      context.strokeStyle = colour;
      context.lineWidth = line * devicePixelRatio;
      context.stroke();
    }
    for (const { mm, rectangle: [x, y] } of frames) writeName(context, formatPlain(mm), x * wide, y * high);
    canvas.dataset.frames = frames.map(({ mm, rectangle }) => [mm, ...rectangle.map((share) => share.toFixed(4))].join(" ")).join(", ");
  }

  /** @param {HTMLElement} body */
  #fill(body) {
    const lines = /** @type {const} */ ([
      { value: "none", text: say`No lines` },
      { value: "thirds", text: say`Thirds` },
      { value: "phi", text: say`Phi` },
      { value: "diagonals", text: say`Diagonals` },
      { value: "centre", text: say`Centre` },
    ]);
    const masks = [{ value: /** @type {GuideMask} */ ("none"), text: say`No mask` }].concat(
      /** @type {GuideMask[]} */ (Object.keys(MASKS)).map((value) => ({ value, text: value })),
    );
    const line = makeChoice(say`Guide lines`, lines, (guideLines) => this.settings.set({ guideLines }));
    const mask = makeChoice(say`Mask`, masks, (guideMask) => this.settings.set({ guideMask }));
    const safe = makeSwitch(say`Safe areas, 93 % and 90 %`, (guideSafe) => this.settings.set({ guideSafe }));
    line.element.dataset.guide = "lines";
    mask.element.dataset.guide = "mask";
    safe.element.dataset.guide = "safe";
    const frames = makeFrameLineRows(this.settings);
    this.#tell = frames.tell;
    const rows = [line.element, mask.element, safe.element, ...frames.rows];
    this.group = make("fieldset", { class: "group" }, make("legend", {}, say`Guides · this screen`), ...rows);
    body.append(this.group);
    this.settings.follow(() => {
      line.set(this.settings.values.guideLines);
      mask.set(this.settings.values.guideMask);
      safe.set(this.settings.values.guideSafe);
    });
  }
}

/** Inside of a frame's corner. @param {CanvasRenderingContext2D} context @param {string} text @param {number} x @param {number} y */
function writeName(context, text, x, y) {
  const size = 12 * devicePixelRatio;
  context.font = `600 ${size}px system-ui, sans-serif`;
  context.textBaseline = "top";
  context.lineWidth = 3 * devicePixelRatio;
  context.strokeStyle = "rgb(0 0 0 / 0.75)";
  context.fillStyle = "rgb(255 255 255 / 0.9)";
  context.strokeText(text, x + size / 2, y + size / 3);
  context.fillText(text, x + size / 2, y + size / 3);
}
