"""Between libcamera's values and ours: no camera needed."""

from __future__ import annotations

import errno
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from device.controls import held
from device.drivers.picamera2.controls import choices_from, controls_for, limits_from, still_controls_for
from device.drivers.picamera2.errors import as_camera_error, driver_missing
from device.drivers.picamera2.metadata import meta_from
from device.drivers.picamera2.modes import modes_from
from device.drivers.picamera2.planes import StreamFormat, raw_copy, raw_layout, raw_view, yuv_planes
from device.errors import CameraBusy, CameraLost, ModeRefused, NoCamera, NotEnoughMemory
from device.frame import Controls, FrameMeta, Limit
from device.pixels.packed import pack_csi2
from device.sensors.imx477 import IMX477

# As picamera2 lists them on a Pi with the classic kernel; the shape of `exposure_limits` varies between versions.
SENSOR_MODES: list[dict[str, Any]] = [
    {"bit_depth": depth, "size": size, "fps": fps, "crop_limits": crop, "exposure_limits": limits}
    for depth, size, fps, crop, limits in (
        (10, (1332, 990), 120.05, (696, 528, 2664, 1980), (31, 667234896, None)),
        (12, (2028, 1080), 50.03, (0, 440, 4056, 2160), (60, 674181621)),
        (12, (2028, 1520), 40.01, (0, 0, 4056, 3040), (60, 674181621, 20000)),
        (12, (4056, 3040), 10.0, (0, 0, 4056, 3040), (114, 694422939, None)),
    )
]
ALL = frozenset(
    "AeEnable ExposureTime AnalogueGain ExposureValue AwbEnable AwbMode ColourGains FrameDurationLimits Sharpness "
    "NoiseReductionMode AeMeteringMode AeConstraintMode AeFlickerMode AeFlickerPeriod Contrast Saturation "
    "ColourTemperature".split()
)
METADATA: dict[str, Any] = {
    "SensorTimestamp": 5_000_000_000,
    "ExposureTime": 20_003,
    "AnalogueGain": 2.0,
    "DigitalGain": 1.1,
    "FrameDuration": 33_333,
    "SensorTemperature": 31.0,
    "AeState": 2,
    "Lux": 410.0,
    "ColourGains": (2.9, 1.6),
    "ColourTemperature": 4800,
    "SensorBlackLevels": (4096, 4096, 4096, 4096),
}
MODE = IMX477.modes[2]


AUTOMATIC = Controls()


def meta(before: FrameMeta | None = None, controls: Controls = AUTOMATIC, **changes: Any) -> FrameMeta:
    return meta_from(
        {k: v for k, v in (METADATA | changes).items() if v is not None},
        now_ns=5_010_000_000,
        boot_offset_ns=0,
        mode=MODE,
        controls=controls,
        before=before,
    )


def test_the_modes_of_a_classic_kernel_are_the_sensors_own() -> None:
    assert sorted(modes_from(SENSOR_MODES, IMX477), key=str) == sorted(IMX477.modes, key=str)


def test_of_one_size_the_deepest_mode_comes_first_and_an_unknown_line_is_a_quarter_of_the_shortest_exposure() -> None:
    deep = SENSOR_MODES[2] | {"exposure_limits": (56, 600_000_000), "fps": 46.5}
    modes = modes_from([SENSOR_MODES[3], deep | {"bit_depth": 8}, deep | {"bit_depth": 10}, deep], IMX477)
    assert [m.name for m in modes] == ["2028x1520-12", "2028x1520-10", "2028x1520-8", "4056x3040-12"]
    assert modes[0].line_us == 14.0 and modes[0].binning == 2 and modes[3].binning == 1


def test_a_camera_without_raw_has_no_modes() -> None:
    assert modes_from([{"format": "YUYV"}], IMX477) == ()


