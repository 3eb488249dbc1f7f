"""Between libcamera's vocabulary and ours: modes, limits, controls, metadata, planes. Values only; no camera is needed.

Names, units and value numbers are those of libcamera's control list as picamera2 hands them on: plain Python values
under the control's name ("ExposureTime" in us, "SensorTimestamp" in ns). Any metadata item may be missing on a frame.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from device.bayer import CFA_ORDERS, CfaOrder
from device.controls import KELVIN, MAINS_HALF_PERIOD_US, PICTURE
from device.errors import ModeRefused
from device.frame import (
    U8,
    U16,
    AeState,
    AntiFlicker,
    AnyRaw,
    AwbMode,
    Constraint,
    Controls,
    FrameMeta,
    Limit,
    Metering,
    Mode,
    NoiseReduction,
    RawFrame,
    Rect,
    YuvPicture,
)
from device.pixels.packed import PackedRaw, from_msb_aligned, unpack_csi2
from device.sensors.base import Sensor

Translate = Callable[[Controls, Iterable[str]], dict[str, Any]]
"""Gives libcamera's controls for ours, out of those that are offered."""

AWB_MODES: Final[dict[AwbMode, int]] = {  # libcamera's AwbModeEnum
    "auto": 0,
    "incandescent": 1,
    "tungsten": 2,
    "fluorescent": 3,
    "indoor": 4,
    "daylight": 5,
    "cloudy": 6,
}
AE_CONVERGED: Final = 2  # AeStateEnum: 0 idle, 1 searching, 2 converged
METERING: Final[dict[Metering, int]] = {"centre": 0, "spot": 1, "matrix": 2}  # AeMeteringModeEnum
CONSTRAINT: Final[dict[Constraint, int]] = {"normal": 0, "highlight": 1}  # AeConstraintModeEnum
ANTI_FLICKER: Final[dict[AntiFlicker, int]] = {"off": 0, "50 Hz": 1, "60 Hz": 1, "auto": 2}  # AeFlickerModeEnum
NOISE_REDUCTION: Final[dict[NoiseReduction, int]] = {"off": 0, "fast": 1, "best": 2}  # draft NoiseReductionModeEnum
LIVE_FRAME_US: Final = (33_333, 83_333)  # chosen: 30 frames a second; down to 12 in the dark (picamera2's own floor)
LONGEST_FRAME_US: Final = 1_000_000_000  # libcamera clamps it to the mode's own limit
MIN_EXPOSURE_LINES: Final = 4  # the imx477 driver's shortest exposure, in lines
BLACK_LEVEL_BITS: Final = 16  # SensorBlackLevels are on a 16-bit scale
_NO_SAMPLES = np.empty((0, 0), np.uint16)
_RAW_NAME = re.compile(r"S?([RGB]{4})(8|10|12|14|16)(_CSI2P)?")


# -- what the camera is -----------------------------------------------------------------------------------------------


def modes_from(sensor_modes: Iterable[Mapping[str, Any]], sensor: Sensor) -> tuple[Mode, ...]:
    """Turn picamera2's `sensor_modes` into modes: smallest first, and of one size the deepest first.

    Entries without a size (a camera that is no raw sensor) are left out.
    """
    modes = [_mode(entry, sensor) for entry in sensor_modes if "size" in entry]
    return tuple(sorted(modes, key=lambda m: (m.width * m.height, m.width, -m.bit_depth)))


def _mode(entry: Mapping[str, Any], sensor: Sensor) -> Mode:
    width, height = entry["size"]
    crop = Rect(*entry["crop_limits"])
    # (min, max, default) without zeros, the last perhaps None: two or three items, or one when there is no maximum.
    limits = [int(v) for v in entry["exposure_limits"] if v is not None]
    shortest, longest = limits[0], limits[1] if len(limits) > 1 else round(1e6 / entry["fps"])
    return Mode(
        width=width,
        height=height,
        bit_depth=int(entry["bit_depth"]),
        crop=crop,
        binning=max(1, round(crop.width / width)),
        max_fps=float(entry["fps"]),
        exposure_min_us=shortest,
        exposure_max_us=longest,
        line_us=_line_us(width, height, shortest, sensor),
    )


