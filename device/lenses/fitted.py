"""The lens on the camera, as its owner chose it: a manual lens reports nothing to the camera."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FittedLens:
    """A lens as it stands, and the f-number of its aperture ring."""

    maker: str
    model: str
    focal_mm: float | None
    """None for a zoom of which nobody told where it stands."""
    max_aperture_f: float
    """The f-number wide open, of a zoom at its shortest focal length."""
    f_number: float | None
    """The f-number the ring is set to; None when unknown."""
    focal_range_mm: tuple[float, float] | None = None
    """Of a zoom: the shortest and the longest."""
    max_aperture_long_f: float | None = None
    """The f-number wide open at the longest focal length, where that is another."""
    serial: str = ""
