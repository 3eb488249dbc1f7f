"""A burst of full frames over a real `hqcam serve` that is told to end: what is kept is whole, the rest is counted."""

from __future__ import annotations

import http.client
import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from helpers import eventually, started

from device.captures.storage import Storage
from device.drive.manifest import read_content
from device.raw.files import read_picture

pytestmark = pytest.mark.timeout(400)
HELD = 4  # frames in memory when the signal comes
ENDS_S = 200.0  # generous: the process itself ends long before
# `hqcam serve`, with as much time as a busy machine may need, a camera that sends HELD frames to a burst and no more,
# and a disk that from the second shot on waits for what is asked for: a signal, a cancel, or nothing that ever comes.
PROGRAM = f"""
import os, sys, threading
from device.drive import burst, drive
from device.drive.ring_buffer import RingBuffer
from device.drive.series import Series
from device.session import camera_thread
from web import serve

disk, times = sys.argv.pop(1), sys.argv.pop(1)
burst.SECONDS_TO_START, burst.SLACK, camera_thread.STALL_GRACE_S, serve.OPEN_TIMEOUT_S = 100.0, 1000.0, 60.0, 100.0
if times == "generous":
    drive.CANCEL_WAIT_S = serve.END_S = serve.WRITE_END_S = 150.0
    serve.WRITE_S = 100.0
elif times == "short":
    drive.CANCEL_WAIT_S = serve.END_S = serve.WRITE_END_S = 150.0
    serve.WRITE_S = 0.1
offer, save, write, fsync = RingBuffer.offer, Series.save, burst._write, os.fsync
held_up = None

def offer_some(buffer, frame):
    if buffer.filled < {HELD}:
        offer(buffer, frame)
        if buffer.filled == {HELD}:
            print("recorded", flush=True)

def tell_and_write(series, buffers):
    numbers = buffers[0].sequences
    print("captured", numbers[-1] - numbers[0] + 1, flush=True)
    write(series, buffers)

def save_slowly(series, still):
    global held_up
    if series.progress().taken:
        waits_for = {{"until told": series._triggered, "slow": series._cancelled, "hangs": threading.Event()}}
        held_up = waits_for.get(disk)
    save(series, still)

def fsync_slowly(file):
    if held_up is not None and threading.current_thread().name == "hqcam-drive":
        held_up.wait()
    fsync(file)

RingBuffer.offer, Series.save, burst._write, os.fsync = offer_some, save_slowly, tell_and_write, fsync_slowly
from device.__main__ import main
main()
"""


class Burst:
    """A camera that is served, with a burst in progress."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, count: int) -> None:
        self.process, self.captures = process, folder / "captures"
        found = re.search(r":(\d+)/$", self._line())
        assert found
        self._port = int(found[1])
        self._ask("POST", "/api/drive", {"mode": "burst", "settings": {"count": count}})
        while self._line() != "recorded":
            pass

    def _line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"it has ended: {self.process.communicate(timeout=ENDS_S)[1]}"
        return line.strip()

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert "error" not in answer or answer["error"] is None, answer
        return answer

    def wait_until_one_is_written(self) -> None:
        eventually(lambda: self._ask("GET", "/api/drive")["taken"] == 1, "one frame is written", 150)

    def end(self, number: signal.Signals, times: int = 1) -> tuple[int, int | None, str]:
        """Send the signal; give the exit code, how many frames it had captured (if it told), and what it said."""
        for _ in range(times):
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=ENDS_S)
        told = re.search(r"captured (\d+)", out)
        return self.process.returncode, int(told[1]) if told else None, err

    def manifest(self) -> dict[str, Any]:
        """Give the manifest, once it was seen that its frames are those on the disk, and each of them is whole."""
        (path,) = self.captures.rglob("*_burst.json")
        manifest = read_content(path)
        kept = Storage(self.captures).list()
        assert {frame["id"] for frame in manifest["frames"]} == {capture.id for capture in kept}
        for capture in kept:
            assert {file.kind for file in capture.files} == {"dng", "jpeg"}
            raw = {file.kind: read_picture(file.path) for file in capture.files}["dng"].raw
            assert raw is not None and raw.samples.shape == (3040, 4056)
        assert not list(self.captures.rglob("*.part"))
        return manifest


def command(folder: Path, *, disk: str, times: str) -> list[str]:
    serve = ["serve", "--port", "0", "--camera", "simulated", "--output", str(folder / "captures")]
    return [sys.executable, "-P", "-c", PROGRAM, disk, times, *serve, "--settings", str(folder / "settings.json")]


PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}


@pytest.mark.parametrize(
    ("number", "phase"),
    [(signal.SIGTERM, "recording"), (signal.SIGHUP, "recording"), (signal.SIGHUP, "saving")],
    ids=lambda value: getattr(value, "name", value),
)
def test_what_a_burst_has_in_memory_is_written_when_the_service_ends(
    tmp_path: Path, number: signal.Signals, phase: str
) -> None:
    """SIGHUP, which an ssh session sends that drops, as SIGTERM; a terminal that is closed sends two."""
    with started(command(tmp_path, disk="until told", times="generous"), **PIPES) as process:
        burst = Burst(process, tmp_path, HELD if phase == "saving" else HELD + 2)
        if phase == "saving":
            burst.wait_until_one_is_written()
        code, captured, said = burst.end(number, times=2 if number == signal.SIGHUP else 1)
    manifest = burst.manifest()
    assert (code, manifest["state"], len(manifest["frames"])) == (0, "done", HELD), said
    assert manifest["lost"] + HELD == captured and "Traceback" not in said


def test_what_a_slow_disk_has_no_time_for_is_counted(tmp_path: Path) -> None:
    with started(command(tmp_path, disk="slow", times="short"), **PIPES) as process:
        burst = Burst(process, tmp_path, HELD)
        burst.wait_until_one_is_written()
        code, captured, said = burst.end(signal.SIGTERM)
    manifest = burst.manifest()
    assert (code, manifest["state"], len(manifest["frames"])) == (0, "cancelled", 2), said
    assert manifest["lost"] + 2 == captured and manifest["lost"] >= HELD - 2 and "Traceback" not in said


def test_a_disk_that_hangs_holds_up_the_end_for_its_limit_only(tmp_path: Path) -> None:
    """The process ends by itself; the next start tells that the series was cut off, and tidies up."""
    with started(command(tmp_path, disk="hangs", times="as they are"), **PIPES) as process:
        burst = Burst(process, tmp_path, HELD)
        burst.wait_until_one_is_written()
        code, _, said = burst.end(signal.SIGTERM)
    assert code == 1 and re.search(r"did not end within \d s", said), said
    assert list((tmp_path / "captures").rglob("*.part")), "it was writing one"
    with started(command(tmp_path, disk="fast", times="generous"), **PIPES) as process:
        assert process.stdout is not None and ":" in process.stdout.readline()
        eventually(lambda: not list((tmp_path / "captures").rglob(".hqcam_series*")), "the series is settled", 150)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=ENDS_S)
    manifest = burst.manifest()
    assert (process.returncode, manifest["state"], len(manifest["frames"])) == (0, "interrupted", 1)
