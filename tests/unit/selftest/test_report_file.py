"""The file for a bug report: what is in it, and what never is."""

from __future__ import annotations

import getpass
import json
import socket
import zipfile
from pathlib import Path

import pytest

from device.doctor import Finding
from device.errors import BadInput
from device.selftest import CheckResult
from device.selftest.report_file import Report, check_path, write_report

CHECKS = [
    CheckResult("open", "pass", "by USER at 2a02:8109:9a80:1e4c::1 and 192.168.178.23, b8:27:eb:01:02:03", "", 0.1),
    CheckResult("DNG", "fail", "/media/ada/CARD is full", "choose /home/ada/other or CAPTURES", 2.0),
]
FINDINGS = [
    Finding("numpy", "ok", "1.26.4, libcamera 0.3.0+rpi20240617, HOST"),
    Finding("clock", "warning", "~", "set"),
]


def in_zip(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_has_everything_but_names_folders_and_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere/lovelace")
    monkeypatch.setattr(getpass, "getuser", lambda: "lovelace")
    monkeypatch.setattr(socket, "gethostname", lambda: "adas-camera")
    real = {"USER": "lovelace", "HOST": "adas-camera", "CAPTURES": str(tmp_path), "~": "/somewhere/lovelace/x"}

    def told(text: str) -> str:
        for word, name in real.items():
            text = text.replace(word, name)
        return text

    checks = [CheckResult(c.name, c.verdict, told(c.measured), told(c.remedy), c.seconds) for c in CHECKS]
    findings = [Finding(f.name, f.state, told(f.fact), f.remedy) for f in FINDINGS]
    write_report(Report(None, checks, False, findings, b"jpeg"), tmp_path / "a.zip", tmp_path)
    files = in_zip(tmp_path / "a.zip")
    assert set(files) == {"report.txt", "report.json", "picture.jpg"} and files["picture.jpg"] == b"jpeg"
    text = (files["report.txt"] + files["report.json"]).decode()
    assert all(name not in text for name in (*real.values(), "/home/ada", "/media/ada", "192.168", "2a02", "b8:27"))
    values = json.loads(files["report.json"])
    assert values["checks"][0]["measured"] == "by USER at ADDRESS and ADDRESS, ADDRESS"
    assert values["checks"][1] == {
        "name": "DNG",
        "verdict": "fail",
        "measured": "/media/USER/CARD is full",
        "remedy": "choose /home/USER/other or CAPTURES",
        "seconds": 2.0,
    }
    assert values["doctor"][0]["fact"] == "1.26.4, libcamera 0.3.0+rpi20240617, HOST"
    assert values["doctor"][1]["fact"] == "~/x" and values["camera"] is None and values["complete"] is False
    lines = files["report.txt"].decode().splitlines()
    assert "self-test, not complete:" in lines and "camera: none was opened" in lines
    assert "  fail           DNG              /media/USER/CARD is full" in lines


def test_a_name_that_cannot_be_is_refused_before_the_test(tmp_path: Path) -> None:
    (tmp_path / "there.zip").touch()
    for name in ("a.txt", "there.zip", "no/folder.zip"):
        with pytest.raises(BadInput):
            check_path(tmp_path / name)
    check_path(tmp_path / "a.zip")
    with pytest.raises(BadInput, match="is there already"):
        write_report(Report(None, [], True, [], None), tmp_path / "there.zip", tmp_path)
    assert (tmp_path / "there.zip").read_bytes() == b"" and len(list(tmp_path.iterdir())) == 1
