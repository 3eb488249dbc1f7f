/**
 * The form for the access code, on a page of its own. A code in the address's fragment (from the QR code) is used at once.
 *
 * @import { ApiError } from "./api.js"
 */

import { addressOf } from "./address.js";
import { sendJson } from "./api.js";
import { byId, writeProse } from "./dom.js";
import { translateDocument } from "../words/document.js";
import { tell } from "../words/sentences.js";
import { say } from "../words/words.js";

translateDocument();
const field = /** @type {HTMLInputElement} */ (byId("code"));
const TRIES = 8; // the camera lets in who sends the right code five times, two seconds apart (web/access/guesses.py)
const TRY_EVERY_MS = 2_200;
const button = /** @type {HTMLButtonElement} */ (byId("enter"));

byId("access-form").addEventListener("submit", (event) => {
  event.preventDefault();
  void enter(field.value);
});

if (location.hash.length > 1) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname + location.search); // the code does not stay in the address or the history
  void enter(field.value);
} else {
  field.focus();
}

/**
 * Send the code; where others have guessed too often from this address, again and again, until it is let in.
 *
 * @param {string} code
 * @param {number} triesLeft
 */
async function enter(code, triesLeft = TRIES) {
  button.disabled = true;
  try {
    await sendJson("POST", "/api/access", { code: code.trim() });
    location.replace(addressOf("/") + location.search); // a lens that a QR code names
  } catch (error) {
    const facts = /** @type {ApiError} */ (error).facts;
    if (facts.code === "too_many_guesses" && triesLeft > 1) {
      byId("access-error").textContent = say`Too many wrong codes were sent from here: trying again for some seconds`;
      setTimeout(() => void enter(code, triesLeft - 1), TRY_EVERY_MS);
      return;
    }
    writeProse(byId("access-error"), [tell(facts.message), tell(facts.remedy)].filter(Boolean).join(" — "));
    button.disabled = false;
    field.select();
    byId("access-error").scrollIntoView({ block: "nearest" });
  }
}
