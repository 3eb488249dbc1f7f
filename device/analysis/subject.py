"""What is analysed: one frame's pixels, and how the camera made them."""

from __future__ import annotations

from dataclasses import dataclass

from device.analysis.overlay import factor_between
from device.frame import U8, ProcessingName, RawFrame
from device.sensors.base import Sensor

Chroma = tuple[U8, U8]
"""U and V at half the luma's size, full-range BT.601. Where luma has an odd side, it may be rounded up or down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One frame for the assists, which only read its arrays."""

    luma: U8
    """(H, W), full range."""
    chroma: Chroma | None = None
    """None for a grey picture."""
    raw: RawFrame | None = None
    """The samples of the same frame. Of another size than the luma, they give percentages but no overlay."""
    sensor: Sensor
    """Its noise and tone curve; the tone curve includes the contrast of the frame."""
    gain: float | None
    """Analogue gain, linear; None where it is not known. With it the noise in the picture can be held against what the
    sensor must have; without, the raw's read noise is taken as that of gain 1."""
    binning: int
    """Sensor pixels per raw sample along one axis (1 or 2)."""
    processing: ProcessingName = "camera"
    colour_gains: tuple[float, float] | None = None
    """White balance (red, blue) of the picture, digital gain included; None where it is not known."""
    colour_temperature_k: float | None = None
    """Of the light, for the colour matrix; None where it is not known: then that of the gains."""
    overlay_size: tuple[int, int] | None = None
    """(height, width) of the overlay: the luma's divided by one whole number, rounded up. None: the luma's own."""

    @property
    def overlay_factor(self) -> int:
        """By how much the overlay is smaller than the luma; raises BadInput where `overlay_size` does not divide it."""
        size = (self.luma.shape[0], self.luma.shape[1])
        return factor_between(size, self.overlay_size or size)
