"""`hqcam calibrate ring`: two known distances, then estimates of others; what is refused, and what ends it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import helpers
import pytest

from device.lenses.profiles import read_profiles

LENS = "zeiss-planar-50-2-zm"
RING = (sys.executable, "-P", "-m", "device", "calibrate", "ring", "--camera", "simulated", "--lens", LENS)


def asked(tmp_path: Path, typed: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run it with what is typed."""
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    (tmp_path / "typed").write_text(typed)
    with (tmp_path / "typed").open() as keys:
        return helpers.run([*RING, *options], text=True, timeout_s=180, env=environment, stdin=keys)


def test_two_distances_calibrate_it_others_are_estimated_and_it_is_forgotten(tmp_path: Path) -> None:
    ended = asked(tmp_path, "\n\n", "--near", "0.8", "--json")
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["lens"] == LENS and told["breathing"] == pytest.approx(1, abs=0.04) and told["tiles"] >= 12
    assert "turn the ring to infinity" in ended.stderr and "turn the ring to 0.800 m" in ended.stderr
    file = next((tmp_path / "config").rglob("lenses.toml"))
    (kept,) = read_profiles(file.read_text())
    assert (kept.id, kept.breathing, kept.breathing_error) == (LENS, told["breathing"], told["breathing_error"])

    ended = asked(tmp_path, "\n1\nhere\n0.1\n3\nq\n", "--read", "--json")
    assert ended.returncode == 0, ended.stderr
    first, *refused, last = map(json.loads, ended.stdout.splitlines())
    for line, metres in ((first, 1.0), (last, 3.0)):
        estimate = line["estimated"]
        assert estimate["distance_m"] == pytest.approx(metres, rel=0.05)
        assert estimate["near_m"] < metres < estimate["far_m"] and 0 < line["error_percent"] < 10
        assert line["sharp"]["near_m"] < estimate["distance_m"] < line["sharp"]["far_m"]
        assert line["sharp"]["f_number"] == 16
    assert ["'here' is no distance" in refused[0]["refused"], "no image" in refused[1]["refused"]] == [True, True]

    ended = asked(tmp_path, "", "--forget")
    assert (ended.returncode, ended.stdout) == (0, f"{LENS}: no calibration is kept\n")
    assert "breathing" not in file.read_text().split("[[lens]]")[-1]


def test_people_read_a_sentence_that_says_estimated(tmp_path: Path) -> None:
    file = tmp_path / "config" / "hqcam" / "lenses.toml"
    file.parent.mkdir(parents=True)
    known = "breathing = 1\nbreathing_error = 0.02"
    file.write_text(
        f'[[lens]]\nid = "{LENS}"\nmaker = "Z"\nmodel = "P"\nmount = "M"\nfocal_mm = 50\nf_stops = [2, 16]\n{known}\n'
    )
    ended = asked(tmp_path, "\n1.5\n", "--read", "--f", "8")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("estimated 1.") and "in 95 of 100 cases; sharp at f/8 from " in ended.stdout


def test_a_lens_that_focuses_by_a_part_of_itself_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    ended = asked(tmp_path, "\n\n", "--near", "1", "--breathing", "0.2")
    assert ended.returncode == 2 and "moved as a whole" in ended.stderr
    assert not list(tmp_path.rglob("lenses.toml"))


@pytest.mark.parametrize(
    ("typed", "options", "code", "says"),
    [
        ("", (), 1, "Aborted"),
        ("q\n", (), 1, "Aborted"),
        ("", ("--read",), 2, "is not calibrated"),
        ("", ("--near", "-1"), 2, "is no distance"),
        ("", ("--near", "0.1"), 2, "no image of what is 0.1 m"),
        ("", ("--circle", "wide"), 2, "no circle of confusion"),
        ("", ("--f", "1"), 2, "cannot be set to f/1"),
        ("", ("--breathing", "9"), 2, "breathing"),
        ("", ("--lens", "nikon-ai-zoom-nikkor-80-200mm-f-4s"), 2, "zoom"),
    ],
)
def test_what_ends_it_is_told(tmp_path: Path, typed: str, options: tuple[str, ...], code: int, says: str) -> None:
    ended = asked(tmp_path, typed, *options)
    assert (ended.returncode, says in ended.stderr) == (code, True), ended.stderr


def test_ctrl_c_ends_it_while_it_waits(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with helpers.started([*RING], env=environment, text=True, **pipes) as program:
        assert program.stderr is not None
        assert program.stderr.readline().startswith("turn the ring to infinity")
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=60)
    assert program.returncode != 0 and "Traceback" not in errors
