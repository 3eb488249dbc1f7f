"""Full-resolution raw frames kept in memory, copied from the live stream as they come. Burst and pre-capture use it.

The memory is allocated, and written once, before the first frame is kept: the camera thread then only copies. Lost
frames show as gaps in the driver's own numbers; only those among the frames that are kept count.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np

from device import host
from device.errors import ShotFailed, StorageError
from device.frame import FrameMeta, LiveFrame, Mode, RawFrame, StillFrame, YuvPicture

RESERVE_BYTES: Final = 160 * 2**20  # chosen: the viewfinder, and encoding one shot while the buffer is full
RAW_BYTES: Final = 2  # per sample, as they are copied


def frame_bytes(mode: Mode) -> int:
    """Give the memory of one frame: its raw samples, and the picture of half its size (1.5 bytes a pixel)."""
    return mode.width * mode.height * RAW_BYTES + mode.width * mode.height * 3 // 8


def depth(mode: Mode, available_bytes: int) -> int:
    """How many frames of `mode` fit.

    >>> from device.sensors.imx477 import IMX477
    >>> full = max(IMX477.modes, key=lambda m: m.width * m.height)
    >>> depth(full, 250 * 2**20), depth(full, 2 * 2**30)
    (3, 67)
    """
    return max(0, (available_bytes - RESERVE_BYTES) // frame_bytes(mode))


def available_bytes() -> int:
    """Give the memory that is available now, as the kernel estimates it. Raises StorageError."""
    available = host.available_memory_bytes()
    if available is None:
        raise StorageError("the system does not tell its free memory", remedy="set the number of shots")
    return available


def missing(sequences: list[int]) -> int:
    """Count the numbers that are missing between the first and the last.

    >>> missing([7, 8, 11]), missing([])
    (2, 0)
    """
    return sequences[-1] - sequences[0] + 1 - len(sequences) if sequences else 0


@dataclass(slots=True)
class _Cell:
    """The memory of one frame and what was copied into it."""

    raw: np.ndarray
    small: YuvPicture
    meta: FrameMeta | None = None
    levels: RawFrame | None = None


class RingBuffer:
    """Keeps `depth` frames. The camera thread calls `offer`, the thread of the mode all the rest."""

    def __init__(self, mode: Mode, depth: int) -> None:
        """Frames of another mode than `mode` are not kept."""
        self._mode, self._depth = mode, depth
        self._changed = threading.Condition()
        self._shapes: list[tuple[int, ...]] = []  # of raw, y, u, v
        self._free: list[_Cell] = []
        self._kept: deque[_Cell] = deque()
        self._still_wanted = 0  # frames that are still to be recorded
        self._rolling = False

    def offer(self, frame: LiveFrame) -> None:
        """Copy the frame if it is wanted. Runs in the camera thread."""
        with self._changed:
            if frame.raw is None or frame.meta.mode != self._mode:
                return
            if not self._shapes:
                small = frame.small
                self._shapes = [plane.shape for plane in (frame.raw.samples, small.y, small.u, small.v)]
                self._changed.notify_all()
            if not (self._rolling or self._still_wanted):
                return
            cell = self._cell_for_next()
            if cell is None:
                return
            _copy(frame, cell)
            self._kept.append(cell)
            self._still_wanted = max(0, self._still_wanted - 1)
            self._changed.notify_all()

    def _cell_for_next(self) -> _Cell | None:
        """Give a free cell, or while rolling the oldest one; None when all are full."""
        if self._free:
            return self._free.pop()
        return self._kept.popleft() if self._rolling and self._kept else None

    def prepare(self, timeout_s: float) -> None:
        """Wait for the first frame, which has the sizes, and allocate the memory. Raises ShotFailed."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._shapes, timeout_s):
                raise ShotFailed(
                    "the camera sends no raw samples with its live frames",
                    expected="a camera with live raw",
                    remedy="on a Pi with little memory, close other programs or raise cma in config.txt",
                )
            raw, *planes = self._shapes
        try:
            cells = [_cell(raw, planes) for _ in range(self._depth)]
        except MemoryError as error:
            raise ShotFailed("there is too little memory", remedy="ask for fewer frames") from error
        with self._changed:
            self._free = cells

    def record(self, frames: int) -> None:
        """Keep the next `frames` frames, then no more; 0 ends it."""
        with self._changed:
            self._still_wanted = frames

    def roll(self) -> None:
        """Keep every frame from now on; when all cells are full, a new frame replaces the oldest."""
        with self._changed:
            self._rolling = True

    def stop_rolling(self) -> None:
        """Keep no more frames."""
        with self._changed:
            self._rolling = False

    @property
    def sequences(self) -> list[int]:
        """The driver's numbers of the frames it holds, oldest first."""
        with self._changed:
            return [cell.meta.sequence for cell in self._kept if cell.meta is not None]

    @property
    def filled(self) -> int:
        """How many frames it holds."""
        with self._changed:
            return len(self._kept)

    def wait_filled(self, frames: int, timeout_s: float) -> bool:
        """Wait until it holds so many; False after `timeout_s`."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self._kept) >= frames, timeout_s)

    def take(self) -> StillFrame | None:
        """Take out the oldest frame; None when it is empty."""
        with self._changed:
            cell = self._kept.popleft() if self._kept else None
        if cell is None or cell.meta is None or cell.levels is None:
            return None
        levels = cell.levels
        raw = RawFrame(cell.raw, levels.cfa, levels.bit_depth, levels.black_dn, levels.white_dn, levels.levels_assumed)
        return StillFrame(cell.meta, cell.small, raw)


def _cell(shape: tuple[int, ...], planes: list[tuple[int, ...]]) -> _Cell:
    raw = np.zeros(shape, np.uint16)
    raw.fill(1)  # the kernel allocates memory at the first write, which would otherwise delay the camera thread
    small = YuvPicture(*(np.ones(plane, np.uint8) for plane in planes))
    return _Cell(raw, small)


def _copy(frame: LiveFrame, cell: _Cell) -> None:
    assert frame.raw is not None
    np.copyto(cell.raw, frame.raw.samples)
    for target, source in zip(
        (cell.small.y, cell.small.u, cell.small.v), (frame.small.y, frame.small.u, frame.small.v), strict=True
    ):
        np.copyto(target, source)
    cell.meta = frame.meta
    raw = frame.raw
    nothing = np.zeros((0, 0), np.uint16)
    cell.levels = RawFrame(nothing, raw.cfa, raw.bit_depth, raw.black_dn, raw.white_dn, raw.levels_assumed)
