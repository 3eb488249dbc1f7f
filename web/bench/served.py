"""A real `hqcam serve` in a process of its own, and clients that pull frames from it and record the times."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from device.errors import ServerError
from web.bench.rows import not_interrupted

READ_BYTES = 4096  # per read, of a client that is limited to a rate

# The command as a user types it, from the environment that runs the bench.
HQCAM = (str(Path(sys.executable).with_name("hqcam")),)


@dataclass(slots=True)
class Served:
    """A running server."""

    port: int
    process: subprocess.Popen[str]
    folder: Path
    """Where settings, access code and captures are."""

    def memory_mb(self, field_name: str = "VmRSS") -> float:
        """Resident memory of the server now (VmRSS) or at its highest (VmHWM), as Linux counts it."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        match = re.search(rf"^{field_name}:\s+(\d+) kB", text, re.MULTILINE)
        return int(match.group(1)) / 1024 if match else float("nan")

    def cpu_s(self) -> float:
        """Processor time the server has used so far, in seconds."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(*arguments: str, inside: Sequence[str] = ()) -> Iterator[Served]:
    """Run `hqcam serve` on a free port with folders of its own; ends it afterwards.

    `inside` is a command that runs others, such as `ip netns exec NAME`.
    """
    with tempfile.TemporaryDirectory(prefix="hqcam-bench-") as folder:
        command = [*inside, *HQCAM, "serve", "--port", "0", "--output", f"{folder}/captures"]
        command += ["--settings", f"{folder}/settings.json", *(arguments or ("--camera", "simulated"))]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            yield Served(_port(process), process, Path(folder))
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.search(r":(\d+)/", line)
    if match is None:
        raise ServerError("the server to be measured did not start", remedy="run `hqcam serve` to see why")
    return int(match.group(1))


@dataclass(slots=True)
class Pull:
    """What one client received: one value per frame."""

    sequences: list[int] = field(default_factory=list)
    ages_ms: list[float] = field(default_factory=list)
    """From the start of the exposure to the moment the body was read whole."""
    sent_ages_ms: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    arrived_s: list[float] = field(default_factory=list)
    """`time.monotonic()` when the body was complete."""
    seconds: float = 0.0

    @property
    def fps(self) -> float:
        """Frames a second that arrived whole."""
        return len(self.sequences) / self.seconds if self.seconds else 0.0


def pull(
    port: int,
    seconds: float,
    *,
    bytes_per_s: float | None = None,
    body_bytes: int | None = None,
    check: Callable[[], None] = not_interrupted,
) -> Pull:
    """Pull frames one after the other for `seconds`, at most `bytes_per_s` if given, asking for bodies that large.

    `check` is called before each, and may raise to end it.
    """
    limit = f"&bytes={body_bytes}" if body_bytes else ""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    seen = Pull()
    after = _warm_up(connection)
    started = time.monotonic()
    while (now := time.monotonic()) - started < seconds:
        check()
        connection.request("GET", f"/api/viewfinder/frame?after={after}{limit}")
        response = connection.getresponse()
        body = _read(response, bytes_per_s)
        if response.status != 200:
            continue
        after = int(response.headers["X-Frame-Sequence"])
        seen.sequences.append(after)
        seen.ages_ms.append(time.time() * 1000 - float(response.headers["X-Frame-Captured-Ms"]))
        seen.sent_ages_ms.append(float(response.headers["X-Frame-Age-Ms"]))
        seen.sizes.append(body)
        seen.arrived_s.append(time.monotonic())
    seen.seconds = now - started
    connection.close()
    return seen


def pull_in_thread(port: int, seconds: float) -> tuple[threading.Thread, list[Pull]]:
    """Pull beside another client; the result is in the list when the thread has ended."""
    result: list[Pull] = []
    thread = threading.Thread(target=lambda: result.append(pull(port, seconds)))
    thread.start()
    return thread, result


def _warm_up(connection: http.client.HTTPConnection, frames: int = 20) -> int:
    """Pull some frames that do not count, until auto exposure has converged; give the last sequence number."""
    after, deadline = 0, time.monotonic() + 10
    while frames and time.monotonic() < deadline:
        connection.request("GET", f"/api/viewfinder/frame?after={after}")
        response = connection.getresponse()
        response.read()
        if response.status == 200:
            after = int(response.headers["X-Frame-Sequence"])
            frames -= 1
    return after


def pushed(response: http.client.HTTPResponse, bytes_per_s: float | None) -> Iterator[dict[str, str]]:
    """Read a multipart stream to its end, at most `bytes_per_s` if given; give each part's headers when it is whole."""
    total, began = 0, time.monotonic()
    while True:
        while not (line := response.readline()).startswith(b"--"):
            if not line:
                return
        headers: dict[str, str] = {}
        while text := response.readline().decode().strip():
            name, _, value = text.partition(": ")
            headers[name] = value
        left = int(headers["Content-Length"])
        while left:
            part = response.read(min(65536 if bytes_per_s is None else READ_BYTES, left))
            left, total = left - len(part), total + len(part)
            _keep_pace(total, began, bytes_per_s)
        yield headers


def _read(response: http.client.HTTPResponse, bytes_per_s: float | None) -> int:
    if bytes_per_s is None:
        return len(response.read())
    total, began = 0, time.monotonic()
    while chunk := response.read(READ_BYTES):
        total += len(chunk)
        _keep_pace(total, began, bytes_per_s)
    return total


def _keep_pace(total: int, began: float, bytes_per_s: float | None) -> None:
    """Wait until `total` bytes since `began` are no more than the rate allows."""
    ahead_s = total / bytes_per_s - (time.monotonic() - began) if bytes_per_s else 0
    if ahead_s > 0:
        time.sleep(ahead_s)


def percentile(values: list[float], percent: float) -> float:
    """Give the value below which `percent` of `values` lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else float("nan")
