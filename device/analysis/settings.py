"""The settings of the assists: which detectors run, at which levels. They are the same for all clients of a camera.

Colours and stripes are settings of the page. IRE is on the full-range display signal: 100 IRE = code 255, 0 IRE = 0.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from device.errors import BadInput
from device.settings.declaration import Setting, check_value, declared, find, setting

PeakingSensitivity = Literal["low", "medium", "high", "auto"]
ZebraChannel = Literal["any", "luma", "red", "green", "blue"]
WaveformKind = Literal["off", "luma", "parade"]


def _share(
    default: float, label: str = "", *, minimum: float = 0, maximum: float = 1, step: float = 0.0, help: str
) -> float:
    """Declare a share of the picture's sides, from the left and the top."""
    return setting(default, label, minimum=minimum, maximum=maximum, step=step, help=help)


@dataclass(frozen=True, slots=True)
class AssistSettings:
    """Which detectors run, and their levels."""

    peaking: bool = setting(True, "Detect", help="Focus peaking.")
    peaking_sensitivity: PeakingSensitivity = setting("medium", "Peaking sensitivity")
    zebra_high: bool = setting(True, "High", help="The high zebra.")
    zebra_high_ire: float = setting(
        95.0, "High from", unit="IRE", minimum=70, maximum=100, step=1, help="Level of the high zebra."
    )
    """Lit where the display signal is at or above this."""
    zebra_high_channel: ZebraChannel = setting(
        "any", "Channel of the high zebra", help="Of which signal: luma, one channel, or any of the four."
    )
    zebra_band: bool = setting(False, "Band", help="The band zebra: luma within two levels, both ends in.")
    zebra_band_low_ire: float = setting(
        65.0, "Band from", unit="IRE", minimum=0, maximum=100, step=1, help="Lower level of the band zebra."
    )
    zebra_band_high_ire: float = setting(
        75.0, "Band to", unit="IRE", minimum=0, maximum=100, step=1, help="Upper level of the band zebra."
    )
    zebra_low: bool = setting(False, "Low", help="The low zebra.")
    zebra_low_ire: float = setting(
        3.0, "Low to", unit="IRE", minimum=0, maximum=20, step=1, help="Level of the low zebra."
    )
    clipping: bool = setting(True, "Clipping", help="Raw clipping per channel, from the Bayer samples.")
    raw_shadow: bool = setting(False, "Shadows", help="Raw green near the noise floor.")
    raw_shadow_ev: float = setting(
        1.0, "Shadows to", unit="EV", minimum=0, maximum=6, step=0.5, help="Lit at or below this above the noise floor."
    )
    raw_histogram: bool = setting(
        True, "Raw histogram", help="Raw histogram in EV, with room to the right, shadows and headroom."
    )
    ettr_tolerance_percent: float = setting(
        0.1,
        "May clip",
        unit="%",
        minimum=0,
        maximum=5,
        step=0.1,
        help="Share of each colour's samples that may clip: reflections of lamps and the sun.",
    )
    histogram: bool = setting(True, "Histogram (display)", help="Histogram of the display signal.")
    waveform: WaveformKind = setting("off", "Waveform")
    vectorscope: bool = setting(False, "Vectorscope")
    spot: bool = setting(False, "Measure", help="The spot meter.")
    spot_x: float = _share(0.5, help="Middle of the metered spot, from left.")
    spot_y: float = _share(0.5, help="Middle of the metered spot, from top.")
    spot_size: float = _share(
        0.02, "Size of spot", minimum=0.005, maximum=0.2, step=0.005, help="Its share of the sides."
    )
    focus_score: bool = setting(True, "Measure", help="The focus score.")
    focus_x: float = _share(0.5, help="Middle of the area, from left.")
    focus_y: float = _share(0.5, help="Middle of the area, from top.")
    focus_size: float = _share(0.5, "Size of the area", minimum=0.05, step=0.05, help="Its share of the sides.")
    """An area that would reach beyond the picture is moved inside."""

    @property
    def reads_raw(self) -> bool:
        """Whether an assist that is on reads raw samples."""
        return self.clipping or self.raw_shadow or self.raw_histogram or self.spot


ASSISTS: dict[str, Setting] = declared(AssistSettings)
"""By the field's name."""
RANGES = {s.name: (s.minimum, s.maximum) for s in ASSISTS.values() if s.kind == "number"}
"""Closed ranges of the numeric settings."""


class BadAssist(BadInput):
    """An assist setting is of the wrong type, out of range, or unknown."""

    code = "bad_assist"


def merge(current: AssistSettings, changes: dict[str, Any]) -> AssistSettings:
    """Apply untyped `changes` to `current`; raises BadAssist and changes nothing if any value is wrong."""
    checked = {
        name: check_value(find(ASSISTS, name, what="assist setting", error=BadAssist), value, error=BadAssist)
        for name, value in changes.items()
    }
    merged = replace(current, **checked)
    if merged.zebra_band_low_ire > merged.zebra_band_high_ire:
        raise BadAssist(
            f"the zebra band runs from {merged.zebra_band_low_ire:g} to {merged.zebra_band_high_ire:g} IRE",
            expected="zebra_band_low_ire at or below zebra_band_high_ire",
        )
    return merged


def as_json(settings: AssistSettings) -> dict[str, Any]:
    """Give the settings as plain values."""
    return asdict(settings)
