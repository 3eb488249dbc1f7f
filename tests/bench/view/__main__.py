"""How late the view is, beside a server that pushes: `make bench-view`, or `python -m bench.view [PART...]`.

Parts: reader, links, fade, loss, cost, chromium. Both servers show the same simulated scene, one after the other in the
same run; what is given are ratios. Links need root and TUN devices: where these are missing, that is said.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.view.browser import Painted, chromium, watch
from bench.view.network import SERVER, Network, State, missing, network
from bench.view.readers import Seen, push_seen

from web.bench.rows import Row, print_rows, row
from web.bench.served import Served, percentile, pull, pull_in_thread, serve

ROOT = Path(__file__).parents[3]
MODULES = ROOT / "web" / "static"
NODE = Path(sys.executable).with_name("node")
SECONDS = 12.0
SETTLE_S = 4.0
LOCAL = "127.0.0.1"
FULL = State(3_000_000)
CLIENTS = 8


@dataclass(slots=True)
class Pushing:
    """The running yardstick."""

    port: int
    process: subprocess.Popen[str]

    cpu_s = Served.cpu_s
    memory_mb = Served.memory_mb


@contextmanager
def push(host: str = LOCAL, inside: Sequence[str] = (), *extra: str) -> Iterator[Pushing]:
    """Run the server that pushes."""
    command = [*inside, sys.executable, "-m", "bench.view.push", host, *extra]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Pushing(int(process.stdout.readline()), process)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def pulling(host: str = LOCAL, inside: Sequence[str] = ()) -> Iterator[tuple[Served, str | None]]:
    """Run `hqcam serve`; give it and its access code."""
    with serve("--camera", "simulated", "--time-code", "--host", host, inside=inside) as server:
        code = None if host == LOCAL else json.loads((server.folder / "access.json").read_text())["code"]
        yield server, code


class Puller:
    """The page's own puller in Node."""

    def __init__(self, url: str, code: str | None, inside: Sequence[str] = ()) -> None:
        command = [*inside, str(NODE), str(Path(__file__).with_name("puller.mjs")), url, str(MODULES)]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self._process = subprocess.Popen([*command, *([code] if code else [])], **pipes)
        self._frames: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._frames.append(json.loads(line))

    def end(self, since: float) -> Seen:
        """Stop; give what came from `since` (unix seconds) on."""
        assert self._process.stdin is not None and self._process.stdout is not None
        until = time.time()
        self._process.stdin.close()
        self._process.wait(10)
        self._thread.join()
        self._process.stdout.close()
        seen = Seen(since, until)
        for frame in self._frames:
            if frame["at"] / 1000 < since:
                continue
            if "captured" in frame:
                seen.note(frame["at"] / 1000, frame["captured"] / 1000, frame["picture"], frame["overlay"])
            else:
                seen.failures += 1
        return seen


def on_link(net: Network, program: Callable[[], None]) -> tuple[Seen, Seen]:
    """Run `program`, which lasts as long as is measured, for both; give (push, pull)."""
    with push(SERVER, net.on_server) as server:
        reader = push_seen(f"http://{SERVER}:{server.port}/stream.mjpg", net.on_client)
        pushed = _after(program, reader.end)
    with pulling(SERVER, net.on_server) as (served, code):
        pulled = _after(program, Puller(f"http://{SERVER}:{served.port}", code, net.on_client).end)
    return pushed, pulled


def _after(program: Callable[[], None], end: Callable[[float], Seen]) -> Seen:
    time.sleep(SETTLE_S)
    since = time.time()
    program()
    return end(since)


def reader() -> list[Row]:
    """A reader at 300 kB/s."""
    rate = 300_000.0
    with push() as server:
        pushed = push_seen(f"http://{LOCAL}:{server.port}/stream.mjpg", (), rate)
        time.sleep(2 * SECONDS)
        old = pushed.end(0).p95_ms
    with serve("--camera", "simulated", "--time-code") as served:
        plain = pull(served.port, SECONDS, bytes_per_s=rate)
        hinted = pull(served.port, SECONDS, bytes_per_s=rate, body_bytes=21_000)
    return [
        row("reader at 300 kB/s, pushed: age, 95th percentile", old / 1000, "s"),
        row("pulled, never saying what it can take: of that", percentile(plain.ages_ms, 95) / old, "", "<= 0.03"),
        row("pulled, asking for what it can take: of that", percentile(hinted.ages_ms, 95) / old, "", "<= 0.03"),
    ]


