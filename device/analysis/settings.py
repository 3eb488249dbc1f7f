"""What the assists detect: settings of the camera, the same for everyone who watches. How it is painted is the page's.

IRE here is on the full-range display signal: 100 IRE = code 255, 0 IRE = code 0.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from device.errors import BadInput

PeakingSensitivity = Literal["low", "medium", "high", "auto"]
SENSITIVITIES: tuple[str, ...] = get_args(PeakingSensitivity)


@dataclass(frozen=True, slots=True)
class AssistSettings:
    """Which detectors run, and their levels."""

    peaking: bool = True
    peaking_sensitivity: PeakingSensitivity = "medium"
    zebra_high: bool = True
    zebra_high_ire: float = 95.0
    """Lit where any of R, G, B or luma of the display signal is at or above this (70..100)."""
    zebra_band: bool = False
    zebra_band_low_ire: float = 65.0
    zebra_band_high_ire: float = 75.0
    """Lit where luma is within the two levels, both ends in (0..100)."""
    zebra_low: bool = False
    zebra_low_ire: float = 3.0
    """Lit where luma is at or below this (0..20)."""
    clipping: bool = True
    """Raw clipping per channel, from the Bayer samples."""
    histogram: bool = True
    focus_score: bool = True
    focus_x: float = 0.5
    focus_y: float = 0.5
    """Middle of the area that is scored, as a share of the picture from the left and the top (0..1)."""
    focus_size: float = 0.5
    """Its share of the picture's sides (0.05..1); what would lie outside the picture is pushed in."""


RANGES: dict[str, tuple[float, float]] = {
    "zebra_high_ire": (70.0, 100.0),
    "zebra_band_low_ire": (0.0, 100.0),
    "zebra_band_high_ire": (0.0, 100.0),
    "zebra_low_ire": (0.0, 20.0),
    "focus_x": (0.0, 1.0),
    "focus_y": (0.0, 1.0),
    "focus_size": (0.05, 1.0),
}
"""Closed ranges of the numeric settings."""


class BadAssist(BadInput):
    """An assist setting is of the wrong type, out of range, or unknown."""

    code = "bad_assist"


def merge(current: AssistSettings, changes: dict[str, Any]) -> AssistSettings:
    """Apply untyped `changes` to `current`; raises BadAssist and changes nothing if any value is wrong."""
    merged = replace(current, **{name: _checked(name, value) for name, value in changes.items()})
    if merged.zebra_band_low_ire > merged.zebra_band_high_ire:
        raise BadAssist(
            f"the zebra band runs from {merged.zebra_band_low_ire:g} to {merged.zebra_band_high_ire:g} IRE",
            expected="zebra_band_low_ire at or below zebra_band_high_ire",
        )
    return merged


def as_json(settings: AssistSettings) -> dict[str, Any]:
    """Give the settings as plain values."""
    return asdict(settings)


def _checked(name: str, value: Any) -> Any:
    names = [f.name for f in fields(AssistSettings)]
    if name not in names:
        raise BadAssist(f"unknown assist setting {name!r}", expected="one of " + ", ".join(names))
    if name in RANGES:
        low, high = RANGES[name]
        expected = f"a number from {low:g} to {high:g}{' (IRE)' if name.endswith('_ire') else ''}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadAssist(f"{name} is {value!r}, not a number", expected=expected)
        if not low <= value <= high:
            raise BadAssist(f"{name} is {value:g}, out of range", expected=expected)
        return float(value)
    if name == "peaking_sensitivity":
        if value not in SENSITIVITIES:
            raise BadAssist(f"{name} is {value!r}", expected="one of " + ", ".join(SENSITIVITIES))
        return value
    if not isinstance(value, bool):
        raise BadAssist(f"{name} is {value!r}", expected="true or false")
    return value
