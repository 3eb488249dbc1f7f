"""An orderly end: what Ctrl-C, SIGTERM and SIGHUP do while a command works.

A signal never raises an exception here. An exception from a handler could come in any library between the acquiring
and the releasing of a lock, which then stays locked for ever. Instead the handler notes the request and restores the
system's default actions; a thread that waits on a pipe then calls the function that ends the work.

The first signal requests an orderly end. A second SIGINT or SIGTERM ends the program at once, even when it hangs. A
second SIGHUP does not: a terminal that is closed sends two. A signal that is ignored at the start (nohup) stays so.
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
"""A second one of these ends the program at once."""
HANDLED: Final = (*AT_ONCE, signal.SIGHUP)
_LEFT: Final = b"\0"  # no signal has this number: the work has ended, so the thread ends


class Interrupt:
    """Whether a signal requested the end, and the function to call then; made by `interruptible`."""

    def __init__(self, limit_s: float | None = None) -> None:
        self.requested = False
        """Any thread may read it; once true it stays true."""
        self.limit_s = limit_s
        """How long the work may take to end, from the signal on; `calls` may set more for what must not be lost."""
        self._lock = threading.Lock()  # the handler never uses it
        self._end: Callable[[], object] | None = None
        self._received = False  # the thread has received the signal and called `_end`
        self._ending: threading.Thread | None = None

    def check(self) -> None:
        """Raise click.Abort when the end was requested. Called where nothing is lost by it."""
        if self.requested:
            raise click.Abort

    @contextmanager
    def calls(self, end: Callable[[], object] | None) -> Iterator[None]:
        """Within this context the signal calls `end` once, on a separate thread; with None it calls nothing.

        `end` must wake the main thread from what it waits for. It may still run when this context ends;
        `interruptible` waits for it. If the signal came before, `end` is called here, at once.
        """
        with self._lock:
            before, self._end = self._end, end
            late = self._received
        try:
            if late and end is not None:
                end()
            yield
        finally:
            with self._lock:
                self._end = before

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        """The signal handler. It interrupts the main thread anywhere: so it uses no lock, and raises nothing."""
        self.requested = True
        for number in AT_ONCE:
            if signal.getsignal(number) == self._handle:
                signal.signal(number, signal.SIG_DFL)

    def _watch(self, pipe: int) -> None:
        """Run the thread: Python's handler in C writes each signal to the pipe, even while the main thread hangs."""
        began_s: float | None = None
        while True:
            waits_s = self._left_s(began_s)
            if not select.select([pipe], [], [], waits_s)[0]:
                if not self._left_s(began_s):  # it may have been made longer meanwhile
                    _leave(1, f"it did not end within {self.limit_s:g} s and was stopped\n")
                continue
            received = os.read(pipe, 1)
            if received == _LEFT:
                return
            if received[0] not in HANDLED:
                continue
            if not self._received:
                began_s = time.monotonic()
                self._begin_to_end()
            elif received[0] in AT_ONCE:  # the main thread had no time to restore the default
                _leave(128 + received[0])

    def _left_s(self, began_s: float | None) -> float | None:
        return None if began_s is None or self.limit_s is None else max(0.0, began_s + self.limit_s - time.monotonic())

    def _begin_to_end(self) -> None:
        with self._lock:
            self.requested = self._received = True
            end = self._end
        if end is not None:
            ending = threading.Thread(target=end, name="hqcam-end", daemon=True)
            ending.start()
            self._ending = ending  # not before: the main thread, which may be leaving, cannot join what has not started

    def _wait_ended(self) -> None:
        if self._ending is not None:
            self._ending.join()


@contextmanager
def interruptible(*, limit_s: float | None = None) -> Iterator[Interrupt]:
    """Within this context signals only request the end; afterwards the previous handlers are back.

    For the main thread. `limit_s` is how long the work may take to end, in seconds: after it the program ends in any
    case (None: no limit, for work that must not be lost). An exception after the request is regarded as its
    consequence: it becomes click.Abort, for which click prints one word.
    """
    interrupt = Interrupt(limit_s)
    pipe, write_end = os.pipe()
    os.set_blocking(write_end, False)
    thread = threading.Thread(target=interrupt._watch, args=(pipe,), name="hqcam-interrupt", daemon=True)
    thread.start()
    wakeup_before = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    before = {n: signal.signal(n, interrupt._handle) for n in HANDLED if signal.getsignal(n) != signal.SIG_IGN}
    try:
        yield interrupt
    except Exception:
        if interrupt.requested:
            raise click.Abort from None
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup_before)
        interrupt._wait_ended()
        os.write(write_end, _LEFT)
        thread.join()
        interrupt._wait_ended()
        os.close(write_end)
        os.close(pipe)


def _leave(code: int, message: str = "") -> NoReturn:
    """End the program at once, without Python's cleanup, which could wait for a thread that hangs."""
    with suppress(OSError):
        os.write(2, message.encode())
    os._exit(code)
