"""Which view is given to whom: the newest there is, or the next where it is due within a moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from helpers import DEADLINE_S, eventually

from device.frame import FrameMeta, LiveFrame, RawFrame, YuvPicture
from device.view import view_thread
from device.view.frame_copy import NewestCopy
from device.view.view import View, ViewMaker
from device.view.view_thread import SOON_S, ViewThread


@dataclass
class Meta:
    frame_duration_us: float = 33_333.0


@dataclass
class Made:
    sequence: int
    meta: Meta


@pytest.fixture
def now_s(monkeypatch: pytest.MonkeyPatch) -> float:
    """The view thread's clock stands still, so that no view grows old while a busy machine lets the test wait."""
    now_s = time.monotonic()
    monkeypatch.setattr(view_thread, "time", SimpleNamespace(monotonic=lambda: now_s))
    return now_s


def thread_with(now_s: float, since_s: float, every_s: float) -> ViewThread:
    """One view was made `since_s` ago, and they are made `every_s`."""
    views = ViewThread(cast(ViewMaker, None))
    views._views.put(made(1))
    views._made_at, views._made_every_s = now_s - since_s, every_s
    return views


def made(sequence: int) -> View:
    return cast(View, Made(sequence, Meta()))


@pytest.mark.parametrize(
    ("since_s", "every_s", "given"),
    [
        (0.0, 0.033, 1),  # just made
        (0.025, 0.033, 2),  # due in 8 ms
        (0.025, 1.0, 1),  # due in a second
        (0.025, float("inf"), 1),  # nobody knows
        (0.2, 0.033, 2),  # from long ago
    ],
)
def test_the_next_is_waited_for_where_it_is_due(
    now_s: float, since_s: float, every_s: float, given: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_thread, "SOON_S", 0.9)  # a busy machine needs longer than a frame
    views = thread_with(now_s, since_s, every_s)
    with ThreadPoolExecutor(1) as pool:
        asker = pool.submit(views.wait, 0, DEADLINE_S, live=True)
        eventually(lambda: asker.done() or views._views.waiting, "a view is given, or waited for")
        views._views.put(made(2))
        view = asker.result(DEADLINE_S)
    assert view is not None and view.sequence == given


def test_what_was_due_and_does_not_come_is_not_waited_for_long(now_s: float) -> None:
    views = thread_with(now_s, 0.025, 0.033)
    began = time.monotonic()
    view = views.wait(0, 60.0, live=True)
    assert view is not None and view.sequence == 1
    assert SOON_S <= time.monotonic() - began < 60.0


def test_a_camera_that_is_not_live_gives_its_last_view(now_s: float) -> None:
    view = thread_with(now_s, 9.0, 0.033).wait(0, 5.0, live=False)
    assert view is not None and view.sequence == 1


def live_frame(code: int, *, one_picture: bool = False, size: tuple[int, int] = (8, 12)) -> LiveFrame:
    height, width = size

    def plane(height: int, width: int) -> YuvPicture:
        half = np.full((height // 2, width // 2), code, np.uint8)
        return YuvPicture(np.full((height, width), code, np.uint8), half, half.copy())

    main = plane(height, width)
    raw = RawFrame(np.full(size, 10 * code, np.uint16), "RGGB", 12, (256.0,) * 4, 4095)
    small = main if one_picture else plane(height // 2, width // 2)
    return LiveFrame(cast(FrameMeta, Made(code, Meta())), main, small, raw)


def test_two_copies_are_all_that_is_needed() -> None:
    frames = NewestCopy()
    places: set[int] = set()
    small: list[np.ndarray] = []
    for code in range(1, 20, 3):
        for newer in range(3):  # one is taken, two wait in vain
            frames.put(live_frame(code + newer), with_raw=True)
        copy = frames.take(1.0)
        frames.put(live_frame(99), with_raw=True)  # while the one that was taken is in work
        assert copy is not None and copy.raw is not None
        assert (copy.main.y == code + 2).all() and (copy.main.v == code + 2).all()
        assert (copy.raw.samples == 10 * (code + 2)).all()
        places.add(copy.main.y.ctypes.data)
        small.append(copy.small.y)
        frames.give_back(copy)
    assert len(places) <= 2
    assert [int(picture[0, 0]) for picture in small] == list(range(3, 22, 3)), "a view keeps its picture"


def test_memory_that_does_not_fit_is_not_used() -> None:
    frames = NewestCopy()
    for code, size, one_picture, with_raw in (
        (1, (8, 12), False, True),
        (2, (4, 6), False, True),
        (3, (8, 12), True, True),
        (4, (8, 12), False, False),
        (5, (8, 12), False, True),
    ):
        frames.put(live_frame(code, one_picture=one_picture, size=size), with_raw=with_raw)
        copy = frames.take(1.0)
        assert copy is not None and copy.main.y.shape == size and (copy.main.y == code).all()
        assert (copy.small is copy.main) == one_picture and (copy.raw is not None) == with_raw
        frames.give_back(copy)


def test_memory_is_let_go_when_nobody_watches() -> None:
    frames = NewestCopy()
    frames.put(live_frame(1), with_raw=True)
    copy = frames.take(1.0)
    assert copy is not None
    frames.give_back(copy)
    assert frames.take(0.01) is None and frames._spare is None
