/**
 * The form for the access code, on a page of its own. A code in the address's fragment (from the QR code) is used at once.
 *
 * @import { ApiError } from "./api.js"
 */

import { addressOf } from "./address.js";
import { sendJson } from "./api.js";
import { byId } from "./dom.js";

const field = /** @type {HTMLInputElement} */ (byId("code"));
const button = /** @type {HTMLButtonElement} */ (byId("enter"));

byId("access-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void enter(field.value);
});

if (location.hash.length > 1) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname); // the code does not stay in the address or the history
  void enter(field.value);
} else {
  field.focus();
}

/** @param {string} code */
async function enter(code) {
  button.disabled = true;
  try {
    await sendJson("POST", "/api/access", { code: code.trim() });
    location.replace(addressOf("/"));
  } catch (error) {
    const facts = /** @type {ApiError} */ (error).facts;
    byId("access-error").textContent = [facts.message, facts.remedy].filter(Boolean).join(" — ");
    button.disabled = false;
    field.select();
  }
}
