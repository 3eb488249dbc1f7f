"""The tilt from the corners: of spectra that are known, and of a wall before the simulated sensor."""

from __future__ import annotations

import numpy as np
import pytest

from device.analysis.defocus.spectrum import BINS, Spectrum, spectrum_of
from device.analysis.defocus.through_focus import disc_response
from device.analysis.defocus.tilt import CORNERS, Tilt, corner_spectra, difference, tilt_of
from device.analysis.edges.samples import Field, green_of
from device.frame import F32, RawFrame
from device.meter.back_focus import BackFocusGuide
from device.sensors.imx477 import IMX477
from device.simulator.layers import Box, FieldOfView, Layer, make_plate
from device.simulator.lens import LensSetting, project
from device.simulator.sensor import RawMaker, levels_dn, white_dn_per_us

MODE = IMX477.modes[2]
F_NUMBER = 2.0
PIXEL_UM = IMX477.pixel_pitch_um * MODE.binning
FREQUENCY = np.geomspace(0.004, 0.18, BINS)
PLACES = (-45.0, 15.0, -14.0, 13.0, 1.0)


def seen(place_um: float, seed: int) -> Spectrum:
    scene = FREQUENCY**-2.0
    passed = disc_response(np.pi * FREQUENCY / PIXEL_UM * place_um / F_NUMBER) ** 2
    sigma = 0.003 * scene
    return Spectrum(FREQUENCY, scene * passed + sigma * np.random.default_rng(seed).standard_normal(BINS), sigma)


def corners(*differences: float | None) -> list[list[Spectrum | None]]:
    return [
        [None if d is None else seen(z + d, 10 * i + j) for j, d in enumerate(differences)]
        for i, z in enumerate(PLACES)
    ]


def told(*differences: float | None) -> Tilt | None:
    return tilt_of(corners(*differences), PLACES, F_NUMBER, PIXEL_UM)


@pytest.mark.parametrize(("right_um", "bottom_um"), [(0.0, 0.0), (40.0, 0.0), (-25.0, 30.0)])
@pytest.mark.parametrize("curvature_um", [0.0, 6.0])
def test_tilt_is_told_beside_the_curvature_of_the_field(right_um: float, bottom_um: float, curvature_um: float) -> None:
    found = told(*(right_um * (x - 0.5) + bottom_um * (y - 0.5) + curvature_um for x, y in CORNERS))
    assert found is not None
    assert found.right.um == pytest.approx(right_um, abs=2) and found.bottom.um == pytest.approx(bottom_um, abs=2)


def test_what_is_not_known_is_not_told() -> None:
    assert told(0, 0, None, 0) is None, "a corner without detail"
    assert told(15, -15, -15, 15) is None, "corners that fit no plane"
    assert told(0, 0, 0, 200) is None, "a corner that is far away from focus"
    few = [spectra[0] for spectra in corners(5.0)]
    assert difference(few[:3], PLACES[:3], F_NUMBER, PIXEL_UM) is None, "too few measurements"
    same = [seen(10, 1)] * len(PLACES)
    assert difference(same, PLACES, F_NUMBER, PIXEL_UM) is None, "a corner that does not change"


@pytest.fixture(scope="module")
def wall() -> Layer:
    """A wall with the roughness of many scenes: power falls with the square of the frequency."""
    field = FieldOfView()
    width, height = field.plate
    size = (2 * height, 2 * width)
    rng = np.random.default_rng(3)
    frequency = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None, :])
    waves = rng.standard_normal(frequency.shape) + 1j * rng.standard_normal(frequency.shape)
    rough = np.fft.irfft2(waves / np.maximum(frequency, 1e-3), size)
    codes = (6400 * (1 + 0.3 * np.tanh(rough / rough.std()))).astype(np.float32)

    def paint(level: int, y0: int, y1: int, x0: int, x1: int) -> F32:
        part = codes[y0 << level : y1 << level, x0 << level : x1 << level]
        part = part.reshape(y1 - y0, 1 << level, x1 - x0, 1 << level).mean((1, 3))
        return np.repeat(part[None], 3, axis=0).astype(np.float32)

    return Layer(1.0, make_plate(Box(0, height, 0, width), paint, field))


@pytest.mark.parametrize(("tilt_um", "start_um", "gain"), [(0.0, -100.0, 1.0), (40.0, 60.0, 8.0)])
def test_the_tilt_of_a_simulated_sensor_is_told_while_its_middle_is_set(
    wall: Layer, tilt_um: float, start_um: float, gain: float
) -> None:
    maker, (black, white) = RawMaker(IMX477, MODE, np.random.default_rng(5)), levels_dn(IMX477, MODE)
    exposure_us = 0.25 * 4096 / (white_dn_per_us(IMX477, F_NUMBER) * gain)
    guide, place_um, move_um = BackFocusGuide(F_NUMBER, PIXEL_UM), start_um, 0.0
    assert guide.tilt() is None
    while move_um is not None:
        place_um += move_um
        light = project([wall], LensSetting(16, F_NUMBER, 1.0, place_um, tilt_um), MODE, IMX477)

        def frame(light: np.ndarray = light) -> Field:
            raw = np.empty((MODE.height, MODE.width), np.uint16)
            maker.expose(light, exposure_us=exposure_us, gain=gain, f_number=F_NUMBER, out=raw)
            return green_of(RawFrame(raw, IMX477.cfa, MODE.bit_depth, (black,) * 4, white))

        pair = frame(), frame()
        advice = guide.note(spectrum_of(*pair, 0.5, 0.5, 0.3), corners=corner_spectra(*pair))
        move_um = advice.move_um
    found = guide.tilt()
    assert advice.right and found is not None
    for place, true_um in ((found.right, tilt_um), (found.bottom, 0.0)):
        assert abs(place.um - true_um) <= max(3 * place.sigma_um, 1) and place.sigma_um < 10
