"""Checks every requested control before a driver sees it: a wrong type kills picamera2's event loop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, get_args

from device.errors import BadControl
from device.frame import AeState, AwbMode, CameraInfo, Controls, FrameMeta, Limit

AWB_MODES: tuple[str, ...] = get_args(AwbMode)
_FLAGS = frozenset({"ae_lock"})
_OPTIONAL = frozenset({"exposure_us", "gain", "colour_gains", "focus_m", "f_number", "focal_mm"})
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
    return merged


def keep_valid(stored: Mapping[str, Any], info: CameraInfo) -> tuple[Controls, list[str]]:
    """Take from `stored` what this camera accepts; give the controls and the names that were dropped.

    Settings kept from another camera or an older version must not stop the viewfinder from starting.
    """
    kept, dropped = Controls(), []
    # colour_gains first: awb "manual" is only valid beside it.
    for name in sorted(stored, key=lambda n: n != "colour_gains"):
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
        return _awb(value)
    if name == "colour_gains":
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise BadControl(f"colour_gains is {value!r}", expected="two numbers: [red, blue]")
        return tuple(_number(name, v, info) for v in value)
    return _number(name, value, info)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadControl(f"{name} is {value!r}", expected="true or false")
    return value


def _awb(value: Any) -> str:
    if not isinstance(value, str) or value not in AWB_MODES:
        raise BadControl(f"awb is {value!r}", expected="one of " + ", ".join(AWB_MODES))
    return value


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