def test_limits_come_from_the_camera_and_what_it_does_not_offer_is_left_out() -> None:
    offered = {
        "ExposureTime": (60, 674181621, 20000),
        "AnalogueGain": (1.0, 22.2608, 1.0),
        "ExposureValue": (-8.0, 8.0, 0.0),
        "ColourGains": ((0.0, 0.0), (32.0, 32.0), None),
    }
    limits = limits_from(offered, IMX477.modes)
    assert limits["exposure_us"] == Limit(31, 694422939, None, "us")
    assert limits["slowest_us"] == Limit(31, 694422939, 30e6, "us")
    assert limits["gain"] == Limit(1.0, 22.2608, None, "x") and limits["ev"] == Limit(-8.0, 8.0, 0.0, "EV")
    assert (limits["colour_gains"].minimum, limits["colour_gains"].maximum) == (0.1, 32.0)
    assert limits_from({"AnalogueGain": (1.0, 16.0, None)}, IMX477.modes).keys() == {"gain"}


@pytest.mark.parametrize(
    ("controls", "expected"),
    [
        (Controls(), {"AeEnable": True, "ExposureTime": 0, "AnalogueGain": 0.0, "AwbEnable": True, "AwbMode": 0}),
        (Controls(exposure_us=5000.4, gain=2), {"AeEnable": True, "ExposureTime": 5000, "AnalogueGain": 2.0}),
        (Controls(exposure_us=1e6), {"FrameDurationLimits": (33_333, 1_033_333), "AnalogueGain": 0.0}),
        (Controls(ae_lock=True), {"AeEnable": False, "ExposureTime": None, "AnalogueGain": None}),
        (Controls(ae_lock=True, gain=4.0), {"AeEnable": False, "ExposureTime": None, "AnalogueGain": 4.0}),
        (Controls(awb="cloudy", ev=-1), {"AwbMode": 6, "ExposureValue": -1.0, "ColourGains": None}),
        (
            Controls(awb="manual", colour_gains=(3, 1.5)),
            {"AwbEnable": False, "ColourGains": (3.0, 1.5), "AwbMode": None},
        ),
        (Controls(sharpness=3, noise_reduction="fast"), {"Sharpness": 0.0, "NoiseReductionMode": 0}),
        (
            Controls(awb="kelvin", colour_temperature_k=3200.4),
            {"AwbEnable": False, "ColourTemperature": 3200, "ColourGains": None, "AwbMode": None},
        ),
        (
            Controls(),
            {"AeMeteringMode": 0, "AeConstraintMode": 0, "AeFlickerMode": 0, "AeFlickerPeriod": None, "Contrast": 1.0},
        ),
        (Controls(metering="spot", constraint="highlight"), {"AeMeteringMode": 1, "AeConstraintMode": 1}),
        (Controls(metering="matrix", anti_flicker="50 Hz"), {"AeMeteringMode": 2, "AeFlickerPeriod": 10_000}),
        (Controls(anti_flicker="60 Hz"), {"AeFlickerMode": 1, "AeFlickerPeriod": 8_333}),
        (Controls(contrast=2, saturation=0), {"Contrast": 2.0, "Saturation": 0.0}),
    ],
)
def test_controls_have_the_names_numbers_and_exact_types_of_libcamera(
    controls: Controls, expected: dict[str, Any]
) -> None:
    given = controls_for(controls, ALL)
    for name, value in expected.items():
        assert given.get(name) == value and type(given.get(name)) is type(value), name


def test_a_control_that_the_camera_does_not_offer_is_not_asked() -> None:
    assert controls_for(Controls(), ["ExposureTime"]) == {"ExposureTime": 0}


