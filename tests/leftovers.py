"""No test and no run may leave a thread or a process behind: what is left is ended, and reported as a failure.

Fixtures for conftest.py; pytest also takes this module as a plugin (`-p leftovers`).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

PATIENCE_S = 20.0  # for what is ending by itself
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
if sys.platform == "linux":
    # Who is left behind by a child that has ended becomes a child of this process: so whole families are found.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def pytest_configure() -> None:
    """A run that is told to end tears its fixtures down first.

    In the background of a shell, or under nohup, these signals are ignored, and by every program that a test starts.
    """
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to end"))
    for number, action in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, action)


def children() -> set[int]:
    """Give the processes that this one has started, or inherited, and that still are."""
    while True:
        lists = Path("/proc/self/task").glob("*/children")  # of each thread its own
        try:
            pids = {int(pid) for started in lists for pid in started.read_text().split()}
        except (FileNotFoundError, ProcessLookupError):  # a thread ended meanwhile; another has its children now
            continue
        return {pid for pid in pids if _is_running(pid)}


def _is_running(pid: int) -> bool:
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False


def end_children(known: set[int], patience_s: float) -> dict[int, str]:
    """Wait for children that are not known to end; kill those that do not, and give their command lines."""
    killed: dict[int, str] = {}
    deadline = time.monotonic() + patience_s
    while left := children() - known:
        if time.monotonic() > deadline:
            for pid in left:
                killed.setdefault(pid, _command_of(pid))  # once: one that is just dying has no command line any more
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        threading.Event().wait(0.01)
    return killed


def _command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    return "?"


def _is_ours(thread: threading.Thread) -> bool:
    # Playwright's own helper threads live as long as the browser of the whole run.
    return thread.name.startswith("hqcam")


def _nothing_stays_behind() -> Iterator[None]:
    threads, processes = set(threading.enumerate()), children()
    yield
    deadline = time.monotonic() + PATIENCE_S
    killed = end_children(processes, PATIENCE_S)
    assert not killed, f"processes left behind, now killed: {killed}"
    while left := [t for t in threading.enumerate() if t not in threads and _is_ours(t)]:
        assert time.monotonic() < deadline, f"threads left behind: {left}"
        left[0].join(0.05)


# Set up before every other fixture of their scope, and so looked at after all of them have ended.
nothing_stays_behind_a_test = pytest.fixture(autouse=True)(_nothing_stays_behind)
nothing_stays_behind_the_run = pytest.fixture(autouse=True, scope="session")(_nothing_stays_behind)
