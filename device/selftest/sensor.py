"""Checks of the raw samples: whether they are linear, their black level, and whether they use every level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device.controls import is_settled, merge
from device.drivers.base import CameraDriver
from device.frame import Controls, RawFrame
from device.selftest.contract import REPORT, need_exposure, take
from device.selftest.outcome import Failed, Measured, NotApplicable, require

SETTLE_FRAMES = 40
WANTED_SHARE = 0.4  # of the scale, for the mean of the longest exposure
LINEAR_WITHIN = 0.03  # a CMOS sensor is linear within 1 %; the rest is for light that flickers
STEPS = (1.0, 0.75, 0.5, 0.35, 0.25)
DARK_US = 100.0
BLACK_WITHIN_DN = 2.0  # at 12 bit, with the lens cap on: the black level moves by some 1 DN with gain and heat
BELOW_BLACK_DN = 12.0  # at 12 bit: 8 times the read noise of the IMX477 at gain 1
LEVELS_LEAST = 0.6  # of the levels between the 5th and 95th percentile: about 0.1 if compressed to 8 bits


def linearity(camera: CameraDriver) -> Measured:
    """Where nothing clips, the signal above black is proportional to the delivered exposure."""
    longest_us = _bright_enough_us(camera)
    exposures, frames = [], []
    for step in STEPS:
        exposure_us, frame = _exposed(camera, longest_us * step)
        exposures.append(exposure_us)
        frames.append(_signal(frame))
    unclipped = frames[0] < 0.85
    if unclipped.mean() < 0.2:
        raise NotApplicable("most of the picture clips: point the camera at something even")
    light = np.array([float(f[unclipped].mean()) for f in frames])
    times = np.array(exposures)
    slope = float((light * times).sum() / (times * times).sum())
    worst = float(np.abs(light / (slope * times) - 1).max())
    measured = f"within {worst:.1%} from {times[-1] / 1000:.1f} to {times[0] / 1000:.1f} ms"
    require(
        worst <= LINEAR_WITHIN, f"{measured} (wanted {LINEAR_WITHIN:.0%})", "steady light? Lamps flicker; try again"
    )
    return Measured(measured)


def black_level(camera: CameraDriver, lens_cap: bool) -> Measured:
    """With the lens cap on, the mean is the declared black level. Without it, no sample is far below that level."""
    _, frame = _exposed(camera, DARK_US)
    scale = 2.0 ** (frame.bit_depth - 12)
    black = sum(frame.black_dn) / 4 / scale
    samples = frame.samples / scale
    if lens_cap:
        found = float(np.mean(samples))
        measured = f"{found:.1f} DN where {black:g} is declared (12 bit)"
        require(abs(found - black) <= BLACK_WITHIN_DN, measured, "is the cap on, and no light beside it?")
        return Measured(measured)
    lowest = float(np.percentile(samples, 0.1))
    measured = f"darkest samples at {lowest:.0f} DN, black declared at {black:g} (12 bit)"
    require(lowest >= black - BELOW_BLACK_DN, measured, f"the declared black level is too high; {REPORT}")
    assumed = "the camera does not tell its black level: it was assumed" if frame.levels_assumed else ""
    return Measured(measured + "; with --lens-cap it is measured", assumed)


def tonal_levels(camera: CameraDriver) -> Measured:
    """Nearly every level between dark and bright occurs; raw compressed to 8 bits has only a tenth of them."""
    _, frame = _exposed(camera, _bright_enough_us(camera))
    shift = max(0, frame.bit_depth - 12)
    samples = frame.samples >> np.uint16(shift)
    low, high = (int(v) for v in np.percentile(samples, (5, 95)))
    if high - low < 64:
        raise NotApplicable("the picture is too even: point the camera at something with light and shade")
    levels = len(np.unique(samples[(samples >= low) & (samples <= high)]))
    share = levels / (high - low + 1)
    measured = f"{levels} of {high - low + 1} levels"
    require(share >= LEVELS_LEAST, f"{measured}: this raw was compressed", REPORT)
    return Measured(measured)


def _bright_enough_us(camera: CameraDriver) -> float:
    """Find the exposure at gain 1 with which the mean is WANTED_SHARE of the scale; give it in microseconds."""
    if not camera.info.capabilities.exposure_control or not camera.info.capabilities.raw_live:
        raise NotApplicable("this camera gives no live raw of a chosen exposure")
    exposure_us = 8000.0
    for _ in range(6):
        delivered_us, frame = _exposed(camera, exposure_us)
        share = float(np.mean(_signal(frame)))
        if 0.5 * WANTED_SHARE <= share <= 1.25 * WANTED_SHARE:
            return delivered_us
        exposure_us = float(np.clip(delivered_us * WANTED_SHARE / max(share, 0.01), 200, 200_000))
    if share < 0.02:
        raise NotApplicable("it is too dark: take the lens cap off, open the aperture or switch a light on")
    return exposure_us


def _exposed(camera: CameraDriver, exposure_us: float) -> tuple[float, RawFrame]:
    """Request an exposure at gain 1; give the delivered one and a copy of the lower half of its raw frame."""
    need_exposure(camera)
    limit = camera.info.limits["exposure_us"]
    wanted_us = min(max(exposure_us, limit.minimum), limit.maximum)
    wanted = merge(Controls(), {"exposure_us": wanted_us, "gain": 1.0}, camera.info)
    camera.request(wanted)
    for _ in range(SETTLE_FRAMES):
        live = take(camera)
        try:
            if live.raw is None:
                raise NotApplicable("this camera gives no live raw")
            if is_settled(live.meta, wanted) or live.meta.exposure_us <= live.meta.mode.exposure_min_us + 1:
                raw = live.raw
                half = raw.samples[raw.samples.shape[0] // 4 * 2 :].copy()
                return live.meta.exposure_us, RawFrame(
                    half, raw.cfa, raw.bit_depth, raw.black_dn, raw.white_dn, raw.levels_assumed
                )
        finally:
            live.release()
    raise Failed(f"the camera does not take an exposure of {wanted_us:.0f} us", REPORT)


def _signal(raw: RawFrame) -> NDArray[np.float64]:
    """Give every 7th row and 5th column as a share of the scale above black."""
    black = sum(raw.black_dn) / 4
    return (raw.samples[::7, ::5].astype(np.float64) - black) / (raw.white_dn - black)
