"""The table of the jobs that can be asked for: how each checks what was asked, and what does it in its own process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from device.captures.storage import Storage
from device.errors import BadInput
from device.jobs import developing, films, sheets
from device.jobs.plan import Plan, Report


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of job."""

    check: Callable[[Storage, Mapping[str, Any]], Plan]
    """Checks what is asked for, what it needs and whether it fits. Raises HqcamError. In the server, so it is quick."""
    work: Callable[[Path, dict[str, Any], Report], None]
    """Does it: the folder of captures, the arguments as planned. Raises HqcamError. In the process of the job."""


KINDS: Final[dict[str, Kind]] = {
    "develop": Kind(developing.check, developing.work),
    "sheet": Kind(sheets.check, sheets.work),
    "timelapse": Kind(films.check, films.work),
}


def find(kind: str) -> Kind:
    """Give the kind of that name. Raises BadInput."""
    if kind not in KINDS:
        raise BadInput(f"{kind[:40]!r} is no kind of job", expected="one of " + ", ".join(KINDS))
    return KINDS[kind]
