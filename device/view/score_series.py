"""Which focus scores can be compared: a change of anything but focus begins a new series.

A score is normalised by level, gain and noise, but only within 10 % (`device.analysis.focus_score`); a meter that
follows scores would take a larger step for a turn of the focus ring.
"""

from __future__ import annotations

import math

from device.analysis.settings import AssistSettings
from device.frame import FrameMeta

MOST_EV = 0.5  # chosen: of exposure and gain together; auto exposure that holds wavers by less
MOST_COLOUR_EV = 0.25  # chosen: of a white balance gain
MOST_LEVEL_RATIO = 1.6
"""Chosen: of the area's mean code. The finest black and white texture rises from 127 to 188 when it is blurred, by
1.48; the light by which it falls as much is over 1 EV."""
SETTLING = 3  # frames until the noise that is taken off a score has followed the change (measured: 1 to 2)


class ScoreSeries:
    """Numbers the series of scores, from 1. The view thread calls it for each frame that has a score."""

    def __init__(self) -> None:
        self._number = 0
        self._place: tuple[object, ...] = ()
        self._light: tuple[float, ...] = ()
        self._unsettled = 0

    def number(self, meta: FrameMeta, settings: AssistSettings, level: float) -> int:
        """Give the series of a frame's score. `level` is the mean code of the scored area, 0..255.

        A series goes on as long as the frame shows the same part of the scene under the light of its first frame. For
        some frames after a change each frame is a series of its own.
        """
        focal_mm = meta.lens.focal_mm if meta.lens else None
        place = (meta.mode.name, meta.window, settings.focus_x, settings.focus_y, settings.focus_size, focal_mm)
        light = _light(meta, level)
        if place != self._place or any(
            abs(now - first) > most for now, first, most in zip(light, self._light, _MOST, strict=True)
        ):
            self._place, self._light, self._unsettled = place, light, SETTLING + 1
        if self._unsettled:
            self._number, self._unsettled = self._number + 1, self._unsettled - 1
        return self._number


_MOST = (MOST_EV, MOST_COLOUR_EV, MOST_COLOUR_EV, math.log2(MOST_LEVEL_RATIO))


def _light(meta: FrameMeta, level: float) -> tuple[float, ...]:
    """Give exposure, red gain, blue gain and level on the scale of EV; 0 for what is not known."""
    exposed = meta.exposure_us * meta.analogue_gain * meta.digital_gain if meta.exposure_known else 1.0
    return tuple(math.log2(max(value, 2.0**-20)) for value in (exposed, *meta.colour_gains, max(level, 1.0)))
