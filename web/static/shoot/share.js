/**
 * A JPEG for the share sheet of the phone, where the page is secure. Runs on the page; the viewer calls it.
 *
 * @import { Capture } from "../types/shoot.js"
 * @import { Wanted } from "./sent-url.js"
 */

import { say } from "../words/words.js";
import { FetchedFile } from "./fetched-file.js";
import { sentName, sentUrl } from "./sent-url.js";

/** The last one that was fetched: a browser may want another tap for it. */
let fetched = { url: "", body: new Blob() };

/** Whether this browser shares pictures from this page. */
export function canShare() {
  return navigator.canShare?.({ files: [new File([], "a.jpg", { type: "image/jpeg" })] }) === true;
}

/** Its JPEG, as this device wants it. @param {Capture} capture @param {Wanted} wanted @returns {Promise<string>} What came of it. */
export async function share({ files }, wanted) {
  const file = files.find(({ kind }) => kind === "jpeg");
  if (!file) return "";
  const url = sentUrl(file, wanted);
  try {
    if (fetched.url !== url) fetched = { url, body: await new FetchedFile(url).fetch(new AbortController().signal) };
  } catch {
    return say`The camera cannot be reached`;
  }
  try {
    await navigator.share({ files: [new File([fetched.body], sentName(file, wanted), { type: "image/jpeg" })] });
    return say`Shared`;
  } catch (error) {
    const { name } = /** @type {DOMException} */ (error);
    if (name === "AbortError") return ""; // its owner thought better of it
    return name === "NotAllowedError" ? say`Ready to be shared: tap once more` : say`This browser could not share it`;
  }
}
