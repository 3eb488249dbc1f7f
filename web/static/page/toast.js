/**
 * Short messages over the tools: read aloud, gone by themselves or by a tap. Runs on the page.
 *
 * @import { ErrorFacts } from "../types/error.js"
 */

import { byId, make, writeProse } from "./dom.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

const NOTE_MS = 3500;
const CAUTION_MS = 5000;
export const UNDO_MS = 8000; // to see what it did to the picture, and to think
const ERROR_MS = 9000; // two sentences to read while holding a camera
const AT_ONCE = 3;

/** Something was done. @param {string} text */
export function showNote(text) {
  show([prose("toast-text", text)], "note", NOTE_MS);
}

/** Something was not done, or not as asked, or the next press does what cannot be taken back. @param {string} text */
export function showCaution(text) {
  show([prose("toast-text", text)], "caution", CAUTION_MS);
}

/** Something was done that can be taken back. @param {string} text @param {() => void} undo */
export function showUndoable(text, undo) {
  const button = make("button", { class: "toast-undo", type: "button" }, say`Undo`);
  const toast = make("div", { class: "toast", "data-kind": "note", "data-text": text }, mark("note"), prose("toast-text", text), button);
  for (const other of document.querySelectorAll(".toast:has(.toast-undo)")) other.remove(); // only the last is taken back
  button.addEventListener("click", () => {
    toast.remove();
    undo();
  });
  place(toast, UNDO_MS);
}

/**
 * An error: what was found, what was expected, what to do.
 * @param {Pick<ErrorFacts, "message"|"expected"|"remedy">} facts
 */
export function showError(facts) {
  const lines = [prose("toast-text", tell(facts.message))];
  if (facts.expected) lines.push(prose("toast-detail", say`Expected: ${tell(facts.expected)}`));
  if (facts.remedy) lines.push(prose("toast-detail", say`To do: ${tell(facts.remedy)}`));
  show(lines, "error", ERROR_MS);
}

/** @param {string} kind @param {string} text */
function prose(kind, text) {
  const line = make("p", { class: kind });
  writeProse(line, text);
  return line;
}

/**
 * What is shown already takes the place of itself, and tells how often it came.
 * @param {HTMLElement[]} lines
 * @param {"note"|"caution"|"error"} kind
 * @param {number} ms
 */
function show(lines, kind, ms) {
  const text = lines.map((line) => line.textContent).join("\n");
  const same = /** @type {HTMLElement|undefined} */ (
    [...byId("toasts").children].find((other) => other instanceof HTMLElement && other.dataset.kind === kind && other.dataset.text === text)
  );
  const times = Number(same?.dataset.times ?? 0) + 1;
  same?.remove();
  const facts = { "data-kind": kind, "data-text": text, "data-times": times };
  const toast = make("button", { class: "toast", type: "button", title: say`Dismiss`, ...facts }, mark(kind), make("div", {}, ...lines));
  if (times > 1) toast.append(make("span", { class: "toast-times" }, `${times}×`));
  if (kind === "error") toast.setAttribute("role", "alert");
  toast.addEventListener("click", () => toast.remove());
  place(toast, ms);
}

/** @param {"note"|"caution"|"error"} kind */
function mark(kind) {
  return make("span", { class: "toast-mark", "aria-hidden": "true" }, kind === "note" ? "✓" : "!");
}

/** @param {HTMLElement} toast @param {number} ms */
function place(toast, ms) {
  const holder = byId("toasts");
  holder.append(toast);
  while (holder.children.length > AT_ONCE) holder.firstElementChild?.remove();
  setTimeout(() => toast.remove(), ms);
}