def test_a_shot_holds_what_was_automatic_and_the_gain_that_the_processor_added() -> None:
    limits = {"gain": Limit(1.0, 22.26, None, "x")}
    assert held(Controls(), None, limits) == Controls()
    shot = held(Controls(ev=1.0), meta(), limits)
    assert (shot.exposure_us, shot.gain, shot.awb, shot.colour_gains) == (20_003, 2.2, "manual", (2.9, 1.6))
    assert held(Controls(exposure_us=500, gain=1, awb="daylight"), meta(), limits) == Controls(500, 1, awb="daylight")
    assert held(Controls(), meta(AnalogueGain=22.0, DigitalGain=4.0), limits).gain == 22.26
    asked = still_controls_for(shot, ALL)
    assert (asked["ExposureTime"], asked["AnalogueGain"], asked["AwbEnable"]) == (20_003, 2.2, False)
    assert asked["FrameDurationLimits"] == (100, 1_000_000_000)
    assert (asked["Sharpness"], asked["NoiseReductionMode"]) == (1.0, 2)
    full = IMX477.modes[3]
    for asked_us, lines in ((1000.0, 35), (114.0, 4), (312.5, 11), (690e6, 24_150_000)):
        time_us = still_controls_for(Controls(exposure_us=asked_us, gain=1.0), ALL, full)["ExposureTime"]
        assert type(time_us) is int and 0 < time_us / full.line_us - lines < 0.5, "cut to whole lines by libcamera"
    finished = still_controls_for(Controls(sharpness=0, noise_reduction="off", contrast=1.5), ALL)
    assert (finished["Sharpness"], finished["NoiseReductionMode"], finished["Contrast"]) == (0.0, 0, 1.5)


def test_words_are_offered_as_far_as_the_numbers_of_the_camera_reach() -> None:
    pi = {
        "AeMeteringMode": (0, 3, 0),
        "AeConstraintMode": (0, 3, 0),
        "AeFlickerMode": (0, 1, 0),  # a Pi's libcamera cannot find the mains by itself
        "NoiseReductionMode": (0, 4, None),
    }
    assert choices_from(pi) == {
        "metering": ("centre", "spot", "matrix"),
        "constraint": ("normal", "highlight"),
        "anti_flicker": ("off", "50 Hz", "60 Hz"),
        "noise_reduction": ("off", "fast", "best"),
    }
    assert choices_from({"AeFlickerMode": (0, 2, 0)}) == {"anti_flicker": ("off", "50 Hz", "60 Hz", "auto")}
    assert choices_from({"AeMeteringMode": (0, 0, 0)}) == choices_from({}) == {}


def test_pictures_and_temperatures_are_offered_within_what_is_of_use() -> None:
    offered = {"Contrast": (0.0, 32.0, 1.0), "Sharpness": (0.0, 4.0, 1.0), "ColourTemperature": (100, 100_000, None)}
    assert limits_from(offered, IMX477.modes) == {
        "contrast": Limit(0.25, 4.0, 1.0, "x"),
        "sharpness": Limit(0.0, 4.0, 1.0, "x"),
        "colour_temperature_k": Limit(2500.0, 9500.0, None, "K"),
    }


def test_the_frame_tells_its_contrast_or_has_the_one_that_was_asked() -> None:
    assert meta(controls=Controls(contrast=2.0)).contrast == 2.0
    assert meta(controls=Controls(contrast=2.0), Contrast=1.5).contrast == 1.5


def test_metadata_become_the_frames_own_figures() -> None:
    frame = meta()
    assert frame.timestamp_ns == 5_000_000_000 - 20_003_000, "exposure began before the row was read"
    assert (frame.exposure_us, frame.analogue_gain, frame.digital_gain, frame.iso) == (20_003, 2.0, 1.1, 200)
    assert (frame.colour_gains, frame.colour_temperature_k, frame.lux) == ((2.9, 1.6), 4800, 410.0)
    assert frame.sensor_temperature_c == 31.0 and frame.exposure_known and not frame.simulated


@pytest.mark.parametrize(("told", "known"), [(0.0, None), (0, None), (None, None), (-3.5, -3.5), (41.0, 41.0)])
def test_a_temperature_of_nought_is_not_known(told: float | None, known: float | None) -> None:
    assert meta(SensorTemperature=told).sensor_temperature_c == known
    without = meta_from({}, now_ns=7, boot_offset_ns=0, mode=MODE, controls=Controls(), before=None)
    assert without.sensor_temperature_c is None


