"""All assists over one frame: the one entry point for the page, the command line and the tests.

The frame is walked in strips that fit the processor's cache, every pixel once, whatever the number of viewers.
"""

from __future__ import annotations

import numpy as np

from device.analysis import clipping, noise, peaking, sharpness
from device.analysis.display_pass import DisplayPass, Scratch
from device.analysis.focus_score import CENTRE, WHOLE, Area, focus_score
from device.analysis.histogram import histogram
from device.analysis.overlay import Flag, factor_between
from device.analysis.readings import Analysis, RawClipping, Readings
from device.analysis.rendering import RENDERINGS
from device.analysis.settings import AssistSettings
from device.frame import U8, RawFrame, RenderingName
from device.sensors.base import F64, Sensor


class Analyser:
    """Runs the assists. Not thread-safe: it keeps working memory (25 MB at 2028x1520) between frames."""

    def __init__(self) -> None:
        self._scratch: tuple[tuple[int, int, int], Scratch] | None = None
        self._raw_scratch: tuple[tuple[int, int], clipping.Scratch] | None = None
        self._sigma: tuple[tuple[Sensor, float, int], F64] | None = None
        self.sharpness: sharpness.Sharpness | None = None
        """Of the last frame (without peaking: of its focus area), if an assist needed it; valid until the next one."""
        self._sharpness: tuple[tuple[int, int], sharpness.Scratch, peaking.Scratch] | None = None

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
        rendering: RenderingName = "camera",
        focus_area: Area = CENTRE,
    ) -> Analysis:
        """Run what `settings` ask for on one frame.

        `luma` is (H, W), `u` and `v` (H/2, W/2) full-range BT.601, or None for a grey picture. `gain`, `binning`
        and `rendering` are the frame's own: they set the noise. `overlay_size` (height, width) is the luma's divided
        by a whole number, rounded up; BadInput otherwise. Raw samples of another size than the luma give percentages
        only.
        """
        factor = factor_between(luma.shape, overlay_size)
        overlay = np.empty(overlay_size, np.uint8)
        peaks, score = None, None
        self.sharpness = None
        if settings.peaking or settings.focus_score:
            # Without peaking only the area that is scored needs measuring.
            area, cut = (focus_area, WHOLE) if settings.peaking else (WHOLE, focus_area)
            sigma = self._sigma_for(sensor, gain, binning)
            chroma = None if u is None or v is None else (cut.cut(u), cut.cut(v))
            sharp = self.sharpness = self._measure(cut.cut(luma), chroma, sigma, rendering)
            score = focus_score(sharp, RENDERINGS[rendering], area=area) if settings.focus_score else None
            peaks = self._peaks(sharp, settings, rendering) if settings.peaking else None
        chroma = None if u is None or v is None else (u, v)
        display = DisplayPass(luma, chroma, settings=settings, scratch=self._scratch_for(luma, factor))
        display.run(peaks, factor=factor, overlay=overlay)
        clipped = None
        if raw is not None and settings.clipping:
            clipped = self._clipping(raw, factor, overlay if raw.samples.shape == luma.shape else None)
        readings = Readings(
            histogram=histogram(luma, u, v) if settings.histogram else None,
            raw_clipping=clipped,
            focus_score=score,
            peaking_percent=display.percent(Flag.PEAKING) if settings.peaking else None,
            zebra_high_percent=display.percent(Flag.ZEBRA_HIGH) if settings.zebra_high else None,
            zebra_band_percent=display.percent(Flag.ZEBRA_BAND) if settings.zebra_band else None,
            zebra_low_percent=display.percent(Flag.ZEBRA_LOW) if settings.zebra_low else None,
        )
        return Analysis(overlay, readings)

    def _measure(
        self, luma: U8, chroma: tuple[U8, U8] | None, sigma: F64, rendering: RenderingName
    ) -> sharpness.Sharpness:
        if self._sharpness is None or self._sharpness[0] != luma.shape:
            self._sharpness = luma.shape, sharpness.Scratch(*luma.shape), peaking.Scratch(*luma.shape)
        scratch = self._sharpness[1]
        return sharpness.measure(luma, sigma, rendering=RENDERINGS[rendering], scratch=scratch, chroma=chroma)

    def _peaks(self, sharp: sharpness.Sharpness, settings: AssistSettings, rendering: RenderingName) -> peaking.Mask:
        assert self._sharpness is not None
        threshold = peaking.threshold_for(sharp, RENDERINGS[rendering], settings.peaking_sensitivity)
        return peaking.ink(sharp, threshold=threshold, scratch=self._sharpness[2])

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
            self._sigma = key, noise.photosite_sigma(sensor, gain=gain, binning=binning)
        return self._sigma[1]
