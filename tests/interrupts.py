"""Signals at random moments of real commands: none hangs, prints a traceback or leaves half a file.

`tests/cli/test_interrupt.py` sends a few. Many, with the counts of what became of them:

    PYTHONPATH=tests .venv/bin/python -m interrupts 200 develop sheet
    PYTHONPATH=tests .venv/bin/python -m interrupts 50 SIGTERM SIGHUP simulated burst
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from helpers import processor_s
from PIL import Image
from simplejpeg import encode_jpeg

from device.frame import FrameMeta, RawFrame
from device.raw.dng_writer import encode_dng
from device.raw.shot_metadata import ShotMetadata
from device.sensors.imx477 import IMX477

START_S = 60.0
END_S = 180.0  # of processor time, or without any: a command that hangs does so for ever; on a busy machine one is slow
# A mark when hqcam has begun; before it, the start is Python's own. The signals are not ignored, even when these tests
# run in the background of a shell.
BEGIN = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
mark = int(sys.argv.pop(1))

class Mark:
    def find_spec(self, name, path, target=None):
        if name == "device.cli":
            sys.meta_path.remove(self)
            os.write(mark, b"!")

from device.__main__ import main
sys.meta_path.insert(0, Mark())
main()
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A command, and for how many seconds from its start a signal may come: about its run on an idle machine."""

    arguments: Callable[[Path, Path], Sequence[str | Path]]
    """Given the folder for what it writes and the folder of inputs."""
    seconds: float
    ends: bool = True
    """Whether it ends without a signal."""


def shoot(*mode: str, camera: str = "replay") -> Callable[[Path, Path], Sequence[str | Path]]:
    def arguments(folder: Path, inputs: Path) -> Sequence[str | Path]:
        chosen = f"replay:{inputs / 'pictures'}" if camera == "replay" else camera
        return ["shoot", "--output", folder, "--camera", chosen, *mode]

    return arguments


def serve(camera: str = "replay") -> Callable[[Path, Path], Sequence[str | Path]]:
    def arguments(folder: Path, inputs: Path) -> Sequence[str | Path]:
        chosen = f"replay:{inputs / 'pictures'}" if camera == "replay" else camera
        settings = folder / "settings.json"
        return ["serve", "--port", "0", "--output", folder, "--settings", settings, "--camera", chosen]

    return arguments


CASES = {
    "develop": Case(lambda folder, inputs: ["develop", inputs / "raw", "--output", folder], 2.5),
    "sheet": Case(lambda folder, inputs: ["develop", inputs / "raw", "--contact-sheet", folder / "sheet.jpg"], 2.5),
    "shoot": Case(shoot(), 7.0),
    "timer": Case(shoot("timer", "--delay", "1", "--count", "2", "--gap", "0"), 9.0),
    "interval": Case(shoot("interval", "--interval", "0.5", "--count", "4"), 9.0),
    "bracket": Case(shoot("bracket", "--count", "3", camera="simulated"), 6.0),
    "bulb": Case(shoot("bulb", "--exposure", "2", "--delay", "0", camera="simulated"), 6.0),
    "burst": Case(shoot("burst", "--count", "3", camera="simulated"), 7.0),
    "precapture": Case(shoot("precapture", "--before", "2", camera="simulated"), 4.0, ends=False),
    "focus": Case(lambda _, inputs: ["focus", "--camera", f"replay:{inputs / 'pictures'}"], 8.0, ends=False),
    "selftest": Case(
        lambda folder, _: ["selftest", "--seconds", "1", "--output", folder, "--camera", "simulated"], 6.0
    ),
    "meter": Case(lambda folder, _: ["meter", "--camera", "simulated", "--settings", folder / "s.json"], 2.5),
    "bench": Case(lambda _folder, _inputs: ["bench", "--only", "live", "--seconds", "3"], 4.0),
    "serve": Case(serve(), 3.0, ends=False),
    "simulated": Case(serve(camera="simulated"), 4.0, ends=False),
}


def make_inputs(folder: Path, raw_files: int = 16) -> None:
    """Make `raw`, small DNGs, and `pictures`, which a replayed camera shows."""
    for name in ("raw", "pictures"):
        (folder / name).mkdir(parents=True)
    rng = np.random.default_rng(7)
    meta = FrameMeta(1, 0, 8000.0, 1.0, 1.0, (2.0, 1.6), 5000.0, 1e5, "converged", IMX477.modes[3], simulated=False)
    samples = rng.integers(256, 4096, (600, 800), dtype=np.uint16)
    raw = RawFrame(samples, "RGGB", 12, (256.0,) * 4, 4095)
    texture = rng.integers(0, 200, (120, 160, 3)).astype(np.uint8)
    metadata = ShotMetadata(
        meta, datetime.now().astimezone(), clock_synchronised=True, sensor=IMX477, software="hqcam test"
    )
    preview = encode_jpeg(texture)
    dng = b"".join(encode_dng(raw, metadata, preview_jpeg=preview, preview_size=(160, 120)))
    for number in range(raw_files):
        (folder / "raw" / f"{number:02}.dng").write_bytes(dng)
    for number in range(3):
        (folder / "pictures" / f"{number}.jpg").write_bytes(encode_jpeg(texture + np.uint8(25 * number)))


