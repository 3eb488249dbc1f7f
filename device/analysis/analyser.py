"""All assists over one frame: the entry point for the view thread, the command line and the tests.

The order is: focus (peaking, focus score), the pass over the display picture (zebras, with peaking's mask), the pass
over the raw samples (clipping, shadow), then everything that counts a sample of pixels or reads one spot.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np

from device.analysis import noise, peaking, raw_exposure, scopes, sharpness, spot_meter
from device.analysis import raw_clipping as clipping
from device.analysis.area import WHOLE, area_around
from device.analysis.focus_plane import focus_plane
from device.analysis.focus_score import Score, focus_score
from device.analysis.histogram import histogram, take_sample
from device.analysis.overlay import Flag
from device.analysis.passes.choose import display_pass, raw_pass
from device.analysis.readings import (
    Analysis,
    Histogram,
    RawClipping,
    RawExposure,
    Readings,
    Spot,
    Vectorscope,
    Waveform,
)
from device.analysis.settings import AssistSettings
from device.analysis.subject import Subject
from device.frame import U8, Mask


@dataclass(frozen=True, slots=True)
class _Focus:
    """The mask of peaking and the focus score; None where the assist is off."""

    mask: Mask | None = None
    score: Score | None = None


@dataclass(frozen=True, slots=True)
class _Graphs:
    """The counts of the display signal; None where the assist is off."""

    histogram: Histogram | None = None
    waveform: Waveform | None = None
    vectorscope: Vectorscope | None = None


class Analyser:
    """Runs the assists. Not thread-safe: it keeps 10 MB between frames of 2028x1520, in numpy alone 26."""

    def __init__(self, *, compiled: bool = True) -> None:
        """Not `compiled`: everything is done in numpy, with the same result."""
        # Each keeps its memory for the last size alone.
        self._display_pass = lru_cache(maxsize=1)(partial(display_pass, compiled=compiled))
        self._raw_pass = lru_cache(maxsize=1)(partial(raw_pass, compiled=compiled))
        self._scratch = lru_cache(maxsize=1)(partial(sharpness.Scratch, compiled=compiled))
        self._sigma = lru_cache(maxsize=1)(noise.photosite_sigma)
        self._contrast = lru_cache(maxsize=1)(noise.contrast_codes)
        self._noise = sharpness.NoiseFollower()
        self.sharpness: sharpness.Sharpness | None = None
        """Of the last frame (without peaking: its focus area), if an assist needed it; valid until the next frame. At
        the subject's `focus_size`."""

    def analyse(self, subject: Subject, settings: AssistSettings) -> Analysis:
        """Run what `settings` ask for on one frame. Raises BadInput where the overlay's size does not fit the luma."""
        factor = subject.overlay_factor
        overlay = np.empty(subject.overlay_size or subject.luma.shape, np.uint8)
        focus = self._focus(subject, settings)
        lit = self._display_pass(*subject.luma.shape, factor).mark(
            subject.luma, subject.chroma, focus.mask, settings=settings, overlay=overlay
        )
        clipped = self._raw_levels(subject, settings, factor, overlay)
        graphs = _graphs(subject, settings)

        def percent(flag: Flag) -> float:
            return 100.0 * lit[flag] / subject.luma.size

        readings = Readings(
            histogram=graphs.histogram,
            raw_clipping=clipped,
            focus_score=None if focus.score is None else focus.score.value,
            focus_unclear=None if focus.score is None else focus.score.unclear,
            focus_level=None if focus.score is None else focus.score.level,
            peaking_percent=percent(Flag.PEAKING) if settings.peaking else None,
            zebra_high_percent=percent(Flag.ZEBRA_HIGH) if settings.zebra_high else None,
            zebra_band_percent=percent(Flag.ZEBRA_BAND) if settings.zebra_band else None,
            zebra_low_percent=percent(Flag.ZEBRA_LOW) if settings.zebra_low else None,
            raw_exposure=_raw_exposure(subject, settings),
            spot=_spot(subject, settings),
            waveform=graphs.waveform,
            vectorscope=graphs.vectorscope,
        )
        return Analysis(overlay, readings)

    def _focus(self, subject: Subject, settings: AssistSettings) -> _Focus:
        self.sharpness = None
        if not (settings.peaking or settings.focus_score):
            return _Focus()
        scored = area_around(settings.focus_x, settings.focus_y, settings.focus_size)
        # Without peaking only the area that is scored needs measuring.
        measured, scored = (WHOLE, scored) if settings.peaking else (scored, WHOLE)
        plane = focus_plane(subject, measured)
        scratch = self._scratch(*plane.luma.shape)
        assumed = subject.gain or 1.0
        sharp = self.sharpness = sharpness.measure_sharpness(
            plane.luma,
            self._sigma(subject.sensor, gain=assumed, binning=subject.binning),
            processing=plane.processing,
            scratch=scratch,
            gain=subject.gain,
            chroma=plane.chroma,
            noise=self._noise,
            key=(subject.sensor, subject.binning, plane.processing, plane.luma.shape),
        )
        score = focus_score(sharp, self._contrast(subject.sensor), area=scored) if settings.focus_score else None
        if not settings.peaking:
            return _Focus(score=score)
        threshold = peaking.threshold_for(sharp, plane.processing, settings.peaking_sensitivity)
        mask = peaking.peaking_mask(plane.luma, sharp, threshold=threshold, detail=scratch.detail)
        return _Focus(plane.at_picture_size(mask), score)

    def _raw_levels(self, subject: Subject, settings: AssistSettings, factor: int, overlay: U8) -> RawClipping | None:
        """Add raw clipping and raw shadow to the overlay; give the shares that clip."""
        raw = subject.raw
        if raw is None:
            return None
        fits = raw.samples.shape == subject.luma.shape
        shadows = settings.raw_shadow and fits
        if not (settings.clipping or shadows):
            return None
        clip_level = clipping.clip_level(raw) if settings.clipping else None
        shadow_level = (
            raw_exposure.shadow_level(raw, _read_noise_dn(subject), settings.raw_shadow_ev) if shadows else None
        )
        counts = self._raw_pass(*raw.samples.shape, factor).mark(
            raw, clip_level=clip_level, shadow_level=shadow_level, overlay=overlay if fits else None
        )
        return clipping.reading(raw, counts) if settings.clipping else None


