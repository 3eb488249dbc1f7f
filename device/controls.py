"""Checks every requested control before a driver sees it: a wrong type kills picamera2's event loop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, get_args

from device.errors import BadControl
from device.frame import (
    AeState,
    AntiFlicker,
    AwbMode,
    CameraInfo,
    Constraint,
    Controls,
    FrameMeta,
    Limit,
    Metering,
    NoiseReduction,
)

AWB_MODES: tuple[str, ...] = get_args(AwbMode)
WORDS: dict[str, tuple[str, ...]] = {
    "metering": get_args(Metering),
    "constraint": get_args(Constraint),
    "anti_flicker": get_args(AntiFlicker),
    "noise_reduction": get_args(NoiseReduction),
}
"""Every word that a control by words knows; a camera may offer fewer."""
KELVIN = (2500.0, 9500.0)
"""What is offered of colour temperatures: the IMX477's tuning is calibrated from 2360 to 9505 K, rounded inwards."""
PICTURE: dict[str, tuple[float, float]] = {"contrast": (0.25, 4.0), "saturation": (0.0, 4.0), "sharpness": (0.0, 8.0)}
"""Chosen: what is of use of libcamera's 0 to 32 and 0 to 16; at 1 the picture is as tuned."""
MAINS_HALF_PERIOD_US = {"50 Hz": 1e6 / 100, "60 Hz": 1e6 / 120}
"""From one brightest moment of a lamp to the next: lamps on the mains pulse twice in each of its periods."""
_FLAGS = frozenset({"ae_lock"})
_OPTIONAL = frozenset(
    {"exposure_us", "gain", "colour_gains", "colour_temperature_k", "focus_m", "f_number", "focal_mm"}
)
LONG_US = 1_000_000  # chosen: above this a second frame of a shot costs more than it gains
CONTROL_NAMES: tuple[str, ...] = tuple(f.name for f in fields(Controls))


def merge(current: Controls, changes: Mapping[str, Any], info: CameraInfo) -> Controls:
    """Apply untyped `changes` (from JSON or a command line) to `current`.

    Raises BadControl for an unknown name, a wrong type, a value outside the range that this camera reports, or a
    control that it does not offer. Nothing is clamped.
    """
    checked = {name: _checked(name, value, info) for name, value in changes.items()}
    merged = replace(current, **checked)
    if merged.awb == "manual" and merged.colour_gains is None:
        raise BadControl(
            "awb is manual but colour_gains is missing",
            expected="colour_gains as [red, blue], for instance [3.15, 1.42]",
            remedy="send colour_gains together with awb",
        )
    if merged.awb == "kelvin" and merged.colour_temperature_k is None:
        raise BadControl(
            "awb is kelvin but colour_temperature_k is missing",
            expected=f"a temperature from {KELVIN[0]:g} to {KELVIN[1]:g} K",
            remedy="send colour_temperature_k together with awb",
        )
    return merged


def keep_valid(stored: Mapping[str, Any], info: CameraInfo) -> tuple[Controls, list[str]]:
    """Take from `stored` what this camera accepts; give the controls and the names that were dropped.

    Settings kept from another camera or an older version must not stop the viewfinder from starting.
    """
    kept, dropped = Controls(), []
    # awb last: "manual" and "kelvin" are only valid beside their values.
    for name in sorted(stored, key=lambda n: n == "awb"):
        if name in CONTROL_NAMES and stored[name] == getattr(kept, name):
            continue  # what no one changed needs no camera that offers it
        try:
            kept = merge(kept, {name: stored[name]}, info)
        except BadControl:
            dropped.append(name)
    return kept, dropped


def is_settled(meta: FrameMeta, controls: Controls) -> bool:
    """Tell whether the frame has the asked exposure (to a line) and gain (to 3 %: code steps), or AE is done."""
    if not meta.exposure_known:
        return True
    line_us = meta.mode.line_us
    exposure_ok = controls.exposure_us is None or abs(meta.exposure_us - controls.exposure_us) <= max(
        line_us, 0.01 * controls.exposure_us
    )
    gain_ok = controls.gain is None or abs(meta.analogue_gain / controls.gain - 1) <= 0.03
    automatic = controls.exposure_us is None or controls.gain is None
    return exposure_ok and gain_ok and (not automatic or meta.ae_state in ("converged", "locked"))


