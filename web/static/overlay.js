/**
 * The overlay: names of its layers, and their unpacking. One bit a pixel, leftmost in the highest bit.
 *
 * @import { LayerName, OverlayPlanes, WireFrame } from "./types.js"
 */

/** All layers in the order in which the shader knows them. @type {readonly LayerName[]} */
export const LAYERS = Object.freeze([
  "peaking",
  "zebra_high",
  "zebra_band",
  "zebra_low",
  "raw_clip_r",
  "raw_clip_g",
  "raw_clip_b",
  "raw_shadow",
]);

/** Whether this browser can unpack overlays (all of 2023 and later can). */
export const CAN_UNPACK = typeof DecompressionStream === "function";

const NOTHING = new Uint8Array(0);

/**
 * Unpack the overlay of one frame. Gives planes without layers where nothing is lit or the browser cannot unpack.
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
  lower(bits, rowBytes, height);
  return { width, height, rowBytes, layers, bits };
}

/**
 * Undo "zlib-up": every row but a layer's first came as XOR with the row above it.
 * @param {Uint8Array} bits
 * @param {number} rowBytes
 * @param {number} height
 */
function lower(bits, rowBytes, height) {
  const layerBytes = rowBytes * height;
  for (let start = 0; start < bits.length; start += layerBytes) {
    for (let i = start + rowBytes; i < start + layerBytes; i++) bits[i] ^= bits[i - rowBytes];
  }
}

/**
 * Whether the pixel is lit in the layer at `index`.
 * @param {OverlayPlanes} planes
 * @param {number} index
 * @param {number} x
 * @param {number} y
 */
export function isLit(planes, index, x, y) {
  const byte = planes.bits[(index * planes.height + y) * planes.rowBytes + (x >> 3)];
  return ((byte >> (7 - (x & 7))) & 1) === 1;
}

/**
 * Written into the stream, since a Blob of it would be registered with another process first.
 * @param {Uint8Array<ArrayBuffer>} packed A zlib stream.
 * @param {number} expectedBytes
 */
export async function inflate(packed, expectedBytes) {
  const { readable, writable } = new DecompressionStream("deflate");
  const writer = writable.getWriter();
  writer.write(packed).then(() => writer.close()).catch(() => {}); // the reader is told the same
  const bits = new Uint8Array(expectedBytes);
  const reader = readable.getReader();
  let filled = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (filled + part.value.length <= expectedBytes) bits.set(part.value, filled);
    filled += part.value.length;
  }
  if (filled !== expectedBytes) throw new RangeError(`the stream unpacks to ${filled} bytes, expected ${expectedBytes}`);
  return bits;
}
