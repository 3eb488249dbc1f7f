"""Whether this machine can be the camera: checks, each with its state, one fact and one remedy.

A first set; what a real camera needs beyond it (CMA, throttling, card speed) comes with the picamera2 driver.
"""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from device.cameras import MODEL_FILE, raspberry_pi_model
from device.storage import RESERVE_BYTES, SHOT_BYTES_ESTIMATE

State = Literal["ok", "warning", "missing"]
PYTHON_RANGE = ((3, 11), (3, 14))
PACKAGES = ("numpy", "flask", "simplejpeg", "click", "rich", "cheroot", "pillow", "segno")
MEMORY_NEEDED_MB = 400  # a 512 MB Zero 2 W reports some 420 MB; the service takes at most 250 MB
SIMULATE = "hqcam works here with the simulated camera: hqcam serve --camera simulated"


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check."""

    name: str
    state: State
    fact: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the facts come from; tests put recorded trees here."""

    root: Path = Path("/")
    storage: Path = Path.home()

    def read(self, path: str) -> str | None:
        """Give a small text file of the system, or None where there is none."""
        try:
            return (self.root / path).read_text(errors="replace")
        except OSError:
            return None


def examine(machine: Machine) -> list[Check]:
    """Run all checks."""
    checks: tuple[Callable[[Machine], Check], ...] = (
        _board,
        _system,
        _python,
        _packages,
        _shadowed,
        _picamera2,
        _memory,
        _space,
        _clock,
    )
    return [check(machine) for check in checks]


def can_be_the_camera(checks: list[Check]) -> bool:
    """Whether nothing is missing."""
    return all(check.state != "missing" for check in checks)


def _board(machine: Machine) -> Check:
    model = raspberry_pi_model(machine.root / str(MODEL_FILE).lstrip("/"))
    if model:
        return Check("board", "ok", model)
    return Check("board", "missing", f"this is no Raspberry Pi ({platform.machine()})", SIMULATE)


def _system(machine: Machine) -> Check:
    text = machine.read("etc/os-release") or ""
    facts = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    name = facts.get("PRETTY_NAME", "unknown").strip('"')
    return Check("system", "ok", name) if text else Check("system", "warning", "the system does not say what it is")


def _python(_: Machine) -> Check:
    found = sys.version_info[:2]
    fact = f"Python {platform.python_version()}"
    if PYTHON_RANGE[0] <= found < PYTHON_RANGE[1]:
        return Check("python", "ok", fact)
    return Check("python", "missing", fact, "hqcam needs Python 3.11 to 3.13")


def _packages(_: Machine) -> Check:
    missing, found = [], []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        return Check("packages", "missing", "not installed: " + ", ".join(missing), "install hqcam again: make setup")
    return Check("packages", "ok", ", ".join(found))


def _shadowed(_: Machine) -> Check:
    """Our import names are common words: another package of that name must not stand before ours."""
    home = Path(__file__).resolve().parent.parent
    for name in ("device", "web"):
        spec = importlib.util.find_spec(name)
        places = [Path(p).resolve() for p in (spec.submodule_search_locations or [])] if spec else []
        if places != [home / name]:
            where = ", ".join(map(str, places)) or "nowhere"
            remedy = "run hqcam from its own virtual environment and not from a folder that has such a package"
            return Check("import names", "missing", f"{name!r} is imported from {where}", remedy)
    return Check("import names", "ok", f"device and web are ours ({home})")


def _picamera2(machine: Machine) -> Check:
    if importlib.util.find_spec("picamera2") is not None:
        return Check("picamera2", "ok", "installed")
    if raspberry_pi_model(machine.root / str(MODEL_FILE).lstrip("/")):
        remedy = "sudo apt install python3-picamera2, and make the environment with --system-site-packages"
        return Check("picamera2", "missing", "not found in this environment", remedy)
    return Check("picamera2", "missing", "not installed; it comes with Raspberry Pi OS only", SIMULATE)


def _memory(machine: Machine) -> Check:
    text = machine.read("proc/meminfo") or ""
    facts = {line.split(":")[0]: line.split(":")[1] for line in text.splitlines() if ":" in line}
    try:
        total_mb = int(facts["MemTotal"].split()[0]) // 1024
        available_mb = int(facts["MemAvailable"].split()[0]) // 1024
    except (KeyError, ValueError, IndexError):
        return Check("memory", "warning", "the system does not tell its memory")
    fact = f"{total_mb} MB, {available_mb} MB available"
    if total_mb < MEMORY_NEEDED_MB:
        return Check("memory", "missing", fact, f"hqcam needs a board with at least {MEMORY_NEEDED_MB} MB")
    return Check("memory", "ok", fact)


def _space(machine: Machine) -> Check:
    try:
        free = shutil.disk_usage(machine.storage).free
    except OSError as error:
        return Check("space", "missing", f"{machine.storage}: {error.strerror}", "choose a folder with --output")
    shots = max(0, free - RESERVE_BYTES) // SHOT_BYTES_ESTIMATE
    fact = f"{free / 1e9:.1f} GB free, about {shots} shots"
    if shots < 10:
        return Check("space", "warning", fact, "free some space, or shoot to a USB drive with --output")
    return Check("space", "ok", fact)


def _clock(machine: Machine) -> Check:
    if (machine.root / "run/systemd/timesync/synchronized").exists():
        return Check("clock", "ok", "synchronised")
    remedy = "connect to a network once after switching on; until then file times are marked as not synchronised"
    return Check("clock", "warning", "not known to be synchronised", remedy)
