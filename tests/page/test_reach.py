"""Every panel, every sheet, every control of them: reachable, whole, and large enough for a finger, on every screen."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.page.conftest import DEADLINE_S, GESTURES_SEEN, Server, launch_chromium, until, until_live, until_painted
from tests.page.sizes import SIZES, not_whole
from tests.page.test_controls import ask

pytestmark = pytest.mark.page
PANELS = ("shutter", "iso", "ev", "wb", "focus")
SMALLEST_TEXT_PX = """() => Math.min(...[...document.querySelectorAll("body *")]
  .filter((element) => element.checkVisibility() && element.textContent.trim() && !element.matches("script, noscript"))
  .map((element) => parseFloat(getComputedStyle(element).fontSize)))"""
CUE = """(selector) => {
  const place = document.querySelector(selector);
  const below = place.scrollHeight - place.clientHeight - place.scrollTop > 2;
  const fades = getComputedStyle(place).maskImage !== "none" && place.dataset.more?.includes("below");
  return below === Boolean(fades);
}"""


@pytest.fixture(scope="module")
def server(shared_server: Server) -> Server:
    """The shared server with at least two captures: an empty list hides no fault."""
    for _ in range(2):
        request = urllib.request.Request(
            f"{shared_server.url}api/captures", b"{}", {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            assert answer.status == 201
    return shared_server


def open_live(open_page: Callable[..., Page], server: Server, size: str) -> Page:
    page = open_page(server.url, viewport=SIZES[size], has_touch=True, is_mobile=True)
    until_live(page)
    until(page, "document.querySelectorAll('.choice-modes input').length === 7")
    until(page, "document.querySelectorAll('.lens-pick').length > 0")
    return page


@pytest.mark.parametrize("size", SIZES)
def test_every_control_of_every_panel_can_be_reached_and_is_whole(
    size: str, server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_live(open_page, server, size)
    page.evaluate("localStorage.clear()")
    shutter = page.locator("#shutter").bounding_box()
    for panel in PANELS:
        if page.get_attribute(f"#cell-{panel}", "aria-selected") != "true":
            page.click(f"#cell-{panel}")
        until(page, f"!document.querySelector('#panel-{panel}').hidden")
        until(page, f"({CUE})('.panels')")
        assert not_whole(page, f"#panel-{panel}") == [], panel
        page.evaluate("document.querySelector('.panels').scrollTop = 0")
        assert page.locator("#shutter").bounding_box() == shutter, "nothing pushes the shutter"
    assert not_whole(page, ".readout") == [] and not_whole(page, ".chips") == []
    assert not_whole(page, ".shutter-row") == [] and not_whole(page, ".topbar") == []
    assert page.is_visible("#shots-left") and page.is_visible("#files-mark"), "room and format are always in sight"
    page.click("#cell-shutter")
    until(page, "!document.querySelector('#panel-shutter').hidden")
    dial, panels = page.locator("#panel-shutter .dial-row").bounding_box(), page.locator(".panels").bounding_box()
    assert dial and panels and dial["y"] + dial["height"] <= panels["y"] + panels["height"], "the dial needs no scroll"
    assert page.evaluate(SMALLEST_TEXT_PX) >= 12


@pytest.mark.parametrize("size", SIZES)
def test_a_panel_that_borrowed_the_scopes_place_gives_it_back(
    size: str, server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_live(open_page, server, size)
    page.click("#cell-wb")
    until(page, "!document.querySelector('#panel-wb').hidden")
    borrowed = page.locator("#histogram").is_hidden()
    assert borrowed == (size in ("844x390", "360x640")), "it borrows where height is short, and nowhere else"
    page.click("#cell-wb")
    until(page, "document.querySelector('#histogram').checkVisibility()")
    assert page.locator("#panel-wb").is_hidden() == borrowed
    page.click("#cell-shutter")
    until(page, "!document.querySelector('#panel-shutter').hidden")


TABS = "[...document.querySelectorAll('.tool-tab')].filter((tab) => !tab.hidden).map((tab) => tab.dataset.tab)"
FIRST_ROW = """["[data-current] :is(.switch, .choice, .slider, button)", "#assists-body"]
  .map((selector) => document.querySelector(selector).getBoundingClientRect().bottom)"""
SCREENS = "document.querySelector('#assists-body').scrollHeight / innerHeight"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sheet", ["assists", "meter", "gallery", "drive"])
def test_every_control_of_every_sheet_can_be_reached_and_is_whole(
    sheet: str, size: str, server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_live(open_page, server, size)
    if sheet == "meter":
        page.click("#cell-ev")
    page.click(f"#{sheet}-open")
    until(page, f"document.querySelector('#{sheet}-sheet').checkVisibility()")
    if sheet == "gallery":
        until(page, "document.querySelectorAll('.gallery-item').length >= 2")
    until(page, f"({CUE})('#{sheet}-sheet .sheet-body')")
    for mode in page.evaluate("[...document.querySelectorAll('.choice-modes input')].map((input) => input.value)"):
        if sheet == "drive":
            page.click(f".choice-modes [data-value={mode}]")
        if sheet == "drive" or (mode == "single" and sheet != "assists"):
            assert not_whole(page, f"#{sheet}-sheet") == [], mode
    if sheet == "assists":
        for tool in page.evaluate(TABS):
            page.click(f"[data-tab={tool}]")
            first, sheet_body = page.evaluate(FIRST_ROW)
            assert first <= sheet_body, f"{tool}: its first setting is in sight"
            assert not_whole(page, "#assists-sheet") == [], tool
            assert page.evaluate(SCREENS) <= 2, f"{tool}: no list is longer than two screens"
    assert not_whole(page, ".shutter-middle") == [], "the shutter stays in reach"


@pytest.mark.parametrize("size", SIZES)
def test_the_help_can_be_read_to_its_end(size: str, server: Server, open_page: Callable[..., Page]) -> None:
    page = open_live(open_page, server, size)
    page.click("#help-open")
    until(page, "document.querySelector('#help').open")
    until(page, f"({CUE})('#help-body')")
    assert not_whole(page, "#help") == []


@pytest.fixture(scope="module")
def large_text(playwright: Playwright) -> Iterator[Browser]:
    """A browser whose reader set text of 200 %."""
    chromium = launch_chromium(playwright, "--blink-settings=defaultFontSize=32")
    yield chromium
    chromium.close()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("larger", ["text", "page"])
def test_at_200_percent_everything_can_be_reached_and_the_shutter_is_in_sight(
    larger: str, size: str, server: Server, large_text: Browser, browser: Browser
) -> None:
    view = SIZES[size]
    if larger == "page":  # what zooming in does: as many pixels, half as many of CSS
        view = {name: px // 2 for name, px in view.items()}
    chosen = large_text if larger == "text" else browser
    context = chosen.new_context(viewport=view, has_touch=True, device_scale_factor=2)  # type: ignore[arg-type]
    try:
        page = context.new_page()
        page.add_init_script(GESTURES_SEEN)
        page.goto(server.url)
        until_live(page)
        until(page, "document.querySelectorAll('.choice-modes input').length === 7")
        if larger == "text":
            assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") == 30
        assert page.evaluate("document.documentElement.scrollWidth") == view["width"]
        for panel in PANELS:
            page.click(f"#cell-{panel}")
            if page.locator(f"#panel-{panel}").is_hidden():
                page.click(f"#cell-{panel}")
            until(page, f"!document.querySelector('#panel-{panel}').hidden")
            assert not_whole(page, f"#panel-{panel}") == [], panel
            box = page.locator("#shutter").bounding_box()
            assert box and box["y"] >= 0 and box["y"] + box["height"] <= view["height"], "the shutter is in sight"
            assert box["x"] >= 0 and box["x"] + box["width"] <= view["width"]
        for part in (
            ".readout",
            ".chips",
            ".shutter-side:first-child",
            ".shutter-side-end",
            ".shutter-middle",
            ".topbar",
        ):
            assert not_whole(page, part) == [], part
        for sheet in ("assists", "gallery", "drive", "lens"):
            if not page.locator(f"#{sheet}-open").is_visible():
                continue  # a wide screen has it open
            page.click(f"#{sheet}-open")
            if sheet == "gallery":
                until(page, "document.querySelectorAll('.gallery-item').length >= 2")
            assert not_whole(page, f"#{sheet}-sheet") == [], sheet
            for mode in ("interval", "bulb") if sheet == "drive" else ():
                page.click(f".choice-modes [data-value={mode}]")
                assert not_whole(page, f"#{sheet}-sheet") == [], mode
            page.click(f"#{sheet}-sheet .sheet-close")
    finally:
        context.close()


def test_with_an_upright_picture_everything_can_be_reached(server: Server, open_page: Callable[..., Page]) -> None:
    ask(server, "orientation", {"rotation_deg": 90})
    try:
        page = open_live(open_page, server, "390x844")
        until(page, "window.hqcam.viewfinder.frame.orientation === 6")
        for size, view in SIZES.items():
            page.set_viewport_size(view)  # type: ignore[arg-type]
            until(page, f"innerWidth === {view['width']} && document.querySelector('#shutter').checkVisibility()")
            for panel in PANELS:
                if page.get_attribute(f"#cell-{panel}", "aria-selected") != "true":
                    page.click(f"#cell-{panel}")
                until(page, f"!document.querySelector('#panel-{panel}').hidden")
                assert not_whole(page, f"#panel-{panel}") == [], (size, panel)
            for part in (".topbar", ".readout", ".chips", ".shutter-row"):
                assert not_whole(page, part) == [], (size, part)
    finally:
        ask(server, "orientation", {"rotation_deg": 0})


# What Chromium counts as shifted, outside of what a panel may change: itself, the scopes' place that it may borrow, and
# messages. Figures come at any time: cells and all that lies on the picture.
WATCH_SHIFTS = """() => {
  window.shifts = [];
  window.watch = new PerformanceObserver((list) => note(list.getEntries()));
  const note = (entries) => shifts.push(...entries.flatMap(({ sources }) => sources).map(({ node }) => node)
    .map((node) => (node instanceof Element ? node : node?.parentElement))
    .filter((element) => element && !element.closest(".panels, .scopes, #toasts, .people, .vitals, .stage, .cell"))
    .map((element) => element.id || element.className));
  watch.observe({ type: "layout-shift" });
}"""


@pytest.mark.parametrize("size", SIZES)
def test_nothing_shifts_when_panels_change(size: str, server: Server, open_page: Callable[..., Page]) -> None:
    page = open_live(open_page, server, size)
    page.click("#cell-shutter")
    page.evaluate(WATCH_SHIFTS)
    for panel in (*PANELS, *PANELS):
        if page.get_attribute(f"#cell-{panel}", "aria-selected") != "true":
            page.click(f"#cell-{panel}")
        until(page, f"!document.querySelector('#panel-{panel}').hidden")
        until_painted(page, 2)
    assert page.evaluate("shifts") == []
    page.evaluate("document.querySelector('.readout').style.marginTop = '9px'")
    until(page, "shifts.length > 0")  # what does shift is seen
