"""What a save and a page of the list cost in a folder of many captures, beside one of few (`make bench-captures`).

The figures are CPU seconds of this process, and the folders are in memory where there is one: a disk's own speed is not
measured. The captures have three files each, as those of the camera, in folders of days. `work` counts what `cost`
times: the same on every machine, so a test judges it.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from counts import Work, work_of

from device.captures.capture import RECORD_SUFFIX
from device.captures.naming import DEFAULT_PATTERN, name_for
from device.captures.storage import Storage

MEMORY = Path("/dev/shm")
TAKEN = datetime(2026, 11, 27, 12, tzinfo=UTC)
FILES = {".dng": [bytes(4 * 2**20)], ".jpg": [bytes(2**20)]}  # a quarter of a full frame: less hides less
PER_DAY = 400
SAVES = 40
PATTERN = "M10_{number}"


def fill(root: Path, captures: int, pattern: str) -> None:
    """Make a folder of many captures, the last ones on the day of `TAKEN`."""
    for number in range(captures):
        day = TAKEN - timedelta(days=(captures - 1 - number) // PER_DAY)
        folder = root / f"{day:%Y-%m-%d}"
        folder.mkdir(exist_ok=True)
        stem = name_for(pattern, day - timedelta(milliseconds=captures - number), number=number + 1)
        for suffix in (*FILES, RECORD_SUFFIX):
            (folder / (stem + suffix)).touch()


@contextmanager
def folder_of(captures: int, pattern: str) -> Iterator[Path]:
    """Lend a folder of many captures, in memory where there is one."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        fill(Path(folder), captures, pattern)
        yield Path(folder)


def opened(root: Path, pattern: str) -> Storage:
    """Open the folder as the camera does when it starts."""
    storage = Storage(root, pattern=pattern)
    storage.prepare()
    return storage


def work(captures: int, pattern: str) -> dict[str, Work]:
    """Count a save, and the page of 50 after it, in a folder that is in use."""
    with folder_of(captures, pattern) as root:
        storage = opened(root, pattern)
        storage.save(TAKEN, FILES)
        storage.page(50)
        save = work_of(lambda: storage.save(TAKEN + timedelta(seconds=1), FILES))
        return {"save": save, "page": work_of(lambda: storage.page(50))}


def cost(captures: int, pattern: str) -> dict[str, float]:
    """Give milliseconds: of a save, of a page of 50 after each save, and of the first page after a start.

    That of the very first start, which has neither the order nor counts, is beside it.
    """
    with folder_of(captures, pattern) as root:
        storage = opened(root, pattern)
        very_first_ms = _ms(lambda: storage.page(50))
        storage.save(TAKEN, FILES)  # which makes the order of a folder that has none
        started = opened(root, pattern)
        first_ms = _ms(lambda: started.page(50))
        saves, lists = [], []
        for n in range(1, SAVES + 1):
            saves.append(_ms(lambda n=n: storage.save(TAKEN + timedelta(seconds=n), FILES)))  # type: ignore[misc]
            lists.append(_ms(lambda: storage.page(50)))
            storage.delete(storage.list(1)[0].id)
        pages = {"first_page_ms": first_ms, "very_first_page_ms": very_first_ms}
        return {"save_ms": statistics.median(saves), "page_ms": statistics.median(lists), **pages}


def _ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def main(counts: list[int]) -> dict[str, dict[str, float]]:
    """Measure folders of so many captures, with names by time and by number."""
    return {f"{pattern} x {n}": cost(n, pattern) for pattern in (DEFAULT_PATTERN, PATTERN) for n in counts}


if __name__ == "__main__":
    print(json.dumps(main([int(text) for text in sys.argv[1:]] or [10, 10_000, 20_000]), indent=1))
