"""Takes the frames of a flat field: white paper, or a diffuser, before one lens at one stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from device.calibrate.camera_run import CameraRun
from device.calibration.checks import check_white
from device.calibration.flat_field import FlatField, flat_field
from device.session.session import Session

FRAMES: Final = 4
SHARE: Final = 0.6  # of the scale, of the brightest colour in the mean; a middle 1.5 times as bright does not clip
SIDES: Final = 0.1  # between opposite edges: what is more is the light's, and would be taken for the lens's


def measure_flat(
    session: Session,
    *,
    tell: Callable[[int, int, str], None] = lambda done, of, what: None,
    ended: Callable[[], bool] = lambda: False,
) -> FlatField:
    """Measure the shading of the lens that is on the camera. Raises StepRefused, BadInput, CameraError, ShotCancelled.

    A simulated lens is covered with paper without a hand, and uncovered.
    """
    run = CameraRun(session, tell=tell, ended=ended)
    try:
        frames = run.white_frames(SHARE, FRAMES)
    finally:
        if session.status.state == "live":
            run.uncover()
    check_white(frames[0], frames[-1], sides=SIDES)
    return flat_field(frames, frames[0].black_dn)
