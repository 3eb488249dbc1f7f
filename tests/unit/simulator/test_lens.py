"""The lens: blur against distance, aperture and focus."""

from __future__ import annotations

import math

import numpy as np
import pytest
from painted_once import painted_layers

from device.lenses.optics import airy_diameter_um, blur_circle_um
from device.sensors.imx477 import IMX477
from device.simulator import lens as lens_module
from device.simulator.layers import F32, Box, FieldOfView, Layer, make_plate
from device.simulator.lens import LensSetting, project
from device.simulator.scene import LIGHT_K, to_camera
from device.simulator.still_life import STAR

MODE = IMX477.modes[2]


@pytest.fixture(scope="module")
def builtin() -> list[Layer]:
    return painted_layers(FieldOfView(), to_camera(IMX477.colour, LIGHT_K))


@pytest.fixture(scope="module")
def speckled() -> Layer:
    """Random light at level 1: every spatial frequency, one distance."""
    rng = np.random.default_rng(2)
    field = rng.uniform(0, 8000, (1, 1536, 2048)).astype(np.float32)

    def paint(level: int, y0: int, y1: int, x0: int, x1: int) -> F32:
        return np.repeat(field[:, y0:y1, x0:x1], 3, axis=0)

    return Layer(2.0, make_plate(Box(0, 1536, 0, 2048), paint, FieldOfView()))


def detail(layers: list[Layer], lens: LensSetting, area: tuple[slice, slice]) -> float:
    """Gradient energy of the green sites of an area."""
    green = project(layers, lens, MODE, IMX477)[area][0::2, 1::2].astype(np.float64)
    return float((np.diff(green, axis=1) ** 2).mean())


def star_area() -> tuple[slice, slice]:
    x, y, radius = (round(v * 507) // 2 * 2 for v in STAR)
    return slice(y - radius, y + radius), slice(x - radius, x + radius)


def test_thin_lens_by_hand() -> None:
    # f = 16 mm, N = 2.8, focused at 2 m, object at 1 m: c = f^2/(N (s-f)) x |d-s|/d.
    assert blur_circle_um(focal_mm=16, f_number=2.8, focus_m=2, distance_m=1) == pytest.approx(46.083, abs=1e-3)
    assert airy_diameter_um(16) == pytest.approx(21.47, abs=0.01)


def test_a_wrong_back_focus_blurs_by_its_length_over_the_f_number() -> None:
    far = {"focal_mm": 16, "focus_m": 1e9, "distance_m": 1e9}
    for um in (-40.0, 40.0):
        assert blur_circle_um(**far, f_number=2.0, back_focus_um=um) == pytest.approx(20)
    # focused at 2 m, an adapter too long by f^2 / (1 m - f) - f^2 / (2 m - f) shows 1 m
    um = 1000 * (16**2 / 984 - 16**2 / 1984)
    found = blur_circle_um(focal_mm=16, f_number=2.8, focus_m=2, distance_m=1, back_focus_um=um)
    assert found == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("breathing", "field_mm"), [(0.0, 50.0), (1.0, 52.5), (0.4, 51.0), (-0.4, 49.0)])
def test_a_lens_breathes_by_its_share_of_the_magnification(breathing: float, field_mm: float) -> None:
    assert LensSetting(50, 2.8, 1.05, breathing=breathing).field_focal_mm == pytest.approx(field_mm)


def test_a_tilted_lens_is_sharp_on_one_side(speckled: Layer) -> None:
    """Right in the middle of the left quarter: 100 um over the width are 50 um from there to that of the right one."""
    lens = LensSetting(16, 8.0, 2.0, back_focus_um=25.0, tilt_um=100.0)
    tilted = project([speckled], lens, MODE, IMX477).astype(float)
    upright = project([speckled], LensSetting(16, 8.0, 2.0), MODE, IMX477).astype(float)
    energy = [
        float((np.diff(light[:256, x : x + 254 : 2], axis=1) ** 2).mean())
        for light in (tilted, upright)
        for x in (380, 1394)
    ]
    assert energy[0] == pytest.approx(energy[2], rel=0.05) and energy[1] < 0.8 * energy[3]
    assert tilted.mean() == pytest.approx(upright.mean(), rel=2e-3)


