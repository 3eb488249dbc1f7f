"""All assists over one frame: the one entry point for the page, the command line and the tests.

The frame is walked in strips that fit the processor's cache, every pixel once, whatever the number of viewers.
"""

from __future__ import annotations

from functools import lru_cache, partial

import numpy as np

from device.analysis import noise, peaking, raw_exposure, scopes, sharpness
from device.analysis import raw_clipping as clipping
from device.analysis import spot_meter as spot
from device.analysis.focus_score import CENTRE, WHOLE, Area, focus_score
from device.analysis.histogram import histogram, take_sample
from device.analysis.overlay import Flag, factor_between
from device.analysis.passes.choose import display_for, raw_marks_for
from device.analysis.processing import RENDERINGS
from device.analysis.readings import Analysis, Histogram, RawClipping, RawExposure, Readings, Vectorscope, Waveform
from device.analysis.settings import AssistSettings
from device.frame import U8, RawFrame, RenderingName
from device.sensors.base import F64, Sensor


class Analyser:
    """Runs the assists. Not thread-safe: it keeps 10 MB between frames of 2028x1520, in numpy alone 26."""

    def __init__(self, *, compiled: bool = True) -> None:
        """Where not `compiled`, everything is done in numpy, with the same outcome."""
        # Of the last size each.
        self._display_for = lru_cache(maxsize=1)(partial(display_for, compiled=compiled))
        self._raw_marks_for = lru_cache(maxsize=1)(partial(raw_marks_for, compiled=compiled))
        self._scratch_for = lru_cache(maxsize=1)(partial(sharpness.Scratch, compiled=compiled))
        self._sigma: tuple[tuple[Sensor, float, int], F64] | None = None
        self.sharpness: sharpness.Sharpness | None = None
        """Of the last frame (without peaking: of its focus area), if an assist needed it; valid until the next one."""

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
        colour_gains: tuple[float, float] | None = None,
    ) -> Analysis:
        """Run what `settings` ask for on one frame.

        `luma` is (H, W), `u` and `v` (H/2, W/2) full-range BT.601, or None for a grey picture. `gain`, `binning`
        and `rendering` are the frame's own: they set the noise. `colour_gains` (red, blue, digital gain included)
        are those of its white balance, None when not known. `overlay_size` (height, width) is the luma's divided
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
            part, rendered = cut.cut(luma), RENDERINGS[rendering]
            scratch = self._scratch_for(*part.shape)
            sharp = self.sharpness = sharpness.measure(part, sigma, rendering=rendered, scratch=scratch, chroma=chroma)
            score = focus_score(sharp, rendered, area=area) if settings.focus_score else None
            if settings.peaking:
                threshold = peaking.threshold_for(sharp, rendered, settings.peaking_sensitivity)
                peaks = peaking.ink(luma, sharp, threshold=threshold, detail=scratch.detail)
        chroma = None if u is None or v is None else (u, v)
        lit = self._display_for(*luma.shape, factor).mark(luma, chroma, peaks, settings=settings, overlay=overlay)
        clipped, raw_noise = None, 0.0
        if raw is not None:
            raw_noise = raw_exposure.read_noise_dn(raw, sensor, gain=gain, binning=binning)
            same_size = raw.samples.shape == luma.shape
            clipped = self._mark_raw(raw, settings, raw_noise, factor, overlay if same_size else None)
        exposure: RawExposure | None = None
        if raw is not None and (settings.raw_histogram or settings.raw_shadow):
            exposure = raw_exposure.measure(
                raw, settings, noise_dn=raw_noise, colour_gains=colour_gains, display_white=sensor.tone.linear[-1]
            )
        spotted = None
        if settings.spot:
            spotted = spot.read_spot(luma, chroma, raw, settings=settings, tone=sensor.tone, colour_gains=colour_gains)
        counts, levels, colours = _scopes(luma, chroma, settings)

        def percent(flag: Flag) -> float:
            return 100.0 * lit[flag] / luma.size

        readings = Readings(
            histogram=counts,
            raw_clipping=clipped,
            focus_score=score,
            peaking_percent=percent(Flag.PEAKING) if settings.peaking else None,
            zebra_high_percent=percent(Flag.ZEBRA_HIGH) if settings.zebra_high else None,
            zebra_band_percent=percent(Flag.ZEBRA_BAND) if settings.zebra_band else None,
            zebra_low_percent=percent(Flag.ZEBRA_LOW) if settings.zebra_low else None,
            raw_exposure=exposure,
            spot=spotted,
            waveform=levels,
            vectorscope=colours,
        )
        return Analysis(overlay, readings)

    def _mark_raw(
        self, raw: RawFrame, settings: AssistSettings, noise_dn: float, factor: int, overlay: U8 | None
    ) -> RawClipping | None:
        shadows = settings.raw_shadow and overlay is not None
        if not (settings.clipping or shadows):
            return None
        clip_level = clipping.clip_level(raw) if settings.clipping else None
        shadow_level = raw_exposure.shadow_level(raw, noise_dn, settings.raw_shadow_ev) if shadows else None
        marks = self._raw_marks_for(*raw.samples.shape, factor)
        counts = marks.mark(raw, clip_level=clip_level, shadow_level=shadow_level, overlay=overlay)
        return clipping.reading(raw, counts) if settings.clipping else None

    def _sigma_for(self, sensor: Sensor, gain: float, binning: int) -> F64:
        key = (sensor, gain, binning)
        if self._sigma is None or self._sigma[0] != key:
            self._sigma = key, noise.photosite_sigma(sensor, gain=gain, binning=binning)
        return self._sigma[1]


def _scopes(
    luma: U8, chroma: tuple[U8, U8] | None, settings: AssistSettings
) -> tuple[Histogram | None, Waveform | None, Vectorscope | None]:
    """Count one sample of the display signal for every graph that is on."""
    if not (settings.histogram or settings.vectorscope or settings.waveform != "off"):
        return None, None, None
    sample = take_sample(luma, *(chroma or (None, None)))
    rgb = sample.rgb() if settings.histogram or settings.waveform == "parade" else None
    return (
        histogram(sample, rgb) if settings.histogram else None,
        scopes.waveform(sample, rgb if settings.waveform == "parade" else None) if settings.waveform != "off" else None,
        scopes.vectorscope(sample) if settings.vectorscope else None,
    )
