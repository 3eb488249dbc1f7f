"""Back focus, guided: which way to turn the ring or to shim, how far, and when to stop.

The lens stands at the mark of a target's distance, or at infinity for one beyond 2000 focal lengths. The target is
measured, the lens moved as far as is told, the target measured again (`device.analysis.defocus`). The first turn tells
the side. The guide then crosses the focus once, so that it was seen from both sides, and ends in the middle.

A place is how much too far from the lens the sensor is: above 0 the lens has to come in, towards the sensor. All moves
are of the lens, out is above 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from device.analysis.defocus.spectrum import Spectrum, SpectrumRefused, spectrum_of
from device.analysis.defocus.through_focus import Found, Place, ThroughFocus
from device.analysis.defocus.tilt import Tilt, corner_spectra, tilt_of
from device.analysis.edges.samples import Field, green_of
from device.errors import BadInput
from device.frame import LiveFrame, RawFrame
from device.meter.one_frame import one_frame
from device.session.session import Session

TURNS_MOST: Final = 8
RIGHT_N_UM: Final = 2.5  # times N: the blur of a place that counts as right, in micrometres; 1.6 pixels of the IMX477
PROBE_N_UM: Final = 30.0  # chosen: blurs well over what was seen before, and is soon taken back
CROSS_N_UM: Final = 7.0  # chosen: beyond the focus, where sharpness has a slope
SEEN_N_UM: Final = 3.0  # on both sides at least
CLOSE_N_UM: Final = 20.0
FAR_N_UM: Final = 60.0  # beyond, places are found too near: the disc hides all but the coarsest detail
FAR_FACTOR: Final = 1.4
SURE: Final = 1.3  # standard deviations
SCALE_RANGE: Final = (0.75, 1.35)
F_RANGE: Final = (0.5, 64.0)
THREAD_MM: Final = 25.4 / 32  # the pitch of C and CS mounts: 32 turns to the inch


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do after a measurement."""

    turns: int
    """How often the lens was moved so far."""
    place: Place | None
    """None after the first measurement."""
    move_um: float | None
    """How far to move the lens, out above 0; None: stop."""
    right: bool
    """Whether it is right; else `move_um` None says that it was tried often enough."""
    scale: float
    """Micrometres moved for each that was asked for, as the picture tells."""

    @property
    def degrees(self) -> float:
        """The turn of a thread of C and CS mounts for that move; 0 without one."""
        return self.degrees_of(THREAD_MM)

    def degrees_of(self, pitch_mm: float) -> float:
        """The turn of a thread of that pitch, in mm, for that move; 0 without one."""
        return 0.0 if self.move_um is None else self.move_um / 1000 / pitch_mm * 360


class BackFocusGuide:
    """Leads through one adjustment. Pure: it is given measurements."""

    def __init__(self, f_number: float, pixel_um: float) -> None:
        """`pixel_um`: of the frames that are measured. Raises BadInput for an f-number that no lens has."""
        low, high = F_RANGE
        if not low <= f_number <= high:  # also NaN
            raise BadInput(f"the f-number is {f_number:g}", expected=f"a number from {low:g} to {high:g}")
        self._f_number = f_number
        self._tracked = ThroughFocus(f_number, pixel_um)
        self._asked_um, self._side, self._turns = 0.0, 1.0, -1
        self._pixel_um = pixel_um
        self._found: Found | None = None
        self._corners: list[Sequence[Spectrum | None]] = []

    def note(
        self, spectrum: Spectrum, moved_um: float | None = None, corners: Sequence[Spectrum | None] = (None,) * 4
    ) -> Advice:
        """Take the next measurement; `moved_um` is what the lens was moved, where that is not what was told."""
        self._turns += 1
        self._corners.append(corners)
        found = self._tracked.add(spectrum, self._asked_um if moved_um is None else moved_um)
        if found is None:
            self._asked_um = PROBE_N_UM * self._f_number
            return Advice(0, None, self._asked_um, right=False, scale=1.0)
        self._found = found
        place = found.places[-1]
        if self._is_right(found):
            return Advice(self._turns, place, None, right=True, scale=found.scale)
        if self._turns >= TURNS_MOST:
            return Advice(self._turns, place, None, right=False, scale=found.scale)
        self._asked_um = self._next_um(found)
        return Advice(self._turns, place, self._asked_um, right=False, scale=found.scale)

    def tilt(self) -> Tilt | None:
        """Give the tilt that the corners show: true where they are as far away as the target. None: not known."""
        if self._found is None:
            return None
        return tilt_of(self._corners, [place.um for place in self._found.places], self._f_number, self._pixel_um)

    def _is_right(self, found: Found) -> bool:
        place = found.places[-1]
        near = abs(place.um) + SURE * place.sigma_um <= RIGHT_N_UM * self._f_number
        return near and found.other_um is None and self._both(found)

    def _both(self, found: Found) -> bool:
        """Whether the focus was seen from both sides nearby."""
        n = self._f_number
        near = [place.um for place in found.places if abs(place.um) < CLOSE_N_UM * n]
        return any(um > SEEN_N_UM * n for um in near) and any(um < -SEEN_N_UM * n for um in near)

    def _next_um(self, found: Found) -> float:
        n, um = self._f_number, found.places[-1].um
        scale = min(max(found.scale, SCALE_RANGE[0]), SCALE_RANGE[1])
        if self._both(found):
            if abs(um) > 0.5 * n:
                return -um / scale
            self._side = -self._side  # in the middle, and not sure: look from the other side once more
            return (-um + CROSS_N_UM * n * self._side) / scale
        self._side = -math.copysign(1.0, um)
        factor = FAR_FACTOR if abs(um) > FAR_N_UM * n else 1.0
        return (-um * factor + CROSS_N_UM * n * self._side) / scale


@dataclass(frozen=True, slots=True)
class Measured:
    """What one measurement gave."""

    target: Spectrum
    corners: tuple[Spectrum | None, ...]


def measure_target(session: Session, x: float, y: float, size: float) -> Measured:
    """Measure a square of the next two live frames, and their corners; `size` is its side as a share of the height.

    Any thread but the camera's. Raises SpectrumRefused, CameraError.
    """
    first, second = (one_frame(session, _green) for _ in range(2))
    if first is None or second is None or first.shape != second.shape:
        raise SpectrumRefused(
            "the frame has no raw samples: the loupe and some cameras give none while live",
            why="raw",
            expected="raw samples",
            remedy="close the loupe",
        )
    return Measured(spectrum_of(first, second, x, y, size), corner_spectra(first, second))


def _green(frame: LiveFrame) -> Field | None:
    raw = frame.raw
    return None if raw is None else green_of(_copied(raw))


def _copied(raw: RawFrame) -> RawFrame:
    return replace(raw, samples=raw.samples.copy())
