"""The rig itself: the real picamera2 sees an HQ camera that behaves like one."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from helpers import run
from numpy.typing import NDArray
from picamera2 import Picamera2
from rig.environment import environment
from rig.timecode import code_of, read_code

PLATFORM = os.environ["HQCAM_RIG_PLATFORM"]
TIMEOUT_S = 5.0
pytestmark = pytest.mark.filterwarnings("ignore:setDaemon:DeprecationWarning")  # picamera2's own
HALF = (2028, 1520)
CLASSIC = [  # format, size, frames a second, crop, least and most exposure (us): docs of HQ camera users
    ("SRGGB10_CSI2P", (1332, 990), 120.05, (696, 528, 2664, 1980), (31, 667234896)),
    ("SRGGB12_CSI2P", (2028, 1080), 50.03, (0, 440, 4056, 2160), (60, 674181621)),
    ("SRGGB12_CSI2P", (2028, 1520), 40.01, (0, 0, 4056, 3040), (60, 674181621)),
    ("SRGGB12_CSI2P", (4056, 3040), 10.0, (0, 0, 4056, 3040), (114, 694422939)),
]


class Frame:
    """A copy of what one request delivered."""

    def __init__(self, camera: Picamera2) -> None:
        request = camera.capture_request(wait=TIMEOUT_S)
        try:
            self.metadata: dict[str, Any] = request.get_metadata()
            streams = camera.camera_configuration()
            self.arrays = {n: request.make_array(n) for n in ("main", "lores", "raw") if streams.get(n)}
            self.raw_format = streams["raw"]
        finally:
            request.release()

    def luma(self, stream: str, size: tuple[int, int]) -> NDArray[np.uint8]:
        width, height = size
        return self.arrays[stream][:height, :width]

    def raw(self) -> NDArray[np.uint16]:
        width, height = self.raw_format["size"]
        return self.arrays["raw"].view(np.uint16)[:height, :width]

    def light(self) -> float:
        """Mean over black of the darker half, where nothing clips, on the 12-bit scale."""
        samples = self.raw()[100:, : self.raw_format["size"][0] // 2]
        return float(samples.mean()) / (16 if PLATFORM == "pisp" else 1) - 256


@pytest.fixture
def camera() -> Iterator[Picamera2]:
    camera = Picamera2()
    yield camera
    camera.close()


def start(
    camera: Picamera2,
    controls: dict[str, Any] | None = None,
    *,
    raw: str = "SRGGB12",
    size: tuple[int, int] = HALF,
    main: str = "YUV420",
) -> None:
    config = camera.create_preview_configuration(
        main={"format": main, "size": size},
        lores={"format": "YUV420", "size": (1014, 760)},
        raw={"format": raw, "size": size},
        controls={"FrameDurationLimits": (100, 83333)} | (controls or {}),
    )
    camera.configure(config)
    camera.start()


def frames_until(camera: Picamera2, name: str, value: float, *, most: int = 20) -> tuple[int, Frame]:
    for count in range(1, most + 1):
        frame = Frame(camera)
        if abs(frame.metadata[name] - value) <= 0.02 * value:
            return count, frame
    raise AssertionError(f"{name} is not {value} after {most} frames: {frame.metadata}")


# -- what it offers ---------------------------------------------------------------------------------------------------


def test_one_hq_camera_is_listed() -> None:
    [listed] = Picamera2.global_camera_info()
    assert listed["Model"] == "imx477" and listed["Rotation"] == 180
    assert listed["Id"].endswith("imx477@1a")


def test_the_modes_are_those_of_the_classic_kernel(camera: Picamera2) -> None:
    seen = [
        (str(m["format"]), m["size"], m["fps"], m["crop_limits"], m["exposure_limits"][:2]) for m in camera.sensor_modes
    ]
    assert seen == CLASSIC


def test_a_new_kernel_offers_8_10_and_12_bit_of_five_sizes() -> None:
    code = """
