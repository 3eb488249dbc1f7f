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
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import click
import pytest
from helpers import eventually, started
from interrupts import CASES, interrupt, make_inputs

from device.captures.shot import Recipe
from device.captures.storage import Storage
from device.cli.drive import _watch_to_the_end
from device.cli.interrupt import interruptible
from device.drive.clock import Clock
from device.drive.drive import Drive
from device.drivers.simulated import SimulatedCamera
from device.errors import CameraLost
from device.sensors.imx477 import IMX477
from device.session.session import Session

OFTEN = ("develop", "sheet", "interval", "serve")
DEADLINE_S = 60.0
SMALL = replace(IMX477, modes=IMX477.modes[:1])


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
            assert not interrupted.requested
            os.kill(os.getpid(), signal.SIGINT)
            assert called.wait(DEADLINE_S) and interrupted.requested
            assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL  # a second one ends at once
        assert threads == ["hqcam-end"]
        with pytest.raises(click.Abort):
            interrupted.check()
        late: list[bool] = []
        with interrupted.calls(lambda: late.append(True)):
            assert late == [True]
    assert signal.getsignal(signal.SIGINT) is before


def test_the_main_thread_may_leave_just_when_the_thread_that_ends_the_work_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, leaving, called = threading.Event(), threading.Event(), threading.Event()

    class Late(threading.Thread):
        def start(self) -> None:
            if self.name == "hqcam-end":
                made.set()
                assert leaving.wait(DEADLINE_S)
            super().start()

        def join(self, timeout: float | None = None) -> None:
            leaving.set()
            super().join(timeout)

    monkeypatch.setattr(threading, "Thread", Late)
    with interruptible() as interrupted, interrupted.calls(called.set):
        os.kill(os.getpid(), signal.SIGINT)
        assert made.wait(DEADLINE_S)
    assert called.is_set(), "the work is ended, and waited for"


def test_an_error_after_the_signal_is_its_consequence_and_one_before_it_is_not() -> None:
    with pytest.raises(click.Abort), interruptible() as interrupted:
        os.kill(os.getpid(), signal.SIGTERM)
        eventually(lambda: interrupted.requested, "asked")
        raise CameraLost("the camera was closed")
    with pytest.raises(CameraLost), interruptible():
        raise CameraLost("the camera was unplugged")


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible() as interrupted:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not interrupted.requested
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
    with ExitStack() as processes:

        def start(work: str, *, limit: float | None = None) -> subprocess.Popen[str]:
            command = [sys.executable, "-P", "-c", WORK.format(limit=limit, work=work)]
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            process = processes.enter_context(started(command, text=True, **pipes))
            assert said(process) == "works"
            return process

        yield start


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


def test_work_that_must_not_be_lost_can_ask_for_more_time(hang: Callable[..., subprocess.Popen[str]]) -> None:
    more = "interrupt._end = lambda: setattr(interrupt, 'limit_s', 3.2); print('ready', flush=True); "
    process = hang(more + IN_PYTHON, limit=3.0)
    assert said(process) == "ready"
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1 and "did not end within 3.2 s" in told


# Rich refreshes its bar from a thread of its own, which ends when nothing takes its output.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize(("phase", "count"), [("recording", 200), ("saving", 8)])
def test_a_burst_whose_terminal_is_closed_is_written(
    make_session: Callable[..., Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, phase: str, count: int
) -> None:
    """SIGHUP, twice, and a terminal that takes no more output: what is in memory goes to the card all the same."""
    storage = Storage(tmp_path)
    storage.prepare()
    session = make_session(lambda: SimulatedCamera(speed=0.05, sensor=SMALL))  # six frames a second, on any machine
    session.wait_open(DEADLINE_S)
    drive = Drive(session, storage, Recipe(), clock=Clock(0.05))
    ours, terminal = os.openpty()
    monkeypatch.setattr(sys, "stderr", os.fdopen(os.dup(terminal), "w"))

    def close_terminal() -> None:
        eventually(lambda: drive.progress().phase == phase, phase, DEADLINE_S)
        start = session.newest_meta()
        assert start is not None
        if phase == "recording":
            eventually(lambda: (m := session.newest_meta()) and m.sequence > start.sequence + 2, "frames", DEADLINE_S)
        os.close(ours)
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGHUP)

    with interruptible() as interrupted, ThreadPoolExecutor(1) as pool:
        drive.start("burst", {"count": count})
        closing = pool.submit(close_terminal)
        _watch_to_the_end(drive, interrupted)
        drive.close(keep_running=False)
        closing.result()
    with suppress(OSError):
        sys.stderr.close()
    os.close(terminal)
    progress = drive.progress()
    assert progress.state == "done" and len(storage.list()) == progress.taken
    assert 1 <= progress.taken < 200 if phase == "recording" else progress.taken == count
