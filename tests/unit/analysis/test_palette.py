"""The palette: `hqcam inspect` paints in the colours of the page."""

import re
from pathlib import Path

import device
from device.analysis import palette

PAGE = Path(device.__file__).parent.parent / "web/static/paint/palette.js"


def colours_of(table):
    """The colours of one exported table of the page's module: a name before each [red, green, blue]."""
    body = re.search(rf"export const {table} = Object\.freeze\(\{{(.*?)\}}\);", PAGE.read_text(), re.DOTALL)[1]
    found = re.findall(r"(\w+): (?:\{ rgb: )?\[(\d+), (\d+), (\d+)\]", body)
    return {name: tuple(int(code) for code in rgb) for name, *rgb in found}


def test_stripes_and_clipped_colours_are_those_of_the_page():
    page = colours_of("STRIPES") | colours_of("CLIPPED")
    assert page == {
        "zebra_high": palette.ZEBRA_HIGH,
        "zebra_band": palette.ZEBRA_BAND,
        "zebra_low": palette.ZEBRA_LOW,
        "raw_shadow": palette.RAW_SHADOW,
        "raw_clip_r": palette.RAW_CLIP_R,
        "raw_clip_g": palette.RAW_CLIP_G,
        "raw_clip_b": palette.RAW_CLIP_B,
    }


def test_peaking_has_the_first_colour_that_the_page_offers():
    assert next(iter(colours_of("PEAKING").values())) == palette.PEAKING
