"""Without a graphics processor: the worker sends what it painted as a bitmap, and the page shows it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.page.conftest import DESKTOP, PHONE, Server, until, until_live, until_painted, watch_elsewhere
from tests.page.test_picture import HIDE, PLAIN, magenta_pixels, picture, use_magenta_peaking

pytestmark = pytest.mark.page

# Notes each bitmap that comes and is shown, and each mark with the time code that can then be read off the canvas.
WATCH = """(() => {
  const seen = window.seen = { came: 0, mostWaiting: 0, shown: [], frames: [], marks: [] };
  const Plain = window.Worker;
  window.Worker = class extends Plain {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (data.bitmap) seen.mostWaiting = Math.max(seen.mostWaiting, (seen.came += 1) - seen.shown.length);
      });
    }
  };
  const screen = ImageBitmapRenderingContext.prototype;
  const show = screen.transferFromImageBitmap;
  screen.transferFromImageBitmap = function (bitmap) {
    show.call(this, bitmap);
    seen.shown.push(bitmap);
    seen.frames.push(document.timeline.currentTime);
  };
  const board = new OffscreenCanvas(640, 16).getContext('2d', { willReadFrequently: true });
  const timeCode = (canvas) => {
    const block = 16 * canvas.width / 1014;
    board.drawImage(canvas, 0, 0, 40 * block, block, 0, 0, 640, 16);
    const pixels = board.getImageData(0, 8, 640, 1).data;
    const bytes = new DataView(new ArrayBuffer(5));
    for (let i = 0; i < 40; i++) {
      if (pixels[4 * (16 * i + 8) + 1] > 127) bytes.setUint8(i >> 3, bytes.getUint8(i >> 3) | 1 << (i & 7));
    }
    return bytes.getUint32(0, true);
  };
  const mark = performance.mark;
  performance.mark = function (name, options) {
    const { seq, captured } = options.detail;
    const frame = document.timeline.currentTime;
    const late = timeCode(document.querySelector('#picture')) - captured % 2 ** 32;
    seen.marks.push({ seq, late, frame, shownIn: seen.frames.at(-1), shown: seen.shown.length });
    return mark.call(this, name, options);
  };
  let darkest = 255;
  window.darkest = () => darkest;
  window.watchForBlack = () => {
    board.drawImage(document.querySelector('#picture'), 0, 0, 640, 16);
    const pixels = board.getImageData(0, 0, 640, 16).data;
    darkest = Math.min(darkest, pixels.reduce((sum, value, i) => sum + (i % 4 === 3 ? 0 : value), 0) / (640 * 16 * 3));
    requestAnimationFrame(window.watchForBlack);
  };
})()"""


# Waits for as many animation frames.
ANIMATION_FRAMES = """(count) => new Promise((done) => {
  const step = () => (count-- > 0 ? requestAnimationFrame(step) : done());
  step();
})"""


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    return make_server("--time-code")


@pytest.fixture
def page(server: Server, open_page: Callable[..., Page]) -> Page:
    page = open_page(server.url + PLAIN, init_script=WATCH)
    until_live(page)
    return page


def stop_pulling(page: Page, server: Server) -> int:
    """From now on nothing comes by itself; give how many bitmaps were shown."""
    page.evaluate(HIDE, True)
    shown = -1
    while shown != (shown := int(page.evaluate("seen.shown.length"))):  # what was on its way
        watch_elsewhere(server, frames=10)
    return shown


def test_a_frame_is_marked_when_the_page_has_shown_it_and_in_order(page: Page) -> None:
    until_painted(page, 2)
    page.evaluate("seen.marks.length = 0")  # the first frames are drawn as not yet live: their code is too dark
    until_painted(page, 10)
    marks = page.evaluate("seen.marks")
    late = [abs(mark["late"]) for mark in marks]
    assert max(late) <= 1, "the canvas has the frame that is marked"
    assert all(mark["frame"] == mark["shownIn"] for mark in marks), "in the animation frame that shows it"
    for key in ("seq", "shown"):
        values = [mark[key] for mark in marks]
        assert values == sorted(set(values))


def test_each_bitmap_is_let_go_and_none_is_made_before_the_last_is_shown(page: Page, server: Server) -> None:
    until_painted(page, 20)
    stop_pulling(page, server)
    assert page.evaluate("seen.came === seen.shown.length")
    assert page.evaluate("seen.mostWaiting") == 1
    assert page.evaluate("seen.shown.every(({ width }) => width === 0)"), "detached: the canvas has their pixels"


def test_another_style_reaches_the_screen_and_is_no_new_frame(page: Page, server: Server) -> None:
    use_magenta_peaking(page)
    until_painted(page, 3)
    shown = stop_pulling(page, server)
    marks = page.evaluate("seen.marks.length")
    assert magenta_pixels(page) > 100
    before = picture(page)
    for layer, lit in (("showPeaking", False), ("showPeaking", True), ("falseColour", True), ("showPeaking", False)):
        page.locator(f"[data-layer={layer}]").dispatch_event("click")
        until(page, f"seen.shown.length > {shown}")
        shown = page.evaluate("seen.shown.length")
        assert (magenta_pixels(page) > 100) is lit, layer
    assert np.abs(picture(page).astype(int) - before).mean() > 20, "false colours"
    assert page.evaluate("seen.marks.length") == marks


def test_another_size_leaves_no_black_frame(page: Page, server: Server) -> None:
    until_painted(page, 2)
    stop_pulling(page, server)
    page.evaluate("watchForBlack()")
    width = "document.querySelector('#picture').width"
    for viewport, expected in ((PHONE, 390), (DESKTOP, 1014), (PHONE, 390), (DESKTOP, 1014)):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        until(page, width, expected)
        page.evaluate(ANIMATION_FRAMES, 10)
    assert page.evaluate("darkest()") > 8
