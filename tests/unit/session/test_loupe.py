"""Where the loupe looks, and what the assists see in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from device.analysis.settings import AssistSettings
from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, Rect
from device.sensors.imx477 import IMX477
from device.session.loupe import window_around
from device.view.frame_copy import copy_frame
from device.view.view import View, ViewMaker

FULL = IMX477.modes[-1]
LIVE = next(mode for mode in IMX477.modes if (mode.width, mode.height) == (2028, 1520))
PEAKING = AssistSettings(peaking_sensitivity="high")


@pytest.mark.parametrize(
    ("point", "corner"),
    [((0, 0), (0, 0)), ((1, 1), (3040, 2280)), ((0.5, 0.5), (1520, 1140)), ((0.3333, 0.7), (844, 1748))],
)
def test_the_window_is_inside_on_even_pixels(point: tuple[float, float], corner: tuple[int, int]) -> None:
    assert FULL.width == 4056
    assert window_around(*point, FULL) == Rect(*corner, 1016, 760)


def test_a_small_picture_is_its_own_window() -> None:
    small = type(FULL)(640, 480, 8, Rect(0, 0, 640, 480), 1, 10.0, 0, 0, 1.0)
    assert window_around(0.9, 0.1, small) == Rect(0, 0, 640, 480)


@pytest.fixture(scope="module")
def grey(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loupe") / "grey.png"
    Image.fromarray(np.full((480, 640, 3), 118, np.uint8)).save(path)
    return path


@pytest.fixture
def grey_camera(grey: Path) -> Iterator[SimulatedCamera]:
    camera = SimulatedCamera(grey, seed=3, pace=False)
    camera.open()
    yield camera
    camera.close()


@pytest.fixture(scope="module")
def still_life() -> Iterator[SimulatedCamera]:
    camera = SimulatedCamera(seed=3, pace=False)
    camera.open()
    camera.start(LIVE, Controls(exposure_us=10000, gain=1.2))
    camera.magnify(window_around(0.42, 0.5, FULL))
    yield camera
    camera.close()


def view(camera: SimulatedCamera, controls: Controls, settings: AssistSettings) -> View:
    camera.request(controls)
    for _ in range(4):
        camera.next_frame(1.0).release()
    frame = camera.next_frame(1.0)
    try:
        return ViewMaker(IMX477).make(copy_frame(frame, with_raw=False), settings)
    finally:
        frame.release()


@pytest.mark.parametrize("gain", [1.0, 4.0, 16.0])
def test_noise_is_never_lit_in_it(grey_camera: SimulatedCamera, gain: float) -> None:
    grey_camera.start(LIVE, Controls(exposure_us=10000 / gain, gain=gain))
    grey_camera.magnify(window_around(0.5, 0.5, FULL))
    lit = view(grey_camera, Controls(exposure_us=10000 / gain, gain=gain), PEAKING).findings.readings.peaking_percent
    assert lit == pytest.approx(0, abs=0.005)


def test_peaking_and_score_tell_focus_in_it(still_life: SimulatedCamera) -> None:
    lit, score = {}, {}
    for focus_m in (1.5, 1.75, 2.0, 2.3, 2.7):
        controls = Controls(exposure_us=10000, gain=1.2, focus_m=focus_m, f_number=2.8)
        readings = view(still_life, controls, AssistSettings()).findings.readings
        lit[focus_m], score[focus_m] = readings.peaking_percent or 0, readings.focus_score or 0
    # The chart at 2 m fills the window.
    assert lit[2.0] > 5 and max(lit[1.5], lit[2.7]) < 0.5
    assert score[1.5] < score[1.75] < score[2.0] > score[2.3] > score[2.7]
    assert score[2.0] > 2.2 * score[2.7]


def test_the_camera_goes_on_where_it_was(grey_camera: SimulatedCamera) -> None:
    grey_camera.start(LIVE, Controls())
    for _ in range(20):
        frame = grey_camera.next_frame(1.0)
        frame.release()
    before = frame.meta
    grey_camera.magnify(window_around(0, 0, FULL))
    frame = grey_camera.next_frame(1.0)
    frame.release()
    assert frame.meta.ae_state == "locked" and frame.meta.sequence > before.sequence
    assert frame.meta.frame_duration_us == pytest.approx(1e6 / FULL.max_fps, rel=0.01)
    assert frame.meta.colour_gains == before.colour_gains
    assert frame.raw is None and frame.small is frame.main
    shot = grey_camera.capture_still(5.0)
    assert shot.meta.window is None and shot.raw is not None and shot.meta.ae_state == "locked"
    grey_camera.magnify(None)
    frame = grey_camera.next_frame(1.0)
    frame.release()
    assert frame.meta.window is None and frame.meta.mode == LIVE and frame.meta.ae_state == "converged"
    assert frame.meta.exposure_us * frame.meta.analogue_gain == pytest.approx(
        before.exposure_us * before.analogue_gain, rel=0.02
    )
