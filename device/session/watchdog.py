"""The watchdog: replaces a camera thread that hangs inside its driver, and saves changed settings."""

from __future__ import annotations

import threading
from typing import Final

from device.errors import CameraStalled
from device.preferences.store import Preferences
from device.session.camera_thread import CameraThread
from device.session.state import SharedState

LOOK_S: Final = 0.5  # chosen: how often it looks


def watch(camera: CameraThread, state: SharedState, preferences: Preferences, closing: threading.Event) -> None:
    """Look again and again until `closing`: this is all that the watchdog thread does."""
    while not closing.wait(LOOK_S):
        preferences.save_if_changed()
        if state.now.status.state not in ("failed", "closed") and camera.overdue:
            camera.replace(
                CameraStalled(
                    "the camera software hangs", remedy="it is being reopened; if this repeats, run `hqcam doctor`"
                )
            )
