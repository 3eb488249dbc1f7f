"""The acceptance run catches a camera that misbehaves: each check can fail, and says what is wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from twisted import FrameClock, Twist, Twisted, change_meta, change_raw, with_samples

from device.drivers.simulated import SimulatedCamera
from device.errors import CameraStalled
from device.frame import CameraInfo, Controls, LiveFrame, Mode
from device.selftest import (
    CheckResult,
    Failed,
    NotApplicable,
    SelfTest,
    contract,
    files,
    passed,
    runner,
    sensor,
    timing,
)


@pytest.fixture
def running() -> Iterator[Callable[..., Any]]:
    cameras: list[Twisted] = []

    def run(twist: Twist = lambda frame: None, **options: bool) -> Twisted:
        camera = Twisted(twist, **options)
        cameras.append(camera)
        camera.open()
        # 12 frames a second in real time: the tests twist what is told of them, and no machine is too slow for them.
        controls = Controls(exposure_us=80_000, gain=1.0) if options.get("pace") else Controls()
        camera.start(next(m for m in camera.info.modes if m.width == 2028 and m.height == 1520), controls)
        return camera

    yield run
    for camera in cameras:
        camera.close()


class TimeOfWaits:
    """Stands for the module `time` where only waiting takes time."""

    def __init__(self) -> None:
        self.now_ns = time.monotonic_ns()

    def monotonic(self) -> float:
        return self.now_ns / 1e9

    def monotonic_ns(self) -> int:
        return self.now_ns

    def wait(self, seconds: float) -> bool:
        self.now_ns += round(seconds * 1e9) + 1
        return False


# -- a good camera ----------------------------------------------------------------------------------------------------


def test_a_good_camera_passes_with_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shares: list[float] = []
    camera = SimulatedCamera(seed=1)
    # Only the time that the camera waits passes, for it and for the checks: no machine is too slow for them.
    clock = TimeOfWaits()
    monkeypatch.setattr(camera, "_now_ns", clock.monotonic_ns)
    monkeypatch.setattr(camera._closed, "wait", clock.wait)
    cancelled = camera._still_ends.wait
    monkeypatch.setattr(camera._still_ends, "wait", lambda seconds: clock.wait(seconds) or cancelled(seconds / 5))
    for module in (contract, timing, runner):
        monkeypatch.setattr(module, "time", clock)
    run = SelfTest(lambda: camera, tmp_path, 1.0, tick=shares.append)
    first, *results = list(run.run())
    assert isinstance(first, CameraInfo) and first.model == "imx477"
    lines = [r for r in results if isinstance(r, CheckResult)]
    assert [r.name for r in lines] == [*run.names, "close"]
    good = {r.name: r.verdict for r in lines if r.name not in ("frame rate", "temperature", "card speed")}
    assert set(good.values()) == {"pass"}, lines
    assert shares and all(0 <= s <= 1 for s in shares) and shares == sorted(shares)
    assert list(tmp_path.iterdir()) == [], "nothing is left where pictures go"
    assert all(r.measured for r in lines)


def test_what_a_replay_cannot_do_is_not_applicable(picture_folder: Path, tmp_path: Path) -> None:
    from device.drivers.replay import ReplayCamera

    run = SelfTest(lambda: ReplayCamera(picture_folder), tmp_path, 1.0)
    results = [r for r in run.run() if isinstance(r, CheckResult)]
    verdicts = {r.name: r.verdict for r in results}
    for name in ("control latency", "black level", "linearity", "tonal levels", "DNG"):
        assert verdicts[name] == "not applicable"
    assert verdicts["order"] == verdicts["planes"] == verdicts["still"] == "pass" and passed(results)
    reasons = {r.name: r.measured for r in results if r.verdict == "not applicable" and r.name != "temperature"}
    assert reasons == {
        "control latency": "this camera's exposure cannot be set",
        "black level": "this camera's exposure cannot be set",
        "linearity": "this camera gives no live raw of a chosen exposure",
        "tonal levels": "this camera gives no live raw of a chosen exposure",
        "long shot": "this camera's exposure cannot be set",
        "cancelled shot": "this camera's exposure cannot be set",
        "DNG": "this camera has no raw",
    }


def test_one_failure_is_a_failed_run() -> None:
    assert passed(
        [CheckResult("a", "pass", ""), CheckResult("b", "warning", ""), CheckResult("c", "not applicable", "")]
    )
    assert not passed([CheckResult("a", "pass", ""), CheckResult("b", "fail", "")])


# -- bad ones ---------------------------------------------------------------------------------------------------------


def test_repeated_numbers(running: Callable[..., Any]) -> None:
    with pytest.raises(Failed, match="frame 1 came after 1"):
        contract.frames_in_order(running(change_meta(sequence=lambda m: 1), pace=True))


def test_old_frames_again(running: Callable[..., Any]) -> None:
    with pytest.raises(Failed, match="older than the one before"):
        contract.frames_in_order(running(change_meta(timestamp_ns=lambda m: 5), pace=True))


def test_frames_of_the_future(running: Callable[..., Any]) -> None:
    with pytest.raises(Failed, match="in the future"):
        contract.frames_in_order(running(change_meta(timestamp_ns=lambda m: m.timestamp_ns + 10**12), pace=True))


def test_a_frame_of_another_size(running: Callable[..., Any]) -> None:
    def cut(frame: LiveFrame) -> None:
        frame.main = replace(frame.main, y=frame.main.y[:-2])

    with pytest.raises(Failed, match="luma is"):
        contract.plane_sizes(running(cut))


def test_raw_that_goes_missing(running: Callable[..., Any]) -> None:
    def lose(frame: LiveFrame) -> None:
        frame.raw = None

    with pytest.raises(Failed, match="no raw"):
        contract.plane_sizes(running(lose))


def test_a_queue_of_old_frames(running: Callable[..., Any]) -> None:
    old = change_meta(timestamp_ns=lambda m: m.timestamp_ns - 10**9)
    with pytest.raises(Failed, match="after 0.5 s away the frame is"):
        contract.newest_frame(running(old, pace=True))


def test_a_shot_from_before_the_press(running: Callable[..., Any]) -> None:
    camera = running(pace=True)
    camera.still = lambda still: replace(still, meta=replace(still.meta, timestamp_ns=still.meta.timestamp_ns - 10**9))
    with pytest.raises(Failed, match="before the press"):
        contract.fresh_still(camera)


def test_a_mode_that_delivers_another(running: Callable[..., Any]) -> None:
    other: Mode = SimulatedCamera(seed=0)._sensor.modes[0]
    with pytest.raises(Failed, match="2028x1080-12 delivers"):
        contract.every_mode(running(change_meta(mode=lambda m: other)))


def test_dropped_frames(running: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "time", FrameClock())
    with pytest.raises(Failed, match=r"50\.0% dropped|49\.\d% dropped"):
        timing.frame_rate(running(change_meta(sequence=lambda m: 2 * m.sequence)), 2.0, lambda share: None)


def test_a_rate_below_what_the_frames_promise(running: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "time", FrameClock())
    with pytest.raises(Failed, match="promised"):
        camera = running(change_meta(frame_duration_us=lambda m: m.frame_duration_us / 2))
        timing.frame_rate(camera, 2.0, lambda share: None)


def test_a_camera_that_takes_no_exposure(running: Callable[..., Any]) -> None:
    with pytest.raises(Failed, match="does not take the exposure"):
        timing.control_latency(running(deaf=True))


def test_metadata_that_lie_about_the_exposure(running: Callable[..., Any]) -> None:
    camera = running(deaf=True)

    def lie(frame: LiveFrame) -> None:
        asked = camera.asked
        frame.meta = replace(frame.meta, exposure_us=asked.exposure_us or 1.0, analogue_gain=asked.gain or 1.0)

    camera.twist = lie
    with pytest.raises(Failed, match="twice the exposure gave 1.0"):
        timing.control_latency(camera)


def test_a_response_that_is_no_line(running: Callable[..., Any]) -> None:
    def bend(samples: np.ndarray) -> np.ndarray:
        return 256 + 3839 * (np.clip(samples.astype(float) - 256, 0, None) / 3839) ** 0.8

    with pytest.raises(Failed, match="wanted 3%"):
        sensor.linearity(running(with_samples(bend)))


def test_a_black_level_that_is_declared_too_high(running: Callable[..., Any]) -> None:
    wrong = change_raw(lambda raw: replace(raw, black_dn=(300.0,) * 4))
    with pytest.raises(Failed, match="black declared at 300"):
        sensor.black_level(running(wrong), lens_cap=False)


def test_a_cap_that_is_not_on(running: Callable[..., Any]) -> None:
    with pytest.raises(Failed, match="where 256 is declared"):
        sensor.black_level(running(with_samples(lambda s: s + 20)), lens_cap=True)


def test_black_under_the_cap_is_measured(running: Callable[..., Any]) -> None:
    rng = np.random.default_rng(1)
    dark = with_samples(lambda s: 256 + rng.normal(0, 1.5, s.shape).round())
    assert "256.0 DN where 256 is declared" in sensor.black_level(running(dark), lens_cap=True).text


def test_raw_that_was_compressed(running: Callable[..., Any]) -> None:
    with pytest.raises(Failed, match="this raw was compressed"):
        sensor.tonal_levels(running(with_samples(lambda s: s // 16 * 16)))


def test_a_dark_room_is_no_verdict(running: Callable[..., Any]) -> None:
    with pytest.raises(NotApplicable, match="too dark"):
        sensor.linearity(running(with_samples(lambda s: np.full_like(s, 256))))


def test_a_dng_that_does_not_hold_the_shot(running: Callable[..., Any], tmp_path: Path, monkeypatch: Any) -> None:
    real = files.read_picture

    def wrong(path: Path) -> Any:
        back = real(path)
        back.raw.samples[0, 0] ^= 1
        return back

    monkeypatch.setattr(files, "read_picture", wrong)
    with pytest.raises(Failed, match="samples differ"):
        files.dng(running(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_hot_board_is_a_warning_and_one_that_tells_nothing_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(NotApplicable, match="does not tell"):
        files.board_temperature(tmp_path)
    told = tmp_path / "sys/class/thermal/thermal_zone0/temp"
    told.parent.mkdir(parents=True)
    for text, warning in (("51000\n", ""), ("76000\n", "it slows down at 80")):
        told.write_text(text)
        assert files.board_temperature(tmp_path).warning == warning


def test_a_card_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="cannot be written"):
        files.card_speed(tmp_path / "gone")


def test_a_camera_that_stops_in_the_middle_is_reported_for_every_check(tmp_path: Path) -> None:
    class Stuck(Twisted):
        def next_frame(self, timeout_s: float) -> LiveFrame:
            raise CameraStalled("no frame within 10 s", remedy="check the ribbon cable")

    results = [r for r in SelfTest(Stuck, tmp_path, 1.0).run() if isinstance(r, CheckResult)]
    failed = [r for r in results if r.verdict == "fail"]
    assert len(failed) == len(results) - 1 and {r.measured for r in failed} == {"no frame within 10 s"}
    assert failed[0].remedy == "check the ribbon cable"
