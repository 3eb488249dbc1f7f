"""The view thread: makes a view of the newest frame while someone waits for one, and rests otherwise (battery)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from device.analysis.settings import AssistSettings
from device.frame import LiveFrame
from device.view.frame_copy import NewestCopy
from device.view.slot import Slot
from device.view.view import View, ViewMaker

log = logging.getLogger(__name__)

WARM_S = 3.0  # after a start views are made without being asked for: whoever starts a camera wants to see it
STALE_S = 0.06  # chosen: two frames at 30 a second; an older view was made for others
FRESH_S = 0.015  # chosen: instead of an older view the next one is waited for, where it is due within SOON_S
SOON_S = 0.035  # chosen: a frame at 30 a second
KEEN_S = 0.12  # chosen: who took a view no longer ago than this will ask for the next one before it could be made


class Viewing:
    """Takes frames from the camera thread, makes views of them on the view thread, and gives these to any thread."""

    def __init__(self, maker: ViewMaker) -> None:
        self._maker = maker
        self._frames = NewestCopy()
        self._views: Slot[View] = Slot()
        self._warm_until = self._made_at = self._taken_at = 0.0
        self._made_every_s = float("inf")
        self.idle = True
        """Whether the last frame that was offered is done."""

    def warm_up(self) -> None:
        """Make views from now on for WARM_S, whether anyone waits or not. Called when the session starts."""
        self._warm_until = time.monotonic() + WARM_S

    @property
    def wanted(self) -> bool:
        """Whether anyone waits for a view, or will in a moment. The camera thread asks this for each frame."""
        now = time.monotonic()
        return self._views.waiting > 0 or now < max(self._warm_until, self._taken_at + KEEN_S)

    def offer(self, frame: LiveFrame, *, with_raw: bool) -> None:
        """Make a view of this frame next. Copies it, on the camera thread."""
        self.idle = False
        self._frames.put(frame, with_raw=with_raw)

    def newest(self) -> View | None:
        """The view that was made last."""
        return self._views.newest()

    def wait(self, after: int, timeout_s: float, *, live: bool) -> View | None:
        """Wait for a view newer than `after`, on the caller's thread; None when none came in time.

        While the camera is `live`, a view that was made for others a while ago is not given. Where the next one is due
        within a moment it is waited for: it is a whole frame younger when it arrives.
        """
        old, view = self.newest(), None
        if old is not None and live:
            since_s = time.monotonic() - self._made_at
            if since_s > max(STALE_S, 2 * old.meta.frame_duration_us / 1e6):
                after = max(after, old.sequence)
            elif old.sequence > after and since_s > FRESH_S and self._made_every_s - since_s < SOON_S:
                view = self._views.wait_newer(old.sequence, SOON_S)
        view = view or self._views.wait_newer(after, timeout_s)
        if view is not None:
            self._taken_at = time.monotonic()
        return view

    def run(self, closing: threading.Event, settings: Callable[[], AssistSettings]) -> None:
        """Make views until `closing`: this is all that the view thread does."""
        while not closing.is_set():
            if (frame := self._frames.take(1.0)) is None:
                continue
            try:
                view = self._maker.begin(frame)
                now = time.monotonic()
                self._made_at, self._made_every_s = now, now - self._made_at
                self._views.put(view)
                self._maker.finish(view, frame, settings())
            except Exception:  # the thread's boundary: one bad frame must not end the view
                log.exception("frame %d could not be analysed", frame.sequence)
            self._frames.give_back(frame)
            self.idle = True

    def close(self) -> None:
        """Wake everyone for good."""
        self._frames.close()
        self._views.close()
