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
from device.sensors.known import sensor_of

_OTHER, _ASSUMED = "another camera", "assumed figures"


class MeasuredSensor:
    """The numbers of the sensor that a camera is found to have, until its calibration is found, too. Any thread."""

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
        """The camera that was opened last; None before, and for a replay, which has no profile."""
        return self._camera

    def opened(self, info: CameraInfo) -> None:
        """Take the calibration of an opened camera, and tell where only another one of its kind was calibrated."""
        if info.driver != "replay":  # whose frames may be of any camera
            self.published = sensor_of(info.model, info.modes, info.pixel_pitch_um)
        self._camera = Camera.of(info) if info.driver != "replay" and info.capabilities.raw_still else None
        self._use(self.calibrations.history(self._camera).profile if self._camera else None)
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

    def _tell_assumed(self) -> None:
        if self._camera and self.sensor.assumed:
            self._notices.say(
                _ASSUMED,
                f"of this camera's sensor hqcam assumes: {', '.join(self.sensor.assumed)};"
                " hqcam calibrate camera measures noise and black level",
            )
        else:
            self._notices.withdraw(_ASSUMED)

    def look(self) -> bool:
        """Use what is in use now, also by another process; whether that is another calibration than before."""
        profile = self.calibrations.history(self._camera).profile if self._camera else None
        if profile == self.profile:
            return False
        self._use(profile)
        return True

    def _use(self, profile: CameraProfile | None) -> None:
        self.profile = profile
        self.sensor = profile.measured(self.published) if profile else self.published
        self._tell_assumed()

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
