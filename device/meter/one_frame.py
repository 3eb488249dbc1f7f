"""One live frame for someone who asks, looked at in the camera thread while its buffers are on loan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from device.drivers.base import CameraDriver
from device.errors import CameraStalled
from device.frame import LiveFrame
from device.session.session import Session

T = TypeVar("T")

FRAME_S = 2.0  # beyond the exposure: a frame's time and what lies in the camera's queue


def one_frame(session: Session, look: Callable[[LiveFrame], T]) -> T:
    """Give what `look` makes of the next live frame. Called from any thread; `look` runs in the camera thread.

    `look` must copy what it keeps. Raises CameraError; a frame that does not come in time fails this caller alone, and
    whether the camera is lost, the session decides by its own rule.
    """
    meta, asked_us = session.newest_meta(), session.controls().exposure_us or 0
    longest_s = max(asked_us, meta.frame_duration_us if meta else 0) / 1e6
    budget_s = FRAME_S + 2 * longest_s

    def work(driver: CameraDriver) -> T:
        frame = driver.next_frame(budget_s)
        try:
            return look(frame)
        finally:
            frame.release()

    return session.submit(work, budget_s=budget_s, survives=(CameraStalled,))
