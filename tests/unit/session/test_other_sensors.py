"""A camera with another sensor than the HQ camera's: its own numbers everywhere, and what is assumed is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from helpers import DEADLINE_S

from device.captures.shot import take_shot
from device.captures.storage import Storage
from device.drivers.simulated import SimulatedCamera
from device.preferences.store import Preferences
from device.raw.dng_reader import read_raw
from device.raw.files import read_picture
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from device.sensors.base import Sensor
from device.sensors.imx296 import IMX296
from device.sensors.imx708 import IMX708
from device.sensors.known import sensor_named, sensor_of
from device.session.session import Session

SMALL_708 = replace(IMX708, modes=IMX708.modes[:1])
UNKNOWN = replace(IMX296, model="xyz1", description="camera with a xyz1 sensor")


@pytest.mark.parametrize(
    ("sensor", "told"),
    [
        (IMX296, ""),
        (SMALL_708, "hqcam assumes: noise;"),
        (UNKNOWN, "hqcam assumes: noise, colour, black level, gains, delays;"),
    ],
    ids=["published", "partly assumed", "unknown"],
)
def test_the_files_of_a_shot_and_the_notices_are_those_of_the_sensor(
    make_session: Callable[..., Session], storage: Storage, sensor: Sensor, told: str
) -> None:
    preferences = Preferences()
    session = make_session(lambda: SimulatedCamera(sensor=sensor), preferences=preferences)
    session.wait_open(DEADLINE_S)
    assert session.wait_settled(DEADLINE_S) is not None
    used = session.sensor
    assert used == (sensor_of("xyz1", UNKNOWN.modes, 3.45) if sensor is UNKNOWN else sensor_named(sensor.model))
    notices = " ".join(preferences.notices.list())
    assert told in notices and ("assumes" in notices) == bool(told)
    shot = take_shot(session, storage)
    (path,) = (stored.path for stored in shot.capture.files if stored.path.suffix == ".dng")
    tiff = read_tiff(path.read_bytes())
    main = tiff.directories[0]
    assert main.text(Tag.UNIQUE_CAMERA_MODEL) == used.unique_camera_model != ""
    raw = read_raw(tiff)
    assert raw.black_dn == (sensor.black_dn,) * 4 and raw.white_dn == sensor.white_dn
    (noise,) = (found for directory in tiff.walk() if (found := directory.numbers(Tag.NOISE_PROFILE)))
    meta = shot.metadata.meta
    profile = used.noise.dng_profile(meta.analogue_gain, used.white_dn - used.black_dn, meta.mode.binning)
    assert noise == pytest.approx(profile, rel=1e-6)
    back = read_picture(path)
    assert back.sensor == (None if sensor is UNKNOWN else sensor_named(sensor.model))
    assert back.processing == ("none" if sensor is UNKNOWN else "raw")
