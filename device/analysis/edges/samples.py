"""The samples that an edge is measured on, each with its place: green of a raw frame, or the luma of a picture.

Green has half of all photosites, on a lattice that is turned by 45 degrees. All of them are taken, not one plane of a
quarter: an edge is fitted through scattered samples, which need no grid. The two green sites are held apart, because
a sensor may answer a little differently at them, and because one that bins puts them nearer to each other than half
a cell: how much they differ in level and place is found with the edge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from device.analysis.raw_clipping import clipped_from
from device.bayer import offsets
from device.frame import F64, U8, U16, AnyRaw, Mask


@dataclass(frozen=True, slots=True)
class Samples:
    """Scattered samples; arrays of one length. Places are in samples of the frame, from the middle of the first."""

    y: F64
    x: F64
    value: F64
    """Above black."""
    second: Mask
    """Of the second green site."""
    spoilt: Mask
    """At an end of the scale: clipped, or cut off at 0."""

    @property
    def size(self) -> int:
        """Give how many there are."""
        return self.value.size

    def where(self, kept: Mask) -> Samples:
        """Give some of them."""
        return Samples(*(getattr(self, name)[kept] for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Field:
    """A whole picture of one colour, from which samples are cut out."""

    planes: tuple[U16 | U8, ...]
    origins: tuple[tuple[int, int], ...]
    """(row, column) of each plane's first sample."""
    step: int
    """Between two samples of a plane."""
    blacks: tuple[float, ...]
    lowest: int
    """At or below it a sample is cut off."""
    highest: int
    """At or above it a sample is clipped."""
    shape: tuple[int, int]
    """(height, width) of the frame."""

    def cut(self, y: float, x: float, half: float) -> Samples:
        """Give the samples within `half` of a place along both axes."""
        found = []
        for number, (plane, origin, black) in enumerate(zip(self.planes, self.origins, self.blacks, strict=True)):
            rows, columns = (
                _span((at - half - first) / self.step, (at + half - first) / self.step)
                for at, first in zip((y, x), origin, strict=True)
            )
            part = plane[rows, columns]
            places = np.mgrid[: part.shape[0], : part.shape[1]] * float(self.step)
            found.append(
                Samples(
                    places[0].ravel() + (origin[0] + self.step * rows.start),
                    places[1].ravel() + (origin[1] + self.step * columns.start),
                    part.ravel().astype(np.float64) - black,
                    np.full(part.size, number == 1),
                    ((part <= self.lowest) | (part >= self.highest)).ravel(),
                )
            )
        return Samples(*(np.concatenate([getattr(s, name) for s in found]) for name in Samples.__slots__))


def _span(first: float, last: float) -> slice:
    return slice(max(0, math.ceil(first)), max(0, math.floor(last) + 1))


def green_of(raw: AnyRaw) -> Field:
    """Give the field of all green samples of a raw frame."""
    sites, samples = offsets(raw.cfa), raw.samples
    highest = clipped_from(raw.white_dn, sum(raw.black_dn) / 4)
    origins = (sites["Gr"], sites["Gb"])
    planes = tuple(samples[row::2, column::2] for row, column in origins)
    return Field(planes, origins, 2, (raw.black_dn[1], raw.black_dn[2]), 0, highest, raw.shape)


def luma_of(luma: U8) -> Field:
    """Give the field of a picture's luma."""
    return Field((luma,), ((0, 0),), 1, (0.0,), 0, 255, (luma.shape[0], luma.shape[1]))
