"""Runs the checks in order on one camera; gives each result at once, so that a stopped run keeps the earlier ones."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from device.drivers.base import CameraDriver, DriverFactory
from device.errors import HqcamError
from device.frame import CameraInfo, Controls, LiveFrame
from device.selftest import contract, files, sensor, timing
from device.selftest.outcome import CheckResult, Failed, Measured, NotApplicable, Verdict
from device.session.fair_clock import SLOW_SHARE, processor_share

OTHER_CHECKS_S = 20.0  # the time of all checks but the frame rate on a Pi, for the estimate
CLOSE_S = 5.0
LIVE_SIZE = (2028, 1520)
BUSY = "this computer is busy and slow, which may be all of it: close other programs and test again"

Check = Callable[[CameraDriver], Measured]


@dataclass(frozen=True)
class SelfTest:
    """One run, on the thread that calls `run`. `tick` is called with the finished share (0..1) of the running check."""

    factory: DriverFactory
    folder: Path
    seconds: float = 60.0
    lens_cap: bool = False
    tick: Callable[[float], None] = lambda share: None
    processor_share: Callable[[], float] = processor_share
    """The part of a processor that a thread can have now (0..1)."""
    seen: Callable[[LiveFrame], None] = lambda frame: None
    """Called with a live frame before each check; it is given back after that."""

    @property
    def names(self) -> tuple[str, ...]:
        """The checks in their order."""
        return tuple(self.checks)

    @property
    def estimated_s(self) -> float:
        """The expected time of the run, in seconds."""
        return self.seconds + OTHER_CHECKS_S

    @property
    def is_slow(self) -> bool:
        """Whether this computer is so busy that the camera is slow, too."""
        return self.processor_share() < SLOW_SHARE

    def run(self) -> Generator[CheckResult | CameraInfo, None, None]:
        """Open the camera and yield its info, then each check's result. Raises CameraError when it cannot be opened."""
        camera = self.factory()
        try:
            camera.open()
            yield camera.info
            for name, check in self.checks.items():
                began = time.monotonic()
                verdict = self._verdict(camera, name, check)
                yield CheckResult(*verdict, seconds=round(time.monotonic() - began, 2))
            began = time.monotonic()
            camera.close()
            took_s = time.monotonic() - began
            measured = f"returned after {took_s * 1000:.0f} ms"
            hung = CheckResult("close", "fail", measured, self._remedy(contract.REPORT))
            yield hung if took_s > CLOSE_S else CheckResult("close", "pass", measured)
        finally:
            camera.close()

    def _verdict(self, camera: CameraDriver, name: str, check: Check) -> tuple[str, Verdict, str, str]:
        try:
            self._live(camera)
            measured = check(camera)
        except NotApplicable as reason:
            return name, "not applicable", str(reason), ""
        except Failed as failure:
            return name, "fail", str(failure), self._remedy(failure.remedy)
        except HqcamError as error:
            return name, "fail", error.message, error.remedy
        return name, "warning" if measured.warning else "pass", measured.text, measured.warning

    def _remedy(self, remedy: str) -> str:
        """Give the remedy for a failure: on a busy computer it need not be the camera's."""
        return BUSY if self.is_slow else remedy

    def _live(self, camera: CameraDriver) -> None:
        """Make the camera live before a check, in the viewfinder's mode, with all controls automatic."""
        camera.stop()
        modes = camera.info.modes
        camera.start(next((m for m in modes if (m.width, m.height) == LIVE_SIZE), modes[0]), Controls())
        frame = contract.take(camera)
        try:
            self.seen(frame)
        finally:
            frame.release()

    @property
    def checks(self) -> dict[str, Check]:
        """The checks by name, in order; `close` is checked after them."""
        return {
            "modes": contract.every_mode,
            "order": contract.frames_in_order,
            "planes": contract.plane_sizes,
            "newest frame": contract.newest_frame,
            "deadline": contract.deadline,
            "frame rate": lambda camera: timing.frame_rate(camera, self.seconds, self.tick),
            "control latency": timing.control_latency,
            "black level": lambda camera: sensor.black_level(camera, self.lens_cap),
            "linearity": sensor.linearity,
            "tonal levels": sensor.tonal_levels,
            "still": contract.fresh_still,
            "loupe": contract.loupe,
            "long shot": contract.shot_of_its_own,
            "cancelled shot": contract.cancelled_shot,
            "DNG": lambda camera: files.dng(camera, self.folder),
            "card speed": lambda _: files.card_speed(self.folder),
            "temperature": lambda _: files.board_temperature(),
        }


def passed(results: list[CheckResult]) -> bool:
    """Whether no check failed; warnings and checks that are not applicable do not count."""
    return all(result.verdict != "fail" for result in results)
