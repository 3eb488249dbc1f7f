/**
 * The addresses under which the camera gives a capture's picture, from the soonest to the whole. Imports only what builds
 * addresses; the viewer uses it.
 *
 * @import { Capture } from "../types/shoot.js"
 */

import { addressOf } from "../page/address.js";

const FIRST_EDGE_PX = 2048; // enough for any phone's screen, and a tenth of the bytes
const QUICK_EDGE_PX = 1080; // made from half of the file's pixels: it is there in a third of the time

/**
 * @typedef {object} Pictures
 * @property {string|null} whole All pixels; null where no file has a picture.
 * @property {string|null} first The copy that is shown first.
 * @property {string|null} quick The one that costs the camera least, for a shot that was just taken.
 */

/** @param {Capture} capture @returns {Pictures} */
export function picturesOf(capture) {
  const { picture_url: whole, files, id } = capture;
  const has = (/** @type {string} */ kind) => files.some((file) => file.kind === kind);
  if (!whole || !has("jpeg")) return { whole, first: whole, quick: whole };
  // The raw file holds it as it is to be sent. The number keeps browsers from showing that of a former shot of this name.
  const preview = addressOf(`/api/captures/${encodeURIComponent(id)}/preview?of=${Date.now()}`);
  return { whole, first: `${whole}?size=${FIRST_EDGE_PX}`, quick: has("dng") ? preview : `${whole}?size=${QUICK_EDGE_PX}` };
}
