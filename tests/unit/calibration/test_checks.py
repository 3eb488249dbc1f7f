"""Frames that nothing can be measured from are refused with the reason, and sound ones are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from calibration_bench import HEIGHT, SHORTEST_US, WIDTH, Bench

from device.calibration.checks import StepRefused, check_cap, check_white
from device.calibration.frames import Exposed
from device.errors import BadInput
from device.frame import FrameMeta, RawFrame
from device.sensors.imx477 import IMX477
from device.simulator.unit import Dust, Unit

BENCH = Bench()


def changed(frame: Exposed, factor: np.ndarray | float) -> Exposed:
    light = (frame.samples - 259.0) * factor + 259.0
    return replace(frame, samples=np.clip(np.rint(light), 0, 4095).astype(np.uint16))


def across(low: float, high: float) -> np.ndarray:
    return np.linspace(low, high, WIDTH)[None, :] * np.ones((HEIGHT, 1))


def refused(*frames: Exposed) -> StepRefused:
    with pytest.raises(StepRefused) as told:
        check_white(*frames)
    assert told.value.expected and told.value.remedy
    return told.value


@pytest.mark.parametrize("unit", [Unit(), Unit(corner_ev=-2.5, corner_red=0.2, prnu=0.01, hot_count=2000)])
def test_a_sound_white_passes_also_with_dark_corners_and_dust(unit: Unit) -> None:
    bench = Bench(unit=replace(unit, dust=(Dust(800, 300, 30, 0.1),)))
    found = check_white(bench.paper(0.6, 1.0), bench.paper(0.6, 1.0))
    assert found.detail < 0.01 and found.sides < 0.05


def test_what_is_wrong_with_a_white_is_told() -> None:
    white = BENCH.paper(0.6, 1.0)
    assert "of Gr clips" in refused(changed(white, across(0.5, 2.2))).message
    assert "R has only" in refused(changed(white, 0.05)).message
    assert "one side has" in refused(changed(white, across(1.0, 0.6))).message
    stripes = 1 + 0.08 * np.sin(np.arange(WIDTH) / 15)[None, :] * np.ones((HEIGHT, 1))
    assert "not even: its light changes by" in refused(changed(white, stripes)).message


def test_a_lamp_that_flickers_is_told_between_frames_and_in_bands() -> None:
    white = BENCH.paper(0.6, 1.0)
    assert "two frames differ by" in refused(white, changed(BENCH.paper(0.6, 1.0), 0.95)).message
    bands = 1 + 0.05 * np.sin(np.arange(HEIGHT) / 60)[:, None] * np.ones((1, WIDTH))
    assert "in bands" in refused(white, changed(BENCH.paper(0.6, 1.0), bands)).message


def test_a_cap_passes_also_with_dark_current_and_hot_sites() -> None:
    bench = Bench(unit=Unit(hot_count=2000, hot_rate_e_s=(10, 3000)))
    warm = changed(bench.cap(6e6, 4.0), 1.0)
    warm = replace(warm, samples=(warm.samples + 60).astype(np.uint16).clip(max=4095))  # 2.5 DN/s at gain 1
    check_cap([bench.cap(SHORTEST_US, 4.0), bench.cap(2e6, 4.0), warm])


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        (np.full((HEIGHT, WIDTH), 400), "the frame rises"),
        (np.where(across(0, 1) > 0.9, 300, 0), "a part of the frame rises"),
    ],
)
def test_a_cap_that_leaks_is_refused(leak: np.ndarray, said: str) -> None:
    late = BENCH.cap(6e6, 4.0)
    late = replace(late, samples=(late.samples + leak).astype(np.uint16).clip(max=4095))
    with pytest.raises(StepRefused, match=said) as told:
        check_cap([BENCH.cap(SHORTEST_US, 4.0), late])
    assert "close the cap" in told.value.remedy


def test_no_cap_at_all_is_refused() -> None:
    with pytest.raises(StepRefused, match="not at black"):
        check_cap([BENCH.paper(0.3, 4.0), BENCH.paper(0.6, 4.0)])


def test_samples_that_cannot_be_measured_are_refused() -> None:
    meta = FrameMeta(1, 0, 100, 1, 1, (1, 1), 5000, 100, "off", IMX477.modes[-1], False)
    deep = RawFrame(np.zeros((4, 4), np.uint16), "RGGB", 16, (0, 0, 0, 0), 65535)
    with pytest.raises(BadInput, match="16 bits"):
        Exposed.of(deep, meta)
