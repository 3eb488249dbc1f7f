"""The watchdog: replaces a camera thread that hangs inside its driver, drives its clock, and saves changed settings."""

from __future__ import annotations

import threading
from typing import Final

from device.errors import CameraStalled
from device.preferences.store import Preferences
from device.session.camera_thread import CameraThread
from device.session.state import SharedState

CHECK_S: Final = 0.5  # chosen: how often it checks


def watch(camera: CameraThread, state: SharedState, preferences: Preferences, closing: threading.Event) -> None:
    """Check regularly until `closing` is set. The watchdog thread runs only this; it never waits for a camera."""
    while not closing.wait(CHECK_S):
        camera.clock.tick(CHECK_S)
        preferences.save_if_changed()
        if state.now.status.state not in ("failed", "closed") and camera.overdue:
            camera.replace(
                CameraStalled(
                    "the camera software hangs", remedy="it is being reopened; if this repeats, run `hqcam doctor`"
                )
            )
