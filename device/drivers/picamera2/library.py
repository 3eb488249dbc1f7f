"""Imports picamera2, and gives its camera class, an allocator for it, and the list of attached cameras."""

from __future__ import annotations

import logging
import os
from typing import Any

from device.drivers.picamera2.errors import NO_CAMERA, driver_missing
from device.errors import NoCamera

log = logging.getLogger(__name__)


def load() -> tuple[Any, Any]:
    """Import picamera2, which takes a second on a Pi; give its camera class and an allocator. Raises DriverMissing."""
    os.environ.setdefault("LIBCAMERA_LOG_LEVELS", "*:ERROR")
    try:
        from picamera2 import Picamera2
        from picamera2.allocators import DmaAllocator
    except ImportError as error:
        raise driver_missing(error) from error
    if not log.isEnabledFor(logging.INFO):
        logging.getLogger("picamera2").setLevel(logging.CRITICAL)  # it logs what it raises; ours is clearer

    class LateAllocator(DmaAllocator):  # type: ignore[misc]
        """Allocates nothing before `wanted`: picamera2 reads the modes by configuring each, 75 MB for the largest."""

        wanted = False

        def allocate(self, config: Any, use_case: Any) -> None:
            if self.wanted:
                super().allocate(config, use_case)

    return Picamera2, LateAllocator


def listed_cameras() -> list[dict[str, Any]]:
    """List the attached cameras (Model, Id, Num and more) without acquiring one. Raises DriverMissing."""
    return list_cameras(load()[0])


def list_cameras(picamera2: Any) -> list[dict[str, Any]]:
    """List the cameras. If there is none, list again: libcamera only lists those present when it was started."""
    cameras: list[dict[str, Any]] = picamera2.global_camera_info()
    if not cameras and not picamera2._cm.cameras:
        picamera2._cm.reset()
        cameras = picamera2.global_camera_info()
    return cameras


def pick(cameras: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """Give the entry of the `number`-th camera, counted from 0. Raises NoCamera."""
    if number < len(cameras):
        return cameras[number]
    found = f"camera {number} was asked for, but only {len(cameras)} found" if cameras else "no camera was found"
    raise NoCamera(found, remedy=NO_CAMERA)
