/** Unpacks the zlib streams in which overlay and graphs come. Runs in the worker or on the page. */

/** Whether this browser can unpack (all of 2023 and later can). */
export const CAN_UNPACK = typeof DecompressionStream === "function";

/**
 * Written into the stream, since a Blob of it would be registered with another process first.
 * @param {Uint8Array<ArrayBuffer>} packed A zlib stream.
 * @param {number} expectedBytes
 * @throws {RangeError} It unpacks to another length.
 */
export async function inflate(packed, expectedBytes) {
  const { readable, writable } = new DecompressionStream("deflate");
  const writer = writable.getWriter();
  writer.write(packed).then(() => writer.close()).catch(() => {}); // the reader gets the same error
  const bytes = new Uint8Array(expectedBytes);
  const reader = readable.getReader();
  let filled = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (filled + part.value.length <= expectedBytes) bytes.set(part.value, filled);
    filled += part.value.length;
  }
  if (filled !== expectedBytes) throw new RangeError(`the stream unpacks to ${filled} bytes, expected ${expectedBytes}`);
  return bytes;
}
