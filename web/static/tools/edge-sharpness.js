/**
 * The sharpness of an edge: one press measures the one in the middle of the focus area. Runs on the page; the sheet of the
 * assists has it.
 *
 * @import { ApiError } from "../page/api.js"
 * @import { EdgeReading } from "../types/camera.js"
 */

import { sendJson } from "../page/api.js";
import { make, setText } from "../page/dom.js";
import { showError } from "../page/toast.js";
import { formatNumber } from "../words/figures.js";
import { say } from "../words/words.js";

/** Give the button and the line that it fills. @param {() => {x: number, y: number}} pointOf Of the sensor's picture. */
export function makeEdgeSharpness(pointOf) {
  const button = make("button", { type: "button", class: "wide-button", id: "edge-measure" }, say`Measure an edge here`);
  const line = make("p", { class: "sheet-note", id: "edge-sharpness", role: "status" });
  button.addEventListener("click", async () => {
    /** @type {HTMLButtonElement} */ (button).disabled = true;
    try {
      setText(line, edgeText(await sendJson("POST", "/api/sharpness", pointOf())));
    } catch (error) {
      setText(line, ""); // an older figure would be taken for this one
      showError(/** @type {ApiError} */ (error).facts);
    }
    /** @type {HTMLButtonElement} */ (button).disabled = false;
  });
  return [button, line];
}

/** Figure, error, and what a perfect lens gives. @param {EdgeReading} reading */
function edgeText({ mtf50, mtf50_sigma, mtf50_lp_mm, mtf50_lp_mm_sigma, diffraction_lp_mm, f_number, binning }) {
  const pixels = say`MTF50 ${formatNumber(mtf50, 3)} ± ${formatNumber(mtf50_sigma, 3)} cycles a pixel`;
  const parts = [pixels];
  if (mtf50_lp_mm !== null && mtf50_lp_mm_sigma !== null) {
    parts.push(say`${formatNumber(mtf50_lp_mm, 0)} ± ${formatNumber(mtf50_lp_mm_sigma, 0)} line pairs a millimetre`);
  }
  if (diffraction_lp_mm !== null && f_number !== null) {
    parts.push(say`a perfect lens at f/${formatNumber(f_number, 1)}: ${formatNumber(diffraction_lp_mm, 0)}`);
  }
  if (binning > 1) parts.push(say`samples of this mode are binned, which blurs`);
  return parts.join(" · ");
}