def test_a_frame_without_metadata_says_that_its_exposure_is_unknown() -> None:
    frame = meta_from({}, now_ns=7, boot_offset_ns=0, mode=MODE, controls=Controls(), before=None)
    assert not frame.exposure_known and frame.timestamp_ns == 7 and frame.lux is None


def test_a_timestamp_of_the_boot_clock_is_brought_to_the_monotonic_one() -> None:
    day = 86_400_000_000_000
    frame = meta_from(
        METADATA | {"SensorTimestamp": 5_000_000_000 + day, "ExposureTime": 0},
        now_ns=5_010_000_000,
        boot_offset_ns=day,
        mode=MODE,
        controls=Controls(),
        before=None,
    )
    assert frame.timestamp_ns == 5_000_000_000


@pytest.mark.parametrize(
    ("controls", "metadata", "state"),
    [
        (Controls(), {"AeState": 2}, "converged"),
        (Controls(), {"AeState": 1}, "searching"),
        (Controls(), {"AeState": None, "AeLocked": True}, "converged"),
        (Controls(), {"AeState": None}, "searching"),
        (Controls(ae_lock=True), {}, "locked"),
        (Controls(exposure_us=100, gain=1), {}, "off"),
    ],
)
def test_the_state_of_auto_exposure(controls: Controls, metadata: dict[str, Any], state: str) -> None:
    assert meta(controls=controls, **metadata).ae_state == state


def test_dropped_frames_leave_a_gap_in_the_sequence() -> None:
    first = meta()
    follow = meta(first, SensorTimestamp=METADATA["SensorTimestamp"] + 33_333_000)
    after_two_lost = meta(follow, SensorTimestamp=METADATA["SensorTimestamp"] + 4 * 33_333_000)
    assert (first.sequence, follow.sequence, after_two_lost.sequence) == (1, 2, 5)
    slower = meta(first, SensorTimestamp=METADATA["SensorTimestamp"] + 33_333_000, FrameDuration=100_000)
    assert slower.sequence == 2, "a change of frame time is no loss"
    longer = meta(first, SensorTimestamp=METADATA["SensorTimestamp"] + 33_333_000, ExposureTime=30_000)
    assert longer.sequence == 2, "nor is a change of exposure"


