"""Small files that claim much: each is refused by its head, without the memory or the time that it asks for."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from attack.report import Length, Row
from bomb_files import MEASURED, PNG_CHANNELS, flat_png, progressive_jpeg
from helpers import run

MEMORY_MB = 200  # at most, of the whole command; without a picture it takes 30
SECONDS = 20.0  # generous: the machine may be busy; what is refused takes a fifth of a second


ROUNDS: Final[dict[Length, int]] = {"short": 4, "long": 8}


def attack(length: Length) -> Iterator[Row]:
    """Have many bombs inspected and taken as scenes; what is not refused in time and memory counts as leaked."""
    yield _attacked(ROUNDS[length])


def _attacked(rounds: int) -> Row:
    chance, leaked, stopped, most_mb = random.Random(477), 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            path = Path(folder) / f"{number}.bomb"
            if number % 2:
                path.write_bytes(progressive_jpeg(3000, 2000, extra_scans=chance.randrange(100, 1000)))
            else:
                side, kind = chance.randrange(7000, 9400), chance.choice(list(PNG_CHANNELS))
                path.write_bytes(flat_png(side, side, colour_type=kind))
            commands = (["inspect", str(path)], ["info", "--camera", "simulated", "--scene", str(path)])
            began = time.monotonic()
            done = run([sys.executable, "-P", "-c", MEASURED, "hqcam", *commands[number % 4 // 2]], text=True)
            took_mb = int(done.stdout.split()[-1])
            most_mb = max(most_mb, took_mb)
            stopped += done.returncode != 2 or "Traceback" in done.stderr
            leaked += took_mb > MEMORY_MB or time.monotonic() - began > SECONDS
            path.unlink()
    return Row("bombs", rounds, lost=0, leaked=leaked, stopped=stopped, measured=f"{most_mb} MB at most")
