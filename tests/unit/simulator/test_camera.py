"""The simulated camera as a driver: delays, truth of the metadata, lateness, stills."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from camera_helpers import MANUAL, MODE, MODES, metas, opened

from device.analysis.exposing import meter_frame
from device.controls import CHOICES, PICTURE_RANGES, as_asked, merge
from device.drivers.simulated import SimulatedCamera
from device.errors import CameraLost, CameraStalled
from device.frame import Controls, LiveFrame
from device.sensors.imx477 import IMX477
from device.simulator.chart import patch_box, patches_linear
from device.simulator.sensor import white_dn_per_us
from device.simulator.still_life import CHART_FRAME


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatedCamera]:
    """One open camera, on its own clock, started anew by each test."""
    camera = opened()
    yield camera
    camera.close()


def test_info_says_what_it_is(shared: SimulatedCamera) -> None:
    info = shared.info
    assert info.simulated and info.description == "simulated Raspberry Pi HQ Camera (Sony IMX477)"
    assert info.modes == IMX477.modes
    exposure = {"exposure_us", "slowest_us", "gain", "ev", "colour_gains", "colour_temperature_k"}
    lens = {"focus_m", "f_number", "focal_mm", "back_focus_um", "tilt_um", "breathing"}
    assert set(info.limits) == exposure | set(PICTURE_RANGES) | lens
    assert info.choices == CHOICES | {"anti_flicker": ("off", "50 Hz", "60 Hz")}


@pytest.mark.parametrize("mode", IMX477.modes, ids=lambda mode: mode.name)
def test_every_mode_has_its_own_sizes(shared: SimulatedCamera, mode: object) -> None:
    mode = MODES[mode.name]  # type: ignore[attr-defined]
    shared.start(mode, Controls())
    frame = shared.next_frame(1.0)
    assert frame.raw is not None and frame.raw.samples.shape == frame.main.y.shape == (mode.height, mode.width)
    assert frame.main.u.shape == frame.main.v.shape == (mode.height // 2, mode.width // 2)
    assert (frame.raw.bit_depth, frame.raw.cfa) == (mode.bit_depth, "RGGB")
    assert frame.raw.black_dn == (256 >> (12 - mode.bit_depth),) * 4
    assert frame.small.y.shape[0] % 2 == frame.small.y.shape[1] % 2 == 0
    assert frame.small.u.shape == (frame.small.y.shape[0] // 2, frame.small.y.shape[1] // 2)
    for plane in (frame.main.y, frame.main.u, frame.small.y, frame.small.v):
        assert plane.dtype == np.uint8 and plane.flags.c_contiguous
    frame.release()


def bytes_of(frame: LiveFrame) -> bytes:
    assert frame.raw is not None
    return b"".join(a.tobytes() for a in (frame.raw.samples, frame.main.y, frame.main.u, frame.small.v))


def test_the_same_seed_and_calls_give_the_same_bytes(photo: Path) -> None:
    def run(seed: int) -> list[bytes]:
        camera = opened(photo, seed=seed)
        camera.start(MODE, Controls())
        found = []
        for _ in range(3):
            frame = camera.next_frame(1.0)
            found.append(bytes_of(frame))
            frame.release()
        return found

    first, again, other = run(7), run(7), run(8)
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))
    assert len(set(first)) == 3


def test_manual_exposure_is_in_the_third_frame_and_its_pixels_show_it(shared: SimulatedCamera) -> None:
    shared.start(MODE, MANUAL)
    seen = []
    for number in range(1, 8):
        if number == 3:
            shared.request(replace(MANUAL, exposure_us=10_000.0, gain=2.0))
        frame = shared.next_frame(1.0)
        assert frame.raw is not None
        dark = frame.raw.samples[1200:, :].astype(float).mean() - 256  # the table: nothing clips there
        seen.append((frame.meta.exposure_us * frame.meta.analogue_gain, dark))
        frame.release()
    totals = [total for total, _ in seen]
    # Asked for after frame 2 was delivered: frames 3 and 4 are already on their way, frame 5 has it.
    assert totals[:4] == [totals[0]] * 4 and totals[4:] == [totals[4]] * 3
    assert totals[4] / totals[0] == pytest.approx(4, rel=0.01)
    for total, signal in seen:
        assert signal / total == pytest.approx(seen[0][1] / seen[0][0], rel=0.01)


def test_exposure_comes_in_lines_and_gain_in_codes(shared: SimulatedCamera) -> None:
    shared.start(MODE, replace(MANUAL, exposure_us=1234.5, gain=3.3))
    (meta,) = metas(shared, 1)
    lines = meta.exposure_us / MODE.line_us
    assert lines == pytest.approx(round(lines), abs=1e-6) and round(lines) == int(1234.5 / MODE.line_us)
    code = 1024 - 1024 / meta.analogue_gain
    assert code == pytest.approx(round(code), abs=1e-6) and meta.analogue_gain <= 3.3


FULL = MODES["4056x3040-12"]


@pytest.mark.parametrize(
    ("asked_us", "lines"),
    [(1000.0, 35), (114.0, 4), (31.0, 4), (312.5, 11), (690e6, 24_150_000), (694_422_939.0, 24_304_802)],
)
def test_a_still_is_planned_in_the_lines_of_its_own_mode(shared: SimulatedCamera, asked_us: float, lines: int) -> None:
    """Whatever the live mode can: its lines are others, and its longest exposure is shorter."""
    asked = replace(MANUAL, exposure_us=asked_us)
    shared.start(MODE, MANUAL)
    stream = shared._streaming()
    plan = stream.plan_still(FULL, 0, asked)
    assert plan.exposure_us == pytest.approx(lines * FULL.line_us, rel=1e-12)
    assert FULL.exposure_min_us <= plan.exposure_us <= FULL.exposure_max_us
    assert as_asked(plan.exposure_us, asked_us, FULL) == (asked_us != 31.0)


def test_what_differs_by_more_than_half_a_line_and_two_per_cent_is_not_as_asked() -> None:
    line_us = FULL.line_us
    assert as_asked(4 * line_us, 4.5 * line_us, FULL) and not as_asked(4 * line_us, 4.55 * line_us, FULL)
    assert as_asked(9801, 10_000, FULL) and as_asked(10_199, 10_000, FULL)
    assert not as_asked(9799, 10_000, FULL) and not as_asked(10_201, 10_000, FULL)


def test_a_chart_patch_comes_through_lens_sensor_and_isp(shared: SimulatedCamera) -> None:
    shared.start(MODE, replace(MANUAL, exposure_us=10_000.0, focus_m=2.0))
    frame = shared.next_frame(1.0)
    white = white_dn_per_us(IMX477, 2.8) * frame.meta.exposure_us / (4095 - 256)
    worst = 0.0
    for index, patch in enumerate(patches_linear()):
        x0, y0, x1, y1 = (round(v * 507 / 2) for v in patch_box(index, CHART_FRAME))  # cells of 2x2 pixels
        # An orange's leaf stands before the lower left patches' corners: keep to their upper right.
        area = (slice(y0 + 6, y0 + 20), slice(x1 - 20, x1 - 6))
        y, u, v = (float(p[area].mean()) for p in (frame.small.y, frame.main.u, frame.main.v))
        found = np.array(
            [y + 1.402 * (v - 128), y - 0.344136 * (u - 128) - 0.714136 * (v - 128), y + 1.772 * (u - 128)]
        )
        wanted = 255 * IMX477.tone.to_display(np.clip(patch * white, 0, 1).astype(float))
        worst = max(worst, float(np.abs(found - wanted).max()))
    frame.release()
    # 2 codes of rounding (see the ISP's own test); noise that is clipped or bent at the dark end adds the rest.
    assert worst < 5.0


def test_auto_exposure_converges_on_the_scene_and_follows_ev(shared: SimulatedCamera) -> None:
    shared.start(MODE, Controls())
    found = metas(shared, 30)
    assert found[0].ae_state == "searching" and found[-1].ae_state == "converged"
    before = found[-1].exposure_us * found[-1].analogue_gain
    assert 5_000 < found[-1].exposure_us < 20_000 and found[-1].analogue_gain < 2.1
    shared.request(Controls(ev=1.0))
    after = metas(shared, 30)[-1]
    assert after.ae_state == "converged"
    # More than twice: what clips does not get brighter, and the mean must double all the same.
    assert 1.9 < after.exposure_us * after.analogue_gain / before < 3.0


def test_metering_the_middle_exposes_for_the_middle(shared: SimulatedCamera) -> None:
    totals = {}
    for metering in ("matrix", "spot"):
        shared.start(MODE, merge(Controls(), {"metering": metering}, shared.info))
        last = metas(shared, 40)[-1]
        totals[metering] = last.exposure_us * last.analogue_gain
        frame = shared.next_frame(1.0)
        assert frame.raw is not None
        seen = meter_frame(
            frame.raw.samples,
            black_dn=256,
            white_dn=4095,
            colour_gains=frame.meta.colour_gains,
            quantile=0.98,
            metering=metering,
        )
        frame.release()
        assert seen.mean == pytest.approx(0.165, rel=0.06) or seen.highlights == pytest.approx(0.3, rel=0.06)
    assert abs(math.log2(totals["spot"] / totals["matrix"])) > 0.3, "the middle of the scene is not like all of it"


def test_a_still_is_sharpened_and_cleaned_and_the_live_picture_is_not(shared: SimulatedCamera) -> None:
    def detail(luma: np.ndarray) -> float:
        return float(np.abs(np.diff(luma[:, ::4].astype(np.int16), axis=0)).mean())

    shared.start(MODE, MANUAL)
    plain_live, plain = detail(shared.next_frame(1.0).main.y), shared.capture_still(9.0)
    shared.start(MODE, merge(MANUAL, {"sharpness": 4, "noise_reduction": "off"}, shared.info))
    sharp_live, sharp = detail(shared.next_frame(1.0).main.y), shared.capture_still(9.0)
    assert sharp_live == pytest.approx(plain_live, rel=0.02)
    assert detail(sharp.picture.y) > 1.5 * detail(plain.picture.y)
    assert plain.raw is not None and sharp.raw is not None
    assert float(sharp.raw.samples.mean()) == pytest.approx(float(plain.raw.samples.mean()), rel=0.002)


def test_white_balance_comes_near_the_light(shared: SimulatedCamera) -> None:
    shared.start(MODE, Controls())
    found = metas(shared, 30)[-1]
    # The scene is not grey on average; a real camera errs as much.
    assert 1e6 / found.colour_temperature_k == pytest.approx(1e6 / 5000, abs=25)


def test_frames_keep_the_sensors_pace(shared: SimulatedCamera) -> None:
    shared.start(MODE, MANUAL)
    found = metas(shared, 4)
    assert [b.sequence - a.sequence for a, b in itertools.pairwise(found)] == [1, 1, 1]
    gaps = [(b.timestamp_ns - a.timestamp_ns) / 1e6 for a, b in itertools.pairwise(found)]
    assert gaps == pytest.approx([1000 / 30] * 3, abs=0.001)
    shared.start(MODE, replace(MANUAL, exposure_us=100_000.0))
    found = metas(shared, 2)
    duration_us = found[0].exposure_us + 22 * MODE.line_us
    assert found[1].frame_duration_us == pytest.approx(duration_us, abs=0.01)
    assert found[1].timestamp_ns - found[0].timestamp_ns == pytest.approx(duration_us * 1000, abs=10)


def test_a_long_exposure_goes_on_across_calls(shared: SimulatedCamera) -> None:
    shared.start(MODE, replace(MANUAL, exposure_us=900_000.0))
    for _ in range(4):
        with pytest.raises(CameraStalled):
            shared.next_frame(0.2)
    frame = shared.next_frame(0.2)
    assert frame.meta.exposure_us == pytest.approx(900_000, abs=MODE.line_us)
    frame.release()


def test_a_still_begins_after_the_call_and_live_goes_on(shared: SimulatedCamera) -> None:
    shared.start(MODE, replace(MANUAL, exposure_us=10_000.0))
    (before,) = metas(shared, 1)
    called_ns = shared._now_ns()
    still = shared.capture_still(5.0)
    assert still.meta.timestamp_ns > called_ns
    assert still.raw is not None and still.raw.samples.shape == (3040, 4056) == still.picture.y.shape
    assert (still.raw.cfa, still.raw.bit_depth, still.raw.white_dn) == ("RGGB", 12, 4095)
    assert still.picture.u.shape == (1520, 2028)
    (after,) = metas(shared, 1)
    assert after.sequence > still.meta.sequence > before.sequence
    assert after.timestamp_ns > still.meta.timestamp_ns
    # Raw and picture are of one frame: the table's green samples put through the ISP's curve are its luma, nearly.
    green = still.raw.samples[0::2, 1::2][1100:, :].astype(float) - 256
    luma = still.picture.y[0::2, 1::2][1100:, :].astype(float)
    assert np.corrcoef(green.ravel(), luma.ravel())[0, 1] > 0.9


def test_an_open_aperture_lets_in_more_light(shared: SimulatedCamera) -> None:
    def signal(f_number: float) -> float:
        shared.start(MODE, replace(MANUAL, exposure_us=1000.0, f_number=f_number))
        frame = shared.next_frame(1.0)
        assert frame.raw is not None and frame.meta.lens is not None and frame.meta.lens.f_number == f_number
        mean = float(frame.raw.samples[1000:].mean()) - 256
        frame.release()
        return mean

    assert signal(2.0) / signal(4.0) == pytest.approx(4, rel=0.03)


def test_too_many_frames_on_loan_are_refused(shared: SimulatedCamera) -> None:
    shared.start(MODE, MANUAL)
    frames = [shared.next_frame(1.0) for _ in range(4)]
    with pytest.raises(CameraStalled, match="on loan"):
        shared.next_frame(1.0)
    frames[0].release()
    frames[0].release()  # harmless
    shared.next_frame(1.0)
    with pytest.raises(CameraStalled, match="on loan"):
        shared.next_frame(1.0)


def test_a_slow_caller_gets_the_newest_frame_and_a_gap(photo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    camera = opened(photo, pace=True)
    clock_ns = [time.monotonic_ns()]
    monkeypatch.setattr(camera, "_now_ns", lambda: clock_ns[0])
    monkeypatch.setattr(
        camera._closed, "wait", lambda seconds: clock_ns.__setitem__(0, clock_ns[0] + round(seconds * 1e9) + 1)
    )
    camera.start(MODE, MANUAL)
    (first,) = metas(camera, 1)
    clock_ns[0] += 200_000_000  # six frames pass
    (late, following) = metas(camera, 2)
    assert late.sequence - first.sequence == 6
    assert following.sequence - late.sequence == 1
    age_ms = (clock_ns[0] - following.timestamp_ns) / 1e6
    readout_ms = MODE.height * MODE.line_us / 1000
    assert age_ms == pytest.approx(5 + readout_ms, abs=0.1)  # the exposure and the readout, nothing more
    clock_ns[0] += 3600 * 10**9
    (much_later,) = metas(camera, 1)
    assert clock_ns[0] - much_later.timestamp_ns < 150_000_000


def test_calls_out_of_order_are_refused() -> None:
    camera = SimulatedCamera(pace=False)
    with pytest.raises(CameraLost):
        camera.start(MODE, MANUAL)
    with pytest.raises(CameraLost):
        camera.next_frame(0.1)
    camera.stop()
    camera.request(MANUAL)
    camera.close()
    camera.close()


@pytest.mark.parametrize("cost_ms", [40, 60, 90, 4000])
def test_a_frame_that_takes_long_to_compute_is_one_that_begins_later(
    photo: Path, cost_ms: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what the simulation costs adds no age: the frame is complete about when it is computed."""
    camera = opened(photo, pace=True)
    camera.start(MODE, MANUAL)
    stream = camera._streaming()
    camera._costs_ns.extend([900_000_000, cost_ms * 1_000_000, 900_000_000])  # the cheapest counts
    before_ns = time.monotonic_ns()
    monkeypatch.setattr(camera, "_now_ns", lambda: before_ns)
    timing = camera._newest_plan(stream).timing
    ready_ms = min(cost_ms, 100)  # no longer than who waits has patience
    late_ms = (timing.complete_ns - before_ns) / 1e6 - ready_ms
    assert -timing.duration_ns / 1e6 < late_ms <= timing.duration_ns / 1e6 + 5
    camera.close()
