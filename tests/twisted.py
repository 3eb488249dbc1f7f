"""A simulated camera whose frames are changed on their way out: a driver that breaks one rule of the contract."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, FrameMeta, LiveFrame, RawFrame, StillFrame

Twist = Callable[[LiveFrame], None]


class Twisted:
    """A simulated camera whose frames are changed on their way out."""

    def __init__(self, twist: Twist = lambda frame: None, *, pace: bool = False, deaf: bool = False) -> None:
        self.camera = SimulatedCamera(seed=3, pace=pace)
        self.twist, self.deaf = twist, deaf
        self.asked = Controls()
        self.still: Callable[[StillFrame], StillFrame] = lambda still: still

    def __getattr__(self, name: str) -> Any:
        return getattr(self.camera, name)

    def request(self, controls: Controls) -> None:
        self.asked = controls
        if not self.deaf:
            self.camera.request(controls)

    def next_frame(self, timeout_s: float) -> LiveFrame:
        frame = self.camera.next_frame(timeout_s)
        self.twist(frame)
        return frame

    def capture_still(self, timeout_s: float, controls: Controls | None = None) -> StillFrame:
        return self.still(self.camera.capture_still(timeout_s, controls))


class FrameClock:
    """Stands for the module `time` where a check measures for some seconds: a look at it is a tenth of a second.

    So a check sees as many frames as its seconds have tenths, however slow the machine of the test is.
    """

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        self.now_s += 0.1
        return self.now_s


def change_meta(**changes: Callable[[FrameMeta], Any]) -> Twist:
    def twist(frame: LiveFrame) -> None:
        frame.meta = replace(frame.meta, **{name: change(frame.meta) for name, change in changes.items()})

    return twist


def change_raw(change: Callable[[RawFrame], RawFrame]) -> Twist:
    def twist(frame: LiveFrame) -> None:
        if frame.raw is not None:
            frame.raw = change(frame.raw)

    return twist


def with_samples(change: Callable[[np.ndarray], np.ndarray]) -> Twist:
    return change_raw(lambda raw: replace(raw, samples=change(raw.samples).astype(np.uint16)))
