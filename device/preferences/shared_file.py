"""One small private JSON file that several processes change: a value that is read again whenever the file changed.

What one command changes counts at once in a viewfinder that runs. Any thread.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, Generic, TypeVar

from device.atomic import as_storage_error, write_atomically
from device.errors import StorageError
from device.notices import Notices
from device.stored import read_bounded, read_json, set_aside

Value = TypeVar("Value")


class SharedFile(Generic[Value]):
    """A value in a file of mode 600. `path` None keeps it in memory only."""

    def __init__(
        self,
        path: Path | None,
        empty: Value,
        *,
        parse: Callable[[Any], Value],
        dump: Callable[[Value], Any],
        limit_bytes: int,
        notices: Notices,
        what: str,
        then: str,
    ) -> None:
        """`parse` raises ValueError, TypeError or LookupError for JSON that is no such value.

        `what` it holds and what `then` follows are told where it cannot be read: "the tokens", "they let nobody in".
        """
        self._path, self._empty, self._value = path, empty, empty
        self._parse, self._dump, self._limit_bytes = parse, dump, limit_bytes
        self._notices, self._what, self._then = notices, what, then
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None

    def get(self) -> Value:
        """Give the value; the empty one where the file is not there or cannot be read."""
        with self._lock:
            self._read_again()
            return self._value

    def change(self, edit: Callable[[Value], Value]) -> None:
        """Replace the value by what `edit` makes of it; no other process changes it meanwhile.

        Raises StorageError, and what `edit` raises: nothing is changed then.
        """
        with self._lock:
            try:
                if self._path is not None:
                    self._path.parent.mkdir(parents=True, exist_ok=True)
                with nullcontext() if self._path is None else _alone(self._path.parent):
                    self._read_again()
                    self._write(edit(self._value))
            except OSError as error:
                if isinstance(error, StorageError) or self._path is None:
                    raise
                raise as_storage_error(error, self._path) from error

    def change_readable(self, edit: Callable[[Value], Value]) -> None:
        """As `change`; a file that is there and cannot be read is left alone. Raises StorageError for it, too."""
        if self._path is not None and self._path.exists():
            try:
                read_bounded(self._path, self._limit_bytes)
            except OSError as error:
                raise StorageError(
                    f"{self._path} cannot be read: {error.strerror}", remedy="make it readable, or move it away"
                ) from error
            except ValueError:
                pass  # it is set aside when it is read
        self.change(edit)

    def _write(self, value: Value) -> None:
        if self._path is not None:
            text = json.dumps(self._dump(value), indent=2)
            write_atomically(self._path, [text.encode() + b"\n"], replace=True, private=True)
        self._value, self._stamp = value, self._stamp_now()

    def _read_again(self) -> None:
        stamp = self._stamp_now()
        if self._path is None or stamp == self._stamp:
            return
        self._value, self._stamp = self._empty if stamp is None else self._read(self._path), stamp

    def _read(self, path: Path) -> Value:
        try:
            return self._parse(read_json(path, self._limit_bytes))
        except FileNotFoundError:
            return self._empty
        except OSError as error:
            self._notices.say(self._what, f"{self._what} in {path} cannot be read ({error}): {self._then}")
        except (ValueError, TypeError, LookupError) as error:
            aside = set_aside(path)
            kept = f"; it is {aside.name} now" if aside else ""
            self._notices.say(self._what, f"{self._what} in {path} cannot be used ({error}){kept}: {self._then}")
        return self._empty

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            status = os.stat(self._path) if self._path is not None else None
        except OSError:
            return None
        return None if status is None else (status.st_ino, status.st_mtime_ns, status.st_size)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other process change files in this folder that asks for the same. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
