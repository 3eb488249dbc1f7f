"""The page fits: phones both ways, small phones, tablets, a desktop."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.page.conftest import DESKTOP, PHONE, PHONE_ON_ITS_SIDE, Server, until, until_live

pytestmark = pytest.mark.page
VIEWPORTS = {
    "phone": PHONE,
    "phone on its side": PHONE_ON_ITS_SIDE,
    "small phone with the address bar": {"width": 375, "height": 620},
    "small phone on its side": {"width": 667, "height": 375},
    "tablet": {"width": 768, "height": 1024},
    "desktop": DESKTOP,
}
TARGET_PX = 44
RECTS = """() => Object.fromEntries([...document.querySelectorAll(
    '#stage, #picture, #shutter, #histogram, #score, .cell, .chip,' +
    '.round-button, .thumb-button, .icon-button, .dial-step, .dial-auto')]
  .filter((e) => e.checkVisibility() && !e.closest('dialog'))
  .map((e, i) => [`${e.id || e.className} ${i}`, e.getBoundingClientRect().toJSON()]))"""
CUT_OFF = """() => [...document.querySelectorAll('.cell, .cell *, .chip, .chip *, .vitals *, .clip *, .score *')]
  .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')
  .map((e) => `${e.id || e.className}: ${e.textContent.trim()}`)"""


@pytest.mark.parametrize("name", VIEWPORTS)
def test_everything_needed_is_inside_and_the_picture_is_whole(
    name: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    view = VIEWPORTS[name]
    page = open_page(shared_server.url, viewport=view, device_scale_factor=2, has_touch=True)
    until_live(page)
    scroll = page.evaluate("(({scrollWidth, scrollHeight}) => [scrollWidth, scrollHeight])(document.documentElement)")
    assert scroll == [view["width"], view["height"]], "nothing scrolls"
    rects = page.evaluate(RECTS)
    for part, rect in rects.items():
        assert rect["left"] >= -0.5 and rect["right"] <= view["width"] + 0.5, part
        assert rect["top"] >= -0.5 and rect["bottom"] <= view["height"] + 0.5, part
        if not part.startswith(("stage", "picture", "histogram", "score")):
            assert min(rect["width"], rect["height"]) >= TARGET_PX - 0.5, f"{part} is a small target"
    picture = next(r for part, r in rects.items() if part.startswith("picture"))
    stage = next(r for part, r in rects.items() if part.startswith("stage"))
    size = page.evaluate("window.hqcam.viewfinder.frame.picture")
    assert picture["width"] / picture["height"] == pytest.approx(size["width"] / size["height"], rel=0.01)
    assert picture["width"] == pytest.approx(stage["width"], abs=1) or picture["height"] == pytest.approx(
        stage["height"], abs=1
    ), "the picture is as large as its place allows"
    assert_apart([rect for part, rect in rects.items() if not part.startswith("stage")], rects)
    assert page.evaluate(CUT_OFF) == []


LONGEST = {  # the widest figures and notes that the read-out can show
    "shutter": ["1/16000", "→ 1/16000"],
    "iso": ["2226", "locked"],
    "ev": ["+2.7", "AE locked"],
    "wb": ["10000 K", "fluorescent"],
    "focus": ["12.50 m", "f/5.6 12.5mm"],
}
FILL = """(texts) => Object.entries(texts).map(([name, [value, note]]) => {
  const cell = document.getElementById(`cell-${name}`);
  [cell.children[1].textContent, cell.children[2].textContent] = [value, note];
  return [name, cell];
}).map(([name, cell]) => ({
  name, ...cell.getBoundingClientRect().toJSON(),
  value: (({scrollWidth, clientWidth}) => scrollWidth - clientWidth)(cell.children[1]),
}))"""


@pytest.mark.parametrize("name", VIEWPORTS)
@pytest.mark.parametrize("texts", [LONGEST, {"iso": ["99", "auto"], "ev": ["0.0", "auto exp."]}], ids=["long", "short"])
def test_the_read_out_holds_any_value(
    name: str, texts: dict[str, list[str]], shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=VIEWPORTS[name], device_scale_factor=2, has_touch=True)
    until_live(page)
    readout = page.evaluate("document.querySelector('.readout').getBoundingClientRect().toJSON()")
    for cell in page.evaluate(FILL, texts):
        assert cell["width"] >= TARGET_PX - 0.5, cell
        assert cell["value"] <= 0, f"the figure is cut: {cell}"
        assert cell["right"] <= readout["right"] + 0.5, cell


def assert_apart(rects: list[dict[str, float]], names: dict[str, dict[str, float]]) -> None:
    """No two of them overlap."""
    for i, a in enumerate(rects):
        for b in rects[i + 1 :]:
            apart = (
                a["right"] <= b["left"] + 1
                or b["right"] <= a["left"] + 1
                or a["bottom"] <= b["top"] + 1
                or b["bottom"] <= a["top"] + 1
            )
            assert apart, [name for name, rect in names.items() if rect in (a, b)]


@pytest.mark.parametrize("name", ["phone", "phone on its side"])
def test_a_sheet_covers_tools_and_never_the_picture(
    name: str, shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=VIEWPORTS[name], has_touch=True)
    until_live(page)
    for opener, sheet in (("#assists-open", "#assists-sheet"), ("#gallery-open", "#gallery-sheet")):
        page.click(opener)
        until(page, f"!document.querySelector('{sheet}').hidden")
        rects = page.evaluate(
            "(names) => names.map((name) => document.querySelector(name).getBoundingClientRect().toJSON())",
            [sheet, "#picture", "#shutter"],
        )
        assert_apart(rects, dict(zip(("sheet", "picture", "shutter"), rects, strict=True)))
    assert page.locator("#assists-sheet").is_hidden(), "one sheet at a time"


ONE_LINE = """(conditions) => conditions.filter(([condition, word]) => {
  document.getElementById("app").dataset.condition = condition;
  document.getElementById("condition-word").textContent = word;
  const parts = [...document.querySelectorAll(".topbar > :not(.unseen)")].filter((part) => part.checkVisibility());
  const boxes = parts.map((part) => part.getBoundingClientRect());
  return Math.max(...boxes.map((box) => box.top)) > Math.min(...boxes.map((box) => box.bottom)) ||
    Math.max(...boxes.map((box) => box.right)) > innerWidth;
})"""
WORDS = [["live", "LIVE"], ["late", "LATE"], ["lost", "CAMERA LOST"], ["lost", "KAMERA FEHLT"], ["gone", "KEIN SERVER"]]


def test_the_top_bar_is_one_line_in_every_condition(shared_server: Server, open_page: Callable[..., Page]) -> None:
    page = open_page(shared_server.url, viewport=PHONE_ON_ITS_SIDE)
    until_live(page)
    for size in (PHONE_ON_ITS_SIDE, PHONE, {"width": 360, "height": 640}):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        until(page, f"innerWidth === {size['width']}")
        assert page.evaluate(ONE_LINE, WORDS) == [], size  # in one look: the page says soon again what it is
