"""The light meter and the grey pick: exact on made frames, and true on simulated scenes of known radiance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import DEADLINE_S
from PIL import Image

from device.analysis.area import WHOLE, Area, area_around
from device.analysis.exposing import AVERAGE_REFLECTANCE
from device.drivers.replay import ReplayCamera
from device.drivers.simulated import SimulatedCamera
from device.errors import BadControl, BadInput
from device.frame import Controls, RawFrame, YuvPicture
from device.meter import exposure_value as light
from device.meter import grey_gains as grey
from device.meter.grey_balance import balance_by_grey
from device.meter.light_meter import EV100, LightMeter, spot_at
from device.preferences.owner_lenses import OwnerLenses
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session.session import Session
from device.simulator.scene import LIGHT_K
from device.simulator.sensor import SCENE_LUX
from device.simulator.texture import srgb_to_linear

CLIP, BLACK = 4057, 256
LEFT, RIGHT = spot_at(0.25, 0.5, 0.1), spot_at(0.75, 0.5, 0.1)
CODES = {"left": 118, "right": 188}


def raw_of(red: float, green: float, blue: float, *, bits: int = 12) -> RawFrame:
    """A flat frame; colours as shares of the way from black to the clip level."""
    scale = 2 ** (bits - 12)
    samples = np.empty((64, 96), np.uint16)
    for rows, columns, share in ((0, 0, red), (0, 1, green), (1, 0, green), (1, 1, blue)):
        samples[rows::2, columns::2] = round((BLACK + share * (CLIP - BLACK)) * scale)
    return RawFrame(samples, "RGGB", bits, (BLACK * scale,) * 4, round(4096 * scale) - 1)


def reflectance(side: str) -> float:
    return float(srgb_to_linear(np.array([CODES[side] / 255], np.float32))[0])


def true_ev100(side: str) -> float:
    """A matt surface under SCENE_LUX: luminance E rho / pi, and EV by K = 12.5."""
    return math.log2(SCENE_LUX * reflectance(side) / math.pi / 0.125)


@pytest.mark.parametrize("bits", [12, 16])
@pytest.mark.parametrize("share", [0.5, 0.125, 0.9])
def test_the_level_is_the_mean_of_green_below_clipping(share: float, bits: int) -> None:
    found = light.green_level(raw_of(0.9, share, 0.1, bits=bits), WHOLE)
    assert found.level_ev == pytest.approx(math.log2(share), abs=0.005) and found.clipped_percent == 0


def test_black_has_no_level_and_white_says_that_it_clips() -> None:
    assert light.green_level(raw_of(0, 0, 0), WHOLE) == light.Level(None, 0.0)
    found = light.green_level(raw_of(1, 1, 1), WHOLE)
    assert found == light.Level(pytest.approx(0, abs=1e-6), 100.0)


def test_an_area_is_read_alone() -> None:
    frame = raw_of(0.5, 0.5, 0.5)
    frame.samples[:, 48:] = BLACK + (CLIP - BLACK) // 4
    left, right = (light.green_level(frame, Area(x, 0, 0.5, 1)).level_ev for x in (0.0, 0.5))
    assert (left, right) == (pytest.approx(-1, abs=0.002), pytest.approx(-2, abs=0.002))


def test_light_follows_each_of_its_numbers() -> None:
    base = {"exposure_us": 10_000.0, "gain": 1.0, "f_number": 2.0}
    ev = light.light_from(-3, **base).ev100
    assert ev == pytest.approx(math.log2(4 / 0.01) - 3 + math.log2(7.8))
    for change, difference in (
        ({"exposure_us": 5_000.0}, 1),
        ({"gain": 2.0}, -1),
        ({"f_number": 4.0}, 2),
    ):
        assert light.light_from(-3, **(base | change)).ev100 == pytest.approx(ev + difference)
    assert light.light_from(-2, **base).ev100 == pytest.approx(ev + 1)
    assert light.light_from(-3, **base, offset_ev=0.4).ev100 == pytest.approx(ev + 0.4)
    found = light.light_from(-3, **base, offset_ev=15 - ev)  # sunny 16
    assert (found.luminance_cd_m2, found.illuminance_lux) == (pytest.approx(4096), pytest.approx(81_920))


def test_equivalent_exposures_let_in_the_same_light() -> None:
    exposures = [light.exposure_s(11, f, iso) * iso / f**2 for f in light.F_NUMBERS for iso in light.ISOS]
    assert exposures == pytest.approx([100 / 2**11] * len(exposures))
    assert light.time_text(light.exposure_s(15, 16, 100)) == "1/125"
    assert light.time_text(light.exposure_s(11, 2.8, 400)) == "1/1000"
    assert light.time_text(light.exposure_s(0, 5.6, 100)) == "30 s"
    assert light.time_text(1 / 12107) == "1/12800", "no camera has 1/12107"


def test_a_grey_gives_the_gains_that_make_it_neutral() -> None:
    red, blue = grey.gains_from_raw(raw_of(0.1, 0.3, 0.2), WHOLE)
    assert (red, blue) == (pytest.approx(3.0, rel=0.003), pytest.approx(1.5, rel=0.002))


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (raw_of(0.5, 1, 0.5), "too bright"),
        (raw_of(0.002, 0.3, 0.2), "too dark"),
        (raw_of(0, 0, 0), "too dark"),
        (raw_of(0.05, 0.5, 0.05), "no grey under any light"),
    ],
)
def test_what_is_no_grey_is_refused(frame: RawFrame, says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        grey.gains_from_raw(frame, WHOLE)
    assert caught.value.expected and caught.value.remedy


def test_clipping_in_another_place_does_not_matter() -> None:
    frame = raw_of(0.1, 0.3, 0.2)
    frame.samples[:20] = 4095
    assert grey.gains_from_raw(frame, area_around(0.5, 0.7, 0.1))[0] == pytest.approx(3.0, rel=0.003)


# -- on the simulated camera --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("light") / "greys.png"
    picture = np.full((480, 640, 3), CODES["left"], np.uint8)
    picture[:, 320:] = CODES["right"]
    Image.fromarray(picture).save(path)
    return path


@pytest.fixture(scope="module")
def session(scene: Path) -> Iterator[Session]:
    with Session(lambda: SimulatedCamera(scene), sensor=IMX477, preferences=Preferences()) as session:
        session.wait_open(DEADLINE_S)
        yield session


@pytest.fixture
def meter(session: Session) -> LightMeter:
    preferences = Preferences()
    return LightMeter(session, preferences, OwnerLenses(preferences))


def expose(session: Session, exposure_us: float, gain: float, f_number: float) -> None:
    session.set_controls({"exposure_us": exposure_us, "gain": gain, "f_number": f_number, "focus_m": 2.0})
    meta = session.wait_settled(DEADLINE_S)
    while meta is None or meta.lens is None or meta.lens.f_number != f_number:
        meta = session.wait_frame(meta.sequence if meta else 0, DEADLINE_S)


@pytest.mark.parametrize("settings", [(2000, 1.0, 2.8), (8000, 1.0, 5.6), (3000, 4.0, 8.0)])
def test_once_calibrated_it_reads_true_at_any_exposure(
    session: Session, meter: LightMeter, settings: tuple[float, float, float]
) -> None:
    expose(session, 4000, 1.0, 2.8)
    known = meter.calibrate(round(true_ev100("left"), 3), "spot", spot=LEFT)
    assert known.light is not None and known.light.ev100 == pytest.approx(true_ev100("left"), abs=0.02)
    expose(session, *settings)
    for side, spot in (("left", LEFT), ("right", RIGHT)):
        found = meter.read("spot", spot=spot)
        assert found.light is not None and found.calibration is not None
        assert found.light.ev100 == pytest.approx(true_ev100(side), abs=0.05)
        luminance = SCENE_LUX * reflectance(side) / math.pi
        assert found.light.luminance_cd_m2 == pytest.approx(luminance, rel=0.035)
    whole = meter.read()
    mean = (reflectance("left") + reflectance("right")) / 2
    assert whole.light is not None
    assert whole.light.luminance_cd_m2 == pytest.approx(SCENE_LUX * mean / math.pi, rel=0.05)


def test_uncalibrated_it_is_within_what_is_assumed_and_says_so(session: Session, meter: LightMeter) -> None:
    expose(session, 4000, 1.0, 2.8)
    found = meter.read("spot", spot=LEFT)
    assert found.calibration is None and found.simulated and found.f_number_from == "frame" and found.missing == ""
    assert found.light is not None and found.light.ev100 == pytest.approx(true_ev100("left"), abs=1.0)
    assert (
        found.as_json()["equivalents"][2]["f_number"] == 2.8
        and len(found.as_json((50,))["equivalents"][0]["times"]) == 1
    )


@pytest.mark.parametrize("settings", [(4000, 1.0, 2.8), (3000, 4.0, 8.0)])
def test_lux_has_one_meaning_on_the_meter_and_in_the_frame(
    session: Session, meter: LightMeter, settings: tuple[float, float, float]
) -> None:
    """The light on a scene that reflects as much as a meter expects: of the simulated camera also uncalibrated."""
    expose(session, *settings)
    found, meta = meter.read(), session.newest_meta()
    assert found.light is not None and found.calibration is None and meta is not None and meta.lux is not None
    mean = (reflectance("left") + reflectance("right")) / 2
    true_lux = SCENE_LUX * mean / AVERAGE_REFLECTANCE
    assert math.log2(meta.lux / found.light.illuminance_lux) == pytest.approx(0, abs=0.05)
    assert math.log2(found.light.illuminance_lux / true_lux) == pytest.approx(0, abs=0.1)
    spot = meter.read("spot", spot=LEFT)
    assert spot.light is not None and spot.light.ev100 == pytest.approx(true_ev100("left"), abs=0.1)
    incident = spot.light.illuminance_lux * AVERAGE_REFLECTANCE / reflectance("left")
    assert math.log2(incident / SCENE_LUX) == pytest.approx(0, abs=0.1)


def test_a_calibration_is_kept_per_kind_of_camera_and_can_be_forgotten(session: Session, meter: LightMeter) -> None:
    expose(session, 4000, 1.0, 2.8)
    before = meter.read("spot", spot=LEFT).light
    assert before is not None
    meter.calibrate(before.ev100 + 0.5, "spot", spot=LEFT)
    again = meter.calibrate(before.ev100 + 0.7, "spot", spot=LEFT)
    assert again.calibration is not None and again.calibration.offset_ev == pytest.approx(0.7, abs=0.02)
    assert meter.calibration(replace(session.info(), simulated=False)) is None, "not that of a real camera"
    meter.forget()
    assert meter.calibration(session.info()) is None


def test_settings_that_were_tampered_with_are_no_calibration(session: Session) -> None:
    for kept in ({"offset_ev": "x"}, {"offset_ev": 99, "ev100": 1, "at": ""}, [1], None):
        preferences = Preferences()
        preferences.set("light_meter", {"imx477, simulated": kept})
        assert LightMeter(session, preferences, OwnerLenses(preferences)).calibration(session.info()) is None


def test_what_cannot_calibrate_is_refused(session: Session, meter: LightMeter) -> None:
    for ev100 in (EV100[0] - 0.1, EV100[1] + 0.1):
        with pytest.raises(BadInput, match="ev100 is"):
            meter.calibrate(ev100)
    expose(session, 60_000, 2.0, 2.8)
    with pytest.raises(BadInput, match="clips"):
        meter.calibrate(10)


def test_a_number_that_is_given_wins_over_the_lens(session: Session, meter: LightMeter) -> None:
    expose(session, 4000, 1.0, 2.8)
    own, given = meter.read(), meter.read(f_number=5.6)
    assert own.light is not None and given.light is not None and given.f_number_from == "given"
    assert given.light.ev100 - own.light.ev100 == pytest.approx(2, abs=0.01)


def test_without_raw_or_stop_it_says_what_is_missing(
    make_session: Callable[..., Session], picture_folder: Path
) -> None:
    replayed = make_session(lambda: ReplayCamera(picture_folder))
    replayed.wait_open(DEADLINE_S)
    preferences = Preferences()
    reading = LightMeter(replayed, preferences, OwnerLenses(preferences)).read()
    assert reading.light is None and "no raw samples" in reading.missing and reading.as_json()["equivalents"] == []
    with pytest.raises(BadControl, match="colour_gains cannot be set"):
        balance_by_grey(replayed, 0.5, 0.5)


def test_white_balance_by_a_grey_finds_the_gains_of_the_light(session: Session) -> None:
    expose(session, 3000, 1.0, 2.8)
    session.set_controls({"awb": "tungsten"})
    chosen = balance_by_grey(session, 0.25, 0.5)
    assert chosen.awb == "manual"
    assert chosen.colour_gains == pytest.approx(IMX477.colour.gains_at(LIGHT_K), rel=0.01)
    session.set_controls({"awb": "auto"})


@pytest.mark.parametrize("contrast", [1.0, 1.4])
def test_a_camera_without_live_raw_balances_by_its_picture(scene: Path, contrast: float) -> None:
    camera = SimulatedCamera(scene, pace=False)
    camera.open()
    camera.start(IMX477.modes[0], Controls(exposure_us=6000, gain=1.0, awb="daylight", contrast=contrast))
    frame = camera.next_frame(1.0)
    main = YuvPicture(frame.main.y.copy(), frame.main.u.copy(), frame.main.v.copy())
    meta = frame.meta
    frame.release()
    camera.close()
    gains = grey.gains_from_picture(
        main,
        LEFT,
        tone=IMX477.tone.with_contrast(meta.contrast),
        ccm=IMX477.colour.ccm_at(meta.colour_temperature_k),
        colour_gains=meta.colour_gains,
    )
    assert gains == pytest.approx(IMX477.colour.gains_at(LIGHT_K), rel=0.04)
