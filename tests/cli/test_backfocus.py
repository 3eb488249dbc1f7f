"""`hqcam calibrate backfocus`: by Enter to the right place, and what ends it otherwise."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import helpers
import pytest

BOARD = ("--distance", "1", "--x", "0.7275", "--y", "0.6", "--size", "0.33")
SIMULATED = ("calibrate", "backfocus", "--camera", "simulated", "--f-number", "2", *BOARD)


def led(tmp_path: Path, typed: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run it with what is typed."""
    command = [sys.executable, "-P", "-m", "device", *SIMULATED, *options]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    (tmp_path / "typed").write_text(typed)
    with (tmp_path / "typed").open() as keys:
        return helpers.run(command, text=True, timeout_s=90, env=environment, stdin=keys)


def test_enter_by_enter_it_comes_to_the_right_place(tmp_path: Path) -> None:
    ended = led(tmp_path, "\n" * 8, "--back-focus", "-80", "--json")
    assert ended.returncode == 0, ended.stderr
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert told[0]["place"] is None and told[0]["direction"].startswith("out") and told[0]["turns"] == 0
    assert told[-1]["right"] and told[-1]["move_um"] is None and told[-1]["turns"] <= 8
    moved_um = sum(line["move_um"] or 0.0 for line in told)
    assert abs(-80 + moved_um) <= 5


def test_people_read_sentences_and_a_number_is_what_was_moved(tmp_path: Path) -> None:
    ended = led(tmp_path, "-30\nq\n", "--back-focus", "40", "--pitch", "0.5")
    assert ended.returncode == 1 and "Aborted" in ended.stderr
    first, place, second = ended.stdout.splitlines()
    assert first == "turn 1: out, away from the sensor by 60 um, 43 degrees"
    assert place.startswith("the lens is ") and "too far from the sensor, give or take" in place
    assert second.startswith("turn 2: in, towards the sensor by ")


@pytest.mark.parametrize(
    ("typed", "options", "code", "says"),
    [
        ("", (), 1, "Aborted"),
        ("far\n", (), 2, "'far' is no move"),
        ("nan\n", (), 2, "'nan' is no move"),
        ("", ("--f-number", "0"), 2, "f_number is 0"),
        ("", ("--distance", "-1"), 2, "the distance cannot be -1"),
        ("", ("--pitch", "nan"), 2, "the pitch cannot be nan"),
        ("", ("--back-focus", "9999"), 2, "back_focus_um"),
        ("", ("--size", "0.1"), 2, "choose a larger area"),
    ],
)
def test_what_ends_it_is_told(tmp_path: Path, typed: str, options: tuple[str, ...], code: int, says: str) -> None:
    ended = led(tmp_path, typed, *options)
    assert (ended.returncode, says in ended.stderr) == (code, True), ended.stderr


def test_ctrl_c_ends_it_while_it_waits(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-m", "device", *SIMULATED]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with helpers.started(command, env=environment, text=True, **pipes) as program:
        assert program.stdout is not None
        assert program.stdout.readline().startswith("turn 1: out")
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=60)
    assert program.returncode != 0 and "Traceback" not in errors
