"""Kills of a process that takes a series: whole files, whole pairs, every picture in a manifest, nothing left behind.

The attack runs this file as a program of its own, which forks: a fork of a process with threads would hang.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from attack.report import Length, Row
from helpers import run

from device.captures.order import ORDER_FILE
from device.captures.shot import save_still
from device.captures.storage import Storage
from device.drive.manifest import Manifest, any_left, left_series, read_content
from device.drive.recover import add_shots_without_frame
from device.errors import BadFile
from device.frame import FrameMeta, RawFrame, StillFrame, YuvPicture
from device.notices import Notices
from device.raw.files import read_picture
from device.sensors.imx477 import IMX477

STEPS = ("open", "write", "fsync", "fdatasync", "link", "rename", "replace", "unlink", "mkdir", "ftruncate", "close")
STEPS_MOST: Final = 150  # a series takes about 25 to begin, and 45 a shot
TESTS = Path(__file__).parents[1]


ROUNDS: Final[dict[Length, int]] = {"short": 30, "long": 200}


def attack(length: Length) -> Iterator[Row]:
    """Kill a series many times at a random moment, and look at what the next start makes of it."""
    yield _attacked(ROUNDS[length])


def _attacked(rounds: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(Path(__file__)), folder, str(rounds), str(random.randrange(10**6))]
        paths = os.pathsep.join([str(TESTS), str(TESTS.parent)])
        done = run(command, text=True, timeout_s=60 + 4 * rounds, env=os.environ | {"PYTHONPATH": paths})
    if done.returncode:
        return Row("kills of a series", rounds, stopped=1, measured=done.stderr.strip().splitlines()[-1])
    counts: dict[str, int] = json.loads(done.stdout)
    told = f"{counts['pictures']} pictures, {counts['recovered']} of them put into their manifest by the next start"
    return Row("kills of a series", rounds, lost=counts["lost"], leaked=counts["leaked"], measured=told)


def still(rng: np.random.Generator) -> StillFrame:
    """A small still of noise."""
    mode = IMX477.modes[-1]
    meta = FrameMeta(1, time.monotonic_ns(), 8000.0, 1.0, 1.0, (2.8, 1.6), 5500.0, 100_000.0, "off", mode, True)
    planes = [rng.integers(0, 256, shape).astype(np.uint8) for shape in ((48, 64), (24, 32), (24, 32))]
    raw = RawFrame(rng.integers(256, 4096, (48, 64)).astype(np.uint16), "BGGR", 12, (256.0,) * 4, 4095)
    return StillFrame(meta, YuvPicture(*planes), raw)


def take_series(root: Path, seed: int, told: int) -> None:
    """Take shots until the kill, as a series does; write a byte to `told` before each step on the disk."""
    write = os.write

    def telling(call: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **keywords: Any) -> Any:
            write(told, b".")
            return call(*arguments, **keywords)

        return step

    for name in STEPS:
        setattr(os, name, telling(getattr(os, name)))
    rng = np.random.default_rng(seed)
    storage = Storage(root)
    storage.prepare()
    manifest = Manifest.begin(root, "timer", {}, datetime.now(UTC), {"plan": {}, "total": None})
    while True:
        shot = save_still(still(rng), storage, sensor=IMX477, awb="auto", named=manifest.name)
        manifest.add({"n": len(manifest.frames) + 1, "id": shot.capture.id})


def wait_for_steps(listener: int, steps: int) -> None:
    """Wait until the series has begun so many steps: however busy this machine is, kills fall on all of them."""
    while steps:
        begun = len(os.read(listener, steps))
        if not begun:
            raise RuntimeError("the series ended by itself")
        steps -= begun


def settle(root: Path) -> Counter[str]:
    """Start again after a kill; give what is wrong then."""
    storage, found = Storage(root), Counter[str]()
    storage.prepare()
    for manifest, named in left_series(root, Notices()):
        before = len(manifest.frames)
        add_shots_without_frame(manifest, storage, named)
        found["recovered"] += len(manifest.frames) - before
        manifest.end("interrupted", datetime.now(UTC))
    contents = [read_content(path) for path in root.rglob("*_timer.json")]
    in_manifests = Counter(frame["id"] for content in contents for frame in content["frames"])
    captures = {capture.id: capture for capture in storage.list()}
    found["lost"] += sum(content["state"] == "running" for content in contents)
    found["lost"] += len(in_manifests.keys() ^ captures.keys()) + sum(count > 1 for count in in_manifests.values())
    for capture in captures.values():
        found["lost"] += len(capture.files) != 2
        for file in capture.files:
            try:
                read_picture(file.path)
            except BadFile:
                found["lost"] += 1
    found["pictures"] = len(captures)
    hidden = [path for path in root.rglob(".*") if path.is_file() and path != root / ORDER_FILE]
    found["leaked"] += len(hidden) + any_left(root)
    return found


def main(folder: str, rounds: str, seed: str) -> None:
    """Kill, settle and count; print the counts as JSON."""
    moments, counts = random.Random(seed), Counter[str](lost=0, leaked=0, recovered=0, pictures=0)
    save_still(still(np.random.default_rng(0)), Storage(Path(folder)), sensor=IMX477, awb="auto")  # all is loaded
    for kill in range(int(rounds)):
        root = Path(folder) / str(kill)
        listener, told = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                take_series(root, kill, told)
            finally:
                os._exit(1)
        os.close(told)
        try:
            wait_for_steps(listener, moments.randrange(1, STEPS_MOST))
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(listener)
        counts += settle(root)
    print(json.dumps({name: counts[name] for name in ("lost", "leaked", "recovered", "pictures")}))


if __name__ == "__main__":
    main(*sys.argv[1:])
