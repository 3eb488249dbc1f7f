"""Checks of the rules of `drivers.base`, from outside the driver. The contract tests run these too.

Each check takes a live camera and leaves it live, unless it says otherwise; it may take seconds.
"""

from __future__ import annotations

import threading
import time

import numpy as np

from device.drivers.base import CameraDriver
from device.errors import CameraStalled, ShotCancelled
from device.frame import Controls, FrameMeta, LiveFrame, Rect
from device.selftest.outcome import Measured, NotApplicable, require
from device.session.fair_clock import FairClock
from device.session.loupe import window_around

TIMEOUT_S = 10.0
AWAY_S = 0.5
ARRIVES_WITHIN = 12  # frames; libcamera's queue of controls has about 5
EXPOSURE_STEP = 0.05  # a share; exposure is in whole lines, whose time differs between modes, and gain in whole codes
LONG_S = 4.0  # more than two mode switches of a real camera take
REPORT = "please report this with the output of `hqcam doctor --json`"


def take(camera: CameraDriver) -> LiveFrame:
    """Wait for the next frame, longer on a busy computer, where all is slower."""
    return camera.next_frame(FairClock().stretched(TIMEOUT_S))


def need_exposure(camera: CameraDriver) -> None:
    """Raise NotApplicable for a camera whose exposure cannot be set, such as a replay."""
    if not camera.info.capabilities.exposure_control:
        raise NotApplicable("this camera's exposure cannot be set")


def frames_in_order(camera: CameraDriver) -> Measured:
    """Sequence and timestamp rise from frame to frame, and no timestamp is in the future."""
    metas = []
    for _ in range(5):
        frame = take(camera)
        metas.append(frame.meta)
        frame.release()
    for before, after in zip(metas, metas[1:], strict=False):
        require(after.sequence > before.sequence, f"frame {after.sequence} came after {before.sequence}", REPORT)
        require(after.timestamp_ns > before.timestamp_ns, "a frame is older than the one before it", REPORT)
    age_s = (time.monotonic_ns() - metas[-1].timestamp_ns) / 1e9
    require(age_s >= 0, f"a frame is {-age_s:.3f} s in the future", REPORT)
    return Measured(f"5 frames, the newest {age_s * 1000:.0f} ms old")


