/**
 * Passes what the worker painted to the page as bitmaps, where there is no graphics processor: a canvas that the page
 * gave to the worker would then show each picture some 50 ms later. Runs in the worker; the receiver calls it.
 *
 * One bitmap is on its way at a time, so the page's animation frames set the pace.
 */
export class BitmapTransfer {
  /** What the painter paints on. */
  canvas = new OffscreenCanvas(1, 1);
  /** Called when the page has shown the bitmap that is on its way; null when none is. @type {(() => void)|null} */
  #onShown = null;
  /** The paint call that waits for that. @type {(() => void)|null} */
  #waitingPaint = null;

  /** Paint now, or when the page has shown the bitmap that is on its way. @param {() => void} paint */
  paintWhenFree(paint) {
    if (this.#onShown) this.#waitingPaint = paint;
    else paint();
  }

  /**
   * Take what was painted as a bitmap for the page. It is a copy: a canvas whose bitmap is taken away is allocated
   * anew, and for that the worker waits until the page is idle (measured: 11 ms of a page slowed down 6 times).
   * @param {() => void} onShown
   */
  takeBitmap(onShown) {
    this.#onShown = onShown;
    return createImageBitmap(this.canvas);
  }

  /** The page has shown the bitmap. */
  noteShown() {
    const [onShown, paint] = [this.#onShown, this.#waitingPaint];
    this.#onShown = this.#waitingPaint = null;
    onShown?.();
    paint?.();
  }
}
