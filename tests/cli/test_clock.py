"""`hqcam clock`: shots that were taken before the time was told are corrected, and taken back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import helpers
import pytest

from device import host
from device.raw.files import read_picture

WORLD = """
from device import host
host.clock_is_synchronised, host.boot_id = lambda: False, lambda: "boot"
from device.cli import main
main()
"""
"""A machine that nothing has set the clock of."""
Hqcam = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def hqcam(tmp_path: Path) -> Hqcam:
    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-c", WORLD, *map(str, arguments)]
        environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
        return helpers.run(command, text=True, timeout_s=150, env=environment)

    return run


def told(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_shots_are_corrected_once_the_time_is_told(hqcam: Hqcam, tmp_path: Path, picture_folder: Path) -> None:
    place = ("--output", tmp_path / "captures")
    shot = told(hqcam("shoot", "--json", "--camera", f"replay:{picture_folder}", *place))
    path = Path(shot["files"][0]["path"])
    first = path.read_bytes()
    assert shot["time_synchronised"] is False
    assert told(hqcam("clock", "--json", *place)) | {"time": ""} == {"time": "", "source": "unknown", "to_correct": 0}
    refused = hqcam("clock", "--correct", *place)
    assert refused.returncode == 1 and "it is not known what time it is" in refused.stderr
    assert hqcam("clock", "--correct", "--undo", *place).returncode == 2

    at_boot_s = datetime(2030, 6, 1, tzinfo=UTC).timestamp() - host.since_boot_s()
    settings = tmp_path / "config" / "hqcam" / "settings.json"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"clock": {"boot": "boot", "unix_at_boot_s": at_boot_s}}))
    said = hqcam("clock", *place)
    assert "told by a phone" in said.stdout and "1 capture has a wrong time: hqcam clock --correct" in said.stderr
    done = told(hqcam("clock", "--correct", "--json", *place))
    assert done["corrections"] == {"changed": 1, "left": 0, "skipped": []} and done["to_correct"] == 0
    taken_at = read_picture(path).metadata.taken_at
    assert taken_at is not None and abs(taken_at.timestamp() - at_boot_s - host.since_boot_s()) < 3600
    assert "1 capture has another time now" in hqcam("clock", "--undo", *place).stdout
    assert path.read_bytes() == first

    assert hqcam("clock", "--shot", shot["id"], *place).returncode == 2, "nothing is asked for"
    unreadable = hqcam("clock", "--correct", "--shot", shot["id"], "--taken", "yesterday", *place)
    assert unreadable.returncode == 2 and "2026-11-20 21:45" in unreadable.stderr
    said_so = ("--correct", "--shot", shot["id"], "--taken", "2026-11-20 21:45:10+01:00")
    assert told(hqcam("clock", *said_so, "--json", *place))["corrections"]["changed"] == 1
    assert read_picture(path).metadata.taken_at == datetime(2026, 11, 20, 20, 45, 10, tzinfo=UTC)
    assert "1 capture has another" in hqcam("clock", "--undo", "--shot", shot["id"], *place).stdout
    assert path.read_bytes() == first
