"""The program of a job's own process: reads one job from its input, does it, and tells of it in lines of JSON.

It ends with the server, however that ends: the system kills it (prctl, PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_OOM_SCORE: Final = "800"  # chosen: of 1000; where memory is short the system ends this process, not the viewfinder


class Lines:
    """Tells of the work on the standard output."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def step(self, done: int, total: int) -> None:
        """So many steps are done."""
        self.say(done=done, total=total)

    def result(self, path: Path) -> None:
        """A file is on the disk under its final name."""
        self.say(result=path.relative_to(self._root).as_posix())

    def failure(self, what: str, error: dict[str, str]) -> None:
        """One picture could not be worked on; the others are."""
        self.say(failure={"what": what, "error": error})

    def say(self, **values: Any) -> None:
        """Write one line."""
        os.write(sys.stdout.fileno(), json.dumps(values).encode() + b"\n")


def main() -> int:
    """Do the job. Gives the exit code: 1 where it failed, and said why."""
    told = json.load(sys.stdin.buffer)
    _end_with(told["parent"])
    from device.errors import HqcamError
    from device.jobs.kinds import find  # not before: what is imported takes memory, and time on a Pi

    root = Path(told["root"])
    lines = Lines(root)
    try:
        find(told["kind"]).work(root, told["arguments"], lines)
    except HqcamError as error:
        lines.say(error=error.as_json())
        return 1
    except MemoryError:
        short = HqcamError(
            "there was not enough memory", remedy="end other programs, or work on fewer or smaller files"
        )
        lines.say(error=short.as_json())
        return 1
    return 0


def _end_with(parent: int) -> None:
    """Have the system end this process when the one that started it ends, and before it where memory is short."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended already
        os._exit(1)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)


if __name__ == "__main__":
    sys.exit(main())