def links() -> list[Row]:
    """Links of three rates, a round trip of 20 ms, a queue of 200 ms."""
    rows = []
    for name, rate, age, frames in (
        ("2 MB/s", 2e6, "<= 0.2", ">= 0.97"),
        ("300 kB/s", 3e5, "<= 0.2", ">= 2"),
        ("100 kB/s", 1e5, "<= 0.15", ""),
    ):
        with network() as net:
            net.become(State(rate))
            pushed, pulled = on_link(net, lambda: time.sleep(SECONDS))
        rows += [
            row(f"link {name}, pushed: age, median", pushed.median_ms, "ms"),
            row(f"link {name}, pulled: age, median", pulled.median_ms, "ms"),
            row("  of push's", pulled.median_ms / pushed.median_ms, "", age),
            row(f"link {name}, pushed: frames", pushed.fps, "1/s"),
            row(f"link {name}, pulled: frames", pulled.fps, "1/s", "" if frames else ">= 4"),
            row("  of push's", pulled.fps / pushed.fps, "", frames),
            row("  overlay and the rest, of the picture's bytes", pulled.beside_share, "", "<= 0.35"),
        ]
    return rows


def fade() -> list[Row]:
    """3 MB/s, then 100 kB/s, then 3 MB/s again."""
    returned: list[float] = []
    with network() as net:

        def program() -> None:
            for state, seconds in ((FULL, 3), (State(1e5), 8), (FULL, 8)):
                net.become(state)
                returned[:] = [time.time()]
                time.sleep(seconds)

        net.become(FULL)
        pushed, pulled = on_link(net, program)
    return [
        row("fade, pushed: worst age", pushed.worst_ms / 1000, "s"),
        row("fade, pulled: worst age", pulled.worst_ms / 1000, "s"),
        row("  of push's", pulled.worst_ms / pushed.worst_ms, "", "<= 0.15"),
        row("fade, pulled: under 150 ms again after", pulled.fresh_from(returned[0], 150), "s", "<= 1"),
    ]


def loss() -> list[Row]:
    """2 MB/s with 2 % of the packets lost and up to 50 ms of jitter; the page itself, in Chromium."""
    with network() as net:
        net.become(State(2e6, loss=0.02, jitter_ms=50))
        pushed, pulled = on_link(net, lambda: time.sleep(2 * SECONDS))
        with pulling(SERVER, net.on_server) as (served, code), chromium(net.on_client) as browser:
            painted = watch(browser, f"http://{SERVER}:{served.port}", SECONDS, code=code)
    return [
        row("loss of 2 %, jitter 50 ms, pushed: longest stall", pushed.longest_gap_ms / 1000, "s"),
        row("loss of 2 %, jitter 50 ms, pulled: longest stall", pulled.longest_gap_ms / 1000, "s", "<= 1"),
        row("  failures", pulled.failures, "", "0"),
        row("  errors on the page", len(painted.complaints), "", "0"),
    ]


