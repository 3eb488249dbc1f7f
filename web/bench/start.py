"""How long the command line and the first frame take, against a bare import of flask and numpy."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Callable

from web.bench.rows import Row, not_interrupted, row
from web.bench.served import HQCAM, serve

RUNS = 5


def measure_start(check: Callable[[], None] = not_interrupted) -> list[Row]:
    """Best of several runs each: other load only makes a start slower. `check` may raise to end it."""
    bare = _best([sys.executable, "-c", "import flask, numpy"], check)
    help_s = _best([*HQCAM, "--help"], check)
    first = min(_first_frame(check) for _ in range(3))
    replay = min(_first_frame(check, "--camera", _tiny_replay()) for _ in range(RUNS))
    return [
        row("hqcam --help", help_s, "s", "<= 0.25"),
        row("command to first frame, simulated", first, "s", "<= 2.5"),
        row("python -c 'import flask, numpy'", bare, "s"),
        row("command to first frame without the simulator, as a multiple of it", replay / bare, "", "<= 1.6"),
    ]


def _best(command: list[str], check: Callable[[], None]) -> float:
    times = []
    for _ in range(RUNS):
        check()
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return min(times)


def _first_frame(check: Callable[[], None], *arguments: str) -> float:
    began = time.perf_counter()
    with serve(*arguments) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        while True:
            check()
            connection.request("GET", "/api/viewfinder/frame?after=0")
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                break
        took = time.perf_counter() - began
        connection.close()
    return took


def _tiny_replay() -> str:
    """A replay of one small picture: the start without a simulator to warm up."""
    import tempfile
    from pathlib import Path

    import numpy as np
    from simplejpeg import encode_jpeg

    path = Path(tempfile.gettempdir()) / "hqcam-bench-replay.jpg"
    path.write_bytes(encode_jpeg(np.full((240, 320, 3), 128, np.uint8)))
    return f"replay:{path}"
