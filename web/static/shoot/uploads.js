/**
 * The other places that captures are sent to by the camera itself: how far each is, and what to do about it. In the sheet of the
 * captures, below what is sent to this device. Runs on the page; main.js makes it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { UploadList, UploadPlace, UploadValues } from "../types/shoot.js"
 */

import { getJson, sendJson } from "../page/api.js";
import { byId, make, setAttribute, setText } from "../page/dom.js";
import { showError, showNote, showUndoable, UNDO_MS } from "../page/toast.js";
import { formatNumber } from "../words/figures.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";
import { formatBytes } from "./capture-facts.js";
import { UploadForm } from "./upload-form.js";

const PATH = "/api/uploads";
const LOOK_MS = 1500;
const TRY_MS = 150_000; // a server may need its time for each step of a try

export class Uploads {
  #list = make("ul", { class: "uploads" });
  #add = make("button", { type: "button", class: "wide-button", "data-upload": "add" }, say`Send to another place too`);
  /** @type {string[]|null} */
  #networks = null;
  /** Places that are about to be removed. @type {Set<string>} */
  #going = new Set();
  #timer = 0;
  #form;

  constructor() {
    this.#form = new UploadForm({ save: (values, place) => void this.#save(values, place), done: () => this.#closeForm() });
    const note = make("p", { class: "sheet-note" }, say`By the camera itself, in the background. A file counts as sent once its checksum was compared there; the originals stay here.`);
    byId("send-settings").append(make("h3", { class: "uploads-title" }, say`To other places`), note, this.#list, this.#add, this.#form.element);
    this.#add.addEventListener("click", () => this.#openForm(null));
    byId("send-open").addEventListener("click", () => void this.#look());
  }

  /** Ask how far it is, again and again while it is looked at. */
  async #look() {
    clearTimeout(this.#timer);
    if (byId("send-settings").offsetParent === null) return;
    try {
      this.#show(await getJson(PATH));
    } catch {
      // The banner says that the server is gone.
    }
    this.#timer = setTimeout(() => void this.#look(), LOOK_MS);
  }

  /** @param {UploadList} list */
  #show({ destinations, networks }) {
    this.#networks = networks;
    const rows = new Map([...this.#list.children].map((row) => [/** @type {HTMLElement} */ (row).dataset.name, row]));
    const places = destinations.filter(({ name }) => !this.#going.has(name));
    const wanted = places.map((place) => {
      const row = rows.get(place.name) ?? this.#makeRow(place.name);
      fill(row, place);
      return row;
    });
    if (wanted.length !== rows.size || wanted.some((row) => !row.parentNode)) this.#list.replaceChildren(...wanted);
    this.#list.hidden = wanted.length === 0 || !this.#form.element.hidden;
  }

  /** @param {string} name */
  #makeRow(name) {
    const button = (/** @type {string} */ does, /** @type {string} */ text) => make("button", { type: "button", class: "download", "data-does": does, "aria-label": `${text}: ${name}` }, text);
    const buttons = [button("pause", say`Pause`), button("resume", say`Go on`), button("retry", say`Try now`), button("older", say`Send older ones too`), button("change", say`Change`), button("remove", say`Remove`)];
    const row = make("li", { class: "upload", "data-name": name }, make("b", {}, name), make("span", { class: "upload-says", role: "status" }), make("progress", { class: "upload-bar", max: 1, hidden: true, "aria-label": say`How much of the file is sent` }), make("p", { class: "sheet-note upload-problem", hidden: true }), make("div", { class: "gallery-bar" }, ...buttons));
    row.addEventListener("click", (event) => {
      const does = /** @type {HTMLElement} */ (event.target).dataset.does;
      if (does) void this.#act(does, name);
    });
    return row;
  }

  /** @param {string} does @param {string} name */
  async #act(does, name) {
    const path = `${PATH}/${encodeURIComponent(name)}`;
    try {
      if (does === "pause" || does === "resume") this.#show(await sendJson("PATCH", path, { paused: does === "pause" }));
      else if (does === "retry") this.#show(await sendJson("POST", `${path}/retry`, {}));
      else if (does === "older") this.#show(await sendJson("POST", `${path}/everything`, {}));
      else if (does === "remove") this.#remove(name);
      else {
        const { destinations } = await getJson(PATH);
        this.#openForm(/** @type {UploadPlace[]} */ (destinations).find((place) => place.name === name) ?? null);
      }
    } catch (error) {
      showError(/** @type {ApiError} */ (error).facts);
    }
  }

  /** It goes when nobody wants it back in time; a page that is left meanwhile keeps it. @param {string} name */
  #remove(name) {
    this.#going.add(name);
    const timer = setTimeout(async () => {
      try {
        await sendJson("DELETE", `${PATH}/${encodeURIComponent(name)}`, {});
      } catch (error) {
        showError(/** @type {ApiError} */ (error).facts);
      }
      this.#going.delete(name);
      void this.#look();
    }, UNDO_MS);
    showUndoable(say`Nothing is sent to ${name} any more`, () => {
      clearTimeout(timer);
      this.#going.delete(name);
      void this.#look();
    });
    void this.#look();
  }

  /** @param {UploadPlace|null} place */
  #openForm(place) {
    this.#add.hidden = this.#list.hidden = true;
    this.#form.open(place, this.#networks);
  }