def cost() -> list[Row]:
    """Processor and memory of the servers, without what the simulated camera takes."""
    with push(LOCAL, (), "camera-only") as camera:
        time.sleep(SETTLE_S)
        began = camera.cpu_s()
        time.sleep(SECONDS)
        camera_cpu, camera_mb = (camera.cpu_s() - began) / SECONDS, camera.memory_mb()
    with push() as server:
        readers = [push_seen(f"http://{LOCAL}:{server.port}/stream.mjpg", (), None) for _ in range(CLIENTS)]
        time.sleep(SETTLE_S)
        began, since = server.cpu_s(), time.time()
        time.sleep(SECONDS)
        push_cpu, push_mb = server.cpu_s() - began - camera_cpu * SECONDS, server.memory_mb() - camera_mb
        push_frames = sum(len(r.end(since).ages_ms) for r in readers)
    spent: dict[int, float] = {}
    with serve("--camera", "simulated") as served:
        for clients in (1, 4, CLIENTS):
            threads = [pull_in_thread(served.port, SETTLE_S + SECONDS) for _ in range(clients)]
            time.sleep(SETTLE_S)
            began, since = served.cpu_s(), time.monotonic()
            time.sleep(SECONDS)
            used, until = served.cpu_s() - began - camera_cpu * SECONDS, time.monotonic()
            for thread, _ in threads:
                thread.join()
            arrived = [at for _, seen in threads for at in seen[0].arrived_s]
            spent[clients] = 1000 * used / sum(since <= at < until for at in arrived)
        pull_mb = served.memory_mb() - camera_mb
    push_ms = 1000 * push_cpu / push_frames
    return [
        row(f"{CLIENTS} clients, pushed: processor time a frame served", push_ms, "ms"),
        row(f"{CLIENTS} clients, pulled: processor time a frame served", spent[CLIENTS], "ms"),
        row("  of push's", spent[CLIENTS] / push_ms, "", "<= 6"),
        row("1 client, pulled: processor time a frame served", spent[1], "ms"),
        row("4 clients, pulled: processor time a frame served, of 1 client's", spent[4] / spent[1], "", ""),
        row(f"{CLIENTS} clients, pushed: memory", push_mb, "MB"),
        row(f"{CLIENTS} clients, pulled: memory", pull_mb, "MB"),
        row("  of push's", pull_mb / push_mb, "", "<= 2.2"),
    ]


def in_chromium() -> list[Row]:
    """Painted pixels of the page beside an <img> on the server that pushes."""
    rows = []
    for name, slow_down, target in (("here", 1.0, "<= 0.7"), ("at 6 x slow-down", 6.0, "<= 1")):
        with push() as server, chromium() as browser:
            pushed = watch(browser, f"http://{LOCAL}:{server.port}", SECONDS, slow_down=slow_down)
        with serve("--camera", "simulated", "--time-code") as served, chromium() as browser:
            pulled = watch(browser, f"http://{LOCAL}:{served.port}", SECONDS, slow_down=slow_down)
        rows += _painted(name, pushed, pulled, target)
    why = missing()
    if why:
        return [*rows, row(f"Chromium on links: not measured, {why}", 0, "")]
    with network() as net:
        net.become(State(3e5))
        with push(SERVER, net.on_server) as server, chromium(net.on_client) as browser:
            pushed = watch(browser, f"http://{SERVER}:{server.port}", SECONDS)
        with pulling(SERVER, net.on_server) as (served, code), chromium(net.on_client) as browser:
            pulled = watch(browser, f"http://{SERVER}:{served.port}", SECONDS, code=code)
    return rows + _painted("on 300 kB/s", pushed, pulled, "<= 0.25")


def _painted(name: str, pushed: Painted, pulled: Painted, target: str) -> list[Row]:
    old, new = percentile(pushed.ages_ms, 50), percentile(pulled.ages_ms, 50)
    return [
        row(f"Chromium {name}, pushed: age of painted pixels, median", old, "ms"),
        row(f"Chromium {name}, pulled: age of painted pixels, median", new, "ms"),
        row("  of push's", new / old, "", target),
        row(f"Chromium {name}: painted, pushed", pushed.fps, "1/s"),
        row(f"Chromium {name}: painted, pulled", pulled.fps, "1/s"),
    ]


PARTS: dict[str, Callable[[], list[Row]]] = {
    "reader": reader,
    "links": links,
    "fade": fade,
    "loss": loss,
    "cost": cost,
    "chromium": in_chromium,
}
ON_LINKS = ("links", "fade", "loss")


def main(names: Sequence[str]) -> None:
    """Measure the named parts, or all."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SystemExit(f"there is no part {unknown[0]!r}; expected some of: {', '.join(PARTS)}")
    why = missing()
    rows: list[Row] = []
    for name in names or PARTS:
        if why and name in ON_LINKS:
            print(f"{name}: not measured, {why}", file=sys.stderr)
            continue
        print(f"{name} ...", file=sys.stderr)
        rows += PARTS[name]()
    print_rows(rows, "how late the view is")


if __name__ == "__main__":
    main(sys.argv[1:])