def plane_sizes(camera: CameraDriver) -> Measured:
    """Every plane has the size that follows from the mode and 4:2:0."""
    frame = take(camera)
    mode = frame.meta.mode
    try:
        require(
            frame.main.y.shape == (mode.height, mode.width), f"luma is {frame.main.y.shape}, not {mode.name}", REPORT
        )
        for picture in (frame.main, frame.small):
            height, width = picture.y.shape
            half = ((height + 1) // 2, (width + 1) // 2)
            require(picture.u.shape == picture.v.shape == half, f"chroma is {picture.u.shape}, not {half}", REPORT)
            require({p.dtype for p in (picture.y, picture.u, picture.v)} == {np.dtype(np.uint8)}, "not 8 bit", REPORT)
        if camera.info.capabilities.raw_live:
            require(frame.raw is not None, "there is no raw in a live frame that should have it", REPORT)
        if frame.raw is not None:
            shape, most = frame.raw.samples.shape, int(frame.raw.samples.max())
            require(shape == (mode.height, mode.width), f"raw is {shape}, not {mode.name}", REPORT)
            require(most < 2**frame.raw.bit_depth, f"a sample is {most} at {frame.raw.bit_depth} bit", REPORT)
        raw = f", raw {frame.raw.bit_depth} bit {frame.raw.cfa}" if frame.raw is not None else ", no live raw"
        small = "x".join(map(str, frame.small.y.shape[::-1]))
    finally:
        frame.release()
        frame.release()  # more than once is harmless
    return Measured(f"{mode.name} with {small}{raw}")


def newest_frame(camera: CameraDriver) -> Measured:
    """After a pause the caller gets the newest frame, not queued old ones."""
    take(camera).release()
    threading.Event().wait(AWAY_S)
    frame = take(camera)
    age_s = (time.monotonic_ns() - frame.meta.timestamp_ns) / 1e9
    frame.release()
    limit_s = max(AWAY_S - 0.05, 3 * (frame.meta.frame_duration_us + frame.meta.exposure_us) / 1e6)
    require(age_s < limit_s, f"after {AWAY_S:g} s away the frame is {age_s:.2f} s old", REPORT)
    return Measured(f"{age_s * 1000:.0f} ms old after {AWAY_S:g} s away")


def deadline(camera: CameraDriver) -> Measured:
    """A wait ends at its timeout."""
    take(camera).release()
    began = time.monotonic()
    try:
        camera.next_frame(0.0).release()
    except CameraStalled:
        pass
    took_s = time.monotonic() - began
    require(took_s < 1.0, f"a wait of 0 s took {took_s:.1f} s", REPORT)
    return Measured(f"returned after {took_s * 1000:.0f} ms")


def fresh_still(camera: CameraDriver) -> Measured:
    """The exposure of a still begins after the call, it has full size, and live frames continue."""
    take(camera).release()
    pressed_ns, began = time.monotonic_ns(), time.monotonic()
    still = camera.capture_still(TIMEOUT_S)
    took_s = time.monotonic() - began
    early_s = (pressed_ns - still.meta.timestamp_ns) / 1e9
    require(early_s <= 0, f"the shot began {early_s:.3f} s before the press", REPORT)
    if camera.info.capabilities.raw_still:
        require(
            still.raw is not None and still.raw.shape == still.picture.y.shape,
            "the shot's raw does not have its picture's size",
            REPORT,
        )
    take(camera).release()
    return Measured(f"{still.meta.mode.name} in {took_s:.2f} s")


def loupe(camera: CameraDriver) -> Measured:
    """The loupe shows the requested window, pixel for pixel, can be moved, and does not change the exposure."""
    whole = _meta(camera)
    if not camera.info.capabilities.loupe:
        raise NotApplicable("this camera has no loupe")
    full = camera.info.full_mode
    took = []
    for x, y in ((0.5, 0.5), (0.0, 1.0), (1.0, 0.25)):
        window, began = window_around(x, y, full), time.monotonic()
        camera.magnify(window)
        frame = _until(camera, window)
        took.append(time.monotonic() - began)
        shape = frame.main.y.shape
        same = frame.small.y.shape == shape and frame.meta.mode == full
        exposed, before = (m.exposure_us * m.analogue_gain for m in (frame.meta, whole))
        frame.release()
        require(shape == (window.height, window.width) and same, f"the loupe shows {shape} of {full.name}", REPORT)
        require(abs(exposed - before) <= EXPOSURE_STEP * before, "the exposure jumped in the loupe", REPORT)
    camera.magnify(None)
    frame = _until(camera, None)
    shape, mode = frame.main.y.shape, frame.meta.mode
    frame.release()
    require(mode == whole.mode and shape == (mode.height, mode.width), f"after the loupe {shape} came", REPORT)
    return Measured(f"{full.name}, there in {took[0]:.2f} s, moved in {took[1]:.2f} s")


def _meta(camera: CameraDriver) -> FrameMeta:
    frame = take(camera)
    frame.release()
    return frame.meta


def _until(camera: CameraDriver, window: Rect | None) -> LiveFrame:
    """Wait for a frame that shows the window; a move needs some frames. Raises Failed."""
    for _ in range(ARRIVES_WITHIN):
        frame = take(camera)
        if frame.meta.window == window:
            return frame
        shown = frame.meta.window
        frame.release()
    require(False, f"the camera shows {shown} where {window} was asked for", REPORT)
    raise AssertionError("unreachable")


def shot_of_its_own(camera: CameraDriver) -> Measured:
    """A shot with separate controls has them, takes no second exposure, and does not change the live view."""
    need_exposure(camera)
    controls = Controls(exposure_us=LONG_S * 1e6, gain=1.0)
    began = time.monotonic()
    still = camera.capture_still(LONG_S * 2 + TIMEOUT_S, controls)
    took_s = time.monotonic() - began
    got_s = still.meta.exposure_us / 1e6
    require(abs(got_s / LONG_S - 1) < 0.02, f"asked for {LONG_S:g} s, the shot has {got_s:.3f} s", REPORT)
    require(took_s < 2 * LONG_S, f"a shot of {LONG_S:g} s took {took_s:.1f} s", REPORT)
    for _ in range(4):
        frame = take(camera)
        live_s = frame.meta.exposure_us / 1e6
        frame.release()
        require(live_s < LONG_S / 2, f"the live view has the shot's exposure: {live_s:.3f} s", REPORT)
    return Measured(f"{LONG_S:g} s in {took_s:.2f} s")


def cancelled_shot(camera: CameraDriver) -> Measured:
    """A cancelled shot ends soon, and live frames continue; a cancel without a shot does nothing."""
    camera.cancel_still()
    take(camera).release()
    need_exposure(camera)
    timer = threading.Timer(AWAY_S, camera.cancel_still)
    began = time.monotonic()
    timer.start()
    try:
        camera.capture_still(4 * TIMEOUT_S, Controls(exposure_us=3 * TIMEOUT_S * 1e6, gain=1.0))
    except ShotCancelled:
        pass
    else:
        require(False, "the shot came although it was cancelled", REPORT)
    finally:
        timer.cancel()
        timer.join()
    took_s = time.monotonic() - began
    require(took_s < TIMEOUT_S, f"the end took {took_s:.1f} s", REPORT)
    take(camera).release()
    return Measured(f"ended after {took_s - AWAY_S:.2f} s")


def every_mode(camera: CameraDriver) -> Measured:
    """Each mode delivers frames of its size. Leaves the camera stopped."""
    names = []
    for mode in camera.info.modes:
        camera.stop()
        camera.start(mode, Controls())
        frame = take(camera)
        shape, delivered = frame.main.y.shape, frame.meta.mode
        frame.release()
        require(shape == (mode.height, mode.width) and delivered == mode, f"{mode.name} delivers {shape}", REPORT)
        names.append(mode.name)
    camera.stop()
    camera.stop()  # harmless
    return Measured(", ".join(names))
