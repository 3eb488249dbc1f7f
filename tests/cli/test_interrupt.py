"""Ctrl-C, SIGTERM and SIGHUP at any moment of any command: it ends, in order, without a traceback or half a file."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import pytest
from helpers import eventually
from interrupts import BEGIN, CASES, interrupt, make_inputs

from device.cli.interrupt import interruptible
from device.errors import CameraLost

OFTEN = ("develop", "sheet", "interval", "serve")
DEADLINE_S = 30.0


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs")
    make_inputs(folder)
    return folder


def test_every_command_ends_whole_whenever_it_is_interrupted(inputs: Path) -> None:
    moments = random.Random(20261127)
    runs = [(name, signal.SIGINT) for name in CASES for _ in range(2 if name in OFTEN else 1)]
    runs += [("serve", signal.SIGTERM), ("develop", signal.SIGTERM), ("burst", signal.SIGHUP)]
    with ThreadPoolExecutor(4) as pool:
        ends = [
            pool.submit(interrupt, name, inputs, CASES[name].seconds * moments.random(), number)
            for name, number in runs
        ]
    assert all(end.result() for end in ends)


@pytest.mark.parametrize("after_s", [0.0, 0.05, 0.1, 0.15])
def test_a_term_in_the_first_150_ms_of_serve_is_obeyed(inputs: Path, after_s: float) -> None:
    assert interrupt("serve", inputs, after_s, signal.SIGTERM) in ("code 0", f"code {-signal.SIGTERM}")


def test_the_signal_calls_what_ends_the_work_on_another_thread_and_raises_nothing() -> None:
    before = signal.getsignal(signal.SIGINT)
    called = threading.Event()
    threads: list[str] = []
    with interruptible() as interrupted:

        def end() -> None:
            threads.append(threading.current_thread().name)
            called.set()

        with interrupted.calls(end):
            assert not interrupted.asked
            os.kill(os.getpid(), signal.SIGINT)
            assert called.wait(DEADLINE_S) and interrupted.asked
            assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL  # a second one ends at once
        assert threads == ["hqcam-end"]
        with pytest.raises(click.Abort):
            interrupted.check()
        late: list[bool] = []
        with interrupted.calls(lambda: late.append(True)):
            assert late == [True]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_after_the_signal_is_its_consequence_and_one_before_it_is_not() -> None:
    with pytest.raises(click.Abort), interruptible() as interrupted:
        os.kill(os.getpid(), signal.SIGTERM)
        eventually(lambda: interrupted.asked, "asked")
        raise CameraLost("the camera was closed")
    with pytest.raises(CameraLost), interruptible():
        raise CameraLost("the camera was unplugged")


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible() as interrupted:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interrupted.asked
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


WORK = """
import ctypes, threading
from device.cli.interrupt import interruptible
with interruptible(limit_s={limit}) as interrupt, interrupt.calls(lambda: print("asked", flush=True)):
    print("works", flush=True)
    {work}
"""
IN_PYTHON = "threading.Event().wait()"
IN_C = "c = ctypes.CDLL(None); lock = ctypes.create_string_buffer(64); [c.pthread_mutex_lock(lock) for _ in range(2)]"


@pytest.fixture
def hang() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start work that hangs; gives its process, which always ends."""
    processes: list[subprocess.Popen[str]] = []

    def start(work: str, *, limit: float | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-c", WORK.format(limit=limit, work=work)]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        assert said(processes[-1]) == "works"
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("work", [IN_PYTHON, IN_C], ids=["in Python", "in C"])
def test_a_second_ctrl_c_ends_what_hangs(hang: Callable[..., subprocess.Popen[str]], work: str) -> None:
    process = hang(work)
    process.send_signal(signal.SIGINT)
    assert said(process) == "asked" and process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=DEADLINE_S)
    assert process.returncode in (-signal.SIGINT, 128 + signal.SIGINT) and told == ""


def test_what_does_not_end_in_its_time_is_ended(hang: Callable[..., subprocess.Popen[str]]) -> None:
    process = hang(IN_PYTHON, limit=0.2)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1 and "did not end within 0.2 s" in told


def test_a_burst_whose_terminal_is_closed_is_written(tmp_path: Path) -> None:
    """SIGHUP, twice, and a terminal that takes no more output: what is in memory goes to the card all the same."""
    ours, terminal = os.openpty()
    mark, theirs = os.pipe()
    command = [sys.executable, "-P", "-c", BEGIN, str(theirs), "shoot", "--output", str(tmp_path / "out")]
    command += ["--camera", "simulated", "burst", "--count", "30"]
    process = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, pass_fds=[theirs], start_new_session=True
    )
    try:
        os.close(terminal)
        seen = b""
        while b"recording" not in seen:
            seen += os.read(ours, 1024)
        os.close(ours)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGHUP)
        process.wait(4 * DEADLINE_S)
    finally:
        process.kill()
        process.wait()
        os.close(mark)
        os.close(theirs)
    manifests = list((tmp_path / "out").rglob("*_burst.json"))
    assert len(manifests) == 1 and '"state": "done"' in manifests[0].read_text()
    assert list((tmp_path / "out").rglob("*.dng"))
