"""Gives pictures and raw samples as arrays over a buffer, by the format that the camera granted. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from device.bayer import CFA_ORDERS, CfaOrder
from device.errors import ModeRefused
from device.frame import U8, U16, AnyRaw, Mode, RawFrame, YuvPicture
from device.pixels.packed import PackedRaw, from_msb_aligned, unpack_csi2
from device.sensors.base import Sensor

BLACK_LEVEL_BITS: Final = 16  # SensorBlackLevels are on a 16-bit scale
_NO_SAMPLES = np.empty((0, 0), np.uint16)
_RAW_NAME = re.compile(r"S?([RGB]{4})(8|10|12|14|16)(_CSI2P)?")


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """The memory layout of one stream, as the camera granted it."""

    name: str
    """libcamera's name of the format."""
    width: int
    height: int
    stride: int
    """Bytes from one row to the next."""

    @staticmethod
    def granted(stream: Mapping[str, Any]) -> StreamFormat:
        """Read it from picamera2's configuration of one stream."""
        width, height = stream["size"]
        return StreamFormat(str(stream["format"]), int(width), int(height), int(stream["stride"]))


def yuv_planes(buffer: U8, layout: StreamFormat) -> YuvPicture:
    """Give views of the three planes of a YUV420 buffer: luma rows of `stride`, then U and V rows of half of it."""
    if layout.name != "YUV420":
        raise ModeRefused(f"the camera delivers {layout.name}", expected="YUV420")
    width, height, stride = layout.width, layout.height, layout.stride
    luma_end, chroma = height * stride, (height // 2) * (stride // 2)
    y = buffer[:luma_end].reshape(height, stride)[:, :width]
    u = buffer[luma_end : luma_end + chroma].reshape(height // 2, stride // 2)[:, : width // 2]
    v = buffer[luma_end + chroma : luma_end + 2 * chroma].reshape(height // 2, stride // 2)[:, : width // 2]
    return YuvPicture(y, u, v)


@dataclass(frozen=True, slots=True)
class RawLayout:
    """The format of a raw stream's samples."""

    cfa: CfaOrder
    bit_depth: int
    packed: bool


def raw_layout(name: str) -> RawLayout:
    """Read a raw format's name, such as "SBGGR12_CSI2P". Raises ModeRefused for data that are not plain samples."""
    match = _RAW_NAME.fullmatch(name)
    if match is None or match[1] not in CFA_ORDERS:
        raise ModeRefused(
            f"the camera delivers raw as {name}",
            expected="uncompressed Bayer samples (on a Pi 5: unpacked, 16 bit)",
            remedy="compressed raw has some 256 levels instead of 4096: hqcam does not store it as raw. Update the "
            "system (sudo apt full-upgrade); if it stays, please report the output of `hqcam doctor --json`",
        )
    return RawLayout(cast(CfaOrder, match[1]), int(match[2]), match[3] is not None)


def raw_view(buffer: U8, layout: StreamFormat, mode: Mode, metadata: Mapping[str, Any], sensor: Sensor) -> RawFrame:
    """Give a raw frame over the buffer, without a copy where the layout allows it.

    A Pi 5 delivers the sensor's samples in the upper bits of 16-bit words: they stay there (`bit_depth` 16), with black
    and white on that scale.
    """
    raw = raw_layout(layout.name)
    rows = buffer[: layout.height * layout.stride].reshape(layout.height, layout.stride)
    if raw.packed:
        samples = unpack_csi2(rows, layout.width, bit_depth=raw.bit_depth)
    elif raw.bit_depth == 8:
        samples = rows[:, : layout.width].astype(np.uint16)
    else:
        samples = cast(NDArray[np.uint8], rows).view("<u2")[:, : layout.width]
    return _with_levels(samples, raw, mode, metadata, sensor)


def raw_copy(buffer: U8, layout: StreamFormat, mode: Mode, metadata: Mapping[str, Any], sensor: Sensor) -> AnyRaw:
    """Give a raw frame that owns its samples, right-justified at the sensor's bit depth on every platform.

    Packed samples stay packed: writing a file is then less work.
    """
    raw = raw_layout(layout.name)
    if raw.packed:
        rows = buffer[: layout.height * layout.stride].reshape(layout.height, layout.stride).copy()
        like = _with_levels(_NO_SAMPLES, raw, mode, metadata, sensor)
        return PackedRaw(rows, layout.width, raw.cfa, raw.bit_depth, like.black_dn, like.white_dn, like.levels_assumed)
    view = raw_view(buffer, layout, mode, metadata, sensor)
    shift = view.bit_depth - mode.bit_depth
    if shift <= 0:
        owned = view.samples.copy()
        return RawFrame(owned, view.cfa, view.bit_depth, view.black_dn, view.white_dn, view.levels_assumed)
    black = cast(tuple[float, float, float, float], tuple(level / 2**shift for level in view.black_dn))
    samples = from_msb_aligned(view.samples, bit_depth=mode.bit_depth)
    return RawFrame(samples, view.cfa, mode.bit_depth, black, 2**mode.bit_depth - 1, view.levels_assumed)


def _with_levels(samples: U16, raw: RawLayout, mode: Mode, metadata: Mapping[str, Any], sensor: Sensor) -> RawFrame:
    reported = metadata.get("SensorBlackLevels")
    if reported is not None and len(reported) == 4:
        levels = [float(level) / 2 ** (BLACK_LEVEL_BITS - raw.bit_depth) for level in reported]
    else:
        levels = [sensor.black_dn * 2.0 ** (raw.bit_depth - sensor.bit_depth)] * 4
    sensor_white = 2 ** min(mode.bit_depth, raw.bit_depth) - 1
    return RawFrame(
        samples=samples,
        cfa=raw.cfa,
        bit_depth=raw.bit_depth,
        black_dn=(levels[0], levels[1], levels[2], levels[3]),
        white_dn=sensor_white << max(0, raw.bit_depth - mode.bit_depth),
        levels_assumed=reported is None,
    )
