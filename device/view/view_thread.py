"""The view thread's room: frames become views here, and only while someone takes them: a battery lasts longer."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from device.analysis.settings import AssistSettings
from device.frame import LiveFrame
from device.view.slot import Slot
from device.view.view import FrameCopy, View, ViewMaker, copy_frame

log = logging.getLogger(__name__)

WARM_S = 3.0  # after a start views are made without being asked for: whoever starts a camera wants to see it
STALE_S = 0.06  # chosen: two frames at 30 a second
FRESH_S = 0.015  # chosen: an older view is not given to who can have the next one almost as soon
SOON_S = 0.035  # chosen: a frame at 30 a second
KEEN_S = 0.12  # chosen: whoever took a view this soon ago asks for the next before it could be made


class Viewing:
    """Any thread may offer frames and wait for views; `run` makes them."""

    def __init__(self, maker: ViewMaker) -> None:
        self._maker = maker
        self._frames = _Frames()
        self._views: Slot[View] = Slot()
        self._warm_until = self._made_at = self._taken_at = 0.0
        self._made_every_s = float("inf")
        self.idle = True
        """Whether the last frame that was offered is done."""

    def warm_up(self) -> None:
        """Make views from now on for WARM_S, whether anyone waits or not."""
        self._warm_until = time.monotonic() + WARM_S

    @property
    def wanted(self) -> bool:
        """Whether anyone waits for a view, or will in a moment."""
        now = time.monotonic()
        return self._views.waiting > 0 or now < max(self._warm_until, self._taken_at + KEEN_S)

    def offer(self, frame: LiveFrame, *, with_raw: bool) -> None:
        """Make a view of this frame next; it is copied."""
        self.idle = False
        self._frames.put(frame, with_raw=with_raw)

    def newest(self) -> View | None:
        """The view that was made last."""
        return self._views.newest()

    def wait(self, after: int, timeout_s: float, *, live: bool) -> View | None:
        """Wait for a view newer than `after`; from a `live` camera not for one that was made for others a while ago.

        Where the next one is due within a moment it is worth that moment: it is a whole frame younger when it arrives.
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
        """Make views until `closing`."""
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


class _Frames:
    """The newest frame that waits for its view, and memory for two: that one and the one in work."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: FrameCopy | None = None
        self._spare: FrameCopy | None = None
        self._closed = False

    def put(self, frame: LiveFrame, *, with_raw: bool) -> None:
        """Copy a frame, which replaces the one that waits."""
        with self._changed:
            memory, self._waiting = self._waiting, None
            if memory is None:
                memory, self._spare = self._spare, None
        copy = copy_frame(frame, with_raw=with_raw, memory=memory)
        with self._changed:
            self._waiting = copy
            self._changed.notify()

    def take(self, timeout_s: float) -> FrameCopy | None:
        """Wait for a frame; None when none came in time, and then spare memory is let go."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._closed, timeout_s)
            taken, self._waiting = self._waiting, None
            if taken is None:
                self._spare = None
            return taken

    def give_back(self, frame: FrameCopy) -> None:
        """The frame is done with: the next may be copied over it."""
        with self._changed:
            self._spare = frame

    def close(self) -> None:
        """Wake who waits, for good."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
