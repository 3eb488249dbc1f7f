"""One specimen of the camera: hot photosites, response, dust and shading are where and as strong as it was told."""

from __future__ import annotations

import numpy as np
import pytest

from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, Mode, Rect
from device.sensors.imx477 import IMX477
from device.simulator.unit import Dust, Unit

FULL = (1600, 1200)
WHOLE = Mode(*FULL, 12, Rect(0, 0, *FULL), 1, 10, 114, 10**8, 28.6)
BINNED = Mode(800, 600, 12, Rect(0, 0, *FULL), 2, 10, 114, 10**8, 15.2)


def test_without_anything_of_its_own_nothing_is_computed() -> None:
    assert Unit().response(WHOLE, "RGGB", FULL) is None and Unit().dark_e_s(WHOLE, FULL) is None


def test_hot_sites_keep_their_colour_when_binned() -> None:
    unit = Unit(hot_count=300)
    whole, binned = unit.dark_e_s(WHOLE, FULL), unit.dark_e_s(BINNED, FULL)
    assert whole is not None and binned is not None and (whole > 0).sum() == 300
    for row in (0, 1):
        for column in (0, 1):
            of_colour = whole[row::2, column::2].sum()
            assert binned[row::2, column::2].sum() == pytest.approx(of_colour / 4, rel=1e-5)


def test_a_crop_sees_its_part() -> None:
    unit = Unit(hot_count=300)
    part = Mode(400, 300, 12, Rect(600, 400, 400, 300), 1, 10, 114, 10**8, 15.2)
    whole, seen = unit.dark_e_s(WHOLE, FULL), unit.dark_e_s(part, FULL)
    assert whole is not None and seen is not None
    assert np.array_equal(seen, whole[400:700, 600:1000])


def test_response_has_its_spread_dust_and_corners() -> None:
    response = Unit(prnu=0.01).response(WHOLE, "RGGB", FULL)
    assert response is not None and float(response.std()) == pytest.approx(0.01, rel=0.01)
    response = Unit(dust=(Dust(400.5, 300.5, 10, 0.2),)).response(WHOLE, "RGGB", FULL)
    assert response is not None and response[300, 400] == pytest.approx(0.8, abs=1e-3) and response[0, 0] == 1
    response = Unit(corner_ev=-2.5, corner_red=0.2).response(WHOLE, "RGGB", FULL)
    assert response is not None
    assert response[-1, -1] == pytest.approx(2**-2.5, rel=0.01)
    assert response[0, 0] / response[0, 1] == pytest.approx(1.2, rel=0.01)  # red against green


def test_a_cap_and_paper_come_before_the_lens_and_are_taken_away() -> None:
    camera = SimulatedCamera(pace=False, unit=Unit(temperature_c=31.5))
    camera.open()
    try:
        camera.start(IMX477.modes[0], Controls(exposure_us=2000, gain=1.0))
        spreads = []
        for front in ("open", "cap", "paper", "open"):
            camera.cover(front)  # type: ignore[arg-type]
            frame = camera.next_frame(5)
            assert frame.raw is not None and frame.meta.sensor_temperature_c == 31.5
            green = frame.raw.samples[0::2, 1::2]
            spreads.append((float(green.mean()), float(green.std())))
            frame.release()
        (_, scene), (dark, noise), (paper, even), (_, again) = spreads
        assert dark == pytest.approx(64, abs=0.1) and noise < 1
        assert paper > 80 and even < scene / 5 and again == pytest.approx(scene, rel=0.05)
        camera.cover("cap")
        still = camera.capture_still(20)
        assert still.raw is not None and float(still.raw.samples.mean()) == pytest.approx(256, abs=0.1)
    finally:
        camera.close()
