"""Which view is given to whom: the newest there is, or the next where it is due within a moment."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import cast

import pytest

from device.view import View, ViewMaker
from device.viewing import SOON_S, Viewing


@dataclass
class Meta:
    frame_duration_us: float = 33_333.0


@dataclass
class Made:
    sequence: int
    meta: Meta


def viewing(since_s: float, every_s: float) -> Viewing:
    """One view was made `since_s` ago, and they are made `every_s`."""
    views = Viewing(cast(ViewMaker, None))
    views._views.put(made(1))
    views._made_at, views._made_every_s = time.monotonic() - since_s, every_s
    return views


def made(sequence: int) -> View:
    return cast(View, Made(sequence, Meta()))


def later(views: Viewing, seconds: float) -> threading.Timer:
    timer = threading.Timer(seconds, lambda: views._views.put(made(2)))
    timer.start()
    return timer


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
def test_the_next_is_waited_for_where_it_is_due(since_s: float, every_s: float, given: int) -> None:
    views = viewing(since_s, every_s)
    timer = later(views, 0.01)
    view = views.wait(0, 5.0, live=True)
    timer.join()
    assert view is not None and view.sequence == given


def test_what_was_due_and_does_not_come_is_not_waited_for_long() -> None:
    views = viewing(0.025, 0.033)
    began = time.monotonic()
    view = views.wait(0, 5.0, live=True)
    assert view is not None and view.sequence == 1
    assert SOON_S <= time.monotonic() - began < 1.0


def test_a_camera_that_is_not_live_gives_its_last_view() -> None:
    view = viewing(9.0, 0.033).wait(0, 5.0, live=False)
    assert view is not None and view.sequence == 1