def _read_noise_dn(subject: Subject) -> float:
    assert subject.raw is not None  # checked by the callers
    return raw_exposure.read_noise_dn(subject.raw, subject.sensor, gain=subject.gain or 1.0, binning=subject.binning)


def _raw_exposure(subject: Subject, settings: AssistSettings) -> RawExposure | None:
    if subject.raw is None or not (settings.raw_histogram or settings.raw_shadow):
        return None
    return raw_exposure.measure_raw_exposure(
        subject.raw,
        settings,
        noise_dn=_read_noise_dn(subject),
        colour_gains=subject.colour_gains,
        display_white=subject.sensor.tone.linear[-1],
    )


def _spot(subject: Subject, settings: AssistSettings) -> Spot | None:
    return spot_meter.read_spot(subject, settings) if settings.spot else None


def _graphs(subject: Subject, settings: AssistSettings) -> _Graphs:
    """Count one sample of the display signal for every graph that is on."""
    if not (settings.histogram or settings.vectorscope or settings.waveform != "off"):
        return _Graphs()
    sample = take_sample(subject.luma, subject.chroma)
    parade = settings.waveform == "parade"
    rgb = sample.rgb() if settings.histogram or parade else None
    planes = rgb if parade else None
    return _Graphs(
        histogram(sample, rgb) if settings.histogram else None,
        None if settings.waveform == "off" else scopes.waveform(sample, planes, orientation=subject.orientation),
        scopes.vectorscope(sample) if settings.vectorscope else None,
    )
