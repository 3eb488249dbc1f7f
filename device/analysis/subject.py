"""What is analysed: one frame's pixels, and how the camera made them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from device.analysis.overlay import factor_between
from device.frame import U8, ProcessingName, RawFrame
from device.sensors.base import Sensor

FULL_PIXELS: Final = 6_000_000
"""A picture with more was not binned: twice the pixels of the HQ camera's binned mode, half of all that it has."""
FULL_SIDE: Final = 1000
"""Both sides of such a picture are longer."""

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
    orientation: int = 1
    """Exif's 1 to 8: how the picture is turned for looking at it. The waveform has its columns as they are seen."""
    overlay_size: tuple[int, int] | None = None
    """(height, width) of the overlay: the luma's divided by one whole number, rounded up. None: the luma's own."""

    @property
    def focus_size(self) -> tuple[int, int]:
        """(height, width) at which focus is judged: half the luma's size where that is all pixels of a sensor.

        A good lens blurs by more than one of them (Airy disc at f/2.8: 3.8 um; a pixel of the IMX477: 1.55 um), so that
        nothing would be sharp. At half the size a file gives what the live view of the same scene gives.
        """
        height, width = self.luma.shape
        full = self.luma.size > FULL_PIXELS and min(height, width) > FULL_SIDE
        halved = full and self.binning == 1 and self.processing != "halved"
        return (height // 4 * 2, width // 4 * 2) if halved else (height, width)

    @property
    def overlay_factor(self) -> int:
        """By how much the overlay is smaller than the luma; raises BadInput where `overlay_size` does not divide it."""
        size = (self.luma.shape[0], self.luma.shape[1])
        return factor_between(size, self.overlay_size or size)