def interrupt(name: str, inputs: Path, after_s: float, number: signal.Signals | None) -> str:
    """Run a command, send it a signal (None: none) `after_s` seconds from its start, and give what became of it.

    Raises AssertionError when it hung, printed a traceback or left something half-written. Its process always ends.
    """
    sent = number.name if number else "no signal"
    with tempfile.TemporaryDirectory(prefix="hqcam-interrupt-") as temporary:
        folder = Path(temporary) / "out"
        folder.mkdir()
        ours, theirs = os.pipe()
        command = [sys.executable, "-P", "-c", BEGIN, str(theirs), *map(str, CASES[name].arguments(folder, inputs))]
        environment = {**os.environ, "XDG_CONFIG_HOME": temporary, "HOME": temporary, "TMPDIR": temporary}
        with (Path(temporary) / "said").open("w+b") as said:
            process = subprocess.Popen(
                command, stdout=said, stderr=said, stdin=subprocess.DEVNULL, pass_fds=[theirs], env=environment
            )
            try:
                os.close(theirs)
                assert select.select([ours], [], [], START_S)[0] and os.read(ours, 1) == b"!", "it did not start"
                ended = _ended_within(process, after_s)
                if number is not None:
                    process.send_signal(number)
                began = time.monotonic()
                assert _ends(process), f"{name} hangs after {sent} at {after_s:.4f} s"
                took_s = time.monotonic() - began
            finally:
                os.close(ours)
                process.kill()
                process.wait()
            said.seek(0)
            text = said.read().decode(errors="replace")
        where = f"{name}, {sent} at {after_s:.4f} s, code {process.returncode}, {took_s:.1f} s\n{text}"
        assert "Traceback" not in text and "Exception ignored" not in text, where
        # By the signal's own action: before there was work, or when all was done and Python had begun to end.
        # On a busy machine: 3, the simulated camera does not open in its time; 4, shots were late or missed.
        assert process.returncode in (0, 1, 3, 4, -(number or 0)), where
        _check_whole(folder, where)
        left = [p.name for p in Path(temporary).iterdir() if p.name.startswith("hqcam-bench")]
        assert not left, f"{left} left by {where}"
    slow = ", slow" if took_s > END_S else ""
    return "had ended" if ended else f"code {process.returncode}{slow}"


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _ends(process: subprocess.Popen[bytes]) -> bool:
    """Wait for the end of a process as long as it makes progress: at idle priority END_S on the clock is not much."""
    began_s = used_s = processor_s(process.pid)
    moved_at = time.monotonic()
    while not _ended_within(process, 1.0):
        before_s, used_s = used_s, processor_s(process.pid)
        if used_s != before_s:
            moved_at = time.monotonic()
        if used_s - began_s > END_S or time.monotonic() - moved_at > END_S:
            return False
    return True


def _check_whole(folder: Path, where: str) -> None:
    """No temporary file, every picture decodes, every shot has all its files, and no series counts as running."""
    left = [
        p
        for p in folder.rglob("*")
        if p.name.endswith(".part") or p.name.startswith((".hqcam_running", ".hqcam_series"))
    ]
    assert not left, f"{left}: {where}"
    for path in folder.rglob("*.jpg"):
        with Image.open(path) as image:
            image.load()
    for manifest in folder.rglob("*.json"):
        content = json.loads(manifest.read_text())
        if "frames" in content:
            assert content["state"] in ("done", "cancelled", "failed"), where
            taken = {p.stem for p in folder.rglob("hqcam_*.jpg")}
            assert {frame["id"] for frame in content["frames"]} == taken, where


def many(name: str, inputs: Path, times: int, seed: int, number: signal.Signals = signal.SIGINT) -> Counter[str]:
    """Send a signal to `times` runs of a command, AT_ONCE (2) at a time, and count what became of them.

    The moments are spread over the time that a run takes here without a signal, beside as many others.
    """
    moments = random.Random(f"{name}{seed}")
    at_once = int(os.environ.get("AT_ONCE", "2"))
    counts: Counter[str] = Counter()

    def one(moment_s: float) -> None:
        try:
            became = interrupt(name, inputs, moment_s, number)
        except AssertionError as error:
            became = "FAILED"
            print(error, flush=True)
        with lock:
            counts[became] += 1

    lock = threading.Lock()
    with ThreadPoolExecutor(at_once) as pool:
        seconds = CASES[name].seconds
        if CASES[name].ends:
            began = time.monotonic()
            list(pool.map(lambda _: interrupt(name, inputs, 0.0, None), range(at_once)))
            seconds = time.monotonic() - began
        list(pool.map(one, [seconds * moments.random() for _ in range(times)]))
    return counts


def main(times: str, *chosen: str) -> None:
    """Count for each command (all without names) and signal (SIGINT without); the exit code says if all ended well."""
    seed = random.randrange(10**6)
    failed = False
    signals = [signal.Signals[name] for name in chosen if name.startswith("SIG")] or [signal.SIGINT]
    names = [name for name in chosen if not name.startswith("SIG")] or list(CASES)
    with tempfile.TemporaryDirectory() as folder:
        make_inputs(Path(folder))
        for name in names:
            for number in signals:
                began = time.monotonic()
                counts = many(name, Path(folder), int(times), seed, number)
                failed |= counts["FAILED"] > 0
                took_s = time.monotonic() - began
                print(f"{name}, {number.name}: {dict(counts)} of {times}, seed {seed}, {took_s:.0f} s", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