def _line_us(width: int, height: int, shortest_us: int, sensor: Sensor) -> float:
    """Give the time of one line: the known mode's where the shortest exposure agrees, else a quarter of that.

    libcamera does not report it, and cuts the shortest exposure to whole microseconds: a quarter of 60 is 15.0 where
    the line takes 15.17.
    """
    for known in sensor.modes:
        if (known.width, known.height, known.exposure_min_us) == (width, height, shortest_us):
            return known.line_us
    return max(shortest_us, 1) / MIN_EXPOSURE_LINES


def limits_from(camera_controls: Mapping[str, tuple[Any, Any, Any]], modes: Iterable[Mode]) -> dict[str, Limit]:
    """Give the ranges of our controls from picamera2's `camera_controls` (name -> min, max, default)."""
    limits = {}
    modes = tuple(modes)
    if "ExposureTime" in camera_controls:
        shortest, longest = min(m.exposure_min_us for m in modes), max(m.exposure_max_us for m in modes)
        limits["exposure_us"] = Limit(shortest, longest, None, "us")
    for ours, theirs, unit in (("gain", "AnalogueGain", "x"), ("ev", "ExposureValue", "EV")):
        if theirs in camera_controls:
            low, high, default = camera_controls[theirs]
            limits[ours] = Limit(float(low), float(high), default if ours == "ev" else None, unit)
    if "ColourGains" in camera_controls:
        low, high, _ = (np.ravel(v)[0] if v is not None else 0 for v in camera_controls["ColourGains"])
        limits["colour_gains"] = Limit(max(float(low), 0.1), float(high), None, "x")  # a gain of 0 means automatic
    if "ColourTemperature" in camera_controls:
        low, high, _ = camera_controls["ColourTemperature"]
        limits["colour_temperature_k"] = Limit(max(float(low), KELVIN[0]), min(float(high), KELVIN[1]), None, "K")
    for name, (low, high) in PICTURE.items():
        if (theirs := name.capitalize()) in camera_controls:
            least, most, _ = camera_controls[theirs]
            limits[name] = Limit(max(float(least), low), min(float(most), high), 1.0, "x")
    return limits


def choices_from(camera_controls: Mapping[str, tuple[Any, Any, Any]]) -> dict[str, tuple[str, ...]]:
    """Give which of our words the camera takes, from the ranges of libcamera's numbers for them."""
    known: tuple[tuple[str, str, Mapping[Any, int]], ...] = (
        ("metering", "AeMeteringMode", METERING),
        ("constraint", "AeConstraintMode", CONSTRAINT),
        ("anti_flicker", "AeFlickerMode", ANTI_FLICKER),
        ("noise_reduction", "NoiseReductionMode", NOISE_REDUCTION),
    )
    choices = {}
    for ours, theirs, numbers in known:
        if theirs in camera_controls:
            least, most, _ = (int(v) if v is not None else None for v in camera_controls[theirs])
            offered = tuple(w for w, n in numbers.items() if (least or 0) <= n and (most is None or n <= most))
            if len(offered) > 1:
                choices[ours] = offered
    return choices


# -- what is asked of it ----------------------------------------------------------------------------------------------


def controls_for(controls: Controls, offered: Iterable[str]) -> dict[str, Any]:
    """Give the libcamera controls of a live stream, each of exactly the type libcamera takes.

    `offered` are the names this camera advertises; others are left out (asking for one is an error in picamera2).
    Zero hands exposure or gain to auto exposure; `AeEnable` false holds both where they are.
    """
    longest_us = round(controls.exposure_us) if controls.exposure_us else 0
    wanted: dict[str, Any] = {
        "AeEnable": not controls.ae_lock,
        "ExposureValue": float(controls.ev),
        "FrameDurationLimits": (LIVE_FRAME_US[0], max(LIVE_FRAME_US[1], longest_us + LIVE_FRAME_US[0])),
        # The assists read this stream: sharpening looks like focus to them, and noise reduction like blur.
        "Sharpness": 0.0,
        "NoiseReductionMode": NOISE_REDUCTION["off"],
        **_metering(controls),
        **_look(controls),
        **_white_balance(controls),
    }
    if controls.exposure_us is not None or not controls.ae_lock:
        wanted["ExposureTime"] = longest_us
    if controls.gain is not None or not controls.ae_lock:
        wanted["AnalogueGain"] = float(controls.gain or 0.0)
    return _only(wanted, offered)


