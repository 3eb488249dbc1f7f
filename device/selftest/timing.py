"""Checks of pace and delay: frames per second, dropped frames, and the frames until a new exposure is in force."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from device.controls import is_settled, merge
from device.drivers.base import CameraDriver
from device.frame import Controls
from device.selftest.contract import REPORT, need_exposure, take
from device.selftest.outcome import Failed, Measured, NotApplicable, require

DROPPED_MOST, DROPPED_NOTABLE = 0.02, 0.001  # shares of the frames
PACE_LEAST = 0.95  # of the rate that follows from the frames' durations
LATENCY_MOST = 12  # frames: up to 6 requests in flight, and the sensor's own delay of 2 to 3


def frame_rate(camera: CameraDriver, seconds: float, tick: Callable[[float], None]) -> Measured:
    """The camera holds its frame rate for `seconds`; `tick` is called with the finished share (0..1)."""
    take(camera).release()
    began = time.monotonic()
    numbers, times, durations, degrees = [], [], [], []
    while (passed := time.monotonic() - began) < seconds:
        frame = take(camera)
        numbers.append(frame.meta.sequence)
        times.append(frame.meta.timestamp_ns / 1e9)
        durations.append(frame.meta.frame_duration_us / 1e6)
        if frame.meta.sensor_temperature_c is not None:
            degrees.append(frame.meta.sensor_temperature_c)
        frame.release()
        tick(passed / seconds)
    if len(numbers) < 3:
        raise NotApplicable(f"only {len(numbers)} frames in {seconds:g} s: the exposure is too long")
    spanned = numbers[-1] - numbers[0]
    dropped = (spanned - (len(numbers) - 1)) / spanned
    fps = (len(numbers) - 1) / (times[-1] - times[0])
    gap_ms = max(b - a for a, b in zip(times, times[1:], strict=False)) * 1000
    warmth = f", sensor {degrees[0]:.0f} to {degrees[-1]:.0f} degrees C" if degrees else ""
    measured = f"{fps:.1f} /s, {dropped:.1%} dropped, longest gap {gap_ms:.0f} ms{warmth}"
    slower = "close other programs; see that the Pi is cool and well supplied (`hqcam doctor`)"
    require(dropped <= DROPPED_MOST, measured, slower)
    promised = 1 / statistics.median(durations)
    require(fps >= PACE_LEAST * promised * (1 - DROPPED_MOST), f"{measured}; {promised:.1f} /s promised", slower)
    return Measured(measured, slower if dropped > DROPPED_NOTABLE else "")


def control_latency(camera: CameraDriver) -> Measured:
    """A new exposure takes effect, and the frame whose metadata report it also has it in its pixels."""
    need_exposure(camera)
    short = merge(Controls(), {"exposure_us": 4000, "gain": 1.0}, camera.info)
    camera.request(short)
    dark = _light_once_settled(camera, short)[1]
    double = merge(short, {"exposure_us": 8000}, camera.info)
    camera.request(double)
    frames, light = _light_once_settled(camera, double)
    measured = f"{frames} frames"
    require(frames <= LATENCY_MOST, f"{measured} until a new exposure arrives", REPORT)
    if dark is not None and light is not None and dark > 5:
        require(1.5 < light / dark < 2.2, f"twice the exposure gave {light / dark:.2f} times the light", REPORT)
        measured += f", {light / dark:.2f} times the light at twice the exposure"
    return Measured(measured)


def _light_once_settled(camera: CameraDriver, controls: Controls) -> tuple[int, float | None]:
    """Give the number of frames until `controls` are in force, and the mean raw signal above black of that frame."""
    for count in range(1, 4 * LATENCY_MOST):
        frame = take(camera)
        try:
            if is_settled(frame.meta, controls):
                if frame.raw is None:
                    return count, None
                scale = 2 ** (frame.raw.bit_depth - frame.meta.mode.bit_depth)
                rows = frame.raw.samples[frame.raw.samples.shape[0] // 2 :: 4]
                return count, (float(rows.mean()) - sum(frame.raw.black_dn) / 4) / scale
        finally:
            frame.release()
    raise Failed("the camera does not take the exposure it was asked for", REPORT)
