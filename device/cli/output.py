"""Stdout whose failures end a command with an exit code: a full disk, a closed descriptor, a reader that went away."""

from __future__ import annotations

import io
import os
import sys

from device.errors import HqcamError


class OutputError(HqcamError):
    """What a command had to say could not be written to stdout."""

    code = "output_error"


class _Output(io.TextIOWrapper):
    """Stdout that raises OutputError."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise self._failure(error) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise self._failure(error) from error

    def _failure(self, error: OSError) -> OutputError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())  # Python must not try to write the rest at its end
        return OutputError(f"stdout could not be written: {error.strerror}", remedy="run it again where there is room")


def write_or_fail() -> None:
    """Have everything that is printed from now on raise OutputError where it cannot be written."""
    if sys.stdout is None:  # a closed descriptor: writing to this fails, where Python would be silent
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
    if isinstance(sys.stdout, io.TextIOWrapper):
        plain = sys.stdout
        encoding, errors, line_buffering = plain.encoding, plain.errors, plain.line_buffering
        sys.stdout = _Output(plain.detach(), encoding=encoding, errors=errors, line_buffering=line_buffering)
