"""The doctor on recorded machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from device.doctor import Machine, can_be_the_camera, examine

PI5 = {
    "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "proc/meminfo": "MemTotal:        8245188 kB\nMemFree: 1 kB\nMemAvailable:    7000000 kB\n",
    "run/systemd/timesync/synchronized": "",
}


def machine(root: Path, files: dict[str, str]) -> Machine:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Machine(root=root, storage=root)


def state(root: Path, files: dict[str, str], name: str) -> tuple[str, str, str]:
    check = next(c for c in examine(machine(root, files)) if c.name == name)
    return check.state, check.fact, check.remedy


def test_a_pi_is_recognised(tmp_path: Path) -> None:
    assert state(tmp_path, PI5, "board")[:2] == ("ok", "Raspberry Pi 5 Model B Rev 1.0")
    assert state(tmp_path, PI5, "memory")[:2] == ("ok", "8051 MB, 6835 MB available")
    assert state(tmp_path, PI5, "clock")[0] == "ok"
    assert state(tmp_path, PI5, "system")[1] == "Debian GNU/Linux 12 (bookworm)"


@pytest.mark.parametrize(
    ("change", "name", "expected"),
    [
        ({"proc/device-tree/model": "Acme Board\0"}, "board", "missing"),
        ({"proc/meminfo": "MemTotal: 250000 kB\nMemAvailable: 9 kB\n"}, "memory", "missing"),
        ({"proc/meminfo": "garbage"}, "memory", "warning"),
        ({"proc/meminfo": "MemTotal: many kB\n"}, "memory", "warning"),
    ],
)
def test_what_is_wrong_is_said_with_its_remedy(
    tmp_path: Path, change: dict[str, str], name: str, expected: str
) -> None:
    found, fact, remedy = state(tmp_path, {**PI5, **change}, name)
    assert found == expected and fact
    assert remedy or expected == "warning"


def test_a_clock_that_was_never_set_is_a_warning(tmp_path: Path) -> None:
    files = {k: v for k, v in PI5.items() if "timesync" not in k}
    assert state(tmp_path, files, "clock")[0] == "warning"


def test_an_empty_machine_gives_every_check_and_no_traceback(tmp_path: Path) -> None:
    checks = examine(Machine(root=tmp_path, storage=tmp_path / "gone"))
    assert len(checks) == 9 and not can_be_the_camera(checks)
    assert all(c.remedy for c in checks if c.state == "missing")
