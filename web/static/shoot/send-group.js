/**
 * What is sent to this phone by itself, how, and how far it is: in the sheet of the captures. Runs on the page; main.js makes it.
 *
 * @import { SettingsStore } from "../page/browser-settings.js"
 * @import { Sender } from "./sender.js"
 */

import { byId, make, setAttribute, setText } from "../page/dom.js";
import { makeChoice, makeSwitch } from "../page/widgets.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";
import { formatBytes } from "./capture-facts.js";

/** @param {SettingsStore} settings @param {Sender} sender */
export function makeSendGroup(settings, sender) {
  const files = makeChoice(
    say`Send new shots to this device`,
    [
      { value: "off", text: say`Off` },
      { value: "jpeg", text: "JPEG" },
      { value: "raw+jpeg", text: "RAW + JPEG" },
    ],
    (sendNew) => settings.set({ sendNew: /** @type {"off"|"jpeg"|"raw+jpeg"} */ (sendNew) }),
  );
  const size = makeChoice(
    say`JPEGs have`,
    [
      { value: "original", text: say`all pixels` },
      { value: "2048", text: say`${2048} px` },
      { value: "1080", text: say`${1080} px` },
    ],
    (sendSize) => settings.set({ sendSize: /** @type {"original"|"2048"|"1080"} */ (sendSize) }),
  );
  const metadata = makeSwitch(say`with metadata`, (sendMetadata) => settings.set({ sendMetadata }));
  const note = make("p", { class: "sheet-note" }, say`While this page is open. The browser may ask once whether the page may save files. Size and metadata are those of shared and single JPEGs too.`);
  files.element.dataset.send = "files";
  size.element.dataset.send = "size";
  metadata.element.dataset.send = "metadata";
  byId("send-settings").append(files.element, size.element, metadata.element, note);
  settings.follow(() => {
    files.set(settings.values.sendNew);
    size.set(settings.values.sendSize);
    metadata.set(settings.values.sendMetadata);
  });
  byId("send-open").addEventListener("click", () => {
    byId("send-settings").hidden = !byId("send-settings").hidden;
    setAttribute(byId("send-open"), "aria-expanded", !byId("send-settings").hidden);
  });
  byId("send-stop").addEventListener("click", () => sender.clear());
  byId("send-retry").addEventListener("click", () => sender.retry());
  const show = () => {
    const { left, bytesLeft, sent, now, share, problem } = sender.progress;
    byId("send-progress").hidden = left === 0 && !(sender.isOn && sent > 0);
    const going = problem ? say`Waiting for the camera; ${left} files left` : say`${now}: ${formatNumber(100 * share, 0)} %, ${left} files left, ${formatBytes(bytesLeft)}`;
    setText(byId("send-says"), left > 0 ? going : say`${sent} files sent to this device`);
    for (const id of ["send-stop", "send-retry"]) byId(id).hidden = left === 0 || (id === "send-retry" && !problem);
  };
  sender.onProgress = show;
  settings.follow(show);
}
