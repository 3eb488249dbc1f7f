/**
 * Another place to send captures to: a new one, or one that is changed. Runs on the page; Uploads makes it.
 *
 * @import { ErrorFacts } from "../types/error.js"
 * @import { UploadPlace, UploadValues } from "../types/shoot.js"
 */

import { make, setText } from "../page/dom.js";
import { makeChoice, makeField, makeSwitch } from "../page/widgets.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

/**
 * @typedef {object} FormActions
 * @property {(values: UploadValues, place: UploadPlace|null) => void} save
 * @property {() => void} done Nothing is changed.
 */

/** @type {Omit<UploadPlace, "progress"|"paused">} */
const NEW_PLACE = { name: "", kind: "webdav", address: "", user: "", files: "all", only_starred: false, networks: [], fingerprint: "", has_secret: false };
const CERTIFICATE = /\b[0-9a-f]{64}\b/;

export class UploadForm {
  /** The one that is changed; null: a new one. @type {UploadPlace|null} */
  #place = null;
  /** @type {UploadPlace["kind"]} */
  #kind = "webdav";
  /** @type {UploadValues["files"]} */
  #files = "all";
  #onlyStarred = false;
  #everything = false;
  /** A certificate that was trusted by a tap. */
  #fingerprint = "";
  /** What the server shows that is not trusted yet. */
  #shown = "";
  #title = make("h3", {});
  #name = makeField(say`Name`, "NAS", { maxlength: "40" });
  #address = makeField(say`Address`, "", { autocapitalize: "off", inputmode: "url" });
  #user = makeField(say`User`, "", { autocapitalize: "off" });
  #secret = makeField(say`Password`, "", { type: "password", autocomplete: "new-password" });
  #networks = makeField(say`Only on these networks, with commas between`, say`any`, { autocapitalize: "off" });
  #problem = make("p", { class: "sheet-note upload-problem", role: "alert" });
  #save = make("button", { type: "submit", class: "wide-button" }, say`Try it and save`);
  #anyway = make("button", { type: "button", class: "wide-button", hidden: true }, say`Save without a try`);
  #trust = make("button", { type: "button", class: "wide-button", hidden: true }, say`Trust this certificate`);
  #kindChoice = makeChoice(
    say`What is there`,
    [
      { value: "webdav", text: "WebDAV" },
      { value: "immich", text: "Immich" },
      { value: "photoprism", text: "PhotoPrism" },
      { value: "folder", text: say`Folder` },
    ],
    (kind) => {
      this.#kind = /** @type {UploadPlace["kind"]} */ (kind);
      this.#showKind();
    },
  );
  #filesChoice = makeChoice(
    say`Which files`,
    [
      { value: "all", text: "RAW + JPEG" },
      { value: "jpeg", text: "JPEG" },
      { value: "raw", text: "RAW" },
    ],
    (files) => (this.#files = /** @type {UploadValues["files"]} */ (files)),
  );
  #starred = makeSwitch(say`Only captures with a star`, (on) => this.#starred.set((this.#onlyStarred = on)));
  #older = makeSwitch(say`Those that are there already too`, (on) => this.#older.set((this.#everything = on)));
  element = make("form", { class: "field-form upload-form", hidden: true });

  /** @param {FormActions} actions */
  constructor(actions) {
    this.actions = actions;
    const cancel = make("button", { type: "button", class: "wide-button" }, say`Cancel`);
    const fields = [this.#name, this.#address, this.#user, this.#secret].map(({ element }) => element);
    const buttons = make("div", { class: "form-buttons" }, this.#save, this.#trust, this.#anyway, cancel);
    this.element.append(this.#title, this.#kindChoice.element, ...fields, this.#filesChoice.element, this.#starred.element, this.#older.element, this.#networks.element, this.#problem, buttons);
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      actions.save(this.#values({ check: true }), this.#place);
    });
    this.#anyway.addEventListener("click", () => actions.save(this.#values({ check: false }), this.#place));
    this.#trust.addEventListener("click", () => {
      this.#fingerprint = this.#shown;
      actions.save(this.#values({ check: true }), this.#place);
    });
    cancel.addEventListener("click", () => actions.done());
  }

  /** @param {UploadPlace|null} place @param {string[]|null} networks Those in use. */
  open(place, networks) {
    this.#place = place;
    const shown = place ?? NEW_PLACE;
    setText(this.#title, place ? say`Change ${place.name}` : say`Add a place`);
    this.#kind = shown.kind;
    this.#files = shown.files;
    this.#fingerprint = shown.fingerprint;
    this.#name.input.value = shown.name;
    this.#name.input.disabled = place !== null;
    this.#address.input.value = shown.address;
    this.#user.input.value = shown.user;
    this.#secret.input.value = "";
    this.#secret.input.placeholder = shown.has_secret ? say`as it is` : "";
    this.#networks.input.value = shown.networks.join(", ");
    this.#networks.input.placeholder = networks?.length ? say`any; now on ${networks.join(", ")}` : say`any`;
    this.#kindChoice.element.hidden = place !== null;
    this.#older.element.hidden = place !== null;
    this.#kindChoice.set(this.#kind);
    this.#filesChoice.set(this.#files);
    this.#starred.set((this.#onlyStarred = shown.only_starred));
    this.#older.set((this.#everything = false));
    this.#showKind();
    this.tell(null);
    this.element.hidden = false;
    if (!place) this.#name.input.focus();
  }

  /** While the place is tried out. @param {boolean} busy */
  setBusy(busy) {
    for (const button of [this.#save, this.#anyway, this.#trust]) button.disabled = busy;
    setText(this.#save, busy ? say`Trying …` : say`Try it and save`);
  }

  /** What is wrong, and what can be done about it. @param {ErrorFacts|null} problem */
  tell(problem) {
    const sentences = problem ? [problem.message, problem.expected, problem.remedy].filter(Boolean).map(tell) : [];
    setText(this.#problem, sentences.join(". "));
    this.#problem.hidden = problem === null;
    this.#shown = problem?.code === "destination_needs_owner" ? (CERTIFICATE.exec(problem.message)?.[0] ?? "") : "";
    this.#trust.hidden = this.#shown === "";
    this.#anyway.hidden = problem?.code !== "destination_unreachable";
    if (problem) this.#problem.scrollIntoView({ block: "nearest" });
  }

  #showKind() {
    const examples = { webdav: "https://cloud.example.org/remote.php/dav/files/ada/Photos", immich: "http://nas:2283", photoprism: "http://nas:2342", folder: "/media/backup" };
    this.#address.input.placeholder = examples[this.#kind];
    this.#user.element.hidden = this.#kind === "immich" || this.#kind === "folder";
    this.#secret.element.hidden = this.#kind === "folder";
    setText(this.#secret.label, this.#kind === "immich" ? say`API key` : say`Password`);
  }

  /** @param {{check: boolean}} how @returns {UploadValues} */
  #values({ check }) {
    const networks = this.#networks.input.value.split(",").map((name) => name.trim());
    const secret = this.#secret.element.hidden ? "" : this.#secret.input.value;
    return {
      ...(this.#place ? {} : { name: this.#name.input.value.trim(), kind: this.#kind, everything: this.#everything }),
      address: this.#address.input.value.trim(),
      user: this.#user.element.hidden ? "" : this.#user.input.value.trim(),
      ...(this.#place?.has_secret && secret === "" ? {} : { secret }),
      files: this.#files,
      only_starred: this.#onlyStarred,
      networks: networks.filter(Boolean),
      fingerprint: this.#fingerprint,
      check,
    };
  }
}
