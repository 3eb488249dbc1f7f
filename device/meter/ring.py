"""The pictures that a focus ring's distance is told from: green light above black, the mean of some live frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from device.analysis.edges.samples import green_of
from device.analysis.magnification import MagnificationRefused, Magnified, compare
from device.frame import F32, AnyRaw, LiveFrame, RawFrame
from device.meter.one_frame import one_frame
from device.session.session import Session

FRAMES: Final = 4  # chosen: half of a frame's noise
_Green = tuple[F32, float]
"""Light above black, and where it clips."""


@dataclass(frozen=True, slots=True)
class RingPicture:
    """What the camera sees with the ring where it is."""

    green: F32
    """(H, W), DN above black."""
    clipped: float
    """DN above black at and above which a sample is no light."""

    def against(self, reference: RingPicture) -> Magnified:
        """Measure it against an earlier one of the same scene. Raises MagnificationRefused."""
        return compare(reference.green, self.green, min(self.clipped, reference.clipped))


def ring_picture(session: Session, ended: Callable[[], None] = lambda: None) -> RingPicture:
    """Take a picture of the next live frames; `ended` raises when it is to stop.

    Any thread but the camera's. Raises MagnificationRefused where the camera gives no raw samples, CameraError.
    """
    taken: list[_Green] = []
    for _ in range(FRAMES):
        ended()
        told = one_frame(session, _live)
        if told is None or (taken and told[0].shape != taken[0][0].shape):
            raise MagnificationRefused(
                "the frame has no raw samples: the loupe and some cameras give none while live",
                why="shape",
                expected="raw samples of the whole picture",
                remedy="close the loupe",
            )
        taken.append(told)
    return _mean(taken)


def picture_of(raws: Sequence[RawFrame]) -> RingPicture:
    """Give the picture of raw frames that were taken with the ring at one place."""
    return _mean([_green(raw) for raw in raws])


def _mean(taken: Sequence[_Green]) -> RingPicture:
    mean: F32 = np.mean([green for green, _ in taken], axis=0, dtype=np.float32)
    return RingPicture(mean, taken[0][1])


def _live(frame: LiveFrame) -> _Green | None:
    return None if frame.raw is None or frame.meta.window is not None else _green(frame.raw)


def _green(raw: AnyRaw) -> _Green:
    field = green_of(raw)
    first, second = (plane.astype(np.float32) for plane in field.planes)
    black = sum(field.blacks) / 2
    green: F32 = first + second
    green *= np.float32(0.5)
    green -= np.float32(black)
    return green, field.highest - black
