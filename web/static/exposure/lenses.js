/**
 * The lens on the camera: its plate on the picture, and the sheet where it is chosen. Runs on the page; main.js makes it.
 *
 * @import { FrameHeader } from "../types/frame.js"
 * @import { LensList, LensProfile, LensValues } from "../types/camera.js"
 */

import { sendJson } from "../page/api.js";
import { byId, make, setAttribute, setText } from "../page/dom.js";
import { SettingsSync } from "../page/settings-sync.js";
import { showError, showNote, showUndoable } from "../page/toast.js";
import { makeField } from "../page/widgets.js";
import { LensForm, valuesOf } from "./lens-form.js";
import { LensList as List } from "./lens-list.js";
import { LensMount } from "./lens-mount.js";
import { LensOptics } from "./lens-optics.js";
import { LensRing } from "./lens-ring.js";
import { formatFocal, formatStop, parseFigure } from "./notation.js";
import { formatPlain } from "../words/figures.js";
import { say } from "../words/words.js";

const PATH = "/api/lens";
const PROFILES = `${PATH}/profiles`;

/**
 * What is asked for: a lens by its id or none, what its ring stands at, and where a zoom stands.
 * @typedef {{id: string|null, f_number: number|null, focal_mm: number|null}} LensChoice
 */

export class Lenses {
  /** @type {LensList|null} */
  #list = null;
  /** What the simulated lens of the frame on the screen stands at. @type {FrameHeader["lens"]} */
  #simulated = null;
  /** The f-stop that was asked for last, until a frame shows what the simulated lens made of it. @type {number|null} */
  #turned = null;
  /** @type {SettingsSync<any>} Asks with a LensChoice, and gets a LensList. */
  #sync;
  #zoom = makeField(say`Where the zoom stands, mm`, "", { inputmode: "decimal", enterkeyhint: "done" });
  #optics = new LensOptics();
  #mount = new LensMount();
  #ring;
  #rows;
  #form;

