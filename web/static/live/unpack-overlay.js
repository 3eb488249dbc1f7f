/**
 * Unpacks the overlay of a frame: one bit a pixel, leftmost in the highest bit. The decoder calls it, in the worker or
 * on the page.
 *
 * @import { OverlayPlanes, WireFrame } from "../types/frame.js"
 */

import { CAN_UNPACK, inflate } from "./inflate.js";

const NOTHING = new Uint8Array(0);

/**
 * Gives planes without layers where no pixel is marked or the browser cannot unpack.
 * @param {WireFrame} frame
 * @returns {Promise<OverlayPlanes>}
 */
export async function unpackOverlay(frame) {
  const { width, height, layers, bytes } = frame.header.overlay;
  const rowBytes = Math.ceil(width / 8);
  if (bytes === 0 || layers.length === 0 || !CAN_UNPACK) {
    return { width, height, rowBytes, layers: [], bits: NOTHING };
  }
  const bits = await inflate(frame.overlay, rowBytes * height * layers.length);
  undoRowXor(bits, rowBytes, height);
  return { width, height, rowBytes, layers, bits };
}

/**
 * Undo "zlib-up": every row but a layer's first came as XOR with the row above it.
 * @param {Uint8Array} bits
 * @param {number} rowBytes
 * @param {number} height
 */
function undoRowXor(bits, rowBytes, height) {
  const layerBytes = rowBytes * height;
  for (let start = 0; start < bits.length; start += layerBytes) {
    for (let i = start + rowBytes; i < start + layerBytes; i++) bits[i] ^= bits[i - rowBytes];
  }
}
