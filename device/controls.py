"""Checks every requested control before a driver sees it: a wrong type kills picamera2's event loop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from device.errors import BadControl
from device.frame import AeState, CameraInfo, Controls, FrameMeta, Limit, Mode
from device.settings.controls import CONTROLS
from device.settings.declaration import Setting, check_value, find, finite

CHOICES = {s.name: s.choices for s in CONTROLS.values() if s.kind == "choice" and s.name not in ("awb", "files")}
"""All values of each choice that drivers know; a camera may offer fewer. Every camera offers `awb`."""
KELVIN_RANGE = (CONTROLS["colour_temperature_k"].minimum, CONTROLS["colour_temperature_k"].maximum)
"""The lowest and highest colour temperature that can be set."""
PICTURE_RANGES = {
    name: (CONTROLS[name].minimum, CONTROLS[name].maximum) for name in ("contrast", "saturation", "sharpness")
}
"""The lowest and highest value of the settings of the rendered picture."""
FOR_FILES = ("files", "jpeg_quality")
"""What the files of a shot are made with; the camera does not see them."""
MAINS_HALF_PERIOD_US = {"50 Hz": 1e6 / 100, "60 Hz": 1e6 / 120}
"""Time between two pulses of a lamp, by mains frequency: a lamp pulses twice per period."""
EXPOSURE_TOLERANCE = 0.02
"""Of the exposure time that was asked for; chosen: a thirtieth of a stop. At the short end half a line is more."""
GAIN_TOLERANCE = 0.03
"""Of the gain that was asked for; a sensor has steps: those of the IMX477 are up to 2 %."""
EXPOSURE_TOLERANCE_EV = 0.07
"""Of exposure time x gain, in stops: the tolerance of the time and one step of the gain."""
LONG_US = 1_000_000  # chosen: above this another frame costs more time than its better match is worth


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
            expected=f"a temperature from {KELVIN_RANGE[0]:g} to {KELVIN_RANGE[1]:g} K",
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
        if name in CONTROLS and stored[name] == getattr(kept, name):
            continue  # a default is valid on every camera
        try:
            kept = merge(kept, {name: stored[name]}, info)
        except BadControl:
            dropped.append(name)
    return kept, dropped


def as_asked(delivered_us: float, asked_us: float, mode: Mode) -> bool:
    """Whether an exposure time counts as the one that was asked for: to 2 % or half a line, whichever is more.

    Sensors expose in whole lines. The microsecond is that to which libcamera cuts the times that it tells.
    """
    return abs(delivered_us - asked_us) <= max(EXPOSURE_TOLERANCE * asked_us, mode.line_us / 2 + 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """The exposure that was asked for a shot; what is None was left to the camera."""

    exposure_us: float | None = None
    total_us: float | None = None
    """Exposure time x gain, whether or not the camera can reach it; it counts instead of the other two."""
    gain: float | None = None

    def shortfall(self, meta: FrameMeta) -> str:
        """Say how a delivered exposure differs from this one, in words; "" where it is as asked for."""
        if self.total_us is not None:
            ev = math.log2(meta.exposure_us * meta.analogue_gain / self.total_us)
            return f"{abs(ev):.2f} EV {'more' if ev > 0 else 'less'} than asked for" if not reached(ev) else ""
        missed = []
        if self.exposure_us is not None and not as_asked(meta.exposure_us, self.exposure_us, meta.mode):
            missed.append(f"{self.exposure_us / 1e6:.6g} s")
        if self.gain is not None and not _is_gain(meta.analogue_gain, self.gain):
            missed.append(f"ISO {100 * self.gain:.0f}")
        return f"asked for {', '.join(missed)}" if missed else ""


LEFT_TO_CAMERA = Asked()
"""Nothing was asked for: auto exposure was to choose."""


def reached(off_ev: float) -> bool:
    """Whether exposure time x gain counts as what was asked for, when it is `off_ev` beside it."""
    return abs(off_ev) <= EXPOSURE_TOLERANCE_EV


def is_settled(meta: FrameMeta, controls: Controls) -> bool:
    """Whether the frame has the requested exposure (to one line) and gain (to 3 %: its steps), and AE is done.

    What the mode cannot do counts as what it does instead: its shortest or longest exposure.
    """
    if not meta.exposure_known:
        return True
    mode, exposure_ok = meta.mode, True
    if controls.exposure_us is not None:
        nearest_us = mode.whole_lines_us(controls.exposure_us)
        exposure_ok = abs(meta.exposure_us - nearest_us) <= max(mode.line_us, 0.01 * nearest_us)
    gain_ok = controls.gain is None or _is_gain(meta.analogue_gain, controls.gain)
    automatic = controls.exposure_us is None or controls.gain is None
    return exposure_ok and gain_ok and (not automatic or meta.ae_state in ("converged", "locked"))


def _is_gain(delivered: float, asked: float) -> bool:
    return abs(delivered / asked - 1) <= GAIN_TOLERANCE


def is_long_enough(meta: FrameMeta, controls: Controls) -> bool:
    """Whether a long exposure is near enough to the request: its steps are coarse, and another one takes long."""
    asked_us = controls.exposure_us or 0
    return asked_us > LONG_US and 0.7 < meta.exposure_us / asked_us < 1.4


def held(controls: Controls, seen: FrameMeta | None, limits: Mapping[str, Limit]) -> Controls:
    """Give `controls` with automatic values fixed as in `seen`, the last frame; without such a frame, unchanged.

    A shot then has the exposure and colour that were on the screen, from its first frame. Digital gain of the live
    picture becomes analogue gain, up to the sensor's limit.
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
    """Give the state of auto exposure while `controls` are held."""
    return "off" if controls.exposure_us is not None and controls.gain is not None else "locked"


