"""A camera that hangs upside down, stands on its side or looks into a mirror: what is shown, and where a finger is."""

from __future__ import annotations

import io
import urllib.request
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from device.pixels.orientation import turned
from tests.api.test_viewfinder import parse
from tests.page.conftest import DEADLINE_S, DESKTOP, PHONE, PHONE_ON_ITS_SIDE, Server, until
from tests.page.test_controls import ask
from tests.page.test_focus import until_asked
from tests.page.test_loupe import RECT, WINDOW
from tests.page.test_modules import page, run
from tests.page.test_picture import picture

__all__ = ["page"]  # a fixture
pytestmark = pytest.mark.page
WAYS = range(1, 9)
ORIENTATION = "window.hqcam.viewfinder.frame.orientation"
JSON = {"Content-Type": "application/json"}
# A black picture with a blue block near the upper left of the sensor; above it to the right a clipped block of the
# overlay, which is half as fine. Then a zebra over all of it, high and low: their stripes.
PAINT = """
const { Canvas2dPainter } = await import('/static/paint/canvas2d-painter.js');
const { WebGlPainter } = await import('/static/paint/webgl-painter.js');
const [width, height] = [96, 64];
const source = new OffscreenCanvas(width, height);
const context = source.getContext('2d');
const style = { hidden: [], peakingColour: [255, 0, 255], peakingOpacity: 1, peakingHairline: false,
  monochrome: false, falseTable: null, bright: 1, frozen: false, stripesStandStill: true, pixelRatio: 1 };
const rowBytes = 6;
const clipped = new Uint8Array(rowBytes * 32);
for (let y = 2; y < 6; y++) clipped[rowBytes * y + 3] = 255;
const whole = new Uint8Array(rowBytes * 32).fill(255);
const planes = (layer, bits) => ({ width: 48, height: 32, rowBytes, layers: [layer], bits });
const overlays = [planes('raw_clip_r', clipped), planes('zebra_high', whole), planes('zebra_low', whole)];
const seen = [];
for (const Painter of [Canvas2dPainter, WebGlPainter]) {
  const canvas = new OffscreenCanvas(width, height);
  const painter = Painter.on(canvas);
  for (let orientation = 1; orientation <= 8; orientation++) {
    Object.assign(canvas, m.shownSize({ width, height }, orientation));
    for (const overlay of overlays) {
      context.fillStyle = 'rgb(0 0 0)';
      context.fillRect(0, 0, width, height);
      context.fillStyle = 'rgb(0 0 255)';
      if (overlay === overlays[0]) context.fillRect(8, 8, 24, 12);
      painter.load({ header: { orientation }, bitmap: source.transferToImageBitmap(), overlay });
      painter.draw(style, 0, true);
      const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
      copy.drawImage(canvas, 0, 0);
      const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
      const codes = [...new Uint32Array(data.buffer)];
      seen.push({ kind: painter.kind, orientation, layer: overlay.layers[0], width: canvas.width, codes });
    }
  }
}
const points = (map) => Array.from({ length: 8 }, (_, i) => map({ x: 0.25, y: 0.125 }, i + 1));
return { seen, sensor: points(m.toSensor), shown: points(m.toShown), right: points(m.directionOnSensor),
  back: points((p, o) => m.toShown(m.toSensor(p, o), o)),
  along: points((p, o) => m.directionShown(m.directionOnSensor(p, o), o)) };
"""


def on_sensor() -> np.ndarray:
    """What the painters are given: (64, 96, 3)."""
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[8:20, 8:32, 2] = 255
    pixels[4:12, 48:64] = (255, 0, 0)
    return pixels


