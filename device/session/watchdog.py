"""The watchdog: replaces a camera thread that hangs inside its driver, drives its clock, and saves changed settings."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from device.errors import CameraStalled
from device.preferences.store import Preferences
from device.session.camera_thread import CameraThread
from device.session.state import SharedState

CHECK_S: Final = 0.5  # chosen: how often it checks
RETRY_FIRST_S: Final = 1.0
RETRY_CAP_S: Final = 60.0  # chosen: a card that is full or worn is not written to at every check


class Saver:
    """Writes changed settings; after a failure again with a growing pause, and at once when one changes again."""

    def __init__(self, preferences: Preferences, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._preferences, self._clock = preferences, clock
        self._tried_changes = 0
        self._pause_s = self._next_s = 0.0

    def check(self) -> None:
        """Write them if it is time. The watchdog calls it at every check."""
        changes, now_s = self._preferences.changes, self._clock()
        changed = changes != self._tried_changes
        if not changed and now_s < self._next_s:
            return
        self._tried_changes = changes
        if self._preferences.save_if_changed():
            self._pause_s = self._next_s = 0.0
        else:
            self._pause_s = RETRY_FIRST_S if changed else min(2 * self._pause_s, RETRY_CAP_S)
            self._next_s = now_s + self._pause_s


def watch(
    camera: CameraThread,
    state: SharedState,
    preferences: Preferences,
    closing: threading.Event,
    *,
    at_check: Callable[[], None],
) -> None:
    """Check regularly until `closing` is set. The watchdog thread runs only this; it never waits for a camera.

    `at_check` is called at each check, before settings are saved; it must not wait either.
    """
    saver = Saver(preferences)
    while not closing.wait(CHECK_S):
        camera.clock.tick(CHECK_S)
        at_check()
        saver.check()
        if state.now.status.state not in ("failed", "closed") and camera.overdue:
            camera.replace(
                CameraStalled(
                    "the camera software hangs", remedy="it is being reopened; if this repeats, run `hqcam doctor`"
                )
            )
