"""The guide to the right back focus, on three scenes of the simulated camera, with hands that turn as hands do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from painted_once import painted_layers

from device.analysis.defocus.spectrum import Spectrum, spectrum_of
from device.analysis.edges.samples import Field, green_of
from device.errors import BadInput
from device.frame import RawFrame
from device.meter.back_focus import RIGHT_N_UM, TURNS_MOST, Advice, BackFocusGuide
from device.sensors.imx477 import IMX477
from device.simulator.layers import FieldOfView, Layer
from device.simulator.lens import LensSetting, project
from device.simulator.scene import LIGHT_K, to_camera
from device.simulator.sensor import RawMaker, levels_dn, white_dn_per_us

MODE = IMX477.modes[2]
F_NUMBER = 2.0
PIXEL_UM = IMX477.pixel_pitch_um * MODE.binning
TARGETS = {"board": (1.0, 0.7275, 0.602, 0.337), "chart": (2.0, 0.3475, 0.547, 0.213), "far": (1000.0, 0.55, 0.3, 0.25)}
"""Distance in metres, and the square: the board with bars, the colour chart, mountains and clouds."""


@pytest.fixture(scope="module")
def builtin() -> list[Layer]:
    return painted_layers(FieldOfView(), to_camera(IMX477.colour, LIGHT_K))


def measured(layers: list[Layer], target: str, gain: float, place_um: float, maker: RawMaker) -> Spectrum:
    distance_m, x, y, size = TARGETS[target]
    light = project(layers, LensSetting(16, F_NUMBER, distance_m, place_um), MODE, IMX477)
    black, white = levels_dn(IMX477, MODE)
    exposure_us = 0.25 * (1 << 12) / (white_dn_per_us(IMX477, F_NUMBER) * gain)

    def frame() -> Field:
        raw = np.empty((MODE.height, MODE.width), np.uint16)
        maker.expose(light, exposure_us=exposure_us, gain=gain, f_number=F_NUMBER, out=raw)
        return green_of(RawFrame(raw, IMX477.cfa, MODE.bit_depth, (black,) * 4, white))

    return spectrum_of(frame(), frame(), x, y, size)


def led(
    layers: list[Layer], target: str, gain: float, start_um: float, thread: float, scatter: float
) -> tuple[Advice, float]:
    """The last advice, and where the sensor is then. `thread`: of what is thought; `scatter`: of each turn."""
    hand, maker = np.random.default_rng(7), RawMaker(IMX477, MODE, np.random.default_rng(5))
    guide, place_um = BackFocusGuide(F_NUMBER, PIXEL_UM), start_um
    advice = guide.note(measured(layers, target, gain, place_um, maker))
    assert advice.place is None and advice.move_um is not None
    while advice.move_um is not None:
        place_um += advice.move_um * thread * (1 + scatter * hand.standard_normal())
        advice = guide.note(measured(layers, target, gain, place_um, maker))
    return advice, place_um


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("gain", [1.0, 8.0])
def test_from_any_start_it_is_right_within_eight_turns(builtin: list[Layer], target: str, gain: float) -> None:
    for start_um in (-250.0, -40.0, 3.0, 120.0):
        advice, place_um = led(builtin, target, gain, start_um, thread=1.0, scatter=0.0)
        assert advice.right and advice.turns <= TURNS_MOST, start_um
        assert abs(place_um) <= RIGHT_N_UM * F_NUMBER, f"{start_um} ends at {place_um:.1f}"


def test_hands_and_another_thread_never_make_it_say_right_where_it_is_not(builtin: list[Layer]) -> None:
    ends = [
        led(builtin, target, 8.0, start_um, thread, scatter=0.08)
        for target, start_um, thread in (("board", -120.0, 1.2), ("chart", 60.0, 0.85), ("far", 25.0, 1.1))
    ]
    assert all(abs(place_um) <= RIGHT_N_UM * F_NUMBER for advice, place_um in ends if advice.right)
    assert sum(advice.right for advice, _ in ends) >= 2


def test_the_move_that_was_made_counts_not_the_one_that_was_told(builtin: list[Layer]) -> None:
    maker = RawMaker(IMX477, MODE, np.random.default_rng(5))
    guide = BackFocusGuide(F_NUMBER, PIXEL_UM)
    guide.note(measured(builtin, "board", 1.0, 40.0, maker))
    advice = guide.note(measured(builtin, "board", 1.0, 10.0, maker), moved_um=-30.0)
    assert advice.move_um is not None and advice.move_um < 0 and 0.8 < advice.scale < 1.25


def test_a_target_that_tells_nothing_ends_without_being_right() -> None:
    """The same picture wherever the lens is: it is never said to be right."""
    frequency = np.geomspace(0.004, 0.18, 20)
    same = Spectrum(frequency, frequency**-2, 0.01 * frequency**-2)
    guide = BackFocusGuide(F_NUMBER, PIXEL_UM)
    advice = guide.note(same)
    while advice.move_um is not None:
        advice = guide.note(same)
    assert not advice.right and advice.turns == TURNS_MOST


def test_degrees_are_those_of_a_c_mount() -> None:
    assert Advice(1, None, 25400 / 32, right=False, scale=1.0).degrees == pytest.approx(360)
    assert Advice(1, None, None, right=True, scale=1.0).degrees == 0


@pytest.mark.parametrize("f_number", [0.0, -2.0, 100.0, math.nan])
def test_what_no_lens_has_is_refused(f_number: float) -> None:
    with pytest.raises(BadInput, match="the f-number is"):
        BackFocusGuide(f_number, PIXEL_UM)
