"""Checks of a shot as a file, of the speed of the card, and of the temperature of the board."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from device import host
from device.captures.shot import save_still
from device.captures.storage import Storage
from device.doctor.board import HOT_C, TOO_HOT_C
from device.doctor.machine import Machine
from device.doctor.storage import SLOW_MB_S
from device.drivers.base import CameraDriver
from device.raw.files import read_picture
from device.selftest.contract import REPORT, TIMEOUT_S
from device.selftest.outcome import Failed, Measured, NotApplicable, require
from device.sensors.known import sensor_of


def dng(camera: CameraDriver, folder: Path) -> Measured:
    """Take a shot, write it into `folder`, compare all samples of the DNG, and delete it."""
    if not camera.info.capabilities.raw_still:
        raise NotApplicable("this camera has no raw")
    still = camera.capture_still(TIMEOUT_S)
    assert still.raw is not None
    with tempfile.TemporaryDirectory(prefix="hqcam-selftest-", dir=folder) as place:
        info = camera.info
        sensor = sensor_of(info.model, info.modes, info.pixel_pitch_um)
        shot = save_still(still, Storage(Path(place)), sensor=sensor, awb="auto")
        stored = shot.capture.file("dng")
        if stored is None:
            raise Failed("the shot has no DNG", REPORT)
        back = read_picture(stored.path)
        size_mb = stored.size_bytes / 1e6
    require(back.raw is not None and np.array_equal(back.raw.samples, still.raw.samples), "samples differ", REPORT)
    stored_us = back.metadata.exposure_us or 0.0
    require(abs(stored_us - still.meta.exposure_us) <= 1.0, f"the file tells {stored_us:.0f} us", REPORT)
    require(shot.audit.verdict != "fault", "; ".join(shot.audit.findings()), REPORT)
    require(back.metadata.iso == still.meta.iso, f"the file tells ISO {back.metadata.iso}", REPORT)
    return Measured(f"{size_mb:.1f} MB, every sample as taken, exposure and ISO as delivered")


def card_speed(folder: Path) -> Measured:
    """Measure how fast the card is written."""
    bytes_per_s = Machine(storage=folder).write_bytes_per_second()
    if bytes_per_s is None:
        raise Failed(f"{folder} cannot be written", "choose another folder with --output")
    slow = "a faster card (A1, U3) or a USB drive saves a shot sooner" if bytes_per_s < SLOW_MB_S * 1e6 else ""
    return Measured(f"{bytes_per_s / 1e6:.0f} MB/s", slow)


def board_temperature(root: Path = host.ROOT) -> Measured:
    """Measure the temperature of the board after the other checks; tests give another `root` of the system's files."""
    degrees = host.temperature_c(root)
    if degrees is None:
        raise NotApplicable("this board does not tell its temperature")
    return Measured(f"{degrees:.0f} degrees C", f"it slows down at {TOO_HOT_C:.0f}" if degrees >= HOT_C else "")
