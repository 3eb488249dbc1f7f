"""The machine that is examined, and what a check finds on it.

Most facts come from `device.host`; here are those that only the doctor needs: commands, packages, the camera.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Literal

from device import host

State = Literal["ok", "warning", "missing"]
SIMULATE = "hqcam works here with the simulated camera: hqcam serve --camera simulated"
COMMAND_TIMEOUT_S = 5.0
PROBE_TIMEOUT_S = 40.0  # importing picamera2 and reading the modes takes 5 s on a Zero 2 W, twice that when cold
SPEED_BYTES = 16 * 2**20  # about one shot
SPEED_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    name: str
    """The check's name, as it is printed."""
    state: State
    fact: str
    remedy: str = ""
    """What to do; empty only where the state is "ok"."""


@dataclass(frozen=True)
class Installed:
    """An installed Python package: its version and its folder."""

    version: str
    place: Path


class Machine:
    """This computer. Methods give None, or nothing, where a fact is unknown; they raise no errors."""

    def __init__(self, *, root: Path = host.ROOT, storage: Path | None = None, write: bool = True) -> None:
        """`storage` is where pictures go. With `write` False the card's speed is not measured."""
        self.root = root
        self.storage = storage or Path.home()
        self.write = write

    def read(self, path: str) -> str | None:
        """Give the content of a small text file of the system."""
        try:
            return (self.root / path).read_text(errors="replace")
        except OSError:
            return None

    def run(self, *command: str) -> str | None:
        """Run a command and give its output; None when it fails."""
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S)
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout if done.returncode == 0 else None

    def python(self) -> tuple[int, int, int]:
        """Give the version of the Python that runs this."""
        return sys.version_info[:3]

    def machine(self) -> str:
        """Give the processor's architecture, as of `uname -m`."""
        return os.uname().machine

    def installed(self, package: str) -> Installed | None:
        """Find an installed package."""
        try:
            found = distribution(package)
        except PackageNotFoundError:
            return None
        return Installed(found.version, Path(str(found.locate_file(""))))

    @cached_property
    def camera(self) -> dict[str, Any]:
        """What picamera2 finds, by a separate process, which may crash or hang; see `drivers.picamera2.probe`."""
        command = [sys.executable, "-m", "device.drivers.picamera2.probe"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_TIMEOUT_S)
            answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        except subprocess.TimeoutExpired:
            return _failed("the camera software does not answer", "start the Pi again; check the ribbon cable")
        except (OSError, ValueError, IndexError):
            return _failed("the camera software crashed", "update the system: sudo apt full-upgrade")
        return answer

    def holders(self) -> list[str]:
        """Name the programs that have a camera device open, with their process numbers."""
        found = set()
        for link in (self.root / "proc").glob("[0-9]*/fd/*"):
            try:
                target = os.readlink(link)
            except OSError:
                continue
            pid = link.parts[-3]
            if target.startswith(("/dev/media", "/dev/video")) and pid != str(os.getpid()):
                found.add(f"{(self.read(f'proc/{pid}/comm') or 'a program').strip()} (process {pid})")
        return sorted(found)

    def free_bytes(self) -> int | None:
        """Give the free space on the disk of the pictures."""
        try:
            return host.free_bytes(host.existing_folder(self.storage))
        except OSError:
            return None

    def write_bytes_per_second(self) -> float | None:
        """Write the size of a shot to the folder of the pictures, wait until it is on the card, and delete it."""
        block = os.urandom(2**20)
        try:
            with tempfile.TemporaryFile(dir=self.storage) as file:
                began = time.monotonic()
                written = 0
                while written < SPEED_BYTES and time.monotonic() - began < SPEED_TIMEOUT_S:
                    written += file.write(block)
                    file.flush()
                    os.fsync(file.fileno())
                return written / (time.monotonic() - began)
        except OSError:
            return None


def _failed(message: str, remedy: str) -> dict[str, Any]:
    return {"cameras": [], "modes": [], "error": {"code": "camera_error", "message": message, "remedy": remedy}}
