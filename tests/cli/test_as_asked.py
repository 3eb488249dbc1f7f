"""Whatever falls short of what was asked for is said alike by command, page, manifest, files and audit.

A row is one way to fall short, or not to: clamped, capped, rounded, late, skipped, overexposed, without room, with too
little power, at a clock that is set.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import helpers
import pytest
from camera_helpers import draw_night

from device.captures.shot_audit import read_record
from device.captures.storage import Storage
from device.cli.shoot_options import NOT_AS_ASKED
from device.drivers.simulated import SimulatedCamera
from device.preferences.store import Preferences
from device.raw.files import read_picture
from device.sensors.imx477 import IMX477
from device.session.session import Session
from web.app import create_app
from web.guard import Guard

NOTED = ("exposure", "time", "clock", "power", "levels")
"""The checks of which a file has a note where they find something."""


@dataclass(frozen=True)
class Row:
    """One command, and what is to be said of each of its shots in their order: "" where it is as asked for.

    What is said are patterns: auto exposure does not end at the same figure each time. FOLDER is that of the test.
    """

    name: str
    arguments: tuple[str, ...]
    said: tuple[str, ...]
    foreseen: str = ""
    """What is said before a series begins."""
    missed: str = ""
    """Why one planned shot was not taken."""
    failed: str = ""
    """Why the series ended early."""
    world: str = ""
    """Python that makes the machine on which the command runs."""


CLOCK = """
import drive_helpers, device.cli.drive, device.drive.series as series
clock, take_shot = drive_helpers.HandClock("2026-06-10T20:00:00+00:00", {sets}), series.take_shot
def take_long(*arguments, **more):
    shot = take_shot(*arguments, **more)
    clock.seconds += {shot_s}
    return shot
