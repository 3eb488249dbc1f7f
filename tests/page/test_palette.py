"""One palette: what both painters draw, what the graphs draw and what the style sheets show are the same colours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.page.conftest import until
from tests.page.test_modules import page, run

__all__ = ["page"]  # a fixture
pytestmark = pytest.mark.page

GREY = (128, 128, 128)
# A grey picture, all of it in one layer, is painted on a fresh canvas; gives the colours that come often.
PAINT = """
const { Canvas2dPainter } = await import('/static/paint/canvas2d-painter.js');
const { WebGlPainter } = await import('/static/paint/webgl-painter.js');
const side = 64;
const source = new OffscreenCanvas(side, side);
const context = source.getContext('2d');
context.fillStyle = 'rgb(128 128 128)';
context.fillRect(0, 0, side, side);
const bits = new Uint8Array(side * side / 8 * a.layers.length).fill(a.layer === 'peaking' ? 0 : 255);
if (a.layer === 'peaking') for (let y = 0; y < side; y++) bits[8 * y + 4] = 128;  // a line, with a hairline
const overlay = { width: side, height: side, rowBytes: side / 8, layers: a.layers, bits };
const style = { hidden: [], peakingColour: m.PEAKING.magenta, peakingOpacity: 1, peakingHairline: true,
  monochrome: false, falseTable: null, bright: 1, frozen: false, stripesStandStill: true, pixelRatio: 1 };
const seen = {};
for (const Painter of [Canvas2dPainter, WebGlPainter]) {
  const canvas = new OffscreenCanvas(side, side);
  const painter = Painter.on(canvas);
  painter.load({ header: { orientation: 1 }, bitmap: source.transferToImageBitmap(), overlay });
  context.fillRect(0, 0, side, side);
  painter.draw(style, 0, true);
  const copy = new OffscreenCanvas(side, side).getContext('2d');
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, side, side);
  const counts = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const colour = `${data[i]},${data[i + 1]},${data[i + 2]}`;
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const often = [...counts].filter(([, count]) => count >= side / 2);
  seen[painter.kind] = often.map(([colour]) => colour.split(',').map(Number));
}
return seen;
"""
PALETTE = """return { stripes: m.STRIPES, clipped: m.CLIPPED, peaking: m.PEAKING, hairline: m.HAIRLINE,
  channels: m.CHANNELS, properties: Object.fromEntries(m.cssProperties()) };"""


def mixed(rgb: list[int], opacity: float) -> list[Any]:
    """A colour over the grey picture: painters round in their own ways."""
    return [pytest.approx(grey + (value - grey) * opacity, abs=2) for grey, value in zip(GREY, rgb, strict=True)]


@pytest.mark.parametrize(
    "layer",
    ["zebra_high", "zebra_band", "zebra_low", "raw_shadow", "raw_clip_r", "raw_clip_g", "raw_clip_b", "peaking"],
)
def test_both_painters_paint_a_layer_in_the_palettes_colour(page: Page, layer: str) -> None:
    palette = run(page, "paint/palette.js", PALETTE)
    if layer in palette["stripes"]:
        expected = [mixed(palette["stripes"][layer]["rgb"], palette["stripes"][layer]["opacity"]), list(GREY)]
    elif layer == "peaking":
        hairline = palette["hairline"]
        expected = [palette["peaking"]["magenta"], mixed(hairline["rgb"], hairline["opacity"]), list(GREY)]
    else:
        expected = [palette["clipped"][layer]]
    seen = run(page, "paint/palette.js", PAINT, {"layer": layer, "layers": [layer]})
    assert set(seen) == {"2d", "webgl2"}
    for kind, colours in seen.items():
        assert len(colours) == len(expected), (kind, colours)
        assert all(colour in expected for colour in colours), (kind, colours, expected)


def test_clipped_channels_add_up(page: Page) -> None:
    layers = ["raw_clip_r", "raw_clip_g", "raw_clip_b"]
    seen = run(page, "paint/palette.js", PAINT, {"layer": "raw_clip_r", "layers": layers[:2]})
    assert seen == {"2d": [[255, 255, 0]], "webgl2": [[255, 255, 0]]}
    seen = run(page, "paint/palette.js", PAINT, {"layer": "raw_clip_r", "layers": layers})
    assert seen == {"2d": [[255, 255, 255]], "webgl2": [[255, 255, 255]]}


def test_the_style_sheets_show_the_palettes_colours(live_page: Page) -> None:
    palette = run(live_page, "paint/palette.js", PALETTE)
    root = "getComputedStyle(document.documentElement).getPropertyValue"
    for name, value in palette["properties"].items():
        assert live_page.evaluate(f"{root}.call(getComputedStyle(document.documentElement), {name!r})").strip() == value
    legend = {"high": "zebra_high", "band": "zebra_band", "low": "zebra_low", "shadow": "raw_shadow"}
    image = "(name) => getComputedStyle(document.querySelector(`.swatch-${name}`)).backgroundImage"
    for swatch, layer in legend.items():
        assert colours_in(live_page.evaluate(image, swatch))[0] == palette["stripes"][layer]["rgb"]
    assert [tuple(c) for c in dict.fromkeys(map(tuple, colours_in(live_page.evaluate(image, "clip"))))] == [
        tuple(rgb) for rgb in palette["clipped"].values()
    ]
    swatch = "(name) => getComputedStyle(document.querySelector(`.choice-colours [data-value=${name}]`), '::before')"
    for name, rgb in palette["peaking"].items():
        assert colours_in(live_page.evaluate(f"(name) => ({swatch})(name).backgroundColor", name)) == [rgb]
    until(live_page, "document.querySelector('#clip-red').textContent !== '—'")
    letter = "(name) => getComputedStyle(document.querySelector(`.clip-channel[data-channel=${name}] dt`)).color"
    for name, rgb in palette["channels"].items():
        assert colours_in(live_page.evaluate(letter, name)) == [rgb]


def colours_in(css: str) -> list[list[int]]:
    """All `rgb(...)` of a computed style."""
    return [[int(part) for part in found.split(",")] for found in re.findall(r"rgb\(([\d, ]+)\)", css)]
