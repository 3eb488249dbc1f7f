"""Makes this machine look like a Raspberry Pi to picamera2, whose own code stays as it is.

Python imports this module at every start inside the rig. Two things of a Pi are missing here: the video devices that
tell its kind, and the kernel's heap of memory for cameras. Both are set in place of the modules that ask for them.
"""

import ctypes
import errno
import os
import sys
import types
from enum import Enum


class Platform(Enum):
    """As picamera2.platform has it."""

    VC4 = 0
    PISP = 1


class _Descriptor:
    def __init__(self, fd: int) -> None:
        self._fd = fd

    def get(self) -> int:
        return self._fd

    def isValid(self) -> bool:  # noqa: N802 (picamera2's name)
        return self._fd >= 0


class DmaHeap:
    """Gives anonymous memory for camera buffers, or none while the fault "no-memory" lasts."""

    isValid = True  # noqa: N815 (picamera2's name)

    def alloc(self, name: str, size: int) -> _Descriptor:
        faults = os.environ.get("HQCAM_RIG_FAULTS", "")
        if faults and os.path.exists(os.path.join(faults, "no-memory")):
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        fd = os.memfd_create(name, os.MFD_CLOEXEC)
        os.ftruncate(fd, size)
        return _Descriptor(fd)

    def close(self) -> None:
        """Nothing is held."""


class dma_buf_sync(ctypes.Structure):  # noqa: N801 (the kernel's name)
    """As linux/dma-buf.h has it."""

    _fields_ = [("flags", ctypes.c_uint64)]


def _modules() -> None:
    platform = types.ModuleType("picamera2.platform")
    chosen = Platform.PISP if os.environ["HQCAM_RIG_PLATFORM"] == "pisp" else Platform.VC4
    platform.Platform, platform.get_platform = Platform, lambda: chosen
    heap = types.ModuleType("picamera2.dma_heap")
    heap.DmaHeap, heap.dma_buf_sync = DmaHeap, dma_buf_sync
    heap.DMA_BUF_SYNC_READ, heap.DMA_BUF_SYNC_RW, heap.DMA_BUF_SYNC_START, heap.DMA_BUF_SYNC_END = 1, 3, 0, 4
    # picamera2 sends a buffer this one ioctl. Memory that is not DMA has nothing to synchronise and refuses it;
    # FIOCLEX (asm-generic/ioctls.h) takes its place: it sets close-on-exec, which is set already.
    heap.DMA_BUF_IOCTL_SYNC = 0x5451
    sys.modules["picamera2.platform"], sys.modules["picamera2.dma_heap"] = platform, heap


if "HQCAM_RIG_PLATFORM" in os.environ:
    _modules()
