"""Prints as JSON what picamera2 finds. A separate process, because a broken camera system can hang or crash it."""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from device.drivers.picamera2.driver import Picamera2Camera
from device.drivers.picamera2.library import listed_cameras
from device.errors import CameraError


def probe() -> dict[str, Any]:
    """Give versions, the attached cameras, the first one's modes, and the error, if any."""
    found: dict[str, Any] = {"picamera2": None, "libcamera": None, "cameras": [], "modes": [], "error": None}
    try:
        found["picamera2"] = version("picamera2")
    except PackageNotFoundError:
        pass
    camera = Picamera2Camera()
    try:
        found["cameras"] = listed_cameras()
        found["libcamera"] = _libcamera_version()
        camera.open()
        found["modes"] = [{"name": mode.name, "max_fps": mode.max_fps} for mode in camera.info.modes]
    except CameraError as error:
        found["error"] = error.as_json()
    finally:
        camera.close()
    return found


def _libcamera_version() -> str | None:
    import libcamera

    reported = getattr(libcamera.CameraManager, "version", None)
    return str(reported).removeprefix("v") if reported is not None else None


if __name__ == "__main__":
    print(json.dumps(probe()))
