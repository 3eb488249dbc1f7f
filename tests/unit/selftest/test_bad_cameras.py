"""Each check of the self-test catches a camera that breaks what it checks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from twisted import FrameClock, Twisted, change_meta, change_raw, with_samples

from device.drivers.simulated import SimulatedCamera
from device.frame import Controls, LiveFrame, RawFrame, Rect, StillFrame
from device.selftest import CheckResult, SelfTest, contract, runner, timing


class Clock:
    """The clock of one module, which a camera can make jump."""

    def __init__(self) -> None:
        self.jumped_s = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.jumped_s

    def monotonic_ns(self) -> int:
        return time.monotonic_ns() + int(self.jumped_s * 1e9)


def squeeze(samples: np.ndarray) -> np.ndarray:
    """What compression to 8 bits leaves of 12."""
    return samples // 16 * 16


def squeeze_still(still: StillFrame) -> StillFrame:
    assert isinstance(still.raw, RawFrame)
    return replace(still, raw=replace(still.raw, samples=squeeze(still.raw.samples)))


class BlindToTheLoupe(Twisted):
    def magnify(self, window: Rect | None) -> None:
        pass


class DeafInShots(Twisted):
    def capture_still(self, timeout_s: float, controls: Controls | None = None) -> StillFrame:
        return self.camera.capture_still(timeout_s)


class Unstoppable(Twisted):
    def cancel_still(self) -> None:
        pass


class Late(Twisted):
    """Waits for a frame longer than it was told to."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def next_frame(self, timeout_s: float) -> LiveFrame:
        self.clock.jumped_s += 3 * max(0.0, 1.0 - timeout_s)
        return self.camera.next_frame(10.0)


class SlowToClose(Twisted):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock

    def close(self) -> None:
        self.clock.jumped_s += 6.0
        self.camera.close()


def early_stills() -> Twisted:
    camera = Twisted(pace=True)
    camera.still = lambda still: replace(still, meta=replace(still.meta, timestamp_ns=still.meta.timestamp_ns - 10**10))
    return camera


def squeezed_stills() -> Twisted:
    camera = Twisted()
    camera.still = squeeze_still
    return camera


# For each check a camera that breaks what it checks, and nothing else.
BAD_CAMERAS: dict[str, Callable[[Clock], Twisted]] = {
    "modes": lambda _: Twisted(change_meta(mode=lambda m: SimulatedCamera(seed=0)._sensor.modes[0])),
    "order": lambda _: Twisted(change_meta(sequence=lambda m: 1)),
    "planes": lambda _: Twisted(change_raw(lambda raw: replace(raw, bit_depth=2))),
    "newest frame": lambda _: Twisted(change_meta(timestamp_ns=lambda m: m.timestamp_ns - 10**10)),
    "deadline": Late,
    "frame rate": lambda _: Twisted(change_meta(sequence=lambda m: 2 * m.sequence)),
    "control latency": lambda _: Twisted(deaf=True),
    "black level": lambda _: Twisted(change_raw(lambda raw: replace(raw, black_dn=(300.0,) * 4))),
    "linearity": lambda _: Twisted(with_samples(lambda s: 256 + np.clip(s.astype(float) - 256, 0, None) ** 0.9)),
    "tonal levels": lambda _: Twisted(with_samples(squeeze)),
    "still": lambda _: early_stills(),
    "loupe": lambda _: BlindToTheLoupe(),
    "long shot": lambda _: DeafInShots(),
    "cancelled shot": lambda _: Unstoppable(),
    "DNG": lambda _: squeezed_stills(),
    "close": SlowToClose,
}
OF_THE_COMPUTER = {"card speed", "temperature"}
"""Checks that look past the camera; `test_selftest` has tests of theirs."""


def test_every_check_has_a_bad_camera_that_it_catches(tmp_path: Path) -> None:
    assert set(BAD_CAMERAS) | OF_THE_COMPUTER == {*SelfTest(Twisted, tmp_path).names, "close"}


@dataclass(frozen=True)
class Only(SelfTest):
    """A run of one check, and of closing."""

    name: str = ""

    @property
    def checks(self) -> dict[str, runner.Check]:
        return {name: check for name, check in super().checks.items() if name == self.name}


@pytest.mark.parametrize("name", BAD_CAMERAS)
def test_a_bad_camera_fails_the_check_of_what_it_breaks(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(contract, "time", clock)
    monkeypatch.setattr(runner, "time", clock)
    monkeypatch.setattr(timing, "time", FrameClock())
    steps = Only(lambda: BAD_CAMERAS[name](clock), tmp_path, 2.0, name=name).run()
    results = {step.name: step for step in steps if isinstance(step, CheckResult)}
    assert results[name].verdict == "fail", results
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("share", "remedy"), [(1.0, contract.REPORT), (0.2, runner.BUSY)])
def test_a_failure_on_a_busy_computer_is_not_said_to_be_the_cameras(tmp_path: Path, share: float, remedy: str) -> None:
    test = Only(early_stills, tmp_path, name="still", processor_share=lambda: share)
    (failed,) = (step for step in test.run() if isinstance(step, CheckResult) and step.name == "still")
    assert (failed.verdict, failed.remedy) == ("fail", remedy)