def is_long_enough(meta: FrameMeta, controls: Controls) -> bool:
    """Tell whether waiting for a better match would cost another long exposure: a sensor has fewer steps up there."""
    asked_us = controls.exposure_us or 0
    return asked_us > LONG_US and 0.7 < meta.exposure_us / asked_us < 1.4


def held(controls: Controls, seen: FrameMeta | None, limits: Mapping[str, Limit]) -> Controls:
    """Give `controls` with what is automatic held as it was in the frame last `seen`; without one, as they are.

    A shot then has the exposure and colour that were on the screen, from its first frame. Gain that the picture
    processor added to the screen is asked of the sensor, as far as it goes.
    """
    if seen is None or not seen.exposure_known:
        return controls
    changes: dict[str, Any] = {}
    if controls.exposure_us is None:
        changes["exposure_us"] = seen.exposure_us
    if controls.gain is None:
        gain = seen.analogue_gain * seen.digital_gain
        changes["gain"] = min(gain, limits["gain"].maximum) if "gain" in limits else gain
    if controls.awb == "auto":
        changes |= {"awb": "manual", "colour_gains": seen.colour_gains}
    return replace(controls, ae_lock=False, **changes)


def held_state(controls: Controls) -> AeState:
    """What auto exposure does while `controls` are held."""
    return "off" if controls.exposure_us is not None and controls.gain is not None else "locked"


def _checked(name: str, value: Any, info: CameraInfo) -> Any:
    if name not in CONTROL_NAMES:
        raise BadControl(f"unknown control {name!r}", expected="one of " + ", ".join(CONTROL_NAMES))
    if value is None and name in _OPTIONAL:
        return None
    if name in _FLAGS:
        return _flag(name, value)
    if name == "awb":
        return _awb(value, info)
    if name in WORDS:
        return _word(name, value, info)
    if name == "colour_gains":
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise BadControl(f"colour_gains is {value!r}", expected="two numbers: [red, blue]")
        return tuple(_number(name, v, info) for v in value)
    return _number(name, value, info)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadControl(f"{name} is {value!r}", expected="true or false")
    return value


def _awb(value: Any, info: CameraInfo) -> str:
    if not isinstance(value, str) or value not in AWB_MODES:
        raise BadControl(f"awb is {value!r}", expected="one of " + ", ".join(AWB_MODES))
    if value == "kelvin" and "colour_temperature_k" not in info.limits:
        raise _not_offered("awb kelvin", [mode for mode in AWB_MODES if mode != "kelvin"], info)
    return value


def _word(name: str, value: Any, info: CameraInfo) -> str:
    offered = info.choices.get(name, ())
    if not isinstance(value, str) or value not in WORDS[name]:
        raise BadControl(f"{name} is {value!r}", expected="one of " + ", ".join(offered or WORDS[name]))
    if value not in offered:
        raise _not_offered(f"{name} {value}", list(offered), info)
    return value


def _not_offered(what: str, offered: list[str], info: CameraInfo) -> BadControl:
    return BadControl(
        f"{what} cannot be set on this camera ({info.description})",
        expected="one of " + ", ".join(offered) if offered else "that it is left as it is",
        remedy="`hqcam info` lists what this camera offers; a newer libcamera may offer more",
    )


def _number(name: str, value: Any, info: CameraInfo) -> float:
    limit = info.limits.get(name)
    if limit is None:
        raise BadControl(
            f"{name} cannot be set on this camera ({info.description})",
            expected="one of " + ", ".join(sorted(info.limits)) if info.limits else "no control at all",
            remedy="a lens without a motor is turned by hand; a replay cannot be exposed again",
        )
    expected = f"a number from {limit.minimum:g} to {limit.maximum:g} {limit.unit}".rstrip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadControl(f"{name} is {value!r}, not a number", expected=expected)
    if not limit.minimum <= value <= limit.maximum:
        raise BadControl(f"{name} is {value:g}, out of range", expected=expected)
    return float(value)
