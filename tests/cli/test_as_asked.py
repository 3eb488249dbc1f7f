"""Whatever falls short of what was asked for is said alike by command, page, manifest, files and audit.

A row is one way to fall short, or not to: other ways are further rows.
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


@dataclass(frozen=True)
class Row:
    """One command, and what is to be said of each of its shots in their order: "" where it is as asked for.

    What is said are patterns: auto exposure does not end at the same figure each time.
    """

    name: str
    arguments: tuple[str, ...]
    said: tuple[str, ...]
    foreseen: str = ""
    """What is said before a series begins."""


LESS = r"[45]\.\d\d EV less than asked for"
EXPOSED = ("--iso", "100", "--exposure")
ROWS = (
    Row("as asked", (*EXPOSED, "1/1000"), ("",)),
    Row("rounded to lines", (*EXPOSED, "310us"), ("",)),
    Row("clamped", (*EXPOSED, "31us"), ("asked for 3.1e-05 s",)),
    Row("a bracket in reach", (*EXPOSED, "1/500", "bracket", "--count", "2", "--step", "1"), ("", "")),
    Row(
        "a bracket out of reach",
        (*EXPOSED, "1/1000", "bracket", "--count", "3", "--step", "4", "--order", "dark to bright"),
        ("0.87 EV more than asked for", "", ""),
        foreseen="1 of 3 steps is out of reach: -4 EV becomes -3.13 EV",
    ),
    Row("capped by the shutter that is set", ("--f-number", "16", "--exposure", "1/1000"), (LESS,)),
    Row(
        "capped by the slowest shutter",
        ("--f-number", "16", "--slowest", "1/1000", "timer", "--delay", "1", "--count", "2", "--gap", "0"),
        (LESS, LESS),
        foreseen=r"a shot will have 0.001 s at ISO 1\d{3}: [45]\.\d EV less than the light asks for",
    ),
)


def run(arguments: tuple[str, ...], output: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "device", "shoot", "--camera", "simulated", "--json"]
    command += ["--output", str(output), *arguments]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(output / "config")}
    return helpers.run(command, text=True, timeout_s=150, env=environment)


def listed_by_the_page(output: Path) -> dict[str, dict[str, Any]]:
    session = Session(SimulatedCamera, sensor=IMX477, preferences=Preferences())  # not started: it only lists
    client = create_app(session, Storage(output), Guard(None)).test_client()
    return {capture["id"]: capture for capture in client.get("/api/captures").get_json()["captures"]}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_all_say_the_same_of_what_was_not_as_asked(row: Row, tmp_path: Path) -> None:
    done = run(row.arguments, tmp_path)
    report = json.loads(done.stdout)
    short = [said for said in row.said if said]
    assert done.returncode == (NOT_AS_ASKED if short else 0), done.stderr
    assert ("warning: " in done.stderr) == bool(short) and re.search(row.foreseen, done.stderr)
    if "manifest" in report:
        manifest = json.loads(Path(report["manifest"]).read_text())
        assert report["doubtful"] == len(short)
        if manifest["mode"] == "bracket":
            assert report["message"] == row.foreseen == "".join(manifest["plan"]["warnings"])
        shots = {frame["id"]: (frame["audit"], frame.get("findings", [])) for frame in manifest["frames"]}
    else:
        shots = {report["id"]: (report["audit"]["verdict"], report["audit"]["findings"])}
    assert len(shots) == len(row.said)
    page = listed_by_the_page(tmp_path)
    for (shot, (verdict, findings)), said in zip(shots.items(), row.said, strict=True):
        assert page[shot]["audit"] == {"verdict": verdict, "findings": findings}
        for name in (file["name"] for file in page[shot]["files"]):
            path = next(tmp_path.rglob(name))
            audit = read_record(path)
            assert audit is not None and (audit.verdict, audit.findings()) == (verdict, findings)
            told = [finding for finding in findings if finding.startswith(f"{path.suffix[1:].upper()} exposure: ")]
            noted = [note for note in read_picture(path).metadata.notes if note.startswith("exposure: ")]
            assert [finding.rpartition("; ")[2] for finding in told] == [note[10:] for note in noted]
            assert len(noted) == bool(said) and all(re.fullmatch(said, note[10:]) for note in noted)
