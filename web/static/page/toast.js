/**
 * Short messages over the tools: read aloud, gone by themselves or by a tap. Runs on the page.
 *
 * @import { ErrorFacts } from "../types/error.js"
 */

import { byId, make } from "./dom.js";

const NOTE_MS = 3500;
const ERROR_MS = 9000; // two sentences to read while holding a camera
const AT_ONCE = 3;

/** A note, for some seconds. @param {string} text */
export function showNote(text) {
  show(make("p", { class: "toast-text" }, text), "note", NOTE_MS);
}

/**
 * An error: what was found, what was expected, what to do.
 * @param {Pick<ErrorFacts, "message"|"expected"|"remedy">} facts
 */
export function showError(facts) {
  const body = make("div", {}, make("p", { class: "toast-text" }, facts.message));
  if (facts.expected) body.append(make("p", { class: "toast-detail" }, `Expected: ${facts.expected}`));
  if (facts.remedy) body.append(make("p", { class: "toast-detail" }, `To do: ${facts.remedy}`));
  show(body, "error", ERROR_MS);
}

/**
 * @param {HTMLElement} body
 * @param {"note"|"error"} kind
 * @param {number} ms
 */
function show(body, kind, ms) {
  const holder = byId("toasts");
  const mark = make("span", { class: "toast-mark", "aria-hidden": "true" }, kind === "error" ? "!" : "✓");
  const toast = make("button", { class: "toast", type: "button", "data-kind": kind, title: "Dismiss" }, mark, body);
  if (kind === "error") toast.setAttribute("role", "alert");
  toast.addEventListener("click", () => toast.remove());
  holder.append(toast);
  while (holder.children.length > AT_ONCE) holder.firstElementChild?.remove();
  setTimeout(() => toast.remove(), ms);
}
