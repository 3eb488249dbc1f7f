"""Crop and white balance of developing: what is kept of a picture, and which light is made white."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from device.bayer import offsets
from device.develop.batch import never
from device.develop.picture import develop, linear_picture
from device.develop.settings import DevelopSettings, crop_of, develop_settings
from device.develop.white_balance import gains_for
from device.errors import BadFile, BadInput
from device.frame import RawFrame
from device.raw.colour import tinted_white_at, white_at
from device.raw.files import read_bytes
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from device.sensors.imx477 import IMX477

Make = Callable[..., Any]


@pytest.fixture
def grey_at(make_dng: Make, make_meta: Make, tmp_path: Path) -> Callable[[float], Path]:
    """Make the raw file of something grey in a light of a temperature, shot with the white balance of daylight."""

    def make(kelvin: float) -> Path:
        red, blue = IMX477.colour.gains_at(kelvin)
        samples = np.empty((96, 160), np.uint16)
        for channel, (row, column) in offsets("RGGB").items():
            samples[row::2, column::2] = round(256 + 3839 * 0.18 / {"R": red, "B": blue}.get(channel, 1.0))
        raw = RawFrame(samples, "RGGB", 12, (256.0,) * 4, 4095)
        path = tmp_path / f"{kelvin:.0f}.dng"
        path.write_bytes(make_dng(raw, make_meta(colour_gains=IMX477.colour.gains_at(5500))))
        return path

    return make


@pytest.mark.parametrize(
    ("size", "values", "kept"),
    [
        ((3040, 4056), {}, (3040, 4056)),
        ((3040, 4056), {"crop": "1:1"}, (3040, 3040)),
        ((3040, 4056), {"crop": "4:3"}, (3040, 4053)),
        ((3040, 4056), {"crop": "3:2"}, (2704, 4056)),
        ((3040, 4056), {"crop": "16:9"}, (2282, 4056)),
        ((4056, 3040), {"crop": "3:2"}, (4056, 2704)),
        ((1000, 1000), {"cut_left": 50, "crop": "3:2"}, (750, 500)),
        ((100, 200), {"cut_left": 10, "cut_right": 20, "cut_top": 30}, (70, 140)),
        ((1, 1), {"cut_left": 45, "cut_right": 45, "crop": "16:9"}, (1, 1)),
    ],
)
def test_a_crop_keeps_the_largest_part_of_its_shape(
    size: tuple[int, int], values: dict[str, Any], kept: tuple[int, int]
) -> None:
    rows, columns = crop_of(*size, develop_settings(values))
    assert (rows.stop - rows.start, columns.stop - columns.start) == kept
    assert 0 <= rows.start < rows.stop <= size[0] and 0 <= columns.start < columns.stop <= size[1]


def test_too_little_left_is_refused() -> None:
    with pytest.raises(BadInput, match="92 % are cut off at left and right"):
        develop_settings({"cut_left": 50, "cut_right": 42})


def test_what_is_cut_off_is_cut_off_where_it_was_said(grey_at: Callable[[float], Path], tmp_path: Path) -> None:
    source = grey_at(5500)
    whole = linear_picture(source, DevelopSettings())
    part = linear_picture(source, develop_settings({"cut_top": 25, "cut_left": 10}))
    assert part.shape == (72, 144, 3) and (part == whole[24:, 16:]).all()
    for suffix in (".jpg", ".tif"):
        format_ = {".jpg": "jpeg", ".tif": "tiff"}[suffix]
        assert develop(source, tmp_path / f"a{suffix}", develop_settings({"crop": "1:1", "format": format_}), never)
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.size == (96, 96)
    assert read_tiff((tmp_path / "a.tif").read_bytes()).directories[0].integer(Tag.IMAGE_WIDTH) == 96


@pytest.mark.parametrize("kelvin", [2856, 3500, 4500, 6504])
def test_the_temperature_of_the_light_makes_it_grey(kelvin: float, grey_at: Callable[[float], Path]) -> None:
    settings = develop_settings({"white_balance": "kelvin", "kelvin": kelvin})
    red, green, blue = linear_picture(grey_at(kelvin), settings).mean((0, 1)) / 65535
    assert red == pytest.approx(green, rel=0.04) and blue == pytest.approx(green, rel=0.04)


def test_a_warmer_setting_is_bluer_and_tint_goes_from_green_to_magenta(grey_at: Callable[[float], Path]) -> None:
    def shown(**values: float) -> list[float]:
        settings = develop_settings({"white_balance": "kelvin", "kelvin": 5000, **values})
        return [float(v) for v in linear_picture(grey_at(5000), settings).mean((0, 1))]

    plain, low, green, magenta = shown(), shown(kelvin=3500), shown(tint=-50), shown(tint=50)
    assert low[2] / low[0] > 1.5 * plain[2] / plain[0]
    assert green[1] / green[0] > 1.05 * plain[1] / plain[0] and magenta[1] / magenta[0] < 0.95 * plain[1] / plain[0]


def test_the_white_without_tint_is_on_the_locus() -> None:
    for kelvin in (2000, 3500, 5000, 6504, 12000):
        assert tinted_white_at(kelvin, 0) == pytest.approx(white_at(kelvin), abs=1e-9)


def test_a_file_without_colours_says_so(grey_at: Callable[[float], Path]) -> None:
    tiff = read_tiff(read_bytes(grey_at(5000)))
    for tag in (Tag.COLOR_MATRIX_1, Tag.COLOR_MATRIX_2):
        only = gains_for(tiff, 5000, 0, name="a.dng")
        assert all(gain > 1 for gain in only)
        del tiff.directories[0].fields[tag]
    with pytest.raises(BadFile, match=r"a\.dng: it does not describe its colours"):
        gains_for(tiff, 5000, 0, name="a.dng")
    with pytest.raises(BadFile):
        gains_for(None, 5000, 0, name="a.dng")
