"""A file for a bug report: what the self-test and the doctor found, as text and JSON, and a small picture, in one zip.

Nothing private is in its words: folders, user, host and network addresses are replaced. Whether the picture may be seen
by others, its owner has to judge; it can be left out.
"""

from __future__ import annotations

import getpass
import io
import json
import platform
import re
import socket
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from device import __version__
from device.atomic import write_atomically
from device.doctor import Finding
from device.errors import BadInput
from device.frame import CameraInfo, LiveFrame, YuvPicture
from device.pixels.yuv import halve
from device.raw.jpeg import encode_picture_jpeg
from device.report import camera_report
from device.selftest.outcome import CheckResult

PICTURE_WIDTH_MOST: Final = 640
PICTURE_QUALITY: Final = 80
_NAME_LEAST: Final = 3
"""Characters: shorter names, as `pi`, are in words of all kinds, and tell nobody apart."""
_HOMES: Final = re.compile(r"/(home|Users|media|run/media)/[^/\s'\"]+")
_ADDRESSES: Final = re.compile(
    r"\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}\b|\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f:]{1,39}"
)


@dataclass(frozen=True, slots=True)
class Report:
    """What goes into the file."""

    camera: CameraInfo | None
    """None: it could not be opened."""
    checks: Sequence[CheckResult]
    complete: bool
    findings: Sequence[Finding]
    """The doctor's."""
    picture: bytes | None
    """A JPEG without metadata; None: it was not wanted, or there was none."""


def check_path(path: Path) -> None:
    """Raise BadInput for a path to which no report can be written: it is said before the test, not after it."""
    if path.suffix != ".zip":
        raise BadInput(f"{path.name} is no name for a report", expected="a name that ends in .zip")
    if path.exists():
        raise _taken(path)
    if not path.absolute().parent.is_dir():
        raise BadInput(f"there is no folder {path.absolute().parent}", expected="a folder that is there")


def _taken(path: Path) -> BadInput:
    return BadInput(f"{path} is there already", expected="a name that no file has")


def small_jpeg(frame: LiveFrame) -> bytes:
    """Give the picture of a frame on loan, at most `PICTURE_WIDTH_MOST` wide, as a JPEG without metadata."""
    picture: YuvPicture = frame.small
    while picture.y.shape[1] > PICTURE_WIDTH_MOST:
        picture = halve(picture)
    return encode_picture_jpeg(picture, PICTURE_QUALITY)


def write_report(report: Report, path: Path, captures: Path) -> None:
    """Write the zip whole or not at all. Raises StorageError, BadInput where somebody has taken its name."""
    values = _without_private(_values(report), _private(captures))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.txt", _text(values))
        archive.writestr("report.json", json.dumps(values, indent=1, ensure_ascii=False) + "\n")
        if report.picture is not None:
            archive.writestr("picture.jpg", report.picture, zipfile.ZIP_STORED)
    try:
        write_atomically(path, [packed.getvalue()])
    except FileExistsError as error:
        raise _taken(path) from error


def _values(report: Report) -> dict[str, Any]:
    camera = None if report.camera is None else camera_report(report.camera, report.camera.modes[0])
    if camera is not None:
        del camera["mode"]  # each check has its own
    return {
        "hqcam": __version__,
        "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": _system(),
        "machine": platform.machine(),
        "kernel": platform.release(),
        "camera": camera,
        "complete": report.complete,
        "checks": [asdict(check) for check in report.checks],
        "doctor": [asdict(finding) for finding in report.findings],
    }


def _system() -> str:
    with suppress(OSError):
        return str(platform.freedesktop_os_release().get("PRETTY_NAME", ""))
    return platform.system()


def _text(values: dict[str, Any]) -> str:
    """Write what a person reads first; all else is in the JSON."""
    camera = values["camera"]
    named = "none was opened" if camera is None else camera["description"]
    simulated = " (simulated)" if camera is not None and camera["simulated"] else ""
    lines = [
        f"hqcam {values['hqcam']}, Python {values['python']}, {values['system']}, {values['machine']}",
        f"camera: {named}{simulated}",
        "",
        f"self-test{'' if values['complete'] else ', not complete'}:",
    ]
    for check in values["checks"]:
        lines.append(f"  {check['verdict']:14} {check['name']:16} {check['measured']}")
        lines += [f"  {'':31} -> {check['remedy']}"] if check["remedy"] else []
    lines += ["", "doctor:"]
    for found in values["doctor"]:
        lines.append(f"  {found['state']:14} {found['name']:16} {found['fact']}")
        lines += [f"  {'':31} -> {found['remedy']}"] if found["remedy"] else []
    return "\n".join(lines) + "\n"


def _private(captures: Path) -> list[tuple[re.Pattern[str], str]]:
    """Give what is replaced in all words, the longest first."""
    replaced = [(re.escape(str(captures)), "CAPTURES"), (re.escape(str(Path.home())), "~")]
    for name, word in ((socket.gethostname(), "HOST"), (_user(), "USER")):
        if len(name) >= _NAME_LEAST:
            replaced.append((rf"\b{re.escape(name)}\b", word))
    return [(re.compile(pattern), word) for pattern, word in replaced]


def _user() -> str:
    with suppress(KeyError, OSError):  # a number without a name
        return getpass.getuser()
    return ""


def _without_private(value: Any, private: list[tuple[re.Pattern[str], str]]) -> Any:
    if isinstance(value, str):
        for pattern, word in private:
            value = pattern.sub(word, value)
        return _ADDRESSES.sub("ADDRESS", _HOMES.sub(r"/\1/USER", value))
    if isinstance(value, dict):
        return {name: _without_private(part, private) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_private(part, private) for part in value]
    return value
