"""The files of a shot tell what the live view of the same scene tells; the long form is in `own_files`."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.family_figures import SETTINGS
from bench.own_files import F_NUMBER, KINDS, MODE, focus_for, leaves_picture, measure, told_and_lying

from device.drivers.replay import ReplayCamera
from device.frame import Controls
from device.lenses.optics import blur_circle_um
from device.library.assists_of_file import analyse_file
from device.sensors.imx477 import IMX477
from device.view.frame_copy import copy_frame
from device.view.view import ViewMaker

LEAST_TOLD = {
    1.0: {"live": 78, "DNG": 93, "JPEG": 85},
    4.0: {"live": 52, "DNG": 90, "JPEG": 75},
    16.0: {"live": 48, "DNG": 68, "JPEG": 66},
}
"""In percent; measured figures less some room."""
MOST_LYING = {1.0: 0.5, 4.0: 0.8, 16.0: 1.5}


@pytest.mark.timeout(900)  # six shots of the full frame: 40 s of work, and the machine may be busy
def test_the_files_of_a_shot_tell_what_the_live_view_tells(tmp_path: Path) -> None:
    results = measure(leaves_picture(tmp_path / "leaves.png"), tuple(LEAST_TOLD), (0.0, 2.0))
    for gain, shares in results.items():
        figures = {kind: told_and_lying(shares[kind]) for kind in KINDS}
        for kind, (told, lying) in figures.items():
            assert told >= LEAST_TOLD[gain][kind] and lying <= MOST_LYING[gain], (gain, kind, figures)
    figures = {kind: told_and_lying(results[1.0][kind]) for kind in KINDS}
    least = figures["live"][0]
    assert least > 40
    for kind in ("DNG", "JPEG"):
        told, lying = figures[kind]
        assert told >= 0.95 * least and lying <= 2, (kind, figures)
    assert figures["DNG"][0] > 90, figures


def test_a_replay_of_a_file_shows_what_inspect_says_of_it(tmp_path: Path) -> None:
    path = leaves_picture(tmp_path / "leaves.png")
    _, subject, inspected, _ = analyse_file(path, SETTINGS, None, None)
    camera = ReplayCamera(path, pace=False)
    camera.open()
    try:
        camera.start(camera.info.full_mode, Controls())
        view = ViewMaker(IMX477).make(copy_frame(camera.next_frame(10), with_raw=True), SETTINGS)
    finally:
        camera.close()
    assert subject.focus_size == (MODE.height, MODE.width)
    assert inspected.readings.focus_score and inspected.readings.peaking_percent
    for name in ("focus_score", "peaking_percent"):
        assert getattr(view.findings.readings, name) == getattr(inspected.readings, name)


@pytest.mark.parametrize("radius", [0.0, 0.5, 2.0, 8.0])
def test_the_ring_is_turned_to_the_blur_that_is_asked_for(radius: float) -> None:
    diameter_um = blur_circle_um(focal_mm=16.0, f_number=F_NUMBER, focus_m=focus_for(radius), distance_m=2.0)
    assert diameter_um == pytest.approx(2 * radius * MODE.binning * IMX477.pixel_pitch_um, abs=1e-9)
