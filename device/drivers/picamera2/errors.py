"""Turns errors of picamera2 and libcamera into ours, with remedies for the person who built the camera.

Both libraries raise RuntimeError and OSError for everything; only texts and causes distinguish the failures.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Final

from device.errors import (
    CameraBusy,
    CameraError,
    CameraLost,
    DriverMissing,
    ModeRefused,
    NoCamera,
    NotEnoughMemory,
)

NO_PICAMERA2: Final = (
    "on a Raspberry Pi: sudo apt install python3-picamera2, and make the environment with --system-site-packages; "
    "without a camera: --camera simulated"
)
NO_CAMERA: Final = (
    "switch the Pi off and check both ends of the ribbon cable (contacts the right way round, latches closed); "
    "/boot/firmware/config.txt needs camera_auto_detect=1, or dtoverlay=imx477 for some cameras; start again, and "
    "`rpicam-hello --list-cameras` must list it"
)
BUSY: Final = (
    "end the other program (another hqcam, rpicam-hello, motion): `hqcam doctor` names it, "
    "`sudo systemctl stop hqcam` stops our own service"
)
NO_MEMORY: Final = (
    "reserve more for cameras: in /boot/firmware/config.txt write dtoverlay=vc4-kms-v3d,cma-320 (cma-256 on a board "
    "with 512 MB) and start again; `hqcam doctor` shows what there is"
)
LOST: Final = "it is being reopened; if this repeats, check the ribbon cable and run `hqcam doctor`"
REFUSED: Final = "choose another mode (`hqcam info` lists them); update the system if it should be there"


def driver_missing(error: ImportError) -> DriverMissing:
    """Give our error for a part of picamera2 that cannot be imported."""
    part = error.name or str(error)
    if part.split(".")[0] in ("libcamera", "pykms", "kms"):
        message = f"picamera2 is there, but its part {part!r} is not: it comes with the system, not from PyPI"
    else:
        message = f"picamera2, which drives the camera, cannot be imported ({error})"
    return DriverMissing(message, expected="Raspberry Pi OS with python3-picamera2", remedy=NO_PICAMERA2)


def as_camera_error(error: BaseException, doing: str) -> CameraError:
    """Give our error for one of picamera2's; `doing` begins the message of an error that is not recognised."""
    if isinstance(error, CameraError):
        return error
    chain = list(_causes(error))
    text = "; ".join(str(e) for e in chain)
    codes = {e.errno for e in chain if isinstance(e, OSError)}
    if errno.ENOMEM in codes or _has_any(text, "Cannot allocate memory", "failed to allocate", "Failed to allocate"):
        return NotEnoughMemory("there is not enough memory for the camera's buffers (CMA)", remedy=NO_MEMORY)
    if errno.EBUSY in codes or _has_any(text, "Device or resource busy", "Failed to acquire camera"):
        return CameraBusy("another program uses the camera", remedy=BUSY)
    if _has_any(text, "No camera number", "Camera(s) not found", "list index out of range"):
        return NoCamera("no camera was found", remedy=NO_CAMERA)
    if _has_any(text, "dmaHeap", "dma_heap"):
        return NotEnoughMemory("the kernel offers no memory for cameras (/dev/dma_heap)", remedy=NO_MEMORY)
    if errno.ENODEV in codes or _has_any(text, "No such device"):
        return CameraLost("the camera went away", remedy=LOST)
    if _has_any(text, "Invalid camera configuration", "Configuration failed", "Failed to configure camera"):
        return ModeRefused(doing, remedy=REFUSED)
    return CameraLost(f"{doing}: {text or type(error).__name__}", remedy=LOST)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _has_any(text: str, *signs: str) -> bool:
    return any(sign in text for sign in signs)
