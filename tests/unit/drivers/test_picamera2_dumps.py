"""Cameras as dumps of others show them: what libcamera says differs with kernel, link, sensor and version."""

from __future__ import annotations

from typing import Any

import pytest

from device.drivers.picamera2.describe import describe
from device.drivers.picamera2.metadata import LUX_DEFAULT, meta_from
from device.drivers.picamera2.modes import is_monochrome, modes_from
from device.drivers.picamera2.streams import scaler_crop
from device.frame import Controls, FrameMeta, Mode, Rect
from device.sensors.imx477 import IMX477
from device.session.loupe import LOUPE_SIZE, window_around

FULL, HALF = (4056, 3040), (2028, 1520)
NO_MAXIMUM = (31, None), (31, 2147483647, None)


def entry(size: tuple[int, int], fps: float, limits: tuple[int | None, ...], **more: Any) -> dict[str, Any]:
    crop = (696, 528, 2664, 1980) if size == (1332, 990) else (0, 440, 4056, 2160) if size[1] == 1080 else (0, 0, *FULL)
    return {"format": "SRGGB12_CSI2P", "bit_depth": 12, "size": size, "fps": fps, "crop_limits": crop} | {
        "exposure_limits": limits,
        **more,
    }


def mode_of(listed: dict[str, Any]) -> Mode:
    (mode,) = modes_from([listed], IMX477)
    return mode


def meta(**told: Any) -> FrameMeta:
    return meta_from(
        {"SensorTimestamp": 5_000_000_000, "ExposureTime": 20_000, "AnalogueGain": 1.0, **told},
        now_ns=5_010_000_000,
        boot_offset_ns=0,
        mode=IMX477.modes[2],
        controls=Controls(),
        before=None,
    )


@pytest.mark.parametrize("limits", NO_MAXIMUM)
@pytest.mark.parametrize("known", IMX477.modes, ids=lambda mode: mode.name)
def test_without_a_longest_exposure_a_known_mode_has_the_sensors_own_times(
    limits: tuple[int | None, ...], known: Mode
) -> None:
    mode = mode_of(entry((known.width, known.height), known.max_fps, limits))
    assert (mode.exposure_min_us, mode.exposure_max_us) == (known.exposure_min_us, known.exposure_max_us)
    assert mode.line_us == known.line_us, "31 us are four lines of the smallest mode only"


@pytest.mark.parametrize("limits", NO_MAXIMUM)
def test_without_a_longest_exposure_a_faster_link_has_its_share_of_the_sensors(limits: tuple[int | None, ...]) -> None:
    mode = mode_of(entry(FULL, 19.53, limits))
    assert mode.line_us == pytest.approx(16.8, rel=0.01)
    assert mode.exposure_min_us == 67 and 0.58 < mode.exposure_max_us / IMX477.modes[3].exposure_max_us < 0.6
    other = mode_of(entry((4056, 2160), 27.48, limits))
    assert other.exposure_min_us == 67 and 300e6 < other.exposure_max_us < 667e6


@pytest.mark.parametrize("mhz", [750, 909])
@pytest.mark.parametrize(
    ("size", "fps"),
    [(FULL, 19.53), ((4056, 2160), 27.48), (HALF, 75.36), ((2028, 1080), 105.95), ((1332, 990), 169.87)],
)
def test_line_times_are_those_of_the_link(size: tuple[int, int], fps: float, mhz: int) -> None:
    fps *= mhz / 750
    line_us = 1e6 / fps / (size[1] + 4)
    mode = mode_of(entry(size, round(fps, 2), (int(4 * line_us), 300_000_000, 20_000)))
    assert mode.max_fps == round(fps, 2) and mode.exposure_min_us == int(4 * line_us)
    assert abs(mode.line_us - line_us) < 0.25 and mode.whole_lines_us(1000) == pytest.approx(1000, abs=line_us / 2)
    assert mode.exposure_max_us == 300_000_000


def test_the_shortest_exposure_of_another_link_does_not_make_its_line_ours() -> None:
    assert mode_of(entry((1332, 990), 169.87, (31, 300_000_000))).line_us == pytest.approx(5.95, rel=0.01)


@pytest.mark.parametrize("crop", [(8, 16, 4056, 3040), (0, 0, 4064, 3056), (8, 48, 4656, 3496)])
@pytest.mark.parametrize("at", [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)])
def test_a_crop_beyond_the_array_is_counted_as_the_camera_counts_it(
    crop: tuple[int, int, int, int], at: tuple[float, float]
) -> None:
    mode = mode_of(entry((crop[2], crop[3]), 10.0, (114, 694_422_939), crop_limits=crop))
    x, y, width, height = scaler_crop(window_around(*at, mode))["ScalerCrop"]
    assert (width, height) == LOUPE_SIZE and mode.binning == 1
    assert crop[0] <= x <= crop[0] + crop[2] - width and crop[1] <= y <= crop[1] + crop[3] - height
    assert (x % 2, y % 2) == (0, 0)
    binned = mode_of(entry((crop[2] // 2, crop[3] // 2), 40.0, (60, 674_181_621), crop_limits=crop))
    assert binned.binning == 2 and binned.crop == Rect(*crop)


@pytest.mark.parametrize("least", [64, 128])
def test_the_loupe_is_larger_than_the_smallest_crop(least: int) -> None:
    controls = {"ScalerCrop": ((0, 0, least, least), (0, 0, *FULL), (0, 0, *FULL))}
    assert describe({"Model": "imx477"}, controls, IMX477.modes, IMX477).capabilities.loupe
    assert min(LOUPE_SIZE) >= least


def test_the_lux_that_libcamera_begins_with_is_no_measurement() -> None:
    assert meta(Lux=LUX_DEFAULT).lux is None and meta(Lux=400).lux is None and meta().lux is None
    assert (meta(Lux=400.25).lux, meta(Lux=0.5).lux) == (400.25, 0.5)


@pytest.mark.parametrize("wall_clock", [1_790_000_000_000_000, 1_790_000_000_000_000_000, 0])
def test_the_frames_time_is_the_sensors_whatever_unit_its_wall_clock_has(wall_clock: int) -> None:
    assert meta(FrameWallClock=wall_clock) == meta()


@pytest.mark.parametrize("name", ["R8", "R10_CSI2P", "R12", "R12_CSI2P", "R16", "MONO_PISP_COMP1"])
def test_a_sensor_without_colour_filters_gives_pictures_and_no_raw(name: str) -> None:
    listed = [entry(HALF, 40.0, (60, 674_181_621), format=name)]
    assert is_monochrome(listed)
    info = describe({"Model": "imx477"}, {}, modes_from(listed, IMX477), IMX477, monochrome=True)
    assert not info.capabilities.raw_live and not info.capabilities.raw_still
    assert "without colour filters" in info.description


@pytest.mark.parametrize("name", ["SRGGB12_CSI2P", "SBGGR10", "RGGB16", "RGGB_PISP_COMP1", "RGB888"])
def test_a_sensor_with_colour_filters_has_raw(name: str) -> None:
    listed = [entry(HALF, 40.0, (60, 674_181_621), format=name)]
    assert not is_monochrome(listed)
    assert describe({"Model": "imx477"}, {}, modes_from(listed, IMX477), IMX477).capabilities.raw_still