def test_blurring_keeps_the_light(speckled: Layer) -> None:
    sharp = project([speckled], LensSetting(16, 2.8, 2.0), MODE, IMX477).astype(float).mean()
    for focus_m in (1.7, 1.2, 0.8, 0.4):
        blurred = project([speckled], LensSetting(16, 2.8, focus_m), MODE, IMX477).astype(float)
        assert blurred.mean() == pytest.approx(sharp, rel=2e-3)


def test_detail_falls_steadily_with_defocus(speckled: Layer) -> None:
    """Fine steps over every change of method: Gaussian to disc, level to level."""
    # One strip is enough: the same code makes them all.
    area = (slice(0, 256), slice(0, 2028))
    foci = [2.0 / (1 + 0.05 * step) for step in range(36)]
    found = [detail([speckled], LensSetting(16, 2.8, focus_m), area) for focus_m in foci]
    assert all(nearer < farther * 1.02 for farther, nearer in zip(found, found[1:], strict=False))
    assert found[0] > 50 * found[-1]


@pytest.mark.parametrize("level", [0, 1])
def test_added_blur_is_taken_off_the_disc(level: int) -> None:
    """The variance of an enlarged point is the disc's and the lens's, whatever the level it was blurred on."""
    pixel_um = 1.55 * (1 << level)
    for radius_px in (4.0, 6.0, 9.0, 17.0, 30.0):
        distance_m = 2.0
        circle_um = 2 * radius_px * pixel_um
        # Solve c(s) for the focus distance on the near side.
        power = 0.016**2 / 2.8 * 1e6
        focus_m = (power + circle_um * 0.016) / (circle_um + power / distance_m)
        lens = LensSetting(16, 2.8, focus_m)
        blur = lens_module._blur(distance_m, lens, pixel_um, level)
        taps = blur.taps
        axis = np.arange(len(taps))
        full = taps.copy()
        full[1:] *= 2
        full[:, 1:] *= 2
        variance = float((full.sum(axis=1) * axis**2).sum())
        steps = blur.level - level
        scale2 = 4.0**steps
        added = (scale2 - 1) / 12 + sum(3 / 16 * 4.0**s for s in range(1, steps + 1))
        soft = ((0.42 * 0.55 * 2.8) ** 2 + 1.3**2) / pixel_um**2
        # 3 %: the disc's edge on 8 x 8 points a pixel.
        assert math.sqrt(variance * scale2 + added) == pytest.approx(math.sqrt(radius_px**2 / 4 + soft), rel=0.03)


def test_the_star_is_sharpest_at_its_own_distance(builtin: list[Layer]) -> None:
    foci = (0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.5, 10.0)
    found = [detail(builtin, LensSetting(16, 2.8, focus_m), star_area()) for focus_m in foci]
    best = foci.index(1.0)
    assert found[: best + 1] == sorted(found[: best + 1])
    assert found[best:] == sorted(found[best:], reverse=True)


def test_f16_is_softer_than_f4_in_focus(builtin: list[Layer]) -> None:
    sharp, soft = (detail(builtin, LensSetting(16, n, 1.0), star_area()) for n in (4, 16))
    assert soft < 0.6 * sharp


def test_a_longer_lens_sees_less_of_the_scene() -> None:
    assert FieldOfView(2.0).axes(1, 0, 2, 0, 2)[2] == pytest.approx(0.5 * FieldOfView(1.0).axes(1, 0, 2, 0, 2)[2])
    x, y, _ = FieldOfView(2.0).axes(1, 759, 761, 1013, 1015)
    assert (x.mean(), y.mean()) == pytest.approx((2.0, 1.5), abs=2e-3)
