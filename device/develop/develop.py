"""Developing raw files to pictures through LibRaw, many at a time, each written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from device.atomic import Buffer, write_atomically
from device.develop.encode import jpeg_file, tiff_file
from device.errors import BadFile, BadInput, ExtraMissing, HqcamError
from device.frame import U8, U16
from device.raw.file_metadata import NO_METADATA, FileMetadata, metadata_of
from device.raw.files import read_bytes
from device.raw.tiff_reader import StoredTiff, read_tiff
from device.sensors.imx477 import IMX477

Format = Literal["jpeg", "tiff"]
Tone = Literal["camera", "srgb"]
WhiteBalance = Literal["camera", "auto"]
ENDINGS: Final[dict[Format, str]] = {"jpeg": ".jpg", "tiff": ".tif"}

PICTURE_BYTES: Final = 320 * 2**20  # measured: what 12 megapixels take at most, LibRaw's part and ours
_LEVELS: Final = 65536
_ROWS: Final = 64


@dataclass(frozen=True, slots=True)
class Look:
    """How to develop."""

    format: Format = "jpeg"
    quality: int = 95
    ev: float = 0.0
    tone: Tone = "camera"
    """camera: the tone curve of the camera's own JPEGs; srgb: scene-linear light on a plain sRGB curve."""
    white_balance: WhiteBalance = "camera"
    half_size: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A raw file, and the picture to be made of it."""

    source: Path
    target: Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task: done, or why not."""

    task: Task
    error: HqcamError | None = None


def need_libraw() -> Any:
    """Give rawpy. Raises ExtraMissing: a program can ask before it begins."""
    try:
        import rawpy  # not at module level: an extra
    except ImportError as error:
        raise ExtraMissing(
            "developing needs LibRaw by the package rawpy, which is not installed",
            expected="hqcam with its extra 'develop'",
            remedy="install hqcam again with [develop]",
        ) from error
    except ValueError as error:  # what numpy raises for a binary of another of its versions
        raise ExtraMissing(
            f"the package rawpy does not fit the numpy that is installed: {error}",
            expected="hqcam with its extra 'develop'",
            remedy="install hqcam again with [develop]",
        ) from error
    return rawpy


def plan(sources: Sequence[Path], output: Path | None, look: Look, *, overwrite: bool = False) -> list[Task]:
    """Name the pictures: in the folder `output` like their raw files, else beside them with `_developed`.

    A folder among the sources stands for its DNG files. Raises BadInput when there is nothing to do or a picture would
    replace another one.
    """
    tasks: dict[Path, Task] = {}
    for source in _files(sources):
        name = source.stem + ("" if output else "_developed") + ENDINGS[look.format]
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
    """For work that nobody ends."""
    return False


def develop_all(
    tasks: Sequence[Task],
    look: Look,
    *,
    workers: int,
    done: Callable[[Outcome], None],
    ended: Callable[[], bool] = never,
) -> list[Outcome]:
    """Develop all tasks on `workers` threads (LibRaw leaves Python's lock alone); `done` is told of each.

    A file that cannot be developed costs itself only. Once `ended`, what any thread may ask, is true nothing more is
    written, and the outcomes are those of the pictures that are whole. Raises ExtraMissing.
    """
    need_libraw()

    def work(task: Task) -> Outcome | None:
        try:
            return Outcome(task) if develop(task, look, ended) else None
        except HqcamError as error:
            return Outcome(task, error)

    return run_all(work, tasks, workers=workers, done=done, ended=ended)


