"""How far a frame's exposure is from what the metering asks for: by hand, and on frames of the simulated camera."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from device.analysis.exposing import Deviation, Metered, deviation, meter
from device.analysis.settings import AssistSettings
from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, FrameMeta, LiveFrame, Metering
from device.sensors.imx477 import IMX477
from device.view.frame_copy import copy_frame
from device.view.view import ViewMaker

TABLE = IMX477.auto_exposure
TARGET = TABLE.target_mean
NO_ZONES = np.zeros((0, 3), np.float32)
OFF = AssistSettings(peaking=False, focus_score=False)


def told(mean: float, highlights: float, white: float = 0.0, *, asked: Controls | None = None) -> Deviation:
    return deviation(Metered(mean, highlights, NO_ZONES, white=white), TABLE, asked or Controls())


@pytest.mark.parametrize("ev", [-3.0, -1.0, 0.0, 0.5])
def test_it_is_the_mean_over_the_target_in_ev(ev: float) -> None:
    found = told(TARGET * 2**ev, 0.9 * 2 ** min(ev, 0))
    assert found.ev == pytest.approx(ev, abs=1e-6) and not found.at_least


def test_compensation_plays_no_part() -> None:
    assert told(TARGET, 0.5, asked=Controls(ev=2.0)) == told(TARGET, 0.5)


def test_a_flat_scene_is_held_against_the_floor_of_its_brightest_part() -> None:
    assert told(TARGET, TARGET).ev == pytest.approx(np.log2(TARGET / TABLE.highlight_floor))


def test_protected_highlights_are_held_against_their_ceiling() -> None:
    found = told(TARGET, 0.9, asked=Controls(constraint="highlight"))
    assert found.ev == pytest.approx(np.log2(0.9 / 0.8)) and not found.at_least
    assert told(TARGET, 1.0, asked=Controls(constraint="highlight")).at_least, "what clips may be brighter"


def test_a_little_that_clips_leaves_a_figure_and_much_leaves_a_bound() -> None:
    # The sun, a fiftieth of the mean: at the exposure asked for the mean can be 0.17 EV from what was taken for it.
    assert not told(2 * TARGET, 1.0, 0.02).at_least
    # A window: it may be any amount brighter.
    assert told(2 * TARGET, 1.0, TARGET).at_least
    assert told(1.0, 1.0, 1.0).at_least, "all is white"


def test_what_clips_at_the_right_exposure_does_not_matter() -> None:
    assert told(TARGET, 1.0, 0.1) == Deviation(0.0, at_least=False)


@pytest.fixture(scope="module")
def camera() -> Iterator[SimulatedCamera]:
    simulated = SimulatedCamera(seed=5, pace=False)
    simulated.open()
    simulated.start(next(mode for mode in IMX477.modes if mode.width == 2028), Controls())
    yield simulated
    simulated.close()


def frame_with(camera: SimulatedCamera, asked: Controls, reached: Callable[[FrameMeta], bool]) -> LiveFrame:
    """Give the first frame that has what was asked for."""
    camera.request(asked)
    for _ in range(200):
        frame = camera.next_frame(60)
        if reached(frame.meta):
            return frame
        frame.release()
    pytest.fail("the camera does not do what it is asked")


def set_to(camera: SimulatedCamera, asked: Controls) -> LiveFrame:
    return frame_with(
        camera,
        asked,
        lambda meta: meta.ae_state == "off" and meta.exposure_us == pytest.approx(asked.exposure_us, rel=0.01),
    )


def reading(frame: LiveFrame, asked: Controls) -> float:
    view = ViewMaker(IMX477, controls=lambda: asked).make(copy_frame(frame, with_raw=True), OFF)
    found = view.findings.readings.deviation
    assert found is not None
    return found.ev


@pytest.mark.parametrize("metering", ["centre", "spot", "matrix"])
def test_it_follows_the_exposure_stop_by_stop_and_is_zero_where_auto_exposure_would_be(
    camera: SimulatedCamera, metering: Metering
) -> None:
    frame_with(
        camera, Controls(exposure_us=100, gain=1, metering=metering), lambda meta: meta.ae_state == "off"
    ).release()
    frame = frame_with(camera, Controls(metering=metering), lambda meta: meta.ae_state == "converged")
    exposure_us, gain = frame.meta.exposure_us, frame.meta.analogue_gain
    frame.release()
    found = {}
    for ev in (-2, -1, 0):
        asked = Controls(exposure_us=exposure_us * 2**ev, gain=gain, metering=metering)
        frame = set_to(camera, asked)
        found[ev] = reading(frame, asked)
        by_picture = meter(None, frame.main, frame.meta, sensor=IMX477, metering=metering)
        assert deviation(by_picture, TABLE, asked).ev == pytest.approx(found[ev], abs=0.25), "with raw or without"
        frame.release()
    assert found[0] == pytest.approx(0, abs=0.3)
    assert found[-1] == pytest.approx(found[0] - 1, abs=0.15)
    assert found[-2] == pytest.approx(found[0] - 2, abs=0.2)


@pytest.mark.parametrize(
    "change", [{"ae_state": "converged"}, {"ae_state": "searching"}, {"exposure_known": False}, {"source": "a.dng"}]
)
def test_where_there_is_nothing_to_tell_nothing_is_told(camera: SimulatedCamera, change: dict[str, object]) -> None:
    asked = Controls(exposure_us=5000, gain=1)
    frame = set_to(camera, asked)
    copy = copy_frame(frame, with_raw=True)
    frame.release()
    maker = ViewMaker(IMX477, controls=lambda: asked)
    assert maker.make(copy, OFF).findings.readings.deviation is not None
    copy.meta = replace(copy.meta, **change)  # type: ignore[arg-type]
    assert maker.make(copy, OFF).findings.readings.deviation is None