  constructor() {
    this.#sync = new SettingsSync(PATH, (list) => this.#receive(list), (error) => showError(error.facts));
    this.#ring = new LensRing((f_number) => this.#chosen && this.#choose({ id: this.#chosen.id, f_number, focal_mm: this.#zoomed }));
    this.#zoom.input.addEventListener("change", () => this.#readZoom());
    byId("lens-zoom").append(this.#zoom.element);
    this.#rows = new List({
      pick: (id) => this.#pick(id),
      edit: (lens) => this.#write(lens),
    });
    this.#form = new LensForm({
      save: (values, lens) => this.#save(values, lens),
      remove: (lens) => this.#remove(lens),
      done: () => this.#showForm(false),
    });
    byId("lens-add").addEventListener("click", () => this.#write(null));
  }

  /** `50 mm` and `f/4` for the read-out, or null. */
  get names() {
    const lens = this.#chosen;
    const chosen = this.#list?.chosen;
    if (!lens || !chosen) return null;
    const focal = chosen.focal_mm === null ? formatFocal(lens.focal_mm, lens.focal_long_mm) : formatFocal(chosen.focal_mm);
    return { focal, stop: chosen.f_number === null ? lens.model : formatStop(chosen.f_number) };
  }

  /** The focal length of the lens and the part of the sensor that a frame has; null where one is not known. @param {FrameHeader} frame */
  fieldOf({ lens, mode }) {
    if (!this.#list) return null;
    const { chosen, pixel_pitch_um: pitchUm } = this.#list;
    const focalMm = chosen ? chosen.focal_mm : (lens?.focal_mm ?? null);
    if (focalMm === null) return null;
    return { focalMm, fieldMm: /** @type {const} */ ([(mode.crop.width * pitchUm) / 1000, (mode.crop.height * pitchUm) / 1000]) };
  }

  /** The sheet was opened. */
  open() {
    this.#showForm(false);
    this.#rows.reset();
    void this.refresh();
  }

  /** Read what is chosen: another client or `hqcam lens` may have changed it. */
  async refresh() {
    await this.#sync.refresh();
    await this.#takeFromAddress();
  }

  /** The QR code of a lens's cap opens the page with ?lens=ID: put that lens on, once, and forget the address. */
  async #takeFromAddress() {
    const asked = new URLSearchParams(location.search);
    const id = asked.get("lens");
    if (id === null || this.#list === null) return;
    asked.delete("lens");
    const rest = asked.toString();
    history.replaceState(history.state, "", `${location.pathname}${rest && `?${rest}`}${location.hash}`);
    const on = this.#list.chosen?.id === id; // its ring stays where it was told to stand
    if (!on && !(await this.#ask("PATCH", PATH, { id, f_number: null, focal_mm: null }))) return;
    showNote(say`${this.#chosen?.model ?? id} is on the camera`);
  }

  /** @param {FrameHeader} frame The one on the screen. */
  noteFrame(frame) {
    const { lens } = frame;
    const before = this.#simulated;
    if (lens?.f_number === before?.f_number && lens?.focal_mm === before?.focal_mm && lens?.focus_m === before?.focus_m) return;
    this.#simulated = lens;
    if (lens?.f_number === this.#turned || !this.#sync.busy) this.#turned = null;
    this.#show();
  }

  get #chosen() {
    const id = this.#list?.chosen?.id;
    return this.#list?.lenses.find((lens) => lens.id === id) ?? null;
  }

  /** @param {string|null} id */
  #pick(id) {
    if (id !== (this.#list?.chosen?.id ?? null)) this.#choose({ id, f_number: null, focal_mm: null });
    byId("lens-now").scrollIntoView({ block: "start" });
  }

  /** Shown at once; what the server makes of it follows. @param {LensChoice} choice */
  #choose(choice) {
    const { id, f_number } = choice;
    this.#turned = f_number;
    const lens = this.#list?.lenses.find((one) => one.id === id);
    const focal_mm = choice.focal_mm ?? (lens && lens.focal_long_mm === null ? lens.focal_mm : null);
    if (this.#list) this.#list = { ...this.#list, chosen: id === null ? null : { id, f_number, focal_mm } };
    this.#sync.send(id === null ? { id, f_number: null, focal_mm: null } : choice);
    this.#show();
  }

  /** Where the chosen zoom stands, as was told; null of any other lens. */
  get #zoomed() {
    return this.#chosen?.focal_long_mm ? (this.#list?.chosen?.focal_mm ?? null) : null;
  }

  #readZoom() {
    const lens = this.#chosen;
    const focal_mm = parseFigure(this.#zoom.input.value);
    if (lens && focal_mm > 0) return this.#choose({ id: lens.id, f_number: this.#list?.chosen?.f_number ?? null, focal_mm });
    showError({ message: say`“${this.#zoom.input.value.slice(0, 30)}” is not a focal length`, expected: say`for instance 50`, remedy: "" });
    this.#show();
  }

  /** @param {LensList} list */
  #receive(list) {
    const before = this.#list;
    this.#list = list;
    if (list.problem && list.problem !== before?.problem) {
      showError({ message: list.problem, expected: "", remedy: say`the lenses that hqcam ships are shown until it is mended` });
    }
    this.#show();
  }

  #show() {
    const list = this.#list;
    if (!list) return;
    const lens = this.#chosen;
    const stop = this.#simulated?.f_number ?? list.chosen?.f_number ?? null;
    this.#showPlate(lens, stop);
    byId("lens-name").replaceChildren(...(lens ? [`${lens.maker} `, make("b", {}, lens.model)] : [make("b", {}, say`No lens named`)]));
    setText(byId("lens-facts"), [lens ? [focalText(lens), lens.mount].join(" · ") : "", this.#simulatedText(lens)].filter(Boolean).join(" · "));
    this.#ring.show(lens, this.#turned ?? stop);
    this.#optics.show(lens && { id: lens.id, f_number: this.#turned ?? stop, focal_mm: this.#zoomed, focus_m: this.#simulated?.focus_m ?? null });
    this.#mount.show(lens?.id ?? null);
    byId("lens-zoom").hidden = !lens?.focal_long_mm;
    if (document.activeElement !== this.#zoom.input) this.#zoom.input.value = String(this.#zoomed ?? "");
    this.#rows.show(list);
  }

  /** @param {LensProfile|null} lens @param {number|null} stop */
  #showPlate(lens, stop) {
    const simulated = this.#simulated && formatFocal(this.#simulated.focal_mm);
    const focal = lens ? this.#focalOnPlate(lens) : (simulated ?? say`tap to choose`);
    const model = lens ? lens.model : simulated ? say`Simulated lens` : say`No lens named`;
    const figures = stop === null ? focal : `${focal} · ${formatStop(stop)}`;
    setText(byId("lens-model"), model);
    setText(byId("lens-figures"), figures);
    setAttribute(byId("lens-open"), "aria-label", say`Lens: ${model}, ${figures}`);
    byId("lens-open").title = lens ? `${lens.maker} ${lens.model}, ${focalText(lens)} (A)` : say`Lens and f-stop (A)`;
  }

  /** @param {LensProfile} lens */
  #focalOnPlate(lens) {
    const zoomed = this.#zoomed ?? lens.focal_mm;
    const equivalent = Math.round((lens.equivalent_mm * zoomed) / lens.focal_mm);
    return lens.focal_long_mm && this.#zoomed === null ? formatFocal(lens.focal_mm, lens.focal_long_mm) : `${formatFocal(zoomed)} (${equivalent})`;
  }

  /** What the simulated lens is, where that is not what was chosen. @param {LensProfile|null} lens */
  #simulatedText(lens) {
    const simulated = this.#simulated;
    const stands = this.#zoomed ?? lens?.focal_mm ?? 0;
    if (!simulated || (lens && Math.abs(simulated.focal_mm / stands - 1) < 0.01)) return "";
    return say`the simulated lens stands at ${formatFocal(simulated.focal_mm)}, ${formatStop(simulated.f_number)}`;
  }

  /** @param {LensProfile|null} lens null: a new one. */
  #write(lens) {
    this.#form.open(lens);
    this.#showForm(true);
    byId("lens-form").scrollIntoView({ block: "start" });
  }

  /** @param {boolean} open */
  #showForm(open) {
    byId("lens-form").hidden = !open;
    byId("lens-choose").hidden = open;
  }

  /** @param {LensValues} values @param {LensProfile|null} lens null: a new one. */
  async #save(values, lens) {
    const saved = lens ? await this.#ask("PUT", `${PROFILES}/${lens.id}`, values) : await this.#ask("POST", PROFILES, values);
    if (!saved) return;
    this.#showForm(false);
    this.#rows.reset();
    showNote(say`${values.model} is saved`);
  }

  /** @param {LensProfile} lens */
  async #remove(lens) {
    if (!(await this.#ask("DELETE", `${PROFILES}/${lens.id}`, {}))) return;
    this.#showForm(false);
    const undo = () => void this.#ask("POST", PROFILES, { id: lens.id, ...valuesOf(lens) });
    showUndoable(say`${lens.model} is removed`, undo);
  }

  /** @param {"PATCH"|"POST"|"PUT"|"DELETE"} method @param {string} path @param {object} body @returns Whether it was done. */
  async #ask(method, path, body) {
    try {
      this.#receive(await sendJson(method, path, body));
      return true;
    } catch (error) {
      showError(/** @type {import("../page/api.js").ApiError} */ (error).facts);
      return false;
    }
  }
}

/** @param {LensProfile} lens */
export function focalText(lens) {
  const { focal_mm, focal_long_mm, equivalent_mm } = lens;
  if (focal_long_mm === null) return say`${formatPlain(focal_mm, 1)} mm, as ${Math.round(equivalent_mm)} mm on full frame`;
  const longest = Math.round((equivalent_mm * focal_long_mm) / focal_mm);
  return say`${`${formatPlain(focal_mm, 1)}–${formatPlain(focal_long_mm, 1)}`} mm, as ${`${Math.round(equivalent_mm)}–${longest}`} mm on full frame`;
}