def _checked(name: str, value: Any, info: CameraInfo) -> Any:
    control = find(CONTROLS, name, what="control", error=BadControl)
    if value is None and control.optional:
        return None
    if control.kind == "switch":
        return check_value(control, value, error=BadControl)
    if control.kind == "choice":
        return _checked_choice(control, value, info)
    if name in FOR_FILES:
        return check_value(control, value, error=BadControl)
    limit = info.limits.get(name)
    if limit is None:
        raise BadControl(
            f"{name} cannot be set on this camera ({info.description})",
            expected="one of " + ", ".join(sorted(info.limits)) if info.limits else "no control at all",
            remedy="a lens without a motor is turned by hand; a replay cannot be exposed again",
        )
    if name == "gain" and (gain := finite(value)) is not None and not limit.minimum <= gain <= limit.maximum:
        raise BadControl(
            f"ISO {100 * gain:.10g} (gain {gain:.10g}) is out of range",
            expected=f"ISO {math.ceil(100 * limit.minimum)} to {math.floor(100 * limit.maximum)}"
            f" (gain {limit.minimum:g} to {limit.maximum:g})",
        )
    reported = replace(control, minimum=limit.minimum, maximum=limit.maximum, unit=limit.unit, optional=False)
    return check_value(reported, value, error=BadControl)


def _checked_choice(control: Setting, value: Any, info: CameraInfo) -> str:
    offered = _offered(control, info)
    if value not in control.choices:
        check_value(replace(control, choices=offered or control.choices), value, error=BadControl)
    if value not in offered:
        raise BadControl(
            f"{control.name} {value} cannot be set on this camera ({info.description})",
            expected="one of " + ", ".join(offered) if offered else "that it is left as it is",
            remedy="`hqcam info` lists what this camera offers; a newer libcamera may offer more",
        )
    choice: str = value
    return choice


def _offered(control: Setting, info: CameraInfo) -> tuple[str, ...]:
    """Give the choices of a control that this camera offers."""
    if control.name == "files":
        return control.choices if info.capabilities.raw_still else ("jpeg",)
    if control.name != "awb":
        return info.choices.get(control.name, ())
    return tuple(mode for mode in control.choices if mode != "kelvin" or "colour_temperature_k" in info.limits)
