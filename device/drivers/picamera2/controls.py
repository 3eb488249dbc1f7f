"""Converts between our controls and libcamera's: the ranges that a camera reports, and the values to request.

Values only; no camera is needed. Names, units and numbers of enumerations are those of libcamera's control list, as
picamera2 passes them: plain Python values under the control's name ("ExposureTime" in us).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from device.controls import KELVIN_RANGE, MAINS_HALF_PERIOD_US, PICTURE_RANGES
from device.frame import AntiFlicker, AwbMode, Constraint, Controls, Limit, Metering, Mode, NoiseReduction

AWB_MODES: Final[dict[AwbMode, int]] = {  # libcamera's AwbModeEnum
    "auto": 0,
    "incandescent": 1,
    "tungsten": 2,
    "fluorescent": 3,
    "indoor": 4,
    "daylight": 5,
    "cloudy": 6,
}
METERING: Final[dict[Metering, int]] = {"centre": 0, "spot": 1, "matrix": 2}  # AeMeteringModeEnum
CONSTRAINT: Final[dict[Constraint, int]] = {"normal": 0, "highlight": 1}  # AeConstraintModeEnum
ANTI_FLICKER: Final[dict[AntiFlicker, int]] = {"off": 0, "50 Hz": 1, "60 Hz": 1, "auto": 2}  # AeFlickerModeEnum
NOISE_REDUCTION: Final[dict[NoiseReduction, int]] = {"off": 0, "fast": 1, "best": 2}  # draft NoiseReductionModeEnum
PART_OF_LINE: Final = 0.4
LIVE_FRAME_US: Final = (33_333, 83_333)  # chosen: 30 frames a second; down to 12 in the dark (picamera2's own floor)
LONGEST_FRAME_US: Final = 1_000_000_000  # libcamera clamps it to the mode's own limit


def limits_from(camera_controls: Mapping[str, tuple[Any, Any, Any]], modes: Iterable[Mode]) -> dict[str, Limit]:
    """Give the ranges of our controls from picamera2's `camera_controls` (name -> min, max, default)."""
    limits = {}
    modes = tuple(modes)
    if "ExposureTime" in camera_controls:
        shortest, longest = min(m.exposure_min_us for m in modes), max(m.exposure_max_us for m in modes)
        limits["exposure_us"] = Limit(shortest, longest, None, "us")
        limits["slowest_us"] = Limit(shortest, longest, Controls().slowest_us, "us")
    for ours, theirs, unit in (("gain", "AnalogueGain", "x"), ("ev", "ExposureValue", "EV")):
        if theirs in camera_controls:
            low, high, default = camera_controls[theirs]
            limits[ours] = Limit(float(low), float(high), default if ours == "ev" else None, unit)
    if "ColourGains" in camera_controls:
        low, high, _ = (np.ravel(v)[0] if v is not None else 0 for v in camera_controls["ColourGains"])
        limits["colour_gains"] = Limit(max(float(low), 0.1), float(high), None, "x")  # a gain of 0 means automatic
    if "ColourTemperature" in camera_controls:
        low, high, _ = camera_controls["ColourTemperature"]
        limits["colour_temperature_k"] = Limit(
            max(float(low), KELVIN_RANGE[0]), min(float(high), KELVIN_RANGE[1]), None, "K"
        )
    for name, (low, high) in PICTURE_RANGES.items():
        if (theirs := name.capitalize()) in camera_controls:
            least, most, _ = camera_controls[theirs]
            limits[name] = Limit(max(float(least), low), min(float(most), high), 1.0, "x")
    return limits


def choices_from(camera_controls: Mapping[str, tuple[Any, Any, Any]]) -> dict[str, tuple[str, ...]]:
    """Give the choices of our controls that the camera takes, from the ranges of libcamera's numbers for them."""
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


def controls_for(controls: Controls, offered: Iterable[str]) -> dict[str, Any]:
    """Give the libcamera controls of a live stream, each of exactly the type libcamera takes.

    `offered` are the names that this camera advertises; others are left out (picamera2 raises an error for them).
    Zero means that auto exposure sets exposure time or gain; `AeEnable` false holds both at their values.
    """
    longest_us = round(controls.exposure_us) if controls.exposure_us else 0
    wanted: dict[str, Any] = {
        "AeEnable": not controls.ae_lock,
        "ExposureValue": float(controls.ev),
        "FrameDurationLimits": (LIVE_FRAME_US[0], max(LIVE_FRAME_US[1], longest_us + LIVE_FRAME_US[0])),
        # The assists read this stream: they would take sharpening for focus, and noise reduction for blur.
        "Sharpness": 0.0,
        "NoiseReductionMode": NOISE_REDUCTION["off"],
        **_metering(controls),
        **_picture_style(controls),
        **_white_balance(controls),
    }
    if controls.exposure_us is not None or not controls.ae_lock:
        wanted["ExposureTime"] = longest_us
    if controls.gain is not None or not controls.ae_lock:
        wanted["AnalogueGain"] = float(controls.gain or 0.0)
    return _only(wanted, offered)


def still_controls_for(controls: Controls, offered: Iterable[str], mode: Mode | None = None) -> dict[str, Any]:
    """Give the libcamera controls of a shot, which may be exposed as long as the mode allows.

    libcamera cuts an exposure to whole lines. With the `mode` of the shot it is asked for the nearest whole lines and a
    part of one more, which it cuts to these, also where a line is a little longer than the mode has it: a camera tells
    four of them, cut to microseconds.
    """
    exposure_us = round(controls.exposure_us or 0)
    if exposure_us and mode is not None:
        exposure_us = math.floor(mode.whole_lines_us(controls.exposure_us or 0) + PART_OF_LINE * mode.line_us) + 1
    wanted = {
        "AeEnable": not controls.ae_lock,
        "ExposureValue": float(controls.ev),
        "ExposureTime": exposure_us,
        "AnalogueGain": float(controls.gain or 0.0),
        "FrameDurationLimits": (100, LONGEST_FRAME_US),
        "Sharpness": float(controls.sharpness),
        "NoiseReductionMode": NOISE_REDUCTION[controls.noise_reduction],
        **_metering(controls),
        **_picture_style(controls),
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


def _picture_style(controls: Controls) -> dict[str, Any]:
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
