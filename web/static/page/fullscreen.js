/** Full screen, where the browser offers it. Runs on the page. */

import { showCaution } from "./toast.js";
import { say } from "../words/words.js";

/** Full screen on or off. */
export async function toggleFullscreen() {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await document.documentElement.requestFullscreen({ navigationUI: "hide" });
  } catch {
    showCaution(say`Full screen is not available here; add the page to the home screen instead`);
  }
}

/** False on iPhones: they have no full screen for pages. */
export const HAS_FULLSCREEN = document.fullscreenEnabled === true;
