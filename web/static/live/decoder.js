/**
 * Decodes frames for painting. While one frame is being decoded only the newest of those that arrive is kept. The
 * receiver calls it, in the worker or on the page.
 *
 * @import { Picture, WireFrame } from "../types/frame.js"
 */

import { unpackGraphs } from "./unpack-graphs.js";
import { unpackOverlay } from "./unpack-overlay.js";

export class Decoder {
  /** @type {WireFrame|null} */
  #waiting = null;
  #busy = false;

  /**
   * @param {(picture: Picture) => void} onPicture The receiver owns the bitmap and closes it.
   * @param {() => void} onReplaced A frame was received and will never be painted.
   * @param {(error: unknown) => void} onBroken A frame could not be decoded.
   */
  constructor(onPicture, onReplaced, onBroken) {
    this.onPicture = onPicture;
    this.onReplaced = onReplaced;
    this.onBroken = onBroken;
  }

  /**
   * Decode a picture whose frame is still on its way; null while another is being decoded.
   * @param {Uint8Array<ArrayBuffer>} jpeg Copied.
   */
  begin(jpeg) {
    return this.#busy ? null : createImageBitmap(new Blob([jpeg], { type: "image/jpeg" }));
  }

  /** @param {WireFrame} frame */
  push(frame) {
    if (this.#waiting) {
      close(this.#waiting.bitmap);
      this.onReplaced();
    }
    this.#waiting = frame;
    if (!this.#busy) void this.#decodeWaiting();
  }

  async #decodeWaiting() {
    this.#busy = true;
    while (this.#waiting) {
      const frame = this.#waiting;
      this.#waiting = null;
      try {
        this.onPicture(await decode(frame));
      } catch (error) {
        this.onBroken(error);
      }
    }
    this.#busy = false;
  }
}

/** Let go of a picture that nobody will see. @param {Promise<ImageBitmap>|null|undefined} bitmap */
export function close(bitmap) {
  bitmap?.then((decoded) => decoded.close()).catch(() => {});
}

/**
 * @param {WireFrame} frame
 * @returns {Promise<Picture>}
 */
async function decode(frame) {
  const decoding = frame.bitmap ?? createImageBitmap(new Blob([frame.picture], { type: frame.header.picture.type }));
  const [bitmap, overlay, graphs] = await Promise.all([decoding, unpackOverlay(frame), unpackGraphs(frame)]);
  return { header: frame.header, bitmap, overlay, graphs };
}
