"""The sharpness of an edge in files and in the live view: units, limits, and what is not known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from edge_pictures import luma_picture, raw_of, true_mtf50, values

from device.analysis.edges.diffraction import diffraction_mtf50_lp_mm
from device.errors import BadInput
from device.meter.sharpness import sharpness_of_file
from device.pixels.bt601 import grey_picture
from device.raw.decode import PictureFile
from device.raw.file_metadata import NO_METADATA
from device.sensors.imx477 import IMX477

TRUTH = true_mtf50("gauss", 0.7, 5.0)


def dng(width: int, height: int, *, known: bool = True) -> PictureFile:
    """A DNG of this size with an edge in its middle."""
    share = np.zeros((height, width))
    top, left = height // 2 - 100, width // 2 - 100
    share[:, left + 200 :] = 1
    share[top : top + 200, left : left + 200] = values("gauss", 0.7, 5.0)
    metadata = replace(NO_METADATA, f_number=5.6, colour_temperature_k=5000.0 if known else None)
    luma = grey_picture(np.zeros((2, 2), np.uint8))
    sensor = IMX477 if metadata.colour_temperature_k else None
    return PictureFile("edge.dng", "dng", 1, luma, raw_of(share), metadata, sensor=sensor)


def test_a_dng_gives_line_pairs_of_the_sensor_and_the_limits_of_the_lens() -> None:
    found = sharpness_of_file(dng(4056, 3040), 0.5, 0.5)
    assert found.of == "raw" and found.binning == 1 and found.mtf50 == pytest.approx(TRUTH, rel=0.01)
    assert found.mtf50_lp_mm == pytest.approx(TRUTH / 0.00155, rel=0.01)
    assert found.diffraction_lp_mm == pytest.approx(diffraction_mtf50_lp_mm(5.6))
    assert found.perfect_mtf50 is not None and found.pixel_mtf50 is not None
    assert found.perfect_mtf50 < found.pixel_mtf50 and found.f_number_from == "file"
    assert (found.x, found.y) == pytest.approx((0.5, 0.5), abs=0.01)
    assert len(found.frequencies) == len(found.response) == len(found.response_sigma)


def test_a_binned_file_is_told_in_pixels_of_the_full_sensor_without_the_pixels_own() -> None:
    found = sharpness_of_file(dng(2028, 1520), 0.5, 0.5)
    assert found.binning == 2 and found.mtf50 == pytest.approx(TRUTH / 2, rel=0.01)
    assert found.mtf50_lp_mm == pytest.approx(TRUTH / 0.0031, rel=0.01)
    assert found.pixel_mtf50 is None and found.perfect_mtf50 is None and found.diffraction_lp_mm is not None
    assert found.frequencies[-1] == 0.5


@pytest.mark.parametrize("picture", [dng(400, 300), dng(4056, 3040, known=False)])
def test_of_an_unknown_sensor_there_are_no_line_pairs(picture: PictureFile) -> None:
    found = sharpness_of_file(picture, 0.5, 0.5)
    assert found.of == "raw" and found.mtf50 == pytest.approx(TRUTH, rel=0.01)
    assert found.mtf50_lp_mm is None and found.pixel_pitch_um is None and found.diffraction_lp_mm is None


def test_a_picture_tells_of_itself_only() -> None:
    luma = grey_picture(luma_picture(values("gauss", 0.7, 5.0)))
    picture = PictureFile("edge.jpg", "jpeg", 1, luma, None, replace(NO_METADATA, f_number=5.6))
    found = sharpness_of_file(picture, 0.5, 0.5)
    assert found.of == "picture" and found.mtf50 == pytest.approx(TRUTH, rel=0.01)
    assert found.mtf50_lp_mm is None and found.diffraction_lp_mm is None and found.pixel_mtf50 is None


@pytest.mark.parametrize("place", [(1.5, 0.5), (0.5, -0.1), (float("nan"), 0.5)])
def test_a_point_outside_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(BadInput):
        sharpness_of_file(dng(400, 300), *place)