device.cli.drive.Clock, series.take_shot = lambda **_: clock, take_long
"""
"""Only waiting takes time, and each shot `shot_s`; at `sets` the clock on the wall is set."""
FULL_CARD = """
from pathlib import Path
from device import host
host.free_bytes = lambda folder: 0 if list(Path(folder).rglob("*.dng")) else 2**40
"""
"""The card is full after one shot."""
UNDER_VOLTAGE = """
import functools
from pathlib import Path
from device import host
folder = Path("FOLDER/sys/class/hwmon/hwmon2")
folder.mkdir(parents=True)
(folder / "name").write_text("rpi_volt\\n")
(folder / "in0_lcrit_alarm").write_text("1\\n")
host.under_voltage = functools.partial(host.under_voltage, Path("FOLDER"))
"""
LESS = r"exposure: \d\.\d\d EV less than asked for"
EXPOSED = ("--iso", "100", "--exposure")
EVERY_10_S = (*EXPOSED, "1/1000", "interval", "--interval", "10", "--count")
ROWS = (
    Row("as asked", (*EXPOSED, "1/1000"), ("",)),
    Row("the gain as asked", ("--iso", "400"), ("",)),
    Row("rounded to lines", (*EXPOSED, "310us"), ("",)),
    Row("clamped", (*EXPOSED, "31us"), ("exposure: asked for 3.1e-05 s",)),
    Row("a bracket in reach", (*EXPOSED, "1/500", "bracket", "--count", "2", "--step", "1"), ("", "")),
    Row(
        "a bracket out of reach",
        (*EXPOSED, "1/1000", "bracket", "--count", "3", "--step", "4", "--order", "dark to bright"),
        ("exposure: 0.87 EV more than asked for", "", ""),
        foreseen=r"1 of 3 steps is out of reach: -4 EV becomes -3\.13 EV",
    ),
    Row("capped by the shutter that is set", ("--f-number", "16", "--exposure", "1/1000"), (LESS,)),
    Row(
        "capped by the slowest shutter",
        ("--f-number", "16", "--slowest", "1/1000", "timer", "--delay", "1", "--count", "2", "--gap", "0"),
        (LESS, LESS),
        foreseen=r"a shot will have 0\.001 s at ISO 1\d{3}: [45]\.\d EV less than the light asks for",
    ),
    Row(
        "capped by the rate of a burst",
        ("--scene", "FOLDER/night6.png", "--f-number", "8", "burst", "--count", "1"),
        (LESS,),
        foreseen=r"a shot will have 0\.0\d+ s at ISO \d{3,4}: \d\.\d EV less than the light asks for",
    ),
    Row("overexposed", ("--iso", "2200", "--exposure", "2s"), ("levels: all of it is overexposed",)),
    Row("nearly late", (*EVERY_10_S, "2"), ("", ""), world=CLOCK.format(sets={}, shot_s=10.9)),
    Row("late", (*EVERY_10_S, "2"), ("", r"time: 4\.00 s later than planned"), world=CLOCK.format(sets={}, shot_s=14)),
    Row(
        "skipped",
        (*EVERY_10_S, "3"),
        ("", ""),
        missed="the camera was not ready in time",
        world=CLOCK.format(sets={}, shot_s=16),
    ),
    Row(
        "a clock that is set",
        (*EVERY_10_S, "3"),
        ("", "clock: it was set forward by 3 days, 0:00:00 since the shot before", ""),
        world=CLOCK.format(sets={5.0: 3 * 86_400.0}, shot_s=1),
    ),
    Row("too little power", (*EXPOSED, "1/1000"), ("power: under-voltage of the supply",), world=UNDER_VOLTAGE),
    Row(
        "no room for one more",
        (*EXPOSED, "1/1000", "timer", "--delay", "1", "--count", "2", "--gap", "0"),
        ("",),
        failed="0 MB are free in FOLDER/captures",
        world=FULL_CARD,
    ),
)


def run(row: Row, folder: Path) -> subprocess.CompletedProcess[str]:
    words = ["-c", row.world + "\nfrom device.cli import main\nmain()", "shoot", "--camera", "simulated", "--json"]
    words += ["--output", "FOLDER/captures", *row.arguments]
    tests = str(Path(helpers.__file__).parent)
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "config"), "PYTHONPATH": tests}
    command = [sys.executable, "-P", *(word.replace("FOLDER", str(folder)) for word in words)]
    return helpers.run(command, text=True, timeout_s=150, env=environment)


def listed_by_the_page(captures: Path) -> dict[str, dict[str, Any]]:
    session = Session(SimulatedCamera, sensor=IMX477, preferences=Preferences())  # not started: it only lists
    client = create_app(session, Storage(captures), Guard(None)).test_client()
    return {capture["id"]: capture for capture in client.get("/api/captures").get_json()["captures"]}


def check_series(row: Row, report: dict[str, Any], manifest: dict[str, Any], failed: str) -> None:
    """What the command reports, which is what the page shows while a series runs, and its manifest agree."""
    assert (report["doubtful"], report["missed"]) == (sum(map(bool, row.said)), bool(row.missed))
    assert report["missed_why"] == manifest.get("missed", {}) == ({row.missed: 1} if row.missed else {})
    assert manifest["state"] == report["state"] == ("failed" if row.failed else "done")
    assert (report["error"] or {}).get("message", "") == manifest.get("error", {}).get("message", "") == failed
    told = [report["message"].rpartition(" a second; ")[2]] if row.foreseen and "warnings" in manifest["plan"] else []
    assert manifest["plan"].get("warnings", []) == told and all(re.fullmatch(row.foreseen, text) for text in told)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_all_say_the_same_of_what_was_not_as_asked(row: Row, tmp_path: Path) -> None:
    draw_night(tmp_path, 6)
    done, captures = run(row, tmp_path), tmp_path / "captures"
    short, failed = any(row.said) or bool(row.missed), row.failed.replace("FOLDER", str(tmp_path))
    assert done.returncode == (1 if failed else NOT_AS_ASKED if short else 0), done.stderr
    assert (f"warning: 1 shot was missed: {row.missed} (1)" in done.stderr) == bool(row.missed)
    assert ("warning: " in done.stderr) == short and re.search(row.foreseen, done.stderr) and failed in done.stderr
    report = json.loads(done.stdout)
    if "manifest" in report:
        manifest = json.loads(Path(report["manifest"]).read_text())
        check_series(row, report, manifest, failed)
        shots = {frame["id"]: (frame["audit"], frame.get("findings", [])) for frame in manifest["frames"]}
    else:
        shots = {report["id"]: (report["audit"]["verdict"], report["audit"]["findings"])}
    page = listed_by_the_page(captures)
    assert len(shots) == len(row.said) == len(page)
    for (shot, (verdict, findings)), said in zip(shots.items(), row.said, strict=True):
        assert page[shot]["audit"] == {"verdict": verdict, "findings": findings}
        assert verdict == ("warning" if said else "ok")
        for name in (file["name"] for file in page[shot]["files"]):
            path = next(captures.rglob(name))
            audit = read_record(path)
            assert audit is not None and (audit.verdict, audit.findings()) == (verdict, findings)
            told = [finding for finding in findings if finding.startswith(path.suffix[1:].upper() + " ")]
            noted = [note for note in read_picture(path).metadata.notes if note.partition(": ")[0] in NOTED]
            assert len(told) == len(noted) == bool(said)
            for finding, note in zip(told, noted, strict=True):
                kind, _, text = note.partition(": ")
                assert re.fullmatch(said, note)
                assert finding.partition(" ")[2].startswith(f"{kind}: ") and finding.endswith(f" {text}")
