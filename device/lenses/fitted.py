"""The lens on the camera, as its owner chose it: a manual lens reports nothing to the camera."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FittedLens:
    """A lens of one focal length, and the f-number of its aperture ring."""

    maker: str
    model: str
    focal_mm: float
    max_aperture_f: float
    """The f-number wide open."""
    f_number: float | None
    """The f-number the ring is set to; None when unknown."""
