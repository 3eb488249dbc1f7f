/**
 * Files in the folder of captures that are no captures: told below the captures, never touched. Asked for when the captures are
 * opened. Runs on the page; main.js calls it.
 *
 * @import { OtherFiles } from "../types/shoot.js"
 */

import { getJson } from "../page/api.js";
import { byId, make, setText } from "../page/dom.js";
import { say } from "../words/words.js";
import { formatBytes } from "./capture-facts.js";

/** Tell them when the captures are opened. */
export function wireOtherFiles() {
  const count = make("summary", {});
  const list = make("ul", { class: "others-names" });
  const note = make("p", { class: "sheet-note" }, say`They are no captures of a camera by their names. They stay as they are; WebDAV shows them.`);
  const holder = byId("gallery-others");
  holder.append(count, note, list);
  let asked = 0;
  byId("gallery-open").addEventListener("click", async () => {
    const mine = (asked += 1);
    try {
      const { files, total } = /** @type {OtherFiles} */ (await getJson("/api/captures/others"));
      if (mine !== asked) return;
      holder.hidden = total === 0;
      setText(count, say`Other files in the folder: ${total}`);
      const items = files.map(({ folder, name, bytes }) => make("li", {}, `${folder && `${folder}/`}${name}`, " ", make("span", { class: "gallery-size" }, formatBytes(bytes))));
      const rest = total - files.length;
      list.replaceChildren(...items, ...(rest > 0 ? [make("li", {}, say`and ${rest} more`)] : []));
    } catch {
      holder.hidden = true; // what the folder has is not known; the banner, or the list, says why
    }
  });
}
