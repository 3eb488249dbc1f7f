/**
 * Sheets that slide over the tools, never over the picture: captures, assist settings and others. One at a time. Runs on
 * the page.
 */

import { byId } from "./dom.js";

/** Wires every sheet to the button that opens it. @param {Record<string, () => void>} onOpen By sheet id. */
export function wireSheets(onOpen) {
  const openers = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[aria-controls$=-sheet]")]);
  const set = (/** @type {HTMLElement} */ opener, /** @type {boolean} */ open) => {
    const id = /** @type {string} */ (opener.getAttribute("aria-controls"));
    byId(id).hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) onOpen[id]?.();
  };
  for (const opener of openers) {
    const sheet = byId(/** @type {string} */ (opener.getAttribute("aria-controls")));
    opener.addEventListener("click", () => {
      const open = sheet.hidden;
      for (const other of openers) set(other, other === opener && open);
    });
    sheet.querySelector(".sheet-close")?.addEventListener("click", () => {
      set(opener, false);
      opener.focus();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") for (const opener of openers) set(opener, false);
  });
}
