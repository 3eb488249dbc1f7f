/**
 * What the optics of the lens on the camera come to, in its sheet: field, depth of field at a distance, diffraction. Runs on the
 * page; Lenses makes it.
 *
 * @import { LensFigures } from "../types/camera.js"
 */

import { makeChoice, makeField } from "../page/widgets.js";
import { FiguresFold } from "./figures-fold.js";
import { parseFigure } from "./notation.js";
import { formatNumber, formatPlain } from "../words/figures.js";
import { say } from "../words/words.js";

/** @typedef {{id: string, f_number: number|null, focal_mm: number|null, focus_m: number|null}} Stands focus_m is of the simulated lens. */

export class LensOptics {
  /** @type {Stands|null} */
  #stands = null;
  #circle = "print";
  #distance = makeField(say`At a distance of, m`, "∞", { inputmode: "decimal", enterkeyhint: "done" });
  #circles = makeChoice(
    say`Sharp enough for`,
    [{ value: "print", text: say`a print`, title: say`the diagonal by 1500` }, { value: "pixel", text: say`pixels`, title: say`two pixels` }],
    (circle) => this.#pick(circle),
  );
  /** @type {FiguresFold<LensFigures>} */
  #fold = new FiguresFold("lens-optics", say`Optics`, [this.#distance.element, this.#circles.element], () => this.#wanted(), rowsOf);

  constructor() {
    this.#circles.set(this.#circle);
    this.#distance.input.addEventListener("change", () => void this.#fold.refresh());
  }

  /** @param {Stands|null} stands null: no lens is named. */
  show(stands) {
    this.#stands = stands;
    this.#fold.show(stands !== null);
  }

  /** @param {string} circle */
  #pick(circle) {
    this.#circle = circle;
    void this.#fold.refresh();
  }

  #wanted() {
    const stands = this.#stands;
    if (!stands) return "";
    const typed = this.#distance.input.value.trim();
    const distance = typed === "" || typed === "∞" ? stands.focus_m : parseFigure(typed);
    const asked = { id: stands.id, f_number: stands.f_number, focal_mm: stands.focal_mm, distance_m: distance, circle: this.#circle };
    const given = Object.entries(asked).filter(([, value]) => value !== null);
    return `/api/lens/optics?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
  }
}

/** @param {LensFigures} r */
function rowsOf(r) {
  const { field_deg, frame_m } = r;
  const degrees = [field_deg.width, field_deg.height].map((angle) => `${formatNumber(angle, 1)}°`).join(" × ");
  const near = r.nearer_than_focus ? say`nearer than it focuses` : "";
  return [
    [say`Focused at`, [length(r.distance_m), near].filter(Boolean).join(", ")],
    [say`Field`, say`${degrees}, diagonal ${`${formatNumber(field_deg.diagonal, 1)}°`}`],
    [say`Holds`, frame_m ? `${length(frame_m.width)} × ${length(frame_m.height)}` : ""],
    [say`Equivalent`, say`${Math.round(r.equivalent_mm)} mm, by the diagonal`],
    [say`Hyperfocal`, length(r.hyperfocal_m)],
    [say`Depth of field`, say`${length(r.near_m)} to ${length(r.far_m)}, ${length(r.total_m)} deep`],
    [say`Diffraction`, say`${formatNumber(r.airy_um, 1)} µm; costs from f/${formatNumber(r.diffraction_f, 1)} on`],
    [say`Best stop`, say`f/${formatPlain(r.best_f)}, of diffraction alone`],
    [say`Extension`, r.distance_m === null ? "" : say`costs ${formatNumber(r.loss_ev, 2)} EV`],
  ];
}

/** Three figures, in millimetres below a decimetre. @param {number|null} metres null: infinity. */
export function length(metres) {
  if (metres === null) return "∞";
  const [value, unit] = metres < 0.1 ? [metres * 1000, "mm"] : [metres, "m"];
  const rounded = Number(value.toPrecision(3));
  const places = rounded > 0 ? Math.max(0, 2 - Math.floor(Math.log10(rounded))) : 0;
  return `${formatNumber(rounded, places)} ${unit}`;
}
