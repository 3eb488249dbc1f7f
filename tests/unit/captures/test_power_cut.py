"""Files survive a power cut at any moment: killed at every step of a write, and 500 times somewhere while shooting."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from helpers import run

from device.captures.order import ORDER_FILE
from device.captures.storage import Storage
from device.errors import BadFile
from device.raw.files import read_picture

KILLS = 500
SHARED_MEMORY = Path("/dev/shm")
TAKEN = datetime(2026, 11, 20, 21, 45, 1, 123_456, UTC)
FILES = {".dng": [b"raw", b"samples"], ".jpg": [b"picture"]}
STEPS = ("open", "write", "fsync", "link", "unlink", "mkdir", "rename", "replace")

# Forks children that shoot small frames through the whole way to the disk, and kills each at a random moment.
NURSERY = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from device.frame import FrameMeta, RawFrame, StillFrame, YuvPicture
from device.sensors.imx477 import IMX477
from device.captures.shot import save_still
from device.captures.order import ORDER_FILE
from device.captures.storage import Storage

root, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
rng = np.random.default_rng(seed)
samples = rng.integers(256, 4096, (48, 64)).astype(np.uint16)
plane = lambda h, w: rng.integers(0, 256, (h, w)).astype(np.uint8)
picture = YuvPicture(plane(48, 64), plane(24, 32), plane(24, 32))
raw = RawFrame(samples, "BGGR", 12, (256.0,) * 4, 4095)
mode = IMX477.modes[-1]

def still():
    meta = FrameMeta(1, time.monotonic_ns(), 8000.0, 1.0, 1.0, (2.8, 1.6), 5500.0, 100_000.0, "off", mode, True)
    return StillFrame(meta, picture, raw)

def tell_of_a_write(event, about):
    if event == "open" and str(about[0]).endswith(".part"):
        os.write(ready, b".")

def shoot(tells):
    if tells:
        sys.addaudithook(tell_of_a_write)
    storage = Storage(root)
    storage.prepare()
    os.write(ready, b".")
    while True:
        save_still(still(), storage, sensor=IMX477, awb="auto")

warm = Storage(root)
warm.prepare()
save_still(still(), warm, sensor=IMX477, awb="auto")  # whatever loads at the first shot is loaded
moments = random.Random(seed)
patience_s, before = 0.015, 1  # some shots take that long on an idle machine; below it follows how busy this one is
write_s = 0.0005
left = 0
for kill in range(kills):
    in_write = kill % 4 == 0  # a write is a small part of a shot: every fourth child tells when it begins one
    listener, ready = os.pipe()
    child = os.fork()
    if child == 0:
        shoot(in_write)
    os.read(listener, 1)
    if in_write:
        os.read(listener, 1)
    time.sleep(moments.uniform(0, write_s if in_write else patience_s))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL, status
    os.close(listener), os.close(ready)
    names = [name for _, _, files in os.walk(root) for name in files]
    left += any(name.startswith(".") and name.endswith(".part") for name in names)
    saved = sum(name.endswith(".jpg") for name in names)
    if not in_write:
        patience_s = min(0.3, patience_s * (1.1 if saved == before else 0.92))
    before = saved
print(left)
"""


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, if there is one: a kill is no power cut, and a slow disk makes 500 of them long."""
    if not SHARED_MEMORY.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as folder:
        yield Path(folder)


def test_no_file_is_ever_broken_by_500_kills_while_shooting(memory: Path) -> None:
    command = [sys.executable, "-c", NURSERY, str(memory), str(KILLS), "477"]
    left = int(run(command, check=True, stderr=None, timeout_s=300).stdout)
    files = [path for path in memory.rglob("*") if not path.is_dir() and not path.name.startswith(".")]
    assert len(files) > KILLS / 4, "the children came to shoot"
    for path in files:
        if path.suffix == ".json":
            assert json.loads(path.read_text())["verdict"] == "ok"
        else:
            read_picture(path)
    assert left > KILLS / 20, "some were killed in the middle of a write"
    Storage(memory).prepare()
    assert not list(memory.rglob(".*.part"))


def test_the_kill_test_would_see_a_broken_file(tmp_path: Path) -> None:
    run([sys.executable, "-c", NURSERY, tmp_path, "0", "1"], check=True, stderr=None)
    for path in [*tmp_path.rglob("*.dng"), *tmp_path.rglob("*.jpg")]:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(BadFile):
            read_picture(path)


def killed_at(step: int, root: Path) -> tuple[int, list[tuple[str, ...]]]:
    """Save one shot in a child that dies before its n-th step on the disk; give its exit code and the steps.

    A step is the call and its path; of a rename also the new one.
    """
    listener, teller = os.pipe()
    child = os.fork()
    if child == 0:
        code = 3
        try:
            code = _save_until(step, root, teller)
        finally:
            os._exit(code)
    os.close(teller)
    with os.fdopen(listener, "rb") as told:
        steps = [tuple(json.loads(line)) for line in told]
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), steps


def _save_until(step: int, root: Path, teller: int) -> int:
    count = 0
    write = os.write

    def counted(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def step_on_disk(*arguments: Any, **keywords: Any) -> Any:
            nonlocal count
            count += 1
            if count > step:
                os._exit(9)
            what = os.readlink(f"/proc/self/fd/{arguments[0]}") if isinstance(arguments[0], int) else arguments[0]
            target = [os.fspath(arguments[1])] if name == "rename" else []
            write(teller, json.dumps([name, os.fspath(what), *target]).encode() + b"\n")
            return call(*arguments, **keywords)

        return step_on_disk

    storage = Storage(root)
    storage.prepare()
    for name in STEPS:
        setattr(os, name, counted(name, getattr(os, name)))
    storage.save(TAKEN, FILES)
    return 0


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # the child saves and ends
def test_killed_at_every_step_of_a_write_nothing_is_half_there(tmp_path: Path) -> None:
    steps = seen = 0
    while True:
        root = tmp_path / str(steps)
        code, _ = killed_at(steps, root)
        found = {p.suffix: p.read_bytes() for p in root.rglob("hqcam_*") if not p.is_dir()}
        whole = {suffix: b"".join(chunks) for suffix, chunks in FILES.items()}
        assert found.items() <= whole.items(), steps
        storage = Storage(root)
        storage.prepare()
        hidden = {path.name for path in root.rglob(".*")}
        assert hidden <= {ORDER_FILE}, "what was half-written goes at the next start"
        kept = {f.path.suffix: f.path.read_bytes() for c in storage.list() for f in c.files}
        assert kept == (whole if found else {}), "a pair stays a pair"
        storage.save(TAKEN, FILES)  # the same moment again: another name where the first was given
        assert sum(len(c.files) for c in storage.list()) == len(kept) + 2
        steps, seen = steps + 1, max(seen, len(found))
        if code == 0:
            break
    assert code == 0 and steps > 12 and seen == 2


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_bytes_are_on_the_disk_before_their_name_is_and_names_before_it_is_saved(tmp_path: Path) -> None:
    """What a kill cannot show: without these a power cut leaves names of empty files, or files without names."""
    code, steps = killed_at(10_000, tmp_path)
    assert code == 0
    kinds = [name for name, *_ in steps]
    renamed = {step[2]: step[1] for step in steps if step[0] == "rename"}
    for at, (name, path, *_) in enumerate(steps):
        if name == "link":
            assert ("fsync", Path(path).parent.as_posix()) in steps[:at], "its hidden name is on the disk before"
            path = renamed[path]
            touched = [kind for kind, other, *_ in steps[:at] if other == path and kind in ("write", "fsync")]
            assert touched[-1] == "fsync" and touched.count("write") >= 1, path
    day = (tmp_path / "2026-11-20").as_posix()
    last_name = len(kinds) - 1 - kinds[::-1].index("link")
    assert ("fsync", day) in [tuple(step) for step in steps[last_name:]]
    made = [tuple(step) for step in steps].index(("mkdir", day))
    assert ("fsync", tmp_path.as_posix()) in [tuple(step) for step in steps[made : kinds.index("link")]]