import json
from picamera2 import Picamera2
camera = Picamera2()
print(json.dumps([(m["bit_depth"], m["size"], m["fps"]) for m in camera.sensor_modes]))
camera.close()
"""
    child = environment(PLATFORM, kernel="new")  # type: ignore[arg-type]
    said = run([sys.executable, "-c", code], env=child, text=True, check=True)
    modes = json.loads(said.stdout)
    assert len(modes) == 15 and {bits for bits, _, _ in modes} == {8, 10, 12}
    assert [12, [4056, 3040], 11.89] in modes and [12, [2028, 1520], 46.5] in modes


def test_it_offers_the_controls_of_an_hq_camera_and_no_lens(camera: Picamera2) -> None:
    offered = camera.camera_controls
    assert {"AeEnable", "ExposureValue", "AwbMode", "ColourGains", "NoiseReductionMode", "ScalerCrop"} <= set(offered)
    assert offered["AnalogueGain"][:2] == (1.0, pytest.approx(22.26, abs=0.01))
    assert not {name for name in offered if name.startswith(("Af", "Lens"))}


@pytest.mark.parametrize(
    "name, bytes_a_pixel, align",
    [
        ("YUV420", 1, {"vc4": 64, "pisp": 128}),
        ("NV12", 1, {"vc4": 32, "pisp": 64}),
        ("RGB888", 3, {"vc4": 32, "pisp": 64}),
        ("BGR888", 3, {"vc4": 32, "pisp": 64}),
        ("XRGB8888", 4, {"vc4": 32, "pisp": 64}),
        ("XBGR8888", 4, {"vc4": 32, "pisp": 64}),
    ],
)
def test_rows_are_padded_as_on_the_platform(
    camera: Picamera2, name: str, bytes_a_pixel: int, align: dict[str, int]
) -> None:
    start(camera, main=name, size=(1332, 990), raw="SRGGB10")
    granted = camera.camera_configuration()["main"]
    expected = -(-1332 * bytes_a_pixel // align[PLATFORM]) * align[PLATFORM]
    assert (granted["format"], granted["size"], granted["stride"]) == (name, (1332, 990), expected)
    if name not in ("YUV420", "NV12"):  # of these picamera2 has cut the padding off
        frame = Frame(camera)
        grey = frame.arrays["main"][..., 1]
        assert read_code(grey, middle=128) == code_of(frame.metadata)


@pytest.mark.parametrize("name, size, stride", [("SRGGB12_CSI2P", HALF, 3072), ("SRGGB10_CSI2P", (1332, 990), 1696)])
def test_packed_raw_is_packed_on_a_pi_4_and_compressed_on_a_pi_5(
    camera: Picamera2, name: str, size: tuple[int, int], stride: int
) -> None:
    start(camera, raw=name, size=size)
    granted = camera.camera_configuration()["raw"]
    if PLATFORM == "pisp":
        assert (granted["format"], granted["stride"]) == ("BGGR_PISP_COMP1", -(-size[0] // 64) * 64)
    else:
        assert (granted["format"], granted["stride"]) == (name.replace("SRGGB", "SBGGR"), stride)


def test_unpacked_raw_is_12_bit_on_a_pi_4_and_scaled_to_16_on_a_pi_5(camera: Picamera2) -> None:
    start(camera, {"ExposureTime": 10000, "AnalogueGain": 2.0})
    frame = Frame(camera)
    samples = frame.raw()[100:]
    if PLATFORM == "pisp":
        assert frame.raw_format["format"] == "SBGGR16"
        assert not (samples & 15).any() and samples.max() > 4095
    else:
        assert frame.raw_format["format"] == "SBGGR12"
        assert samples.max() <= 4095


# -- what it shows ----------------------------------------------------------------------------------------------------


def test_every_stream_tells_the_time_of_its_metadata(camera: Picamera2) -> None:
    start(camera)
    codes = set()
    for _ in range(6):
        frame = Frame(camera)
        raw_middle = 2048 * (16 if PLATFORM == "pisp" else 1)
        read = {
            read_code(frame.luma("main", HALF), middle=128),
            read_code(frame.luma("lores", (1014, 760)), middle=128),
            read_code(frame.raw(), middle=raw_middle),
        }
        assert read == {code_of(frame.metadata)}
        codes |= read
    assert len(codes) == 6


def test_light_follows_exposure_times_gain_and_nothing_clips_in_the_middle(camera: Picamera2) -> None:
    light = {}
    start(camera, {"ExposureTime": 5000, "AnalogueGain": 2.0})
    for us, gain in ((5000, 2.0), (10000, 2.0), (10000, 1.0), (20000, 1.0)):
        camera.set_controls({"ExposureTime": us, "AnalogueGain": gain})
        frames_until(camera, "AnalogueGain", gain)
        _, frame = frames_until(camera, "ExposureTime", us)
        light[us * gain] = frame.light()
        if us * gain == 20000:
            assert frame.raw()[100:].max() < 4095 * (16 if PLATFORM == "pisp" else 1)
    # A sample is a whole number and the exposure a whole number of lines: half a per cent each.
    assert light[20000] / light[10000] == pytest.approx(2, rel=0.01)
    assert light[10000] > 100


def test_exposure_is_whole_lines_and_within_the_mode(camera: Picamera2) -> None:
    start(camera, {"ExposureTime": 10000, "AnalogueGain": 1.0})
    line_us = 12740 / 840
    _, frame = frames_until(camera, "ExposureTime", 10000)
    lines = frame.metadata["ExposureTime"] / line_us
    assert abs(lines - round(lines)) < 1 / line_us and frame.metadata["ExposureTime"] <= 10000
    camera.set_controls({"ExposureTime": 1})
    assert frames_until(camera, "ExposureTime", 60)[0] <= 10


def test_a_control_arrives_after_the_requests_in_flight_and_the_delay_of_the_sensor(camera: Picamera2) -> None:
    start(camera, {"ExposureTime": 10000, "AnalogueGain": 1.0})
    frames_until(camera, "ExposureTime", 10000)
    camera.set_controls({"ExposureTime": 2000})
    count, frame = frames_until(camera, "ExposureTime", 2000)
    assert 3 <= count <= 8
    assert frame.metadata["ExposureTime"] * 2 < 10000


# -- its algorithms ---------------------------------------------------------------------------------------------------


def test_auto_exposure_settles_and_follows_compensation_and_lock(camera: Picamera2) -> None:
    start(camera, {"AeEnable": True})
    for _ in range(20):
        settled = Frame(camera)
    assert settled.metadata["AeState"] == 2
    assert 90 < settled.luma("main", HALF)[100:].mean() < 140
    before = settled.metadata["ExposureTime"] * settled.metadata["AnalogueGain"]

    camera.set_controls({"ExposureValue": 1.0})
    for _ in range(24):
        brighter = Frame(camera)
    after = brighter.metadata["ExposureTime"] * brighter.metadata["AnalogueGain"]
    assert after / before == pytest.approx(2, rel=0.05)

    camera.set_controls({"AeEnable": False})
    for _ in range(8):
        Frame(camera)
    camera.set_controls({"ExposureValue": -2.0})
    for _ in range(16):
        held = Frame(camera)
    assert held.metadata["ExposureTime"] == brighter.metadata["ExposureTime"]
    assert held.metadata["AeState"] == 0


def test_white_balance_is_automatic_preset_or_by_hand(camera: Picamera2) -> None:
    start(camera)
    assert Frame(camera).metadata["ColourTemperature"] == 4660
    camera.set_controls({"AwbMode": 5})  # daylight, 5500 to 6500 K in the tuning
    frames_until(camera, "ColourTemperature", 5500)
    camera.set_controls({"ColourGains": (1.5, 2.5)})
    for _ in range(10):
        frame = Frame(camera)
    assert frame.metadata["ColourGains"] == (1.5, 2.5)


def test_a_crop_is_reported_within_the_mode(camera: Picamera2) -> None:
    start(camera)
    camera.set_controls({"ScalerCrop": (1000, 800, 1014, 760)})
    for _ in range(10):
        frame = Frame(camera)
    assert frame.metadata["ScalerCrop"] == (1000, 800, 1014, 760)


# -- its time ---------------------------------------------------------------------------------------------------------


def test_frames_tick_while_nobody_takes_them(camera: Picamera2) -> None:
    start(camera, {"ExposureTime": 5000, "AnalogueGain": 1.0})
    for _ in range(6):
        frame = Frame(camera)
    period = frame.metadata["FrameDuration"]
    assert period == pytest.approx(1e6 / 40.01, abs=2)
    times = [frame.metadata["SensorTimestamp"] / 1000]
    held = [camera.capture_request(wait=TIMEOUT_S) for _ in range(3)]
    times += [request.get_metadata()["SensorTimestamp"] / 1000 for request in held]
    while len(times) < 5:
        times.append(Frame(camera).metadata["SensorTimestamp"] / 1000)
    for request in held:
        request.release()
    times += [Frame(camera).metadata["SensorTimestamp"] / 1000 for _ in range(5)]
    steps = np.diff(times) / period
    assert (np.abs(steps - np.round(steps)) < 0.01).all() and (np.round(steps) >= 1).all()


def test_a_long_exposure_takes_its_time(camera: Picamera2) -> None:
    start(camera, {"ExposureTime": 200_000, "AnalogueGain": 1.0, "FrameDurationLimits": (100, 300_000)})
    first, second = (frames_until(camera, "ExposureTime", 200_000)[1].metadata for _ in range(2))
    assert (second["SensorTimestamp"] - first["SensorTimestamp"]) / 1e6 >= 200
    assert second["FrameDuration"] == pytest.approx(200_000, rel=0.01)
