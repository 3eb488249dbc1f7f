"""Endings at bad moments: a frozen camera while frames flow, and signals before hqcam is ready. Each ends, in order."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from attack.report import Length, Row
from attack.target import Owner, target
from helpers import children_of, is_running

from web.bench.served import HQCAM

ENDS_S = 30.0  # generous; hqcam promises 5 s, and the table shows what it took
EARLY_S = 0.3
SIGNALS = (signal.SIGTERM, signal.SIGHUP)


def attack(length: Length) -> Iterator[Row]:
    """Freeze the camera, then send early signals."""
    yield frozen(2 if length == "short" else 10)
    yield early_signals(6 if length == "short" else 60)


def frozen(times: int) -> Row:
    """Stop the processes that compute the frames, change a setting, and have hqcam end."""
    outcomes: Counter[str] = Counter()
    lost = leaked = stopped = 0
    slowest_s = 0.0
    for turn in range(times):
        with target() as served:
            owner = Owner(served)
            stopped += owner.stopped()
            workers = children_of(served.process.pid)
            for pid in workers:
                os.kill(pid, signal.SIGSTOP)
            try:
                owner.ask("PATCH", "/api/assists", '{"zebra_high_ire": 80}')
                took_s = _seconds_to_end(served.process, SIGNALS[turn % 2])
                kept = served.folder / "settings.json"
                lost += not kept.exists() or json.loads(kept.read_text())["assists"]["zebra_high_ire"] != 80
                leaked += sum(map(is_running, workers))
            finally:
                owner.close()
                for pid in filter(is_running, workers):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            stopped += took_s is None
            slowest_s = max(slowest_s, took_s or ENDS_S)
            outcomes["ended" if took_s is not None else "hung"] += 1
    measured = f"slowest end {slowest_s:.1f} s"
    return Row("frozen cameras", times, outcomes, lost=lost, leaked=leaked, stopped=stopped, measured=measured)


def early_signals(times: int) -> Row:
    """Send SIGTERM or SIGHUP within EARLY_S of the start."""
    outcomes: Counter[str] = Counter()
    moments = random.Random(20261128)
    slowest_s = 0.0
    for turn in range(times):
        with tempfile.TemporaryDirectory(prefix="hqcam-attack-") as folder:
            command = [*HQCAM, "serve", "--port", "0", "--camera", "simulated"]
            command += ["--output", f"{folder}/captures", "--settings", f"{folder}/settings.json"]
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(EARLY_S * moments.random())
                took_s = _seconds_to_end(process, SIGNALS[turn % 2])
            finally:
                process.kill()
                process.wait()
            slowest_s = max(slowest_s, took_s or ENDS_S)
            outcomes["ended" if took_s is not None else "hung"] += 1
    measured = f"slowest end {slowest_s:.1f} s"
    return Row("early signals", times, outcomes, stopped=outcomes["hung"], measured=measured)


def _seconds_to_end(process: subprocess.Popen[str] | subprocess.Popen[bytes], number: signal.Signals) -> float | None:
    """Send the signal; give how long the process took to end, or None when it did not within ENDS_S."""
    began_s = time.monotonic()
    process.send_signal(number)
    try:
        process.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        return None
    return time.monotonic() - began_s
