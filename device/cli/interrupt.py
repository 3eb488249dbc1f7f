"""Ending in order: what Ctrl-C, SIGTERM and SIGHUP do while a command works.

A signal never raises here. Raised in the main thread, an exception can fall into any library between the taking and the
giving back of a lock, which then stays taken for ever. So the handler notes that an end was asked for and restores the
system's default actions; a thread that waits for it on a pipe then calls what ends the work.

The first signal ends in order. A second SIGINT or SIGTERM ends the program at once, whatever hangs. SIGHUP only ever
asks: a terminal that is closed sends it twice. A signal that is ignored at the start (nohup) stays ignored.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

import click

AT_ONCE: Final = (signal.SIGINT, signal.SIGTERM)
"""What ends the program at once when it comes again."""
ASKS: Final = (*AT_ONCE, signal.SIGHUP)
_LEFT: Final = b"\0"  # no signal has this number: the work has ended, and so does the watching


class Interrupt:
    """Whether an end was asked for, and what is then to be called; made by `interruptible`."""

    def __init__(self) -> None:
        self.asked = False
        """Any thread may read it; once true it stays true."""
        self._lock = threading.Lock()  # never taken by the handler
        self._end: Callable[[], object] | None = None
        self._came = False  # the thread has seen the signal and called what was there
        self._ending: threading.Thread | None = None

    def check(self) -> None:
        """Raise click.Abort when an end was asked for: at a place where nothing is lost by it."""
        if self.asked:
            raise click.Abort

    @contextmanager
    def calls(self, end: Callable[[], object] | None) -> Iterator[None]:
        """Inside this, the signal calls `end` on a thread of its own, once; nothing when it is None.

        `end` wakes what the main thread waits for. It may still run when this is left; `interruptible` waits for it.
        If the signal came before, `end` is called here, at once.
        """
        with self._lock:
            before, self._end = self._end, end
            late = self._came
        try:
            if late and end is not None:
                end()
            yield
        finally:
            with self._lock:
                self._end = before

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        """The handler, in the main thread between any two of its steps: takes no lock, and raises nothing."""
        self.asked = True
        for number in AT_ONCE:
            if signal.getsignal(number) == self._ask:
                signal.signal(number, signal.SIG_DFL)

    def _watch(self, pipe: int, limit_s: float | None) -> None:
        """The thread: is told of each signal by Python's own handler in C, even while the main thread hangs."""
        ends_at: float | None = None
        while True:
            left_s = None if ends_at is None else max(0.0, ends_at - time.monotonic())
            if not select.select([pipe], [], [], left_s)[0]:
                _leave(1, f"it did not end within {limit_s:g} s and was stopped\n")
            told = os.read(pipe, 1)
            if told == _LEFT:
                return
            if told[0] not in ASKS:
                continue
            if not self._came:
                ends_at = None if limit_s is None else time.monotonic() + limit_s
                self._begin_to_end()
            elif told[0] in AT_ONCE:  # the main thread had no time to restore the default
                _leave(128 + told[0])

    def _begin_to_end(self) -> None:
        with self._lock:
            self.asked = self._came = True
            end = self._end
        if end is not None:
            self._ending = threading.Thread(target=end, name="hqcam-end", daemon=True)
            self._ending.start()

    def _wait_ended(self) -> None:
        if self._ending is not None:
            self._ending.join()


@contextmanager
def interruptible(*, limit_s: float | None = None) -> Iterator[Interrupt]:
    """Inside this, signals only ask for an end; the handlers from before are back afterwards.

    For the main thread. `limit_s` is how long the work may take to end, in seconds: then the program ends all the same
    (None: as long as it takes, for work that is worth it). An error that comes after an end was asked for is taken for
    its consequence: it becomes click.Abort, which is one word for the user.
    """
    interrupt = Interrupt()
    pipe, told = os.pipe()
    os.set_blocking(told, False)
    thread = threading.Thread(target=interrupt._watch, args=(pipe, limit_s), name="hqcam-interrupt", daemon=True)
    thread.start()
    wakeup_before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    before = {n: signal.signal(n, interrupt._ask) for n in ASKS if signal.getsignal(n) != signal.SIG_IGN}
    try:
        yield interrupt
    except Exception:
        if interrupt.asked:
            raise click.Abort from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup_before)
        interrupt._wait_ended()
        os.write(told, _LEFT)
        thread.join()
        interrupt._wait_ended()
        os.close(told)
        os.close(pipe)


def _leave(code: int, words: str = "") -> NoReturn:
    """End the program now, without what Python does at its end: that could wait for what hangs."""
    with suppress(OSError):
        os.write(2, words.encode())
    os._exit(code)
