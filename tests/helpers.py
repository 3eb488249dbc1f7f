"""What several tests need: waiting for a condition, and programs that end with their test."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

DEADLINE_S = 60.0  # generous: who waits for a condition does not judge how fast a loaded machine is
PROGRAM_S = 120.0


def in_time(what: str, deadline_s: float = DEADLINE_S) -> Iterator[None]:
    """Go round a loop that ends by itself when its condition holds; fails when that takes too long."""
    deadline = time.monotonic() + deadline_s
    while time.monotonic() < deadline:
        yield
    raise AssertionError(f"not within {deadline_s:g} s: {what}")


def eventually(condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait on a condition with a deadline; the only wait that tests use."""
    for _ in in_time(what, deadline_s):
        if condition():
            return
        threading.Event().wait(0.01)


@contextmanager
def started(command: Sequence[object], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """Start a program in a process group of its own; whoever is left of the group is killed at the block's end."""
    with subprocess.Popen([str(part) for part in command], start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def children_of(process: int) -> set[int]:
    """The processes that another one has started and that still are."""
    children: set[int] = set()
    for started in Path(f"/proc/{process}/task").glob("*/children"):  # of each thread its own
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            children.update(map(int, started.read_text().split()))
    return children


def processor_s(pid: int) -> float:
    """The processor time in seconds that a process and those it has started have used."""
    ticks = 0
    for one in (pid, *children_of(pid)):
        with suppress(FileNotFoundError, ProcessLookupError):  # it has ended; who waited for it counts its time
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def is_running(pid: int) -> bool:
    """Whether a process has not ended; one that nobody waits for has ended too."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def run(command: Sequence[object], **options: Any) -> subprocess.CompletedProcess[Any]:
    """Run a program to its end with its words captured: `subprocess.run` with a deadline, that leaves no one behind.

    Takes what `subprocess.Popen` takes, `check` and `timeout_s` (seconds until subprocess.TimeoutExpired).
    """
    check, timeout_s = options.pop("check", False), options.pop("timeout_s", PROGRAM_S)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with started(command, **(pipes | options)) as process:
        out, err = process.communicate(timeout=timeout_s)
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done


def frame_of(client: FlaskClient, url: str) -> TestResponse:
    """Ask for a frame until there is an answer with content: on a busy machine a long poll may end without a frame."""
    answer = client.get(url)
    while answer.status_code == 204:
        answer = client.get(url)
    return answer


def asked_slowly(port: int, url: str) -> tuple[socket.socket, http.client.HTTPResponse]:
    """Ask a server of this machine for something and read the head; the client takes little more unread."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(60)
    client.connect(("127.0.0.1", port))
    client.sendall(f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    answer = http.client.HTTPResponse(client)
    answer.begin()
    return client, answer
