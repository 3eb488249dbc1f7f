/**
 * Unpacks the graphs of a frame: counts of histograms, brightness 0..15 of waveform and vectorscope. The decoder calls it,
 * in the worker or on the page. The format is written in device/view/graphs.py.
 *
 * @import { Graphs, GraphPart, WireFrame } from "../types/frame.js"
 */

import { CAN_UNPACK, inflate } from "./inflate.js";

/** @type {Readonly<Graphs>} */
export const NO_GRAPHS = Object.freeze({ histogram: null, raw: null, waveform: null, vectorscope: null });

/** @param {WireFrame} frame @returns {Promise<Graphs>} */
export async function unpackGraphs(frame) {
  const { bytes, parts } = frame.header.graphs ?? { bytes: 0, parts: [] };
  if (bytes === 0 || !CAN_UNPACK) return NO_GRAPHS;
  const sizes = parts.map(sizeOf);
  const stream = await inflate(frame.graphs, sizes.reduce((sum, size) => sum + size, 0));
  /** @type {Graphs} */
  const graphs = { ...NO_GRAPHS };
  let offset = 0;
  parts.forEach((part, i) => {
    const bytesOfPart = stream.slice(offset, offset + sizes[i]);
    offset += sizes[i];
    if (part.name === "histogram") {
      const [luma, red, green, blue] = channels(bytesOfPart, part);
      graphs.histogram = { luma, red, green, blue, sampled: part.most };
    } else if (part.name === "raw_histogram") {
      const [red, green, blue] = channels(bytesOfPart, part);
      graphs.raw = { red, green, blue };
    } else {
      graphs[part.name] = { shape: part.shape, cells: nibbles(bytesOfPart, part.shape[part.shape.length - 1]) };
    }
  });
  return graphs;
}

/** @param {GraphPart} part */
function sizeOf({ format, shape }) {
  const rows = shape.slice(0, -1).reduce((product, side) => product * side, 1);
  const columns = shape[shape.length - 1];
  return format === "uint16" ? 2 * rows * columns : rows * Math.ceil(columns / 2);
}

/**
 * @param {Uint8Array} bytes
 * @param {GraphPart} part
 */
function channels(bytes, part) {
  const counts = new Uint16Array(bytes.buffer); // little-endian, as every browser's machine is
  const [rows, bins] = part.shape;
  return Array.from({ length: rows }, (_, row) => counts.subarray(row * bins, (row + 1) * bins));
}

/**
 * @param {Uint8Array} bytes
 * @param {number} columns
 */
function nibbles(bytes, columns) {
  const rowBytes = Math.ceil(columns / 2);
  const cells = new Uint8Array((bytes.length / rowBytes) * columns);
  for (let i = 0; i < cells.length; i++) {
    const column = i % columns;
    const pair = bytes[Math.floor(i / columns) * rowBytes + (column >> 1)];
    cells[i] = column & 1 ? pair & 15 : pair >> 4;
  }
  return cells;
}
