"""How the page follows its link: what it asks for, when it asks for the next, and where it receives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.conftest import DESKTOP, PHONE, Complaints, Server, until, until_live, until_painted

pytestmark = pytest.mark.page

LINK = "window.hqcam.viewfinder.link"

# A link of `rates` (bytes a millisecond, one for each frame) and a round trip of 20 ms; bodies as the ladder has them.
SIMULATE = """async ({rates, rtt}) => {
  const { Link } = await import('/static/live/link.js');
  const link = new Link();
  const seen = [];
  let now = 0;
  for (const rate of rates) {
    const bytes = [58000, 30000, 16000].find((size) => size <= link.bodyBytes) ?? 9500;
    const headersAt = now + rtt + 8;
    const endAt = headersAt + bytes / rate;
    link.note({ requestedAt: now, headersAt, endAt, waitedMs: 8, bytes });
    seen.push({ at: now, bytes, tookMs: endAt - headersAt,
      due: [...Array(60).keys()].map((k) => k * 1000 + 500)
        .filter((rest) => rest <= bytes && link.isDue(rest, bytes)).pop(),
      asks: link.bodyBytes });
    now = endAt;
  }
  return seen;
}"""


# An old browser takes no module workers, or gives a worker no canvas.
WITHOUT = {
    "worker": None,
    "page without workers": "delete window.Worker",
    "page with old workers": "const W = Worker; window.Worker = class { constructor(url) { return new W(url); } }",
    "page with canvases that stay": "delete HTMLCanvasElement.prototype.transferControlToOffscreen",
}


TOO_MUCH = """async ([size, rate]) => {
  const { Link } = await import('/static/live/link.js');
  return new Link().isTooMuch(size, rate);
}"""


@pytest.fixture
def simulate(shared_server: Server, open_page: Callable[..., Page], complaints: Complaints) -> Callable[..., Any]:
    complaints.allow("favicon.ico")  # a picture names no icon of its own
    page = open_page(f"{shared_server.url}static/icon.svg")

    def run(rates: list[float], rtt: float = 20) -> Any:
        return page.evaluate(SIMULATE, {"rates": rates, "rtt": rtt})

    run.page = page  # type: ignore[attr-defined]
    return run


@pytest.mark.parametrize(
    ("bytes_per_s", "wanted", "due"),
    [(50e6, 58000, 57500), (2e6, 58000, 57500), (700e3, 30000, 13500), (300e3, 16000, 5500), (100e3, 9500, 1500)],
)
def test_a_body_takes_a_small_part_of_a_second_on_every_link(
    simulate: Callable[..., Any], bytes_per_s: float, wanted: int, due: int
) -> None:
    seen = simulate([bytes_per_s / 1000] * 20)
    settled = seen[3:]
    assert {frame["bytes"] for frame in settled} == {wanted}
    assert max(frame["tookMs"] for frame in settled) <= 100
    assert {frame["due"] for frame in settled} == {due}, "a round trip of 20 ms before the end, or at once"


def test_it_follows_a_fade_and_its_end_within_a_second(simulate: Callable[..., Any]) -> None:
    seen = simulate([3000] * 10 + [100] * 10 + [3000] * 20)
    fading, back = seen[10:20], seen[20:]
    assert fading[0]["bytes"] == 58000 and {frame["bytes"] for frame in fading[1:]} == {9500}
    fine = next(frame for frame in back if frame["bytes"] == 58000)
    assert fine["at"] - back[0]["at"] < 400
    assert {frame["bytes"] for frame in back[back.index(fine) :]} == {58000}


@pytest.mark.parametrize(
    ("size", "rate", "given_up"), [(58000, 100, True), (58000, 2000, False), (30000, 300, False), (11500, 10, False)]
)
def test_a_body_is_given_up_where_a_smaller_one_is_here_sooner(
    size: int, rate: float, given_up: bool, simulate: Callable[..., Any]
) -> None:
    assert simulate.page.evaluate(TOO_MUCH, [size, rate]) is given_up  # type: ignore[attr-defined]


def test_one_slow_body_on_a_fast_link_is_forgiven(simulate: Callable[..., Any]) -> None:
    seen = simulate([20_000] * 5 + [200] + [20_000] * 10)
    assert [frame["bytes"] for frame in seen[6:9]] != [58000] * 3 and seen[-1]["bytes"] == 58000
    fine = next(frame for frame in seen[6:] if frame["bytes"] == 58000)
    assert fine["at"] - seen[6]["at"] < 300


@pytest.mark.parametrize("place", list(WITHOUT))
def test_frames_are_received_in_a_worker_or_where_there_is_none_in_the_page(
    place: str, shared_server: Server, open_page: Callable[..., Page], complaints: Complaints
) -> None:
    complaints.allow("import statement outside a module")
    page = open_page(shared_server.url, viewport=PHONE, init_script=WITHOUT[place])
    until_painted(page, 5)
    assert page.evaluate(f"{LINK}.place") == place.split()[0]


def test_a_small_screen_gets_no_larger_picture_than_it_can_show(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=PHONE)
    until_live(page)
    until(page, "window.hqcam.viewfinder.frame.full.width", 1014)
    until(page, "window.hqcam.viewfinder.frame.picture.width", 506)
    page.set_viewport_size(DESKTOP)
    until(page, "window.hqcam.viewfinder.frame.picture.width", 1014)


def test_what_seldom_changes_comes_once_and_the_page_still_shows_it(
    shared_server: Server, open_page: Callable[..., Page]
) -> None:
    page = open_page(shared_server.url, viewport=PHONE)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/viewfinder/frame" in request.url else None)
    until_painted(page, 10)
    frame = page.evaluate("window.hqcam.viewfinder.frame")
    assert f"known={frame['setting']}" in asked[-1]
    assert (
        frame["mode"] == {"width": 2028, "height": 1520, "bit_depth": 12, "crop": {"width": 4056, "height": 3040}}
        and frame["lens"]["f_number"] > 0
    )
    until(page, "document.querySelector('#mode-size').textContent", "2028×1520")