def test_both_painters_turn_picture_and_marks_alike_and_points_follow_them(page: Page) -> None:
    got = run(page, "paint/orientation.js", PAINT)
    for painted in got["seen"]:
        where = painted["kind"], painted["orientation"], painted["layer"]
        pixels = np.array(painted["codes"], "<u4").view(np.uint8).reshape(-1, painted["width"], 4)[..., :3]
        if painted["layer"] == "raw_clip_r":
            assert np.array_equal(pixels, turned(on_sensor(), painted["orientation"])), where
        else:  # stripes lean one way or the other on the screen, whichever way the picture is turned
            ink = pixels.astype(int).sum(axis=2)
            rising, falling = (ink[4:, :-4] - ink[:-4, 4:]), (ink[4:, 4:] - ink[:-4, :-4])
            same, other = (rising, falling) if painted["layer"] == "zebra_high" else (falling, rising)
            assert np.abs(same).mean() < 0.5 * np.abs(other).mean(), where
    assert len(got["seen"]) == 2 * 8 * 3
    marked = np.zeros((8, 8))
    marked[1, 2] = 1  # down 0.125 and right 0.25 of the sensor's picture, as corners of eighths
    for orientation, sensor, shown in zip(WAYS, got["sensor"], got["shown"], strict=True):
        down, right = np.argwhere(turned(marked, orientation))[0] / 8
        corner = {"x": shown["x"] - (shown["x"] > 0.5) / 8, "y": shown["y"] - (shown["y"] > 0.5) / 8}
        assert corner == {"x": right, "y": down}, orientation
        inverse = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
        assert sensor == got["shown"][inverse - 1]
    assert got["back"] == got["along"] == [{"x": 0.25, "y": 0.125}] * 8
    assert got["right"][5] == {"x": 0.125, "y": -0.25}, "turned clockwise: right on the screen is up on the sensor"


# The picture is as large as its stage lets it be: what was laid out for another size or turn is over.
FITS = f"""(() => {{
  const [stage, picture] = ["#stage", "#picture"].map({RECT});
  const aspect = window.hqcam.viewfinder.frame.orientation >= 5 ? 760 / 1014 : 1014 / 760;
  const width = Math.min(stage.width, stage.height * aspect);
  return Math.abs(picture.width - width) < 1 && Math.abs(picture.height - width / aspect) < 1 &&
    Math.abs(picture.x + picture.width / 2 - stage.x - stage.width / 2) < 1 &&
    Math.abs(picture.y + picture.height / 2 - stage.y - stage.height / 2) < 1;
}})()"""


@pytest.fixture
def turned_page(shared_server: Server, live_page: Page) -> Iterator[Page]:
    area = {"focus_x": 0.5, "focus_y": 0.5, "focus_size": 0.25, "focus_score": True, "spot": False}
    ask(shared_server, "assists", area)
    share = f"({RECT})('#focus-area').width / ({RECT})('#picture').width"
    until(live_page, f"Math.abs({share} - 0.25) < 0.01 && document.querySelector('#spot').hidden")
    yield live_page
    ask(shared_server, "orientation", {"rotation_deg": 0, "mirrored": False})
    ask(shared_server, "assists", {"focus_x": 0.5, "focus_y": 0.5, "focus_size": 0.5})
    end = urllib.request.Request(f"{shared_server.url}api/loupe", b"{}", JSON, method="DELETE")
    urllib.request.urlopen(end, timeout=DEADLINE_S).close()
    until(live_page, f"{WINDOW} === null && {ORIENTATION} === 1")


def until_turned(page: Page, exif: int) -> None:
    """Wait until the picture on the screen is turned like this, and has its place."""
    until(page, f"{ORIENTATION} === {exif} && {FITS}")


def shown_as(page: Page, server: Server) -> int:
    """Which of the eight ways of turning the camera's picture is on the screen."""
    with urllib.request.urlopen(f"{server.url}api/viewfinder/frame?after=0", timeout=DEADLINE_S) as answer:
        _, jpeg, _ = parse(answer.read())
    return likest(np.asarray(Image.fromarray(picture(page)).convert("L"), float), jpeg)


def likest(seen: np.ndarray, jpeg: bytes) -> int:
    """Which of the eight ways of turning the JPEG's pixels looks most like what is seen, (H, W)."""
    given = np.asarray(Image.open(io.BytesIO(jpeg)).convert("L"))
    likeness = {}
    for way in WAYS:
        whole = Image.fromarray(turned(given, way))
        likeness[way] = np.corrcoef(np.asarray(whole.resize(seen.shape[::-1]), float).ravel(), seen.ravel())[0, 1]
    return max(likeness, key=likeness.__getitem__)


