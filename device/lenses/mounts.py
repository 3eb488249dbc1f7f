"""Mounts: how far each holds its lenses from the sensor, the adapter that makes up for it, and what a wrong one does.

A lens shows infinity where its mount's flange is at that mount's flange focal distance from the sensor. An adapter
makes up the difference to the camera's own. Formulas are those of the thin lens in `optics`, with distances from the
lens: an adapter that is wrong by d changes every extension e = f^2 / (s - f) by d.

Flange focal distances repeat published lists (sources beside the figures), to the hundredth of a millimetre that they
give. Cameras and lenses differ from them by some hundredths: what is reckoned from them is where to begin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from device.errors import BadInput
from device.lenses.optics import extension_mm
from device.lenses.profiles import LensProfile

CS_MM: Final = 12.526  # C less the 5 mm of the C-CS ring that the HQ camera comes with
RING_MM: Final = 5.0
THREAD_PITCH_MM: Final = 25.4 / 32  # C and CS: 1 inch 32 UN
LENGTH_RANGE_MM: Final = (0.0, 100.0)
EXAMPLE_MM: Final = 0.1  # chosen: what adapters are commonly wrong by
EXACT_MM: Final = 0.0005  # chosen: below half a micrometre nothing can be told
_LISTS: Final = "Wikipedia, Flange focal distance; camerabilia, Flange Focal Distances (2011)"
_CINE: Final = "Wikipedia, Flange focal distance and C mount"


@dataclass(frozen=True, slots=True)
class Mount:
    """A kind of lens mount."""

    name: str
    """As lens profiles have it."""
    text: str
    flange_mm: float | None
    """From its flange to the sensor; None: the mount has none, the lens is screwed in until it is sharp."""
    source: str


MOUNTS: Final = {
    mount.name: mount
    for mount in (
        Mount("CS", "CS", CS_MM, _CINE),
        Mount("C", "C", 17.526, _CINE),
        Mount("D", "D, 8 mm film", 12.29, _CINE),
        Mount("M12", "M12 x 0.5, S", None, "Wikipedia, S-mount (CCTV lens)"),
        Mount("M", "Leica M", 27.80, _LISTS),
        Mount("M39", "Leica thread, LTM, 39 mm x 26 a inch", 28.80, _LISTS),
        Mount("M42", "M42 x 1", 45.46, _LISTS),
        Mount("K", "Pentax K", 45.46, _LISTS),
        Mount("F", "Nikon F", 46.50, _LISTS),
        Mount("FD", "Canon FD", 42.00, _LISTS),
        Mount("EF", "Canon EF", 44.00, _LISTS),
        Mount("OM", "Olympus OM", 46.00, _LISTS),
        Mount("R", "Leica R", 47.00, _LISTS),
        Mount("SR", "Minolta SR, MD", 43.50, _LISTS),
        Mount("A", "Minolta and Sony A", 44.50, _LISTS),
        Mount("C/Y", "Contax and Yashica", 45.50, _LISTS),
        Mount("T2", "T2, M42 x 0.75", 55.00, _LISTS),
    )
}
"""By the name that profiles have."""


@dataclass(frozen=True, slots=True)
class WrongLength:
    """What an adapter does that is too long (error above 0) or too short."""

    error_mm: float
    farthest_m: float | None
    """The farthest that the lens focuses; None: infinity."""
    infinity_mark_m: float | None
    """Of one too short: the mark of the focusing ring at which infinity is sharp; None: at the mark of infinity."""
    closest_m: float | None
    """The nearest that the lens focuses; None where its closest distance is not known, or nothing is sharp."""
    sharp: bool
    """False: at no mark of its ring the lens shows anything sharp."""


@dataclass(frozen=True, slots=True)
class Adapting:
    """How a lens is put on the HQ camera."""

    mount: str
    flange_mm: float | None
    """None: of a mount that has none, or of one that is not known here."""
    source: str
    cs_mm: float | None
    """Length of the adapter to the CS mount of the camera; below 0 there can be none. None: not known."""
    ring_mm: float | None
    """To the C-CS ring on it."""
    long: WrongLength | None
    """What 0.1 mm too much does; None where there is no adapter length."""
    short: WrongLength | None
    given: WrongLength | None
    """What the adapter that was told of does; None: none was told of."""


def adapter_mm(mount: Mount, *, ring: bool) -> float | None:
    """Give the length between the flanges of a lens's adapter, in mm; None for a mount without a flange distance.

    Below 0: such a lens would have to sit inside the camera to show infinity.

    >>> round(adapter_mm(MOUNTS["M"], ring=True), 3), round(adapter_mm(MOUNTS["C"], ring=False), 3)
    (10.274, 5.0)
    """
    return None if mount.flange_mm is None else mount.flange_mm - CS_MM - RING_MM * ring


def wrong_length(focal_mm: float, error_mm: float, closest_m: float | None = None) -> WrongLength:
    """Tell what an adapter does that is longer than it should be by `error_mm`. Raises BadInput.

    Too long: at the mark of infinity the lens is extended by the error, s = f + f^2 / d. Too short: infinity is sharp
    where the ring extends by as much, at the mark of the same distance, and beyond that mark nothing is. The nearest
    distance has the extension of the ring's end and the error.

    >>> round(wrong_length(50, 0.1).farthest_m), round(wrong_length(50, -0.1).infinity_mark_m)
    (25, 25)
    """
    if not (math.isfinite(error_mm) and math.isfinite(focal_mm) and focal_mm > 0):
        raise BadInput(
            f"there is no lens of {focal_mm:g} mm on an adapter that is wrong by {error_mm:g} mm",
            expected="finite numbers, the focal length above 0",
        )
    most_mm = None if closest_m is None else extension_mm(focal_mm, closest_m)
    nearest_mm = None if most_mm is None else most_mm + error_mm
    if abs(error_mm) < EXACT_MM:
        return WrongLength(0.0, None, None, closest_m, sharp=True)
    if error_mm > 0:
        farthest_m = _distance_m(focal_mm, error_mm)
        return WrongLength(error_mm, farthest_m, None, _nearest(focal_mm, nearest_mm), sharp=True)
    if nearest_mm is not None and nearest_mm < 0:
        return WrongLength(error_mm, None, None, None, sharp=False)
    return WrongLength(error_mm, None, _distance_m(focal_mm, -error_mm), _nearest(focal_mm, nearest_mm), sharp=True)


def adapting(profile: LensProfile, length_mm: float | None = None, *, ring: bool = True) -> Adapting:
    """Tell how a lens is put on the HQ camera, and what an adapter of `length_mm` does. Raises BadInput.

    `ring`: that adapter sits on the C-CS ring. Of a zoom the shortest focal length counts, which suffers most.
    """
    low, high = LENGTH_RANGE_MM
    if length_mm is not None and not low <= length_mm <= high:  # also NaN
        raise BadInput(f"an adapter of {length_mm:g} mm is none", expected=f"a length from {low:g} to {high:g} mm")
    mount = MOUNTS.get(profile.mount)
    if mount is None or mount.flange_mm is None:
        if length_mm is not None:
            raise BadInput(
                f"which length an adapter from {profile.mount} must have is not known",
                expected=f"a lens of one of {', '.join(name for name in MOUNTS if MOUNTS[name].flange_mm)}",
            )
        return Adapting(profile.mount, None, mount.source if mount else "", None, None, None, None, None)
    cs_mm, ring_mm = mount.flange_mm - CS_MM, mount.flange_mm - CS_MM - RING_MM

    def wrong(error_mm: float) -> WrongLength:
        return wrong_length(profile.focal_mm, error_mm, profile.closest_m)

    return Adapting(
        profile.mount,
        mount.flange_mm,
        mount.source,
        cs_mm,
        ring_mm,
        wrong(EXAMPLE_MM),
        wrong(-EXAMPLE_MM),
        None if length_mm is None else wrong(length_mm - (ring_mm if ring else cs_mm)),
    )


def _distance_m(focal_mm: float, extension: float) -> float:
    return (focal_mm + focal_mm**2 / extension) / 1000


def _nearest(focal_mm: float, extension: float | None) -> float | None:
    return _distance_m(focal_mm, extension) if extension is not None and extension > 0 else None
