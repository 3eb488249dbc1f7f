/**
 * A canvas of the worker's own, whose pictures the page shows: without a graphics processor one given to the worker
 * would show them some 50 ms later. One picture is on its way at a time: the page's animation frames set the pace.
 */
export class Handover {
  canvas = new OffscreenCanvas(1, 1);
  /** @type {(() => void)|null} What to do when the page has shown what is on its way. */
  #onShown = null;
  /** @type {(() => void)|null} */
  #paint = null;

  /** Paint now, or when the page has shown what is on its way. @param {() => void} paint */
  nextFrame(paint) {
    if (this.#onShown) this.#paint = paint;
    else paint();
  }

  /**
   * Take what was drawn, for the page. Copied: a canvas that was taken away is made anew, for which a worker waits until
   * the page is idle for a moment (11 ms of a page slowed down 6 times).
   * @param {() => void} onShown
   */
  give(onShown) {
    this.#onShown = onShown;
    return createImageBitmap(this.canvas);
  }

  /** The page has shown it. */
  noteShown() {
    const [onShown, paint] = [this.#onShown, this.#paint];
    this.#onShown = this.#paint = null;
    onShown?.();
    paint?.();
  }
}
