"""What the assists detect: settings of the camera, the same for everyone who watches. How it is painted is the page's.

IRE here is on the full-range display signal: 100 IRE = code 255, 0 IRE = code 0.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, get_args

from device.errors import BadInput

PeakingSensitivity = Literal["low", "medium", "high", "auto"]
SENSITIVITIES: tuple[str, ...] = get_args(PeakingSensitivity)
ZebraChannel = Literal["any", "luma", "red", "green", "blue"]
WaveformKind = Literal["off", "luma", "parade"]


@dataclass(frozen=True, slots=True)
class AssistSettings:
    """Which detectors run, and their levels."""

    peaking: bool = True
    peaking_sensitivity: PeakingSensitivity = "medium"
    zebra_high: bool = True
    zebra_high_ire: float = 95.0
    """Lit where the display signal is at or above this (70..100)."""
    zebra_high_channel: ZebraChannel = "any"
    """Of which signal: luma, one channel, or any of the four."""
    zebra_band: bool = False
    zebra_band_low_ire: float = 65.0
    zebra_band_high_ire: float = 75.0
    """Lit where luma is within the two levels, both ends in (0..100)."""
    zebra_low: bool = False
    zebra_low_ire: float = 3.0
    """Lit where luma is at or below this (0..20)."""
    clipping: bool = True
    """Raw clipping per channel, from the Bayer samples."""
    raw_shadow: bool = False
    raw_shadow_ev: float = 1.0
    """Lit where raw green is at or below this many EV above the noise floor (0..6)."""
    raw_histogram: bool = True
    """Raw histogram in EV, with room to the right, shadows and headroom."""
    ettr_tolerance_percent: float = 0.1
    """Share of each colour's samples that may clip: reflections of lamps and the sun (0..5)."""
    histogram: bool = True
    waveform: WaveformKind = "off"
    vectorscope: bool = False
    spot: bool = False
    spot_x: float = 0.5
    spot_y: float = 0.5
    """Middle of the metered spot, as a share of the picture from the left and the top (0..1)."""
    spot_size: float = 0.02
    """Its share of the picture's sides (0.005..0.2)."""
    focus_score: bool = True
    focus_x: float = 0.5
    focus_y: float = 0.5
    """Middle of the area that is scored, as a share of the picture from the left and the top (0..1)."""
    focus_size: float = 0.5
    """Its share of the picture's sides (0.05..1); what would lie outside the picture is pushed in."""

    @property
    def reads_raw(self) -> bool:
        """Whether anything that is on looks at raw samples."""
        return self.clipping or self.raw_shadow or self.raw_histogram or self.spot


RANGES: dict[str, tuple[float, float]] = {
    "zebra_high_ire": (70.0, 100.0),
    "zebra_band_low_ire": (0.0, 100.0),
    "zebra_band_high_ire": (0.0, 100.0),
    "zebra_low_ire": (0.0, 20.0),
    "focus_x": (0.0, 1.0),
    "focus_y": (0.0, 1.0),
    "focus_size": (0.05, 1.0),
    "raw_shadow_ev": (0.0, 6.0),
    "ettr_tolerance_percent": (0.0, 5.0),
    "spot_x": (0.0, 1.0),
    "spot_y": (0.0, 1.0),
    "spot_size": (0.005, 0.2),
}
"""Closed ranges of the numeric settings."""

CHOICES: dict[str, tuple[str, ...]] = {
    "peaking_sensitivity": SENSITIVITIES,
    "zebra_high_channel": get_args(ZebraChannel),
    "waveform": get_args(WaveformKind),
}
"""What the settings with names may be."""


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
        unit = {"ire": " (IRE)", "ev": " (EV)", "percent": " (%)"}.get(name.rsplit("_", 1)[-1], "")
        expected = f"a number from {low:g} to {high:g}{unit}"
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadAssist(f"{name} is {value!r}, not a number", expected=expected)
        if not low <= value <= high:
            raise BadAssist(f"{name} is {value:g}, out of range", expected=expected)
        return float(value)
    if name in CHOICES:
        if not isinstance(value, str) or value not in CHOICES[name]:
            raise BadAssist(f"{name} is {value!r}", expected="one of " + ", ".join(CHOICES[name]))
        return value
    if not isinstance(value, bool):
        raise BadAssist(f"{name} is {value!r}", expected="true or false")
    return value
