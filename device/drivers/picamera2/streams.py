"""The configurations that we request from picamera2, and the check of what it grants."""

from __future__ import annotations

from typing import Any, Final

from device.drivers.picamera2.errors import REFUSED
from device.drivers.picamera2.planes import StreamFormat, raw_layout
from device.errors import ModeRefused
from device.frame import Mode, Rect

LIVE_BUFFERS: Final = 4  # picamera2's number for a preview: one on loan, one being written, two queued
LARGE_LIVE_BUFFERS: Final = 2  # of a mode above LARGE_PIXELS, where each takes 43 MB
LARGE_PIXELS: Final = 6_000_000


def live(camera: Any, mode: Mode, *, with_raw: bool) -> dict[str, Any]:
    """Give picamera2's configuration of the live streams.

    Raw is requested unpacked: no unpacking per frame, and the only kind that a Pi 5 delivers uncompressed.
    """
    config: dict[str, Any] = camera.create_preview_configuration(
        main={"format": "YUV420", "size": (mode.width, mode.height)},
        lores={"format": "YUV420", "size": (mode.width // 4 * 2, mode.height // 4 * 2)},
        raw={"format": f"SRGGB{mode.bit_depth}", "size": (mode.width, mode.height)} if with_raw else None,
        sensor={"output_size": (mode.width, mode.height), "bit_depth": mode.bit_depth},
        buffer_count=LARGE_LIVE_BUFFERS if mode.width * mode.height > LARGE_PIXELS else LIVE_BUFFERS,
        queue=False,  # picamera2 must not hold back a finished request
        controls={},
    )
    return config


def loupe(camera: Any, mode: Mode, window: Rect) -> dict[str, Any]:
    """Give picamera2's configuration of the loupe: `mode` is read out, the picture has the size of the window.

    With the crop of `scaler_crop` the ISP then scales nothing. No raw: its buffers take 25 MB each.
    """
    config: dict[str, Any] = camera.create_preview_configuration(
        main={"format": "YUV420", "size": (window.width, window.height)},
        lores=None,
        raw=None,
        sensor={"output_size": (mode.width, mode.height), "bit_depth": mode.bit_depth},
        buffer_count=LIVE_BUFFERS,
        queue=False,
        controls={},
    )
    return config


def scaler_crop(window: Rect) -> dict[str, Any]:
    """Give the control that crops the picture to `window`, in pixels of the full array, as ours."""
    return {"ScalerCrop": (window.x, window.y, window.width, window.height)}


def still(camera: Any, mode: Mode, *, with_raw: bool = True) -> dict[str, Any]:
    """Give picamera2's configuration of a shot, with one buffer."""
    config: dict[str, Any] = camera.create_still_configuration(
        main={"format": "YUV420", "size": (mode.width, mode.height)},
        raw={"format": f"SRGGB{mode.bit_depth}", "size": (mode.width, mode.height)} if with_raw else None,
        sensor={"output_size": (mode.width, mode.height), "bit_depth": mode.bit_depth},
        buffer_count=1,
        display="main",  # so that picamera2 passes the request to the loop
        controls={},
    )
    return config


def check_granted(streams: dict[str, StreamFormat], size: Mode | Rect) -> None:
    """Raise ModeRefused if a granted size is not that of `size`, or if raw has no plain samples."""
    for name in ("main", "raw"):
        granted = streams.get(name)
        if granted is not None and (granted.width, granted.height) != (size.width, size.height):
            raise ModeRefused(
                f"the camera grants {granted.width}x{granted.height} where {size.width}x{size.height} was asked for",
                remedy=REFUSED,
            )
    if "raw" in streams:
        raw_layout(streams["raw"].name)
