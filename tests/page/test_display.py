"""DISP: clean picture, essentials, everything, and what was set by hand, which no tap loses; no warning is hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.page.conftest import CONDITION, PHONE, Complaints, Server, text, until, until_live
from tests.page.sizes import SIZES, not_whole
from tests.page.test_controls import ask, detecting

pytestmark = pytest.mark.page
DISPLAY = "document.documentElement.dataset.display"
KEPT = "JSON.parse(localStorage.getItem('hqcam.paint.1'))"
OVER_PICTURE = ["#focus-area", "#guides", "#spot", "#spot-figures", "#false-legend", ".scopes", "#histogram", "#score"]
SEEN = """(selectors) => selectors.filter((selector) =>
  document.querySelector(selector).checkVisibility({ visibilityProperty: true }))"""
HIDDEN_LAYERS = """() => ['peaking', 'zebra', 'clipping'].filter((name) => {
  const chip = document.querySelector(`#chip-${name}`);
  return chip.ariaPressed === 'false' && chip.innerText.includes('hidden');
})"""
ON = {"peaking": True, "zebra_high": True, "clipping": True, "histogram": True, "focus_score": True, "spot": True}


@pytest.fixture
def server(shared_server: Server) -> Iterator[Server]:
    with detecting(shared_server, ON):
        yield shared_server


@pytest.fixture
def page(server: Server, open_page: Callable[..., Page]) -> Page:
    return opened(server, open_page, PHONE)


def opened(server: Server, open_page: Callable[..., Page], viewport: dict[str, int]) -> Page:
    page = open_page(server.url, viewport=viewport, has_touch=True)
    until_live(page)
    until(page, "document.querySelector('#chip-spot').ariaPressed", "true")
    until(page, "!document.querySelector('#spot-figures').hidden")
    return page


def switch_guides(page: Page, value: str) -> None:
    page.locator(f"[data-guide=lines] label[data-value={value}] input").evaluate("(input) => input.click()")


def test_one_tap_leaves_the_clean_picture_and_moves_nothing(page: Page, server: Server) -> None:
    switch_guides(page, "phi")
    boxes = """['#picture', '#readout', '.chips', '#shutter']
      .map((name) => document.querySelector(name).getBoundingClientRect().toJSON())"""
    before = page.evaluate(boxes)
    assert page.evaluate(SEEN, ["#focus-area", "#guides", "#spot", "#histogram"]) == [
        "#focus-area", "#guides", "#spot", "#histogram",
    ]  # fmt: skip
    page.click("#display")
    assert page.evaluate(SEEN, OVER_PICTURE) == []
    assert page.evaluate(HIDDEN_LAYERS) == ["peaking", "zebra", "clipping"]
    assert page.evaluate(boxes) == before
    assert page.locator("#shots-left").is_visible() and page.locator("#readout").is_visible()
    detected = ask(server, "assists")
    assert {name: detected[name] for name in ON} == ON, "what the camera detects is everybody's, and stays"


def test_it_goes_round_and_comes_back_to_what_was_set_by_hand(page: Page) -> None:
    switch_guides(page, "phi")
    page.locator("[data-layer=showZebra]").evaluate("(element) => element.click()")
    assert page.evaluate(HIDDEN_LAYERS) == ["zebra"]
    seen = []
    for _ in range(4):
        page.keyboard.press("o")
        seen.append((page.evaluate(DISPLAY), page.evaluate(HIDDEN_LAYERS), page.locator("#guides").is_visible()))
    assert seen == [
        ("clean", ["peaking", "zebra", "clipping"], False),
        ("essentials", ["zebra"], False),
        ("everything", [], True),
        ("own", ["zebra"], True),
    ]
    kept = page.evaluate(KEPT)
    assert (kept["guideLines"], kept["showZebra"], kept["showPeaking"]) == ("phi", False, True)


def test_the_display_is_kept_in_this_browser(page: Page) -> None:
    switch_guides(page, "phi")
    page.click("#display")
    page.reload()
    until_live(page)
    until(page, DISPLAY, "clean")
    assert page.locator("#guides").is_hidden() and text(page, "#display").endswith("clean")
    for _ in range(3):
        page.click("#display")
    assert page.evaluate(DISPLAY) == "own" and page.locator("#guides").is_visible()


@pytest.mark.parametrize("by", ["browser", "camera"])
def test_a_change_by_hand_leads_to_the_users_own_and_is_seen(page: Page, by: str) -> None:
    page.click("#display")
    if by == "browser":
        switch_guides(page, "centre")
        assert page.evaluate(KEPT)["guideLines"] == "centre"
    else:
        page.click("#chip-histogram")
    assert page.evaluate(DISPLAY) == "own"
    assert page.evaluate(SEEN, ["#spot", ".scopes"]) == ["#spot", ".scopes"]


def test_a_tap_on_the_picture_and_another_graph_keep_the_picture_clean(page: Page, server: Server) -> None:
    page.click("#display")
    page.click("#picture", position={"x": 60, "y": 60})
    page.keyboard.press("g")
    until(page, f"{KEPT}.histogramScale", "log")
    assert page.evaluate(DISPLAY) == "clean"


@pytest.mark.parametrize("display", ["clean", "essentials"])
def test_no_display_hides_a_warning(
    display: str, make_server: Callable[..., Server], open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("ERR_")
    server = make_server()
    page = open_page(server.url, viewport=PHONE, has_touch=True)
    until_live(page)
    while page.evaluate(DISPLAY) != display:
        page.click("#display")
    server.kill()
    until(page, CONDITION, "gone")
    shown = ["#banner", "#banner-title", "#condition-word", "#shots-left", "#shutter-word"]
    assert page.evaluate(SEEN, shown) == shown


def test_the_focus_area_has_corners_and_no_frame(page: Page) -> None:
    style = page.evaluate("""() => {
      const { borderTopWidth, boxShadow, backgroundImage } = getComputedStyle(document.querySelector('#focus-area'));
      return [borderTopWidth, boxShadow, backgroundImage.split('linear-gradient').length - 1];
    }""")
    assert style == ["0px", "none", 8]


@pytest.mark.parametrize("size", SIZES)
def test_the_button_is_whole_beside_the_figures_of_a_picture_that_is_late(
    size: str, server: Server, open_page: Callable[..., Page]
) -> None:
    page = opened(server, open_page, SIZES[size])
    for _ in range(3):
        page.keyboard.press("o")
    until(page, DISPLAY, "everything")
    assert page.evaluate(SEEN, ["#vitals", "#age", "#fps"]) == ["#vitals", "#age", "#fps"]
    assert not_whole(page, ".topbar") == []
    boxes = page.evaluate("""[...document.querySelector('.topbar').children].filter((e) => e.checkVisibility())
      .map((e) => e.getBoundingClientRect().toJSON())""")
    for left, right in zip(boxes, boxes[1:], strict=False):
        assert right["left"] >= left["right"] - 1 or right["top"] >= left["bottom"] - 1
