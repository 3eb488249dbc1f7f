/**
 * Sheets that slide over the tools, never over the picture: captures, assist settings and others. One at a time. Runs on
 * the page.
 */

import { noteClosed, noteOpened } from "./back.js";
import { byId } from "./dom.js";

/** Keys and marks; Back closes it as it closes a sheet. */
export function openHelp() {
  const help = /** @type {HTMLDialogElement} */ (byId("help"));
  help.addEventListener("close", noteClosed, { once: true });
  help.showModal();
  noteOpened(() => help.close());
}

/** Wires every sheet to the button that opens it. @param {Record<string, () => void>} onOpen By sheet id. */
export function wireSheets(onOpen) {
  const openers = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[aria-controls$=-sheet]")]);
  const set = (/** @type {HTMLElement} */ opener, /** @type {boolean} */ open) => {
    const id = /** @type {string} */ (opener.getAttribute("aria-controls"));
    byId(id).hidden = !open;
    opener.setAttribute("aria-expanded", String(open));
    if (open) onOpen[id]?.();
  };
  const closeAll = () => {
    for (const opener of openers) set(opener, false);
  };
  const isOpen = () => openers.some((opener) => opener.getAttribute("aria-expanded") === "true");
  for (const opener of openers) {
    const sheet = byId(/** @type {string} */ (opener.getAttribute("aria-controls")));
    opener.addEventListener("click", () => {
      const open = sheet.hidden;
      for (const other of openers) set(other, other === opener && open);
      if (open) noteOpened(closeAll);
      else noteClosed();
    });
    sheet.querySelector(".sheet-close")?.addEventListener("click", () => {
      set(opener, false);
      noteClosed();
      opener.focus();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen()) return;
    closeAll();
    noteClosed();
  });
}
