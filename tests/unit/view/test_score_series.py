"""Which focus scores can be compared, and that "passed it" is never said of what was not focus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from device.analysis.settings import AssistSettings
from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, FrameMeta, LensState, Rect
from device.meter.focus_meter import FocusMeter
from device.sensors.imx477 import IMX477
from device.session.loupe import window_around
from device.view.frame_copy import copy_frame
from device.view.score_series import SETTLING, ScoreSeries
from device.view.view import ViewMaker

LIVE = next(mode for mode in IMX477.modes if (mode.width, mode.height) == (2028, 1520))
LENS = LensState(35.0, 4.0, 2.0)
META = FrameMeta(1, 0, 8000.0, 2.0, 1.0, (2.0, 1.6), 5000.0, 1e5, "off", LIVE, simulated=True, lens=LENS)
SETTINGS = AssistSettings()
SETTLED = 8  # frames: all controls have reached the sensor
STILL = Controls(exposure_us=8000.0, gain=2.0, awb="daylight", focus_m=2.0, f_number=4.0, focal_mm=35.0)


@pytest.mark.parametrize(
    ("changed", "settings", "level", "anew"),
    [
        ({}, {}, 100, False),
        ({"exposure_us": 8000 * 1.4}, {}, 100, False),
        ({"exposure_us": 16000.0, "analogue_gain": 1.0}, {}, 100, False),
        ({"exposure_us": 8000 * 1.45}, {}, 100, True),
        ({"digital_gain": 0.7}, {}, 100, True),
        ({"exposure_us": 80000.0, "exposure_known": False}, {}, 100, True),
        ({"colour_gains": (2.3, 1.5)}, {}, 100, False),
        ({"colour_gains": (2.4, 1.6)}, {}, 100, True),
        ({"colour_gains": (2.0, 1.3)}, {}, 100, True),
        ({}, {}, 159, False),
        ({}, {}, 161, True),
        ({}, {}, 0, True),
        ({"mode": IMX477.modes[0]}, {}, 100, True),
        ({"window": Rect(0, 0, 1016, 760)}, {}, 100, True),
        ({}, {"focus_x": 0.6}, 100, True),
        ({}, {"focus_size": 0.2}, 100, True),
        ({"lens": LensState(50.0, 4.0, 2.0)}, {}, 100, True),
        ({"lens": LensState(35.0, 4.0, 1.0)}, {}, 100, False),
    ],
)
def test_a_series_ends_where_not_only_focus_changed(
    changed: dict[str, Any], settings: dict[str, Any], level: float, anew: bool
) -> None:
    series = ScoreSeries()
    first = [series.number(META, SETTINGS, 100.0) for _ in range(SETTLING + 3)]
    assert first == [1, 2, 3, 4, 4, 4], "the noise has to settle before scores can be compared"
    now = replace(META, **changed), replace(SETTINGS, **settings), float(level)
    after = [series.number(*now) for _ in range(SETTLING + 3)]
    assert after == ([5, 6, 7, 8, 8, 8] if anew else [4] * 6)


def test_light_that_drifts_is_compared_with_the_first_frame_of_its_series() -> None:
    series = ScoreSeries()
    steps = [META] * SETTLING + [replace(META, exposure_us=8000 * 1.2**n) for n in range(4)]  # 0.26 EV each
    assert [series.number(meta, SETTINGS, 100.0) for meta in steps] == [1, 2, 3, 4, 4, 5, 6]


@pytest.fixture(scope="module")
def camera() -> Iterator[SimulatedCamera]:
    camera = SimulatedCamera(seed=3, pace=False)
    camera.open()
    yield camera
    camera.close()


class Watched:
    """What the focus meter says of frame after frame of a camera."""

    def __init__(self, camera: SimulatedCamera) -> None:
        self.camera, self.meter, self.maker = camera, FocusMeter(), ViewMaker(IMX477)
        self.settings = SETTINGS
        self.said: list[str] = []

    def look(self, frames: int = SETTLED) -> None:
        for _ in range(frames):
            frame = self.camera.next_frame(10.0)
            try:
                readings = self.maker.make(copy_frame(frame, with_raw=False), self.settings).findings.readings
            finally:
                frame.release()
            if not readings.focus_unclear and readings.focus_score is not None:
                self.said.append(self.meter.note(readings.focus_score, readings.focus_series))


def test_passed_it_is_said_only_where_focus_was_passed(camera: SimulatedCamera) -> None:
    camera.start(LIVE, STILL)
    watched = Watched(camera)
    watched.look()
    changes: list[dict[str, Any]] = [
        {"exposure_us": 4000.0},
        {"exposure_us": 16000.0},
        {"exposure_us": 1000.0},
        {"gain": 8.0},
        {"gain": 1.0},
        {"awb": "kelvin", "colour_temperature_k": 2800.0},
        {"awb": "auto"},
        {"f_number": 11.0},
        {"f_number": 2.8},
        {"exposure_us": None, "gain": None},
        {"ev": 2.0},
        {"ev": -2.0},
    ]
    controls = STILL
    for change in changes:
        controls = replace(controls, **change)
        camera.request(controls)
        watched.look()
    for size in (0.2, 0.9):
        watched.settings = replace(SETTINGS, focus_size=size)
        watched.look()
    camera.magnify(window_around(0.42, 0.5, IMX477.modes[-1]))
    watched.look()
    camera.magnify(None)
    camera.start(IMX477.modes[0], STILL)
    watched.look()
    assert len(watched.said) > 100 and "passed" not in watched.said, watched.said
    watched.settings = SETTINGS
    camera.start(LIVE, STILL)
    for focus_m in (8.0, 4.0, 1.0):
        camera.request(replace(STILL, focus_m=focus_m))
        watched.look()
    assert watched.said[-1] == "passed"
