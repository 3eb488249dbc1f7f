/**
 * Parses a frame's body: "HQF2", uint32 picture length, picture, uint32 header length, JSON header, overlay, graphs.
 * Pure; the frame puller calls it, in the worker or on the page.
 *
 * @import { FrameHeader, FrameSource, WireFrame } from "../types/frame.js"
 */

const MAGIC = 0x32465148; // "HQF2" read as a little-endian number
export const PREFIX_BYTES = 8;
const LENGTH_BYTES = 4;
/** Readings of assists that are off are not sent. */
const NO_READINGS = Object.freeze({
  raw_clipping: null,
  raw_exposure: null,
  spot: null,
  focus_score: null,
  focus_unclear: null,
  focus_series: null,
  peaking_percent: null,
  zebra_high_percent: null,
  zebra_band_percent: null,
  zebra_low_percent: null,
});
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The body is not a frame. */
export class BadFrame extends Error {
  name = "BadFrame";
}

/**
 * Parse one body. Picture and overlay are views into `buffer`, not copies.
 * @param {ArrayBuffer} buffer
 * @param {number} [byteLength] How much of the buffer is the body.
 * @returns {WireFrame}
 * @throws {BadFrame}
 */
export function parseFrame(buffer, byteLength = buffer.byteLength) {
  if (byteLength < PREFIX_BYTES) throw new BadFrame(`a frame of ${byteLength} bytes is too short`);
  const body = new DataView(buffer, 0, byteLength);
  if (body.getUint32(0, true) !== MAGIC) throw new BadFrame("the body does not begin with HQF2");
  const pictureEnd = pictureEndOf(body);
  const headerStart = pictureEnd + LENGTH_BYTES;
  if (headerStart > byteLength) throw new BadFrame(`a picture up to byte ${pictureEnd} does not fit the body`);
  const headerBytes = body.getUint32(pictureEnd, true);
  const overlayStart = headerStart + headerBytes;
  if (overlayStart > byteLength) throw new BadFrame(`a header of ${headerBytes} bytes does not fit the body`);
  const header = parseHeader(new Uint8Array(buffer, headerStart, headerBytes));
  if (header.picture.bytes !== pictureEnd - PREFIX_BYTES) throw new BadFrame("the header speaks of another picture");
  const graphsStart = overlayStart + header.overlay.bytes;
  const graphBytes = header.graphs?.bytes ?? 0;
  const end = graphsStart + graphBytes;
  if (end !== byteLength) throw new BadFrame(`the header speaks of ${end} bytes, the body has ${byteLength}`);
  header.readings = { ...NO_READINGS, ...header.readings };
  return {
    header,
    picture: new Uint8Array(buffer, PREFIX_BYTES, header.picture.bytes),
    overlay: new Uint8Array(buffer, overlayStart, header.overlay.bytes),
    graphs: new Uint8Array(buffer, graphsStart, graphBytes),
  };
}

/**
 * Complete a header that only names its source with the known one of that name.
 * @param {FrameHeader} header
 * @param {FrameSource|null} known Of a frame before.
 * @returns {FrameSource} This header's, to be kept.
 * @throws {BadFrame}
 */
export function completeHeader(header, known) {
  if (header.mode) {
    const { setting, simulated, source, lens, mode } = header;
    return { setting, simulated, source, lens, mode };
  }
  if (known?.setting !== header.setting) throw new BadFrame(`the frame names a setting that is not known: ${header.setting}`);
  Object.assign(header, known);
  return known;
}

/** Where the picture ends: the rest comes later, when the camera's assists are done. @param {DataView} body */
export function pictureEndOf(body) {
  return body.byteLength < PREFIX_BYTES ? Infinity : PREFIX_BYTES + body.getUint32(LENGTH_BYTES, true);
}

/**
 * @param {Uint8Array} bytes
 * @returns {FrameHeader}
 */
function parseHeader(bytes) {
  let header;
  try {
    header = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new BadFrame("the header is not JSON", { cause: error });
  }
  if (!isSize(header?.picture?.bytes) || !isSize(header?.overlay?.bytes) || !isSize(header.graphs?.bytes ?? 0)) {
    throw new BadFrame("the header does not say how long picture and overlay are");
  }
  return header;
}

/** @param {unknown} value */
function isSize(value) {
  return Number.isSafeInteger(value) && /** @type {number} */ (value) >= 0;
}