def still_controls_for(controls: Controls, offered: Iterable[str]) -> dict[str, Any]:
    """Give the libcamera controls of a shot, which may be exposed as long as the mode allows."""
    wanted = {
        "AeEnable": not controls.ae_lock,
        "ExposureValue": float(controls.ev),
        "ExposureTime": round(controls.exposure_us or 0),
        "AnalogueGain": float(controls.gain or 0.0),
        "FrameDurationLimits": (100, LONGEST_FRAME_US),
        "Sharpness": float(controls.sharpness),
        "NoiseReductionMode": NOISE_REDUCTION[controls.noise_reduction],
        **_metering(controls),
        **_look(controls),
        **_white_balance(controls),
    }
    return _only(wanted, offered)


def _metering(controls: Controls) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "AeMeteringMode": METERING[controls.metering],
        "AeConstraintMode": CONSTRAINT[controls.constraint],
        "AeFlickerMode": ANTI_FLICKER[controls.anti_flicker],
    }
    if (half_us := MAINS_HALF_PERIOD_US.get(controls.anti_flicker)) is not None:
        wanted["AeFlickerPeriod"] = round(half_us)
    return wanted


def _look(controls: Controls) -> dict[str, Any]:
    return {"Contrast": float(controls.contrast), "Saturation": float(controls.saturation)}


def _white_balance(controls: Controls) -> dict[str, Any]:
    if controls.awb == "kelvin" and controls.colour_temperature_k is not None:
        return {"AwbEnable": False, "ColourTemperature": round(controls.colour_temperature_k)}
    if controls.awb == "manual" and controls.colour_gains is not None:
        red, blue = controls.colour_gains
        return {"AwbEnable": False, "ColourGains": (float(red), float(blue))}
    return {"AwbEnable": True, "AwbMode": AWB_MODES[controls.awb]}


def _only(wanted: dict[str, Any], offered: Iterable[str]) -> dict[str, Any]:
    names = frozenset(offered)
    return {name: value for name, value in wanted.items() if name in names}


# -- what it delivered ------------------------------------------------------------------------------------------------


def meta_from(
    metadata: Mapping[str, Any],
    *,
    now_ns: int,
    boot_offset_ns: int,
    mode: Mode,
    controls: Controls,
    before: FrameMeta | None,
) -> FrameMeta:
    """Turn a frame's metadata into ours; `before` is the last frame's, from which it is counted on.

    `SensorTimestamp` is the moment the first row was read out, so its exposure began one exposure time earlier. It is
    documented on the boot clock and delivered on the monotonic one by the kernel's camera drivers; the two differ (by
    `boot_offset_ns`) only after the machine slept, and then a time after `now_ns` tells which it was.
    """
    exposure_us = float(metadata.get("ExposureTime", 0.0))
    read_ns = int(metadata.get("SensorTimestamp", now_ns))
    if read_ns > now_ns:
        read_ns -= boot_offset_ns
    gains = metadata.get("ColourGains") or (1.0, 1.0)
    frame_duration_us = float(metadata.get("FrameDuration", 1e6 / mode.max_fps))
    return FrameMeta(
        sequence=_next_sequence(before, read_ns, frame_duration_us),
        timestamp_ns=read_ns - round(exposure_us * 1000),
        exposure_us=exposure_us,
        analogue_gain=float(metadata.get("AnalogueGain", 1.0)),
        digital_gain=float(metadata.get("DigitalGain", 1.0)),
        colour_gains=(float(gains[0]), float(gains[1])),
        colour_temperature_k=float(metadata.get("ColourTemperature", 0)),
        frame_duration_us=frame_duration_us,
        ae_state=_ae_state(metadata, controls),
        mode=mode,
        simulated=False,
        sensor_temperature_c=_optional(metadata.get("SensorTemperature")),
        lux=_optional(metadata.get("Lux")),
        # libcamera tells the contrast with the frame that changed it, no other.
        contrast=float(metadata.get("Contrast", controls.contrast)),
        exposure_known="ExposureTime" in metadata and "AnalogueGain" in metadata,
    )


