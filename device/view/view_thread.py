"""The view thread: makes a view of the newest frame while a reader waits for one, and sleeps otherwise (battery)."""

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

WARM_S = 3.0  # chosen: after the start views are made without a reader, so that the first reader has one at once
STALE_S = 0.06  # chosen: two frames at 30 a second; an older view is not given to a new reader
FRESH_S = 0.015  # chosen: instead of an older view a reader gets the next one, if that is due within SOON_S
SOON_S = 0.035  # chosen: a frame at 30 a second
AGAIN_S = 0.12  # chosen: a reader that got a view less than this ago is expected to ask for the next one


class ViewThread:
    """Receives frames from the camera thread, makes views on the view thread, gives them to readers on any thread."""

    def __init__(self, maker: ViewMaker) -> None:
        self._maker = maker
        self._frames = NewestCopy()
        self._views: Slot[View] = Slot()
        self._warm_until = self._made_at = self._taken_at = 0.0
        self._made_every_s = float("inf")
        self.idle = True
        """Whether the frame that was offered last is finished. The camera thread reads it."""

    def warm_up(self) -> None:
        """Make views for the next WARM_S seconds even without readers. Called when the session starts."""
        self._warm_until = time.monotonic() + WARM_S

    @property
    def wanted(self) -> bool:
        """Whether a reader waits for a view, or is expected to soon. The camera thread reads this for each frame."""
        now = time.monotonic()
        return self._views.waiting > 0 or now < max(self._warm_until, self._taken_at + AGAIN_S)

    def offer(self, frame: LiveFrame, *, with_raw: bool) -> None:
        """Copy this frame, of which the next view is made. On the camera thread."""
        self.idle = False
        self._frames.put(frame, with_raw=with_raw)

    def newest(self) -> View | None:
        """The view that was made last."""
        return self._views.newest()

    def wait(self, after: int, timeout_s: float, *, live: bool) -> View | None:
        """Wait for a view newer than `after`, on the caller's thread; None when none came in time.

        While the camera is `live`, a view older than STALE_S (or two frames, if longer) is not given. A view older than
        FRESH_S is only given if the next one is not due within SOON_S: the next one is younger by a whole frame.
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
        """Make views until `closing` is set. The view thread runs only this."""
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
        """Wake all readers, and give no more views. Any thread."""
        self._frames.close()
        self._views.close()
