"""Many raw files to pictures, as many at a time as cores and memory allow. One file: see `picture`."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device import host
from device.develop.picture import develop, need_libraw
from device.develop.settings import DevelopSettings, Format
from device.errors import BadInput, HqcamError

log = logging.getLogger(__name__)

ENDINGS: Final[dict[Format, str]] = {"jpeg": ".jpg", "tiff": ".tif"}

PICTURE_BYTES: Final = 320 * 2**20  # measured: what 12 megapixels take at most, LibRaw's part and ours


@dataclass(frozen=True, slots=True)
class Task:
    """A raw file, and the picture to be made of it."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How a task ended: done, or with an error."""

    task: Task
    error: HqcamError | None = None


def plan(
    sources: Sequence[Path], output: Path | None, settings: DevelopSettings, *, overwrite: bool = False
) -> list[Task]:
    """Name the pictures: in the folder `output` like their raw files, else beside them with `_developed`.

    A folder among the sources stands for its DNG files. Raises BadInput when there is nothing to do or a picture would
    replace another one.
    """
    tasks: dict[Path, Task] = {}
    for source in _files(sources):
        name = source.stem + ("" if output else "_developed") + ENDINGS[settings.format]
        target = (output or source.parent) / name
        if target in tasks:
            raise BadInput(
                f"{source} and {tasks[target].source} would both become {target}", expected="names of their own"
            )
        if target.exists() and target.samefile(source):
            raise BadInput(f"{source} would be replaced by its own picture", remedy="choose another --output")
        if target.exists() and not overwrite:
            raise BadInput(f"{target} exists", remedy="choose another --output, or --overwrite to replace it")
        tasks[target] = Task(source, target)
    return list(tasks.values())


def _files(sources: Sequence[Path]) -> Iterator[Path]:
    for source in dict.fromkeys(sources):
        if not source.is_dir():
            yield source
            continue
        found = sorted(p for p in source.iterdir() if p.suffix.lower() == ".dng" and not p.name.startswith("."))
        if not found:
            raise BadInput(f"the folder {source} holds no DNG files", expected="raw files, or a folder of them")
        yield from found


def never() -> bool:
    """The default `ended`: the work is never ended early."""
    return False


def develop_all(
    tasks: Sequence[Task],
    settings: DevelopSettings,
    *,
    workers: int,
    done: Callable[[TaskResult], None],
    ended: Callable[[], bool] = never,
) -> list[TaskResult]:
    """Develop all tasks on `workers` threads (LibRaw releases Python's lock); `done` gets each result.

    A file that cannot be developed costs itself only. The workers call `ended`: once it is true nothing more is
    written, and the results are those of the pictures that are whole. Raises ExtraMissing.
    """
    need_libraw()

    def work(task: Task) -> bool:
        return develop(task.source, task.target, settings, ended)

    return run_all(work, tasks, workers=workers, done=done, ended=ended)


def run_all(
    work: Callable[[Task], bool],
    tasks: Sequence[Task],
    *,
    workers: int,
    done: Callable[[TaskResult], None],
    ended: Callable[[], bool] = never,
) -> list[TaskResult]:
    """Do `work` on all tasks; give the results in order of completion, without those that `ended` left undone.

    `work` gives whether the task was done (not when `ended` is true by then). Whatever it raises costs its task only:
    an error that hqcam does not know is logged with its trace.
    No signal handler may raise in here: a future's lock would stay locked, and its worker would wait for it for ever.
    """
    results: list[TaskResult] = []

    def unless_ended(task: Task) -> TaskResult | None:
        try:
            return TaskResult(task) if not ended() and work(task) else None
        except HqcamError as error:
            return TaskResult(task, error)
        except Exception as error:
            log.warning("%s cannot be developed", task.source, exc_info=error)
            return TaskResult(task, HqcamError(f"{task.source.name}: {error}", remedy="please report it"))

    with ThreadPoolExecutor(workers, "hqcam-develop") as pool:
        futures = [pool.submit(unless_ended, task) for task in tasks]
        try:
            for future in as_completed(futures):
                result = future.result()
                if result is not None:
                    results.append(result)
                    done(result)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return results


def default_workers(root: Path = host.ROOT) -> int:
    """As many pictures at a time as there are cores and as fit into the memory that is free, one at least."""
    cores = os.cpu_count() or 1
    available = host.available_memory_bytes(root)
    return cores if available is None else max(1, min(cores, available // PICTURE_BYTES))