@pytest.mark.timeout(400)
def test_a_tap_on_a_turned_picture_is_under_the_finger_and_on_the_sensor(
    turned_page: Page, shared_server: Server
) -> None:
    page = turned_page
    place: Callable[[float, float], tuple[float, float]]
    page.locator("#orientation").scroll_into_view_if_needed()
    for label, exif, size, place in (
        ("[data-value='90']", 6, DESKTOP, lambda x, y: (y, 1 - x)),
        ("[data-value='90']", 6, PHONE, lambda x, y: (y, 1 - x)),
        ("[data-value='90']", 6, PHONE_ON_ITS_SIDE, lambda x, y: (y, 1 - x)),
        ("[data-value='180']", 3, DESKTOP, lambda x, y: (1 - x, 1 - y)),
        ("[role=switch]", 4, DESKTOP, lambda x, y: (x, 1 - y)),
    ):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        if page.evaluate(ORIENTATION) != exif:
            page.click(f"#orientation {label}")
        until_turned(page, exif)
        box = page.evaluate(RECT, "#picture")
        x, y = 0.3, 0.2 if exif == 6 else 0.4
        page.mouse.click(box["left"] + x * box["width"], box["top"] + y * box["height"])
        sensor = place(x, y)
        until_asked(shared_server, focus_x=sensor[0], focus_y=sensor[1])
        middle = f"(({{ x, y, width, height }}) => [x + width / 2, y + height / 2])(({RECT})('#focus-area'))"
        for at, (start, side, share) in enumerate(((box["x"], box["width"], x), (box["y"], box["height"], y))):
            until(page, f"Math.abs({middle}[{at}] - {start + share * side}) < 2")
        until(page, "document.querySelector('.panels').clientHeight >= 96")  # not squeezed out
        if size == DESKTOP:
            assert shown_as(page, shared_server) == exif


IN_FRONT = """(src) => {
  const picture = Object.assign(new Image(), { id: "seen", src });
  Object.assign(picture.style, { position: "fixed", inset: "0 auto auto 0", maxHeight: "100vh", zIndex: 100 });
  document.body.append(picture);
}"""


def test_browsers_show_the_snapshot_and_the_stream_upright(turned_page: Page, shared_server: Server) -> None:
    page = turned_page
    ask(shared_server, "orientation", {"rotation_deg": 270, "mirrored": True})
    until(page, f"{ORIENTATION} === 5")
    for path in ("snapshot.jpg", "stream.mjpg"):
        page.evaluate(IN_FRONT, f"/{path}")
        until(page, "document.querySelector('#seen').naturalWidth > 0")
        shot = Image.open(io.BytesIO(page.locator("#seen").screenshot())).convert("L")
        with urllib.request.urlopen(f"{shared_server.url}snapshot.jpg", timeout=DEADLINE_S) as answer:
            assert likest(np.asarray(shot, float), answer.read()) == 5, path
        page.evaluate("document.querySelector('#seen').src = 'data:,'")  # the stream ends
        page.evaluate("document.querySelector('#seen').remove()")


@pytest.mark.timeout(400)
def test_the_loupe_of_a_turned_picture_opens_moves_and_has_its_map_as_they_are_seen(
    turned_page: Page, shared_server: Server
) -> None:
    page = turned_page
    ask(shared_server, "orientation", {"rotation_deg": 90})
    until_turned(page, 6)
    box = page.evaluate(RECT, "#picture")
    page.mouse.dblclick(box["x"] + 0.4 * box["width"], box["y"] + 0.3 * box["height"])
    window = until(page, WINDOW)
    wanted = (0.3 * 4056 - 508, 0.6 * 3040 - 380)
    assert [window["x"], window["y"]] == pytest.approx(wanted, abs=8), "a place of the sensor, shown turned"
    until(page, "document.querySelector('#loupe-map-picture').naturalWidth", 760)
    until(page, f"Math.abs(({RECT})('#picture').width / ({RECT})('#picture').height - 760 / 1016) < 0.01")
    chart, mark = page.evaluate(RECT, "#loupe-map"), page.evaluate(RECT, "#loupe-map-window")
    assert chart["width"] / chart["height"] == pytest.approx(0.75, abs=0.02)
    middle = (
        (mark["x"] + mark["width"] / 2 - chart["x"]) / chart["width"],
        (mark["y"] + mark["height"] / 2 - chart["y"]) / chart["height"],
    )
    assert middle == pytest.approx((0.4, 0.3), abs=0.02)
    stage = page.evaluate(RECT, "#stage")
    x, y = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y, steps=4)  # what comes in from the left is farther down on the sensor
    page.mouse.up()
    until(page, f"[{WINDOW}.x, {WINDOW}.y].join()", f"{window['x']},{window['y'] + 100}")
    until(page, "document.querySelector('#picture').style.translate", "")
    until(page, f"performance.now() > {page.evaluate('performance.now()')} + 1600")  # long after the last move, too
    page.keyboard.press("ArrowDown")  # a quarter of 1016: down on the screen is right on the sensor
    until(page, f"Math.abs({WINDOW}.x - {window['x'] + 254}) <= 2")
    until(page, f"{WINDOW}.y", window["y"] + 100)
