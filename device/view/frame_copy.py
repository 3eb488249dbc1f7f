"""Copies of frames, which stay when the camera's buffers go back, and the place where they wait for the view thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from device.frame import FrameMeta, LiveFrame, RawFrame, YuvPicture

N = TypeVar("N", bound=np.generic)


@dataclass(slots=True)
class FrameCopy:
    """What a view is made of, copied out of the camera's buffers; the view thread owns it."""

    meta: FrameMeta
    main: YuvPicture
    small: YuvPicture
    raw: RawFrame | None

    @property
    def sequence(self) -> int:
        """The frame's sequence number."""
        return self.meta.sequence


def copy_frame(frame: LiveFrame, *, with_raw: bool, memory: FrameCopy | None = None) -> FrameCopy:
    """Copy what a view needs, so that the buffers can go back to the camera at once. On the camera thread.

    `memory` is a copy that is no longer needed: its main picture and raw samples are overwritten where the sizes agree.
    The small picture always gets new memory, because its view keeps it.
    """
    raw = frame.raw if with_raw else None
    if raw is not None:
        raw = replace(raw, samples=_copy(raw.samples, memory.raw.samples if memory and memory.raw else None))
    if frame.small is frame.main:
        main = small = copy_picture(frame.main)
    else:
        reused = None if memory is None or memory.main is memory.small else memory.main
        main, small = copy_picture(frame.main, reused), copy_picture(frame.small)
    return FrameCopy(frame.meta, main, small, raw)


def copy_picture(picture: YuvPicture, memory: YuvPicture | None = None) -> YuvPicture:
    """Copy the three planes, over those of `memory` where the sizes agree."""
    to = (None, None, None) if memory is None else (memory.y, memory.u, memory.v)
    return YuvPicture(_copy(picture.y, to[0]), _copy(picture.u, to[1]), _copy(picture.v, to[2]))


def _copy(samples: NDArray[N], memory: NDArray[N] | None) -> NDArray[N]:
    if memory is None or memory.shape != samples.shape or memory.dtype != samples.dtype:
        return samples.copy()
    np.copyto(memory, samples)
    return memory


class NewestCopy:
    """Passes the newest frame from the camera thread to the view thread.

    It has memory for two copies: the one that waits and the one in progress.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: FrameCopy | None = None
        self._spare: FrameCopy | None = None
        self._closed = False

    def put(self, frame: LiveFrame, *, with_raw: bool) -> None:
        """Copy a frame in place of the one that waits. On the camera thread."""
        with self._changed:
            memory, self._waiting = self._waiting, None
            if memory is None:
                memory, self._spare = self._spare, None
        copy = copy_frame(frame, with_raw=with_raw, memory=memory)
        with self._changed:
            self._waiting = copy
            self._changed.notify()

    def take(self, timeout_s: float) -> FrameCopy | None:
        """Wait for a frame; after `timeout_s` free the spare memory and give None. On the view thread."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting is not None or self._closed, timeout_s)
            taken, self._waiting = self._waiting, None
            if taken is None:
                self._spare = None
            return taken

    def give_back(self, frame: FrameCopy) -> None:
        """Return a frame whose view is finished: a later one may be copied over it. On the view thread."""
        with self._changed:
            self._spare = frame

    def close(self) -> None:
        """Wake the view thread; no more waiting from now on. Any thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
