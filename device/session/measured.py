"""The sensor as it was measured: the one place where a calibration comes into the session.

`sensor` is what everyone asks for noise and levels: the published numbers, or those of the calibration in use for the
camera that is open. Every raw frame that leaves the driver gets the measured black level.
"""

from __future__ import annotations

from typing import cast

from device.calibration.profile import Camera, CameraProfile
from device.drivers.base import CameraDriver
from device.frame import CameraInfo, Controls, LiveFrame, RawFrame, StillFrame
from device.notices import Notices
from device.preferences.owner_calibrations import OwnerCalibrations
from device.sensors.base import Sensor

_OTHER = "another camera"


class MeasuredSensor:
    """Published numbers until a camera is open whose calibration is kept. Any thread."""

    def __init__(self, published: Sensor, calibrations: OwnerCalibrations, notices: Notices) -> None:
        self.published = published
        self.calibrations = calibrations
        self.sensor = published
        """With the measured noise and black level where there are any."""
        self.profile: CameraProfile | None = None
        """The calibration in use."""
        self._notices = notices
        self._camera: Camera | None = None

    @property
    def camera(self) -> Camera | None:
        """The camera that was opened last; None before, and for a replay or another sensor, which have no profile."""
        return self._camera

    def opened(self, info: CameraInfo) -> None:
        """Take the calibration of an opened camera, and tell where only another one of its kind was calibrated."""
        known = info.model == self.published.model and info.capabilities.raw_still
        self._camera = Camera.of(info) if known else None
        self.look()
        others = self.calibrations.others(self._camera) if self._camera and self.profile is None else []
        if others and self._camera and not self.calibrations.history(self._camera).profiles:
            other = max(others, key=lambda profile: profile.at)
            self._notices.say(
                _OTHER,
                f"this is another camera than the one calibrated on {other.at[:10]}"
                f" ({other.camera.identity or 'unknown port'}): the published numbers are used",
            )
        else:
            self._notices.withdraw(_OTHER)

    def look(self) -> bool:
        """Use what is in use now, also by another process; whether that is another calibration than before."""
        profile = self.calibrations.history(self._camera).profile if self._camera else None
        if profile == self.profile:
            return False
        self.profile = profile
        self.sensor = profile.measured(self.published) if profile else self.published
        return True

    def levelled(self, driver: CameraDriver) -> CameraDriver:
        """Give the driver with the measured black level in all raw frames that it delivers."""
        return cast(CameraDriver, _Levelled(driver, self))


class _Levelled:
    """A driver; all that is not here is its own."""

    def __init__(self, driver: CameraDriver, measured: MeasuredSensor) -> None:
        self._inner, self._measured = driver, measured

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def next_frame(self, timeout_s: float) -> LiveFrame:
        frame = self._inner.next_frame(timeout_s)
        profile = self._measured.profile
        if frame.raw is not None and profile is not None:
            raw = profile.with_levels(frame.raw, frame.meta.analogue_gain, self._measured.published)
            frame.raw = cast(RawFrame, raw)
        return frame

    def capture_still(self, timeout_s: float, controls: Controls | None = None) -> StillFrame:
        still = self._inner.capture_still(timeout_s, controls)
        profile = self._measured.profile
        if still.raw is None or profile is None:
            return still
        raw = profile.with_levels(still.raw, still.meta.analogue_gain, self._measured.published)
        return StillFrame(still.meta, still.picture, raw)