  #closeForm() {
    this.#form.element.hidden = true;
    this.#add.hidden = this.#list.hidden = false;
    void this.#look();
  }

  /** @param {UploadValues} values @param {UploadPlace|null} place */
  async #save(values, place) {
    this.#form.setBusy(true);
    this.#form.tell(null);
    try {
      const path = place ? `${PATH}/${encodeURIComponent(place.name)}` : PATH;
      this.#show(await sendJson(place ? "PATCH" : "POST", path, values, TRY_MS));
      this.#closeForm();
      showNote(say`Captures go to ${place?.name ?? values.name ?? ""}`);
    } catch (error) {
      this.#form.tell(/** @type {ApiError} */ (error).facts);
    }
    this.#form.setBusy(false);
  }
}

/** Write into a row how far a place is. @param {Element} row @param {UploadPlace} place */
function fill(row, place) {
  const { progress } = place;
  setText(/** @type {Element} */ (row.querySelector(".upload-says")), stateOf(place));
  const bar = /** @type {HTMLProgressElement} */ (row.querySelector(".upload-bar"));
  bar.hidden = progress.state !== "sending" || progress.file === "";
  bar.value = progress.file_bytes ? progress.file_sent_bytes / progress.file_bytes : 0;
  const [problem, ...others] = [...(progress.problem ? [progress.problem] : []), ...progress.failed.map((one) => ({ ...one.problem, message: `${one.name}: ${tell(one.problem.message)}` }))];
  const says = /** @type {HTMLElement} */ (row.querySelector(".upload-problem"));
  says.hidden = !problem;
  const more = others.length ? [say`${others.length} others did not arrive either`] : [];
  setText(says, problem ? [...[problem.message, problem.remedy].filter(Boolean).map(tell), ...more].join(". ") : "");
  const offered = {
    pause: progress.state !== "paused",
    resume: progress.state === "paused",
    retry: ["trying again", "needs you", "busy"].includes(progress.state) || progress.failed.length > 0,
    older: progress.left_out > 0,
    change: true,
    remove: true,
  };
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll("[data-does]"))) {
    button.hidden = !offered[/** @type {keyof typeof offered} */ (button.dataset.does)];
  }
  setAttribute(row, "data-state", progress.state);
}

/** @param {UploadPlace} place */
function stateOf({ progress, networks }) {
  const { state, waiting, sent, file } = progress;
  const left = say`${waiting} files left, ${formatBytes(progress.waiting_bytes)}`;
  switch (state) {
    case "looking":
      return say`Looking for what is to be sent`;
    case "sending":
      return file ? say`${file}: ${formatNumber(progress.file_bytes ? (100 * progress.file_sent_bytes) / progress.file_bytes : 0, 0)} %, ${left}` : left;
    case "paused":
      return say`Paused; ${left}`;
    case "other network":
      return say`Waiting for ${networks.join(", ")}; ${left}`;
    case "network unknown":
      return say`It is not known on which network the camera is; ${left}`;
    case "needs you":
      return say`It needs you; ${left}`;
    case "busy":
      return say`Another hqcam sends there now; ${left}`;
    case "trying again":
      return say`Tried again in ${formatNumber(progress.try_again_s, 0)} s; ${left}`;
    default:
      return sent ? say`All sent: ${sent} files` : say`Nothing to send yet`;
  }
}
