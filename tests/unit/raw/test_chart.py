"""The 24-patch chart of the simulated scene, shot in four lights and developed by others: is the colour right?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rawpy
from helpers import run
from PIL import Image

from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, FrameMeta, RawFrame
from device.raw.colour import SRGB_TO_XYZ, WHITE_D65, dng_colour
from device.raw.files import read_picture
from device.sensors.imx477 import IMX477
from device.simulator.chart import patch_box, patches_linear
from device.simulator.still_life import CHART_FRAME
from tests.unit.raw.test_colour import as_a_converter_reads_it

Make = Callable[..., Any]
pytestmark = pytest.mark.tools

LIGHTS = (2850.0, 4000.0, 5500.0, 7500.0)
PIXELS_PER_UNIT = 4056 / 4.0
LEFT, TOP, WIDTH, HEIGHT = 900, 1300, 1040, 720  # around the chart; even, so that the mosaic's order stays


def shoot(kelvin: float) -> tuple[RawFrame, FrameMeta]:
    """The chart in the light of `kelvin`, white balance set by a grey card; highlights of the chart just unclipped."""
    camera = SimulatedCamera(pace=False, light_k=kelvin)
    camera.open()
    gains = IMX477.colour.gains_at(kelvin)
    controls = Controls(exposure_us=14_000.0, gain=1.0, awb="manual", colour_gains=gains, focus_m=2.0, f_number=4.0)
    camera.start(IMX477.modes[2], controls)
    still = camera.capture_still(10)
    camera.close()
    assert still.raw is not None
    crop = np.ascontiguousarray(still.raw.samples[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH])
    return RawFrame(crop, still.raw.cfa, still.raw.bit_depth, still.raw.black_dn, still.raw.white_dn), still.meta


@pytest.fixture(scope="module", params=LIGHTS)
def shot(request: pytest.FixtureRequest) -> tuple[float, RawFrame, FrameMeta]:
    return request.param, *shoot(request.param)


@pytest.fixture
def dng(shot: tuple[float, RawFrame, FrameMeta], make_dng: Make, tmp_path: Path) -> Path:
    _, raw, meta = shot
    path = tmp_path / "chart.dng"
    path.write_bytes(make_dng(raw, meta))
    return path


def test_libraw_and_darktable_develop_the_chart_in_its_colours(dng: Path, tmp_path: Path) -> None:
    with rawpy.imread(str(dng)) as opened:
        libraw = opened.postprocess(use_camera_wb=True, no_auto_bright=True, gamma=(1, 1), output_bps=16) / 65535
    own = ["--configdir", tmp_path / "config", "--cachedir", tmp_path / "cache", "--library", ":memory:"]
    plain = ["--conf", "plugins/darkroom/workflow=none", "--conf", "plugins/darkroom/chromatic-adaptation=legacy"]
    target = ["--icc-type", "SRGB", "--apply-custom-presets", "false"]
    command = ["darktable-cli", dng, tmp_path / "chart.png", *target, "--core", *own, *plain]
    run(command, check=True)
    with Image.open(tmp_path / "chart.png") as image:
        codes = np.asarray(image, np.float64) / 255
    darktable = np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)
    for name, picture in (("LibRaw", libraw), ("darktable", darktable)):
        differences = chart_differences(picture)
        assert differences.mean() <= 2.5 and np.percentile(differences, 95) <= 5, (name, differences.round(2))
        # What is promised to users is above; this holds what is reached.
        assert differences.mean() <= 0.5 and np.percentile(differences, 95) <= 1.2, (name, differences.round(2))


def test_the_light_is_told_within_3_percent(dng: Path, shot: tuple[float, RawFrame, FrameMeta]) -> None:
    kelvin, _, meta = shot
    metadata = read_picture(dng).metadata
    assert metadata.colour_gains == pytest.approx(meta.colour_gains, rel=1e-5)
    assert metadata.colour_temperature_k == pytest.approx(kelvin, rel=0.03)
    neutral = (1 / meta.colour_gains[0], 1.0, 1 / meta.colour_gains[1])
    assert as_a_converter_reads_it(dng_colour(IMX477.colour, kelvin), neutral) == pytest.approx(kelvin, rel=0.03)


def chart_differences(picture: np.ndarray) -> np.ndarray:
    """CIEDE2000 of the 24 patches of a linear sRGB picture, brought to the chart's brightness by its greys."""
    found = np.array([patch(picture, index) for index in range(24)])
    truth = patches_linear().astype(np.float64)
    found *= truth[18:].sum() / found[18:].sum()
    return ciede2000(lab(np.clip(found, 0, 1)), lab(np.clip(truth, 0, 1)))


def patch(picture: np.ndarray, index: int) -> np.ndarray:
    """The mean of the middle of a patch."""
    x0, y0, x1, y1 = (v * PIXELS_PER_UNIT for v in patch_box(index, CHART_FRAME))
    width, height = x1 - x0, y1 - y0
    rows = slice(int(y0 + 0.25 * height) - TOP, int(y1 - 0.25 * height) - TOP)
    columns = slice(int(x0 + 0.25 * width) - LEFT, int(x1 - 0.25 * width) - LEFT)
    mean: np.ndarray = picture[rows, columns].mean(axis=(0, 1))
    return mean


def lab(linear: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear sRGB."""
    xyz = linear @ np.array(SRGB_TO_XYZ).T / np.array(WHITE_D65)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=-1)


def ciede2000(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Sharma, Wu, Dalal: "The CIEDE2000 color-difference formula" (2005)."""
    l1, a1, b1 = one.T
    l2, a2, b2 = two.T
    c_mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7))
    a1, a2 = stretch * a1, stretch * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1)) % 360, np.degrees(np.arctan2(b2, a2)) % 360
    grey = c1 * c2 == 0
    turn = (h2 - h1 + 180) % 360 - 180
    turn = np.where(grey, 0, turn)
    far = np.abs(h1 - h2) > 180
    h_mean = np.where(grey, h1 + h2, np.where(far, (h1 + h2 + np.where(h1 + h2 < 360, 360, -360)) / 2, (h1 + h2) / 2))
    l_mean, c_mean = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * np.cos(np.radians(h_mean - 30))
        + 0.24 * np.cos(np.radians(2 * h_mean))
        + 0.32 * np.cos(np.radians(3 * h_mean + 6))
        - 0.20 * np.cos(np.radians(4 * h_mean - 63))
    )
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / np.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c_mean, 1 + 0.015 * c_mean * t
    r_t = (
        -2 * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7)) * np.sin(np.radians(60 * np.exp(-(((h_mean - 275) / 25) ** 2))))
    )
    d_l, d_c = (l2 - l1) / s_l, (c2 - c1) / s_c
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / s_h
    return np.sqrt(d_l**2 + d_c**2 + d_h**2 + r_t * d_c * d_h)


@pytest.mark.parametrize(
    ("one", "two", "difference"),
    [  # pairs 1, 7, 13, 20 and 25 of the paper's table
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
        ((50, 2.5, 0), (58, 24, 15), 19.4535),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_the_formula_of_difference_gives_the_papers_numbers(one: Any, two: Any, difference: float) -> None:
    assert ciede2000(np.array([one], float), np.array([two], float))[0] == pytest.approx(difference, abs=5e-4)