def test_planes_of_a_padded_yuv_buffer() -> None:
    width, height, stride = 330, 186, 384
    rows = np.zeros((height * 3 // 2, stride), np.uint8)
    rows[:height, :width] = 1
    chroma = rows[height:].reshape(height, stride // 2)
    chroma[: height // 2, : width // 2], chroma[height // 2 :, : width // 2] = 2, 3
    picture = yuv_planes(rows.reshape(-1), StreamFormat("YUV420", width, height, stride))
    for plane, value, shape in (
        (picture.y, 1, (186, 330)),
        (picture.u, 2, (93, 165)),
        (picture.v, 3, (93, 165)),
    ):
        assert plane.shape == shape and (plane == value).all() and np.shares_memory(plane, rows)
    with pytest.raises(ModeRefused, match="NV12"):
        yuv_planes(rows.reshape(-1), StreamFormat("NV12", width, height, stride))


@pytest.mark.parametrize(
    ("name", "cfa", "bits", "packed"),
    [("SBGGR12_CSI2P", "BGGR", 12, True), ("SRGGB10", "RGGB", 10, False), ("SGRBG16", "GRBG", 16, False)],
)
def test_raw_formats_by_name(name: str, cfa: str, bits: int, packed: bool) -> None:
    layout = raw_layout(name)
    assert (layout.cfa, layout.bit_depth, layout.packed) == (cfa, bits, packed)


@pytest.mark.parametrize("name", ["BGGR_PISP_COMP1", "R12_CSI2P", "YUYV", "SRGGB12_PISP_COMP1"])
def test_data_that_are_no_plain_samples_are_refused_as_raw(name: str) -> None:
    with pytest.raises(ModeRefused, match=name) as caught:
        raw_layout(name)
    assert "hqcam doctor" in caught.value.remedy


SAMPLES = np.random.default_rng(3).integers(0, 4096, (6, 20), np.uint16)
SAMPLES[0, :2] = 0, 4095


def padded(rows: np.ndarray, stride: int) -> np.ndarray:
    buffer = np.full((len(rows), stride), 0xEE, np.uint8)
    data = rows.view(np.uint8).reshape(len(rows), -1)
    buffer[:, : data.shape[1]] = data
    return buffer.reshape(-1)


@pytest.mark.parametrize(
    ("name", "buffer", "white", "black"),
    [
        ("SBGGR12", padded(SAMPLES, 64), 4095, 256.0),
        ("SBGGR12_CSI2P", pack_csi2(SAMPLES, bit_depth=12, stride=64).reshape(-1), 4095, 256.0),
        ("SBGGR16", padded(SAMPLES << 4, 64), 65520, 4096.0),
    ],
    ids=["Pi 4 unpacked", "Pi 4 packed", "Pi 5"],
)
def test_raw_samples_of_each_platform(name: str, buffer: np.ndarray, white: int, black: float) -> None:
    layout = StreamFormat(name, 20, 6, 64)
    view = raw_view(buffer, layout, MODE, METADATA, IMX477)
    assert (view.white_dn, view.black_dn, view.cfa, view.levels_assumed) == (white, (black,) * 4, "BGGR", False)
    owned = raw_copy(buffer, layout, MODE, METADATA, IMX477)
    assert np.array_equal(owned.samples, SAMPLES) and owned.bit_depth == 12
    assert (owned.white_dn, owned.black_dn) == (4095, (256.0,) * 4)
    assert owned.samples.flags.c_contiguous and not np.shares_memory(owned.samples, buffer)


def test_8_bit_samples_of_a_newer_kernel() -> None:
    mode = replace(MODE, bit_depth=8)
    small = (SAMPLES >> 4).astype(np.uint8)
    view = raw_copy(padded(small, 32), StreamFormat("SRGGB8", 20, 6, 32), mode, {}, IMX477)
    assert np.array_equal(view.samples, small) and (view.bit_depth, view.white_dn, view.black_dn[0]) == (8, 255, 16.0)
    assert view.levels_assumed


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (RuntimeError('No camera number 0 found - use "rpicam-hello --list-cameras"'), NoCamera, "ribbon cable"),
        (RuntimeError("Failed to acquire camera: Device or resource busy"), CameraBusy, "other program"),
        (RuntimeError("failed to allocate capture buffers for stream 2"), NotEnoughMemory, "cma-320"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), NotEnoughMemory, "config.txt"),
        (RuntimeError("Could not open any dmaHeap device"), NotEnoughMemory, "config.txt"),
        (RuntimeError("Invalid camera configuration: {...}"), ModeRefused, "hqcam info"),
        (OSError(errno.ENODEV, "No such device"), CameraLost, "reopened"),
        (RuntimeError("something new"), CameraLost, "hqcam doctor"),
    ],
)
def test_each_failure_has_its_name_and_remedy(error: Exception, kind: type, word: str) -> None:
    found = as_camera_error(error, "the camera cannot be opened")
    assert type(found) is kind and word in found.remedy
    wrapped = RuntimeError("Camera __init__ sequence did not complete.")
    wrapped.__cause__ = error
    assert type(as_camera_error(wrapped, "")) is kind, "picamera2 wraps what went wrong"


def test_what_is_missing_is_named() -> None:
    system = driver_missing(ModuleNotFoundError("No module named 'libcamera'", name="libcamera"))
    assert "'libcamera'" in system.message and "--system-site-packages" in system.remedy
    assert "picamera2" in driver_missing(ModuleNotFoundError("No module named 'picamera2'", name="picamera2")).message
