"""All assists over one frame: the one entry point for the page, the command line and the tests.

The frame is walked in strips that fit the processor's cache, every pixel once, whatever the number of viewers.
"""

from __future__ import annotations

import numpy as np

from device.analysis import clipping, noise, peaking
from device.analysis.display_pass import DisplayPass, Scratch
from device.analysis.focus_score import CENTRE, Area, focus_score
from device.analysis.histogram import histogram
from device.analysis.overlay import Flag, factor_between
from device.analysis.readings import Analysis, RawClipping, Readings
from device.analysis.settings import AssistSettings, PeakingSensitivity
from device.frame import U8, RawFrame
from device.sensors.base import F64, Sensor


class Analyser:
    """Runs the assists. Not thread-safe: it keeps working memory (4 MB at 2028x1520) between frames; one per thread."""

    def __init__(self) -> None:
        self._scratch: tuple[tuple[int, int, int], Scratch] | None = None
        self._raw_scratch: tuple[tuple[int, int], clipping.Scratch] | None = None
        self._sigma: tuple[tuple[Sensor, float, int], F64] | None = None
        self._gates: dict[PeakingSensitivity, peaking.Gate] = {}

    def analyse(
        self,
        luma: U8,
        u: U8 | None,
        v: U8 | None,
        raw: RawFrame | None,
        *,
        settings: AssistSettings,
        gain: float,
        sensor: Sensor,
        binning: int,
        overlay_size: tuple[int, int],
        focus_area: Area = CENTRE,
    ) -> Analysis:
        """Run what `settings` ask for on one frame.

        `luma` is (H, W), `u` and `v` (H/2, W/2) full-range BT.601, or None for a grey picture. `gain` and `binning`
        are the frame's own: they set the noise. `overlay_size` (height, width) is the luma's divided by a whole
        number, rounded up; BadInput otherwise. Raw samples of another size than the luma give percentages only.
        """
        factor = factor_between(luma.shape, overlay_size)
        overlay = np.empty(overlay_size, np.uint8)
        sigma = self._sigma_for(sensor, gain, binning)
        gate = self._gate_for(sigma, settings.peaking_sensitivity) if settings.peaking else None
        chroma = None if u is None or v is None else (u, v)
        display = DisplayPass(luma, chroma, settings=settings, scratch=self._scratch_for(luma, factor))
        display.run(gate, factor=factor, overlay=overlay)
        clipped = None
        if raw is not None and settings.clipping:
            clipped = self._clipping(raw, factor, overlay if raw.samples.shape == luma.shape else None)
        readings = Readings(
            histogram=histogram(luma, u, v) if settings.histogram else None,
            raw_clipping=clipped,
            focus_score=focus_score(luma, sigma, area=focus_area) if settings.focus_score else None,
            peaking_percent=display.percent(Flag.PEAKING) if settings.peaking else None,
            zebra_high_percent=display.percent(Flag.ZEBRA_HIGH) if settings.zebra_high else None,
            zebra_band_percent=display.percent(Flag.ZEBRA_BAND) if settings.zebra_band else None,
            zebra_low_percent=display.percent(Flag.ZEBRA_LOW) if settings.zebra_low else None,
        )
        return Analysis(overlay, readings)

    def _clipping(self, raw: RawFrame, factor: int, overlay: U8 | None) -> RawClipping:
        height, width = raw.samples.shape
        rows = clipping.strip_rows(width, factor)
        if self._raw_scratch is None or self._raw_scratch[0] != (rows, width):
            self._raw_scratch = (rows, width), clipping.Scratch(rows, width)
        counter = clipping.Counter(raw, self._raw_scratch[1])
        for first in range(0, height, rows):
            last = min(first + rows, height)
            part = None if overlay is None else overlay[first // factor : -(-last // factor)]
            counter.strip(first, last, factor=factor, overlay=part)
        return counter.reading()

    def _scratch_for(self, luma: U8, factor: int) -> Scratch:
        key = (*luma.shape, factor)
        if self._scratch is None or self._scratch[0] != key:
            self._scratch = key, Scratch(*key)
        return self._scratch[1]

    def _sigma_for(self, sensor: Sensor, gain: float, binning: int) -> F64:
        key = (sensor, gain, binning)
        if self._sigma is None or self._sigma[0] != key:
            self._sigma = key, noise.display_sigma(sensor, gain=gain, binning=binning)
            self._gates = {}
        return self._sigma[1]

    def _gate_for(self, sigma: F64, sensitivity: PeakingSensitivity) -> peaking.Gate:
        if sensitivity not in self._gates:
            self._gates[sensitivity] = peaking.gate_for(sigma, sensitivity)
        return self._gates[sensitivity]
