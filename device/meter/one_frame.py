"""Reads one live frame in the camera thread, while its buffers are on loan."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from device.drivers.base import CameraDriver
from device.errors import CameraStalled
from device.frame import LiveFrame
from device.session.session import Session

T = TypeVar("T")

FRAME_S = 2.0  # beyond the exposure: the time of a frame and of those in the camera's queue


def one_frame(session: Session, read: Callable[[LiveFrame], T]) -> T:
    """Give the result of `read` for the next live frame. Any thread but the camera's, in which `read` runs.

    `read` must copy what it keeps. Raises CameraError. CameraStalled, when no frame comes in time, fails only this
    call: the session decides by its own rule whether the camera is lost.
    """
    meta, asked_us = session.newest_meta(), session.controls().exposure_us or 0
    longest_s = max(asked_us, meta.frame_duration_us if meta else 0) / 1e6
    budget_s = FRAME_S + 2 * longest_s

    def work(driver: CameraDriver) -> T:
        frame = driver.next_frame(budget_s)
        try:
            return read(frame)
        finally:
            frame.release()

    return session.submit(work, budget_s=budget_s, survives=(CameraStalled,))