def _next_sequence(before: FrameMeta | None, read_ns: int, frame_duration_us: float) -> int:
    """Count on by the frame times that passed, so that frames nobody got leave a gap.

    The longer of the two durations counts: around a change the metadata do not tell which of them it was.
    """
    if before is None:
        return 1
    passed_us = (read_ns - before.timestamp_ns) / 1000 - before.exposure_us
    return before.sequence + max(1, round(passed_us / max(frame_duration_us, before.frame_duration_us)))


def _ae_state(metadata: Mapping[str, Any], controls: Controls) -> AeState:
    if controls.exposure_us is not None and controls.gain is not None:
        return "off"
    if controls.ae_lock:
        return "locked"
    # AeState since libcamera 0.4; before it AeLocked, true once converged.
    converged = metadata.get("AeState") == AE_CONVERGED or metadata.get("AeLocked") is True
    return "converged" if converged else "searching"


def _optional(value: Any) -> float | None:
    return None if value is None else float(value)


# -- pixels -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How the camera lays one stream out, as it was granted."""

    name: str
    """libcamera's name of the format."""
    width: int
    height: int
    stride: int
    """Bytes from one row to the next."""

    @staticmethod
    def granted(stream: Mapping[str, Any]) -> StreamFormat:
        """Take it from picamera2's configuration of one stream."""
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
    """What a raw stream's samples are."""

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
    """Give a raw frame over the buffer without a copy where the layout allows it.

    A Pi 5 delivers the sensor's samples at the top of 16-bit words: they stay there (`bit_depth` 16), with black and
    white on that scale.
    """
    raw = raw_layout(layout.name)
    rows = buffer[: layout.height * layout.stride].reshape(layout.height, layout.stride)
    if raw.packed:
        samples = unpack_csi2(rows, layout.width, bit_depth=raw.bit_depth)
    elif raw.bit_depth == 8:
        samples = rows[:, : layout.width].astype(np.uint16)
    else:
        samples = cast(NDArray[np.uint8], rows).view("<u2")[:, : layout.width]
    return _levelled(samples, raw, mode, metadata, sensor)


def raw_copy(buffer: U8, layout: StreamFormat, mode: Mode, metadata: Mapping[str, Any], sensor: Sensor) -> AnyRaw:
    """Give a raw frame that owns its samples, right-justified at the sensor's bit depth whatever the platform.

    Samples that come packed stay packed: a file is made of them with less work.
    """
    raw = raw_layout(layout.name)
    if raw.packed:
        rows = buffer[: layout.height * layout.stride].reshape(layout.height, layout.stride).copy()
        told = _levelled(_NO_SAMPLES, raw, mode, metadata, sensor)
        return PackedRaw(rows, layout.width, raw.cfa, raw.bit_depth, told.black_dn, told.white_dn, told.levels_assumed)
    view = raw_view(buffer, layout, mode, metadata, sensor)
    shift = view.bit_depth - mode.bit_depth
    if shift <= 0:
        owned = view.samples.copy()
        return RawFrame(owned, view.cfa, view.bit_depth, view.black_dn, view.white_dn, view.levels_assumed)
    black = cast(tuple[float, float, float, float], tuple(level / 2**shift for level in view.black_dn))
    samples = from_msb_aligned(view.samples, bit_depth=mode.bit_depth)
    return RawFrame(samples, view.cfa, mode.bit_depth, black, 2**mode.bit_depth - 1, view.levels_assumed)


def _levelled(samples: U16, raw: RawLayout, mode: Mode, metadata: Mapping[str, Any], sensor: Sensor) -> RawFrame:
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
