"""Files with random bytes changed, cut or repeated, pictures and what hqcam keeps: only the named errors come of it."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
from attack.report import Length, Row
from bomb_files import flat_png, progressive_jpeg
from plain_dng import plain_dng

from device.captures.shot_audit import audit_file, read_record, record_path
from device.captures.storage import Storage
from device.drive.manifest import left_series
from device.errors import BadFile
from device.notices import Notices
from device.preferences.store import Preferences
from device.raw.files import read_jpeg, read_metadata, read_picture, read_size
from device.raw.jpeg import thumbnail
from web.access.key import load_key

DIGIT = b"0123456789"


def _mutant(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        place = chance.randrange(len(changed))
        if chance.random() < 0.5:
            changed[place] = chance.randrange(256)
        elif chance.random() < 0.5:
            changed[place : place + chance.randrange(40)] = changed[: chance.randrange(40)]
        else:
            changed[place:place] = bytes(chance.choice(DIGIT) for _ in range(chance.randrange(12)))
        if not changed:
            return b""
    return bytes(changed[: chance.randrange(len(changed))] if chance.random() < 0.2 else changed)


def _picture(path: Path) -> None:
    for read in (lambda: read_picture(path), lambda: read_size(path), lambda: read_metadata(path),
                 lambda: thumbnail(read_jpeg(path), 320, name="x")):  # fmt: skip
        try:
            read()
        except BadFile:
            continue
    audit_file(path)


def _settings(path: Path) -> None:
    Preferences(path).get("controls")


def _key(path: Path) -> None:
    key = load_key(path)
    if len(key.code) < 8 or len(key.secret) < 32:
        raise ValueError("the camera is open")


def _record(path: Path) -> None:
    read_record(path)


def _series(path: Path) -> None:
    root = path.parent
    storage = Storage(root)
    storage.prepare()
    for manifest, _ in left_series(root, Notices()):
        manifest.release()
    storage.list()


def _sound() -> list[tuple[str, bytes, Callable[[Path], None]]]:
    samples = np.random.default_rng(1).integers(256, 4096, (48, 64)).astype(np.uint16)
    settings = {"controls": {"ev": 0.5}, "assists": {"peaking": True}, "lens": {"id": "x", "f_number": 2.8}}
    plan = {"first_at": 1e9, "missed": 0}
    content = {"mode": "interval", "state": "running", "started_at": "2026", "settings": {}, "plan": plan, "frames": []}
    check = {"name": "structure", "verdict": "ok", "told": "x"}
    audited = [{"name": "a.dng", "size_bytes": 1, "sha256": "x", "checks": [check]}]
    return [
        ("a.dng", plain_dng(samples, 12), _picture),
        ("a.jpg", progressive_jpeg(64, 48), _picture),
        ("a.png", flat_png(64, 48), _picture),
        ("settings.json", json.dumps(settings).encode(), _settings),
        ("access.json", json.dumps({"code": "ABCD2345", "secret": "s" * 64}).encode(), _key),
        (record_path(Path("a.dng")).name, json.dumps({"files": audited}).encode(), lambda p: _record(p.with_name("a"))),
        ("2026-11-20/x.json", json.dumps(content).encode(), lambda path: _series(path.parents[1] / "x")),
        (".hqcam_running.json", b'"2026-11-20/x.json"', _series),
        (".hqcam_series_x.jsonl", b'{"manifest": "2026-11-20/x.json"}\n{"named": "a"}\n', _series),
    ]


ROUNDS: Final[dict[Length, int]] = {"short": 600, "long": 900}


def attack(length: Length) -> Iterator[Row]:
    """Read many mutants, of each kind in turn; whatever is raised beside the named errors has stopped something."""
    yield _attacked(ROUNDS[length])


def _attacked(rounds: int) -> Row:
    chance, stopped, sound = random.Random(477), Counter[str](), _sound()
    manifest = next(data for name, data, _ in sound if name.startswith("2026"))
    for number in range(rounds):
        name, data, read = sound[number % len(sound)]
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "2026-11-20").mkdir()
            (root / "2026-11-20" / "x.json").write_bytes(manifest)
            (root / ".hqcam_running.json").write_bytes(b'"2026-11-20/x.json"')
            (root / name).write_bytes(_mutant(data, chance))
            try:
                read(root / name)
            except Exception as error:  # whatever it is, it is what the attack looks for
                stopped[f"{name}: {error!r}"] += 1
    note = next(iter(stopped), f"{len(sound)} kinds of files")
    return Row("mutants", rounds, lost=0, leaked=0, stopped=stopped.total(), measured=note)
