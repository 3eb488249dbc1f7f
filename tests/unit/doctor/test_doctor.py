# ruff: noqa: E501 (the table of bad machines has a row a machine)
"""The doctor on recorded machines, good and bad."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from device import kernels
from device.doctor import Finding, Machine, can_be_the_camera, examine, software
from device.doctor.camera import port
from device.doctor.machine import Installed

DIST = Path("/usr/lib/python3/dist-packages")
PI4_ID, PI5_ID = "/base/soc/i2c0mux/i2c@1/imx477@1a", "/base/axi/pcie@1000120000/rp1/i2c@88000/imx477@1a"
MODES = [{"name": "2028x1520-12", "max_fps": 40.01}, {"name": "4056x3040-12", "max_fps": 10.0}]
CAMERA = {
    "picamera2": "0.3.31",
    "libcamera": "0.5.2",
    "cameras": [{"Model": "imx477", "Id": PI5_ID, "Num": 0}],
    "modes": MODES,
    "error": None,
}
PI5 = {
    "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\n',
    "proc/meminfo": "MemTotal:  8245188 kB\nMemAvailable:  7000000 kB\nCmaTotal: 327680 kB\nCmaFree: 300000 kB\n",
    "run/systemd/timesync/synchronized": "",
    "boot/firmware/config.txt": "camera_auto_detect=1\ndtoverlay=vc4-kms-v3d\n",
    "sys/class/thermal/thermal_zone0/temp": "51234\n",
}
PI4 = PI5 | {
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\n',
    "proc/meminfo": "MemTotal: 3884380 kB\nMemAvailable: 3000000 kB\nCmaTotal: 524288 kB\nCmaFree: 510000 kB\n",
}
ZERO2W = PI4 | {
    "proc/device-tree/model": "Raspberry Pi Zero 2 W Rev 1.0\0",
    "proc/meminfo": "MemTotal: 428268 kB\nMemAvailable: 250000 kB\nCmaTotal: 65536 kB\nCmaFree: 60000 kB\n",
}
NO_PI: dict[str, str] = {"etc/os-release": 'PRETTY_NAME="Ubuntu 24.04"\nVERSION_ID="24.04"\n'}
NOTHING_THERE = {"picamera2": "0.3.31", "libcamera": "0.5.2", "cameras": [], "modes": []}


def error(code: str, message: str, remedy: str = "what to do") -> dict[str, str]:
    return {"code": code, "message": message, "expected": "", "remedy": remedy}


class Recorded(Machine):
    """A machine that is a tree of files and a table of answers."""

    def __init__(self, root: Path, files: dict[str, str], **answers: Any) -> None:
        super().__init__(root=root, storage=root)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.answers: dict[str, Any] = {
            "throttled": "throttled=0x0",
            "python": (3, 11, 2),
            "machine": "aarch64",
            "numpy": Installed("1.24.2", DIST),
            "picamera2": Installed("0.3.31", DIST),
            "free": 20e9,
            "speed": 22e6,
            "holders": [],
            "camera": CAMERA,
        } | answers

    def run(self, *command: str) -> str | None:
        return str(self.answers["throttled"]) if command == ("vcgencmd", "get_throttled") else None

    def python(self) -> tuple[int, int, int]:
        version: tuple[int, int, int] = self.answers["python"]
        return version

    def machine(self) -> str:
        return str(self.answers["machine"])

    def installed(self, package: str) -> Installed | None:
        found: Installed | None = self.answers.get(package, Installed("1.0", DIST))
        return found

    @property
    def camera(self) -> dict[str, Any]:  # type: ignore[override]
        answer: dict[str, Any] = self.answers["camera"]
        return answer

    def holders(self) -> list[str]:
        return list(self.answers["holders"])

    def free_bytes(self) -> int | None:
        free = self.answers["free"]
        return None if free is None else int(free)

    def write_bytes_per_second(self) -> float | None:
        speed: float | None = self.answers["speed"]
        return speed


def by_name(machine: Machine) -> dict[str, Finding]:
    return {check.name: check for check in examine(machine)}


@pytest.mark.parametrize(
    ("files", "facts"),
    [
        (
            PI5,
            {
                "board": "Raspberry Pi 5 Model B Rev 1.0",
                "system": "Debian GNU/Linux 13 (trixie), aarch64",
                "python": "Python 3.11.2",
                "memory": "8051 MB, 6835 MB available",
                "camera memory": "320 MB reserved, 292 MB free (CMA)",
                "temperature": "51 degrees C",
                "power": "no under-voltage, not slowed down",
                "clock": "synchronised",
                "picamera2": "picamera2 0.3.31, libcamera 0.5.2",
                "numpy": "numpy 1.24.2, picamera2 0.3.31, from one place",
                "configuration": "camera_auto_detect=1",
                "camera": "imx477 on CAM/DISP 0",
                "modes": "2028x1520-12 40/s, 4056x3040-12 10/s",
                "card speed": "22 MB/s written and safe",
            },
        ),
        (PI4, {"board": "Raspberry Pi 4 Model B Rev 1.4", "camera memory": "512 MB reserved, 498 MB free (CMA)"}),
    ],
    ids=["Pi 5, Trixie", "Pi 4, Bookworm"],
)
def test_a_good_machine_is_ready(tmp_path: Path, files: dict[str, str], facts: dict[str, str]) -> None:
    checks = by_name(Recorded(tmp_path, files))
    assert {c.state for c in checks.values()} == {"ok"} and can_be_the_camera(list(checks.values()))
    assert {name: checks[name].fact for name in facts} == facts
    assert checks["space"].fact.startswith("20.0 GB free, about ")


BAD: list[tuple[str, dict[str, str], dict[str, Any], str, str, str, str]] = [
    # what, files, answers, check, state, part of the fact, part of the remedy
    ("Zero 2 W", ZERO2W, {}, "camera memory", "warning", "64 MB reserved", "cma-256"),
    ("no CMA", PI5 | {"proc/meminfo": "MemTotal: 8245188 kB\nMemAvailable: 1 kB\n"}, {}, "camera memory", "warning", "none", "cma-256"),
    ("laptop", NO_PI, {"machine": "x86_64"}, "board", "missing", "no Raspberry Pi (x86_64)", "--camera simulated"),
    ("Bullseye", PI4 | {"etc/os-release": 'PRETTY_NAME="Debian 11"\nVERSION_ID="11"\n'}, {}, "system", "missing", "too old", "Bookworm"),
    ("32 bit", PI4, {"machine": "armv7l"}, "system", "missing", "32 bit", "64-bit"),
    ("old Python", PI4, {"python": (3, 9, 2)}, "python", "missing", "Python 3.9.2", "3.11"),
    ("new Python", PI4, {"python": (3, 14, 0)}, "python", "missing", "Python 3.14.0", "3.13"),
    ("little memory", PI4 | {"proc/meminfo": "MemTotal: 250000 kB\nMemAvailable: 9 kB\n"}, {}, "memory", "missing", "244 MB", "400 MB"),
    ("odd meminfo", PI4 | {"proc/meminfo": "MemTotal: many kB\n"}, {}, "memory", "warning", "does not tell", "400 MB"),
    ("warm", PI4 | {"sys/class/thermal/thermal_zone0/temp": "76000"}, {}, "temperature", "warning", "slows down at 80", "heat sink"),
    ("hot", PI4 | {"sys/class/thermal/thermal_zone0/temp": "83000"}, {}, "temperature", "warning", "83 degrees C: it slows", "fan"),
    ("under-voltage", PI4, {"throttled": "throttled=0x50005"}, "power", "missing", "under-voltage now", "supply"),
    ("under-voltage before", PI4, {"throttled": "throttled=0x50000"}, "power", "warning", "there was under-voltage", "supply"),
    ("throttled", PI4, {"throttled": "throttled=0x4"}, "power", "warning", "slowed down now", "heat sink"),
    ("throttled before", PI4, {"throttled": "throttled=0x80000"}, "power", "warning", "was slowed down", "air"),
    ("clock", {k: v for k, v in PI4.items() if "timesync" not in k}, {}, "clock", "warning", "not known", "network"),
    ("legacy", PI4 | {"boot/firmware/config.txt": "start_x=1\n"}, {}, "configuration", "missing", "legacy", "raspi-config"),
    ("no detection", PI4 | {"boot/firmware/config.txt": "#camera_auto_detect=1\n"}, {}, "configuration", "missing", "does not look", "dtoverlay=imx477"),
    ("no config", {k: v for k, v in PI4.items() if "config" not in k}, {}, "configuration", "warning", "no config.txt", "Raspberry Pi OS"),
    ("no camera", PI4, {"camera": NOTHING_THERE | {"error": error("no_camera", "no camera was found")}}, "camera", "missing", "no camera was found", "ribbon cable"),
    ("busy", PI4, {"camera": CAMERA | {"modes": [], "error": error("camera_busy", "in use")}, "holders": ["rpicam-hello (process 812)"]}, "camera", "warning", "rpicam-hello (process 812)", "what to do"),
    ("stalled", PI4, {"camera": CAMERA | {"modes": [], "error": error("camera_stalled", "no frames")}}, "camera", "missing", "no frames", "what to do"),
    ("other sensor", PI4, {"camera": CAMERA | {"cameras": [{"Model": "imx219", "Id": PI4_ID}]}}, "camera", "warning", "imx219 on the camera port: its read noise is assumed", "hqcam calibrate camera"),
    ("no picamera2", PI4, {"camera": {"cameras": [], "modes": [], "error": error("driver_missing", "picamera2 cannot be imported")}}, "picamera2", "missing", "cannot be imported", "--system-site-packages"),
    ("crash", PI4, {"camera": {"cameras": [], "modes": [], "error": error("camera_error", "crashed", "update")}}, "picamera2", "missing", "crashed", "update"),
    ("numpy shadows", PI4, {"numpy": Installed("2.4.0", Path("/opt/hqcam/lib/python3.11/site-packages"))}, "numpy", "missing", "not the system's", "pip uninstall numpy"),
    ("no package", PI4, {"flask": None}, "packages", "missing", "not installed: flask", "make setup"),
    ("full", PI4, {"free": 0.3e9}, "space", "warning", "0.3 GB free", "USB drive"),
    ("no folder", PI4, {"free": None}, "space", "missing", "cannot be used", "--output"),
    ("slow card", PI4, {"speed": 4e6}, "card speed", "warning", "4 MB/s", "USB drive"),
    ("read-only card", PI4, {"speed": None}, "card speed", "missing", "cannot be written", "--output"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "answers", "name", "state", "fact", "remedy"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])  # fmt: skip
def test_what_is_wrong_is_said_with_its_remedy(
    tmp_path: Path, files: dict[str, str], answers: dict[str, Any], name: str, state: str, fact: str, remedy: str
) -> None:
    checks = by_name(Recorded(tmp_path, files, **answers))
    found = checks[name]
    assert found.state == state and fact in found.fact and remedy in found.remedy, found
    assert can_be_the_camera(list(checks.values())) is (state == "warning")


def test_every_check_that_is_not_ok_has_a_remedy_even_on_an_empty_machine(tmp_path: Path) -> None:
    camera = {"cameras": [], "modes": [], "error": error("driver_missing", "no picamera2")}
    checks = examine(Recorded(tmp_path, {}, camera=camera, free=None, speed=None, throttled="", picamera2=None))
    assert len(checks) == 18 and not can_be_the_camera(checks)
    assert all(c.fact for c in checks) and all(c.remedy for c in checks if c.state != "ok")


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (PI4_ID, "the camera port"),
        (PI5_ID, "CAM/DISP 0"),
        (PI5_ID.replace("88000", "80000"), "CAM/DISP 1"),
        ("/base/other", "/base/other"),
        ("", "an unknown port"),
    ],
)
def test_ports(identity: str, expected: str) -> None:
    assert port(identity) == expected


def test_this_machine_answers_without_raising_and_leaves_nothing_behind(tmp_path: Path) -> None:
    machine = Machine(storage=tmp_path)
    assert machine.run("there-is-no-such-command") is None and machine.read("there/is/none") is None
    assert machine.installed("numpy") is not None and machine.installed("no-such-package") is None
    assert (machine.free_bytes() or 0) > 0 and (machine.write_bytes_per_second() or 0) > 0
    assert list(tmp_path.iterdir()) == []
    assert Machine(storage=tmp_path / "gone").write_bytes_per_second() is None


def test_programs_that_hold_the_camera_are_named(tmp_path: Path) -> None:
    files = tmp_path / "proc/812/fd"
    files.mkdir(parents=True)
    (files / "7").symlink_to("/dev/media0")
    (files / "8").symlink_to("/dev/null")
    (tmp_path / "proc/812/comm").write_text("rpicam-hello\n")
    assert Machine(root=tmp_path).holders() == ["rpicam-hello (process 812)"]


def test_what_is_not_compiled_is_slower_and_nothing_worse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = Recorded(tmp_path, {})
    assert software.compiled(machine).state == "ok"
    monkeypatch.setattr(kernels, "COMPILED", None)
    monkeypatch.setattr(kernels, "MESSAGE", tmp_path / "not-compiled.txt")
    monkeypatch.setattr(kernels, "LIBRARY", tmp_path / "compiled.so")
    told = software.compiled(machine)
    assert told.state == "warning" and "numpy" in told.fact and "gcc" in told.remedy
    assert f"there is no {kernels.LIBRARY}" in told.fact
    kernels.LIBRARY.write_text("of another installation")
    assert "made from other sources" in software.compiled(machine).fact


@pytest.mark.parametrize(
    ("said", "line", "remedy"),
    [
        ("they could not be compiled: [Errno 2] No such file or directory: 'cc'", "'cc'", "apt install gcc libc6-dev"),
        (
            "cc -O3 failed: In file:\npasses.h:6:10: fatal error: stddef.h: No such file or directory\n",
            "fatal error",
            "libc6-dev",
        ),
        (
            "cc -O3 failed: In file:\ndetail.c:6:1: error: unknown type\n   12 | foo",
            "detail.c:6:1: error: unknown type",
            "not-compiled.txt",
        ),
        ("they could not be compiled: Command 'cc' timed out after 600 seconds", "timed out", "not-compiled.txt"),
    ],
)
def test_what_the_compiler_said_is_shown(
    said: str, line: str, remedy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kernels, "COMPILED", None)
    monkeypatch.setattr(kernels, "MESSAGE", tmp_path / "not-compiled.txt")
    kernels.MESSAGE.write_text(said)
    told = software.compiled(Recorded(tmp_path, {}))
    assert told.state == "warning" and line in told.fact and remedy in told.remedy