def run_all(
    work: Callable[[Task], Outcome | None],
    tasks: Sequence[Task],
    *,
    workers: int,
    done: Callable[[Outcome], None],
    ended: Callable[[], bool] = never,
) -> list[Outcome]:
    """Do `work` on all tasks and give the outcomes in order of completion, without those that `ended` left undone.

    No signal may raise in here: it would leave a lock of a future taken, for which its worker then waits for ever.
    """
    outcomes: list[Outcome] = []

    def unless_ended(task: Task) -> Outcome | None:
        return None if ended() else work(task)

    with ThreadPoolExecutor(workers, "hqcam-develop") as pool:
        futures = [pool.submit(unless_ended, task) for task in tasks]
        try:
            for future in as_completed(futures):
                outcome = future.result()
                if outcome is not None:
                    outcomes.append(outcome)
                    done(outcome)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return outcomes


def develop(task: Task, look: Look, ended: Callable[[], bool]) -> bool:
    """Develop one file; give whether it was written: not when it is `ended` by then. Raises BadFile, StorageError."""
    rgb = linear_picture(task.source, look)
    source = source_facts(task.source)
    chunks: Sequence[Buffer]
    if look.format == "jpeg":
        chunks = [jpeg_file(on_curve(rgb, look, 255), source, quality=look.quality, software=_software())]
    else:
        chunks = tiff_file(on_curve(rgb, look, _LEVELS - 1), source, software=_software())
    if ended():
        return False
    write_atomically(task.target, chunks, replace=True)
    return True


def linear_picture(path: Path, look: Look) -> U16:
    """Give (H, W, 3) linear sRGB of a raw file, upright, white at 65535. Raises BadFile."""
    rawpy = need_libraw()
    read_bytes(path, limit=8)  # says by name what is missing, empty or no file
    try:
        with rawpy.imread(str(path)) as raw:
            rgb: U16 = raw.postprocess(
                use_camera_wb=look.white_balance == "camera",
                use_auto_wb=look.white_balance == "auto",
                no_auto_bright=True,
                gamma=(1, 1),
                output_bps=16,
                half_size=look.half_size,
            )
    except rawpy.LibRawError as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise BadFile(
            f"{path.name}: LibRaw cannot develop it: {reason}",
            expected="a raw file such as DNG",
            remedy="look at it with hqcam inspect; copy it again if it was cut short",
        ) from error
    except MemoryError as error:
        raise BadFile(f"{path.name} does not fit into memory", remedy="give --jobs 1 or --half") from error
    return rgb


def on_curve(linear: U16, look: Look, top: int) -> NDArray[Any]:
    """Put linear light on the tone curve; gives uint8 for a `top` of 255, else uint16."""
    light = np.minimum(np.linspace(0.0, 1.0, _LEVELS) * 2.0**look.ev, 1.0)
    if look.tone == "camera":
        shown = IMX477.tone.to_display(light)
    else:  # IEC 61966-2-1
        shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    curve = np.rint(shown * top).astype(np.uint8 if top == 255 else np.uint16)
    result = np.empty(linear.shape, curve.dtype)
    for row in range(0, len(linear), _ROWS):
        np.take(curve, linear[row : row + _ROWS], out=result[row : row + _ROWS])
    return result


def source_facts(path: Path) -> StoredTiff | None:
    """Give the directories of a raw file, if it is a TIFF that can be followed."""
    try:
        return read_tiff(read_bytes(path))
    except BadFile:
        return None


def shot_facts(path: Path) -> FileMetadata:
    """Give what a raw file says of its shot; nothing when it cannot be read."""
    tiff = source_facts(path)
    return NO_METADATA if tiff is None else metadata_of(tiff)


def thumbnail_of(path: Path, look: Look) -> U8:
    """Give a small upright picture of a raw file, for a contact sheet. Raises BadFile."""
    small: U8 = on_curve(linear_picture(path, look), look, 255)
    return small


def default_workers(meminfo: Path = Path("/proc/meminfo")) -> int:
    """As many pictures at a time as there are cores and as fit into the memory that is free, one at least."""
    cores = os.cpu_count() or 1
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines() if ":" in line)
        free_bytes = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError, IndexError):
        return cores
    return max(1, min(cores, free_bytes // PICTURE_BYTES))


def _software() -> str:
    from device import __version__

    return f"hqcam {__version__}"
