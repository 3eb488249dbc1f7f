"""Frame rate, age and memory of the served viewfinder, compared with a reader of the multipart stream (push)."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from web.bench.rows import Row, not_interrupted, row
from web.bench.served import Served, percentile, pull, pushed, serve

SLOW_BYTES_PER_S = 300_000.0
SLOW_SECONDS = 15.0


def measure_live(
    seconds: float, *, soak_minutes: float = 0.0, check: Callable[[], None] = not_interrupted
) -> list[Row]:
    """One client pulling, all assists on. `check` is called for every frame, and may raise to end it."""
    with serve() as server:
        _all_assists_on(server)
        cpu, began = server.cpu_s(), time.monotonic()
        seen = pull(server.port, seconds, check=check)
        busy = (server.cpu_s() - cpu) / (time.monotonic() - began)
        rows = [
            row("frames delivered a second, all assists on", seen.fps, "1/s", ">= 24"),
            row("age when fully read, median", percentile(seen.ages_ms, 50), "ms", "<= 80"),
            row("age when fully read, 95th percentile", percentile(seen.ages_ms, 95), "ms"),
            row("age when sent, median", percentile(seen.sent_ages_ms, 50), "ms"),
            row("size of a frame, median", percentile([float(s) for s in seen.sizes], 50) / 1000, "kB"),
            row("processor used, of one core", busy, "cores"),
        ]
        return rows + _memory(server, soak_minutes, check)


def measure_slow_reader(check: Callable[[], None] = not_interrupted) -> list[Row]:
    """A reader at 300 kB/s, with an unthrottled one beside it; then the same slow reader on the push stream."""
    with serve() as server:
        alone = pull(server.port, 4.0, check=check)
        with ThreadPoolExecutor(1) as pool:
            beside = pool.submit(pull, server.port, SLOW_SECONDS, check=check)
            slow = pull(server.port, SLOW_SECONDS, bytes_per_s=SLOW_BYTES_PER_S, check=check)
        pushed = _slow_push(server.port, check)
    pull_age = percentile(slow.ages_ms, 95) / 1000
    return [
        row("reader at 300 kB/s: age, 95th percentile", pull_age, "s", "<= 0.35"),
        row("reader at 300 kB/s: frames", slow.fps, "1/s"),
        row("fast client beside it: frames", beside.result().fps, "1/s", f"as alone: {alone.fps:.1f}"),
        row("the same reader on /stream.mjpg: age, 95th percentile", pushed, "s"),
        row("pull's age as a share of push's", pull_age / pushed, ""),
    ]


def _memory(server: Served, soak_minutes: float, check: Callable[[], None]) -> list[Row]:
    before = server.memory_mb()
    rows = [row("memory of serve", before, "MB", "<= 250")]
    if soak_minutes:
        pull(server.port, soak_minutes * 60, check=check)
        after = server.memory_mb()
        rows += [
            row(f"memory after {soak_minutes:g} minutes", after, "MB", "<= 250"),
            row("grown by", after - before, "MB", "flat"),
        ]
    return [*rows, row("highest memory", server.memory_mb("VmHWM"), "MB")]


def _all_assists_on(server: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    body = '{"peaking": true, "zebra_high": true, "zebra_band": true, "zebra_low": true, "clipping": true}'
    connection.request("PATCH", "/api/assists", body, {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()


def _slow_push(port: int, check: Callable[[], None]) -> float:
    """Read the multipart stream at the slow rate; give the 95th percentile of the age, in seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/stream.mjpg")
    response = connection.getresponse()
    ages, ends = [], time.monotonic() + SLOW_SECONDS
    for headers in pushed(response, SLOW_BYTES_PER_S):
        check()
        ages.append(time.time() - float(headers["X-Frame-Captured-Ms"]) / 1000)
        if time.monotonic() >= ends:
            break
    connection.close()
    return percentile(ages, 95)
