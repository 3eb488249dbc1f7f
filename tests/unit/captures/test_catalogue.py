"""Pages of many captures: they read no more than they show, and no file that helps them can hide a capture."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from device.captures.catalogue import COUNTS_FILE
from device.captures.order import ORDER_FILE
from device.captures.storage import Storage

DAYS = [f"2026-11-{day:02}" for day in range(1, 11)]
PER_DAY = 60


def opened(root: Path) -> Storage:
    storage = Storage(root)
    storage.prepare()
    return storage


def ids(storage: Storage) -> list[str]:
    return [capture.id for capture in storage.list()]


def paged(storage: Storage) -> list[str]:
    found, page = list[str](), storage.page(70)
    while True:
        found += [capture.id for capture in page.captures]
        if page.next is None:
            return found
        page = storage.page(70, cursor=page.next)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Ten days of captures, in the order, and one in the first of them that somebody copied there; all long ago."""
    lines = []
    for day in DAYS:
        (tmp_path / day).mkdir()
        for n in range(PER_DAY):
            stem = f"hqcam_{day}_{n:02}"
            (tmp_path / day / f"{stem}.jpg").write_bytes(b"x")
            lines.append(f"{len(lines) + 1} {day}/{stem}\n")
    (tmp_path / ORDER_FILE).write_text("".join(lines))
    (tmp_path / DAYS[0] / "copied.jpg").write_bytes(b"x")
    age(tmp_path)
    return tmp_path


def age(root: Path) -> None:
    """Let the folders be unchanged since long."""
    for number, folder in enumerate([*(root / day for day in DAYS), root]):
        os.utime(folder, (1e9 + number, 1e9 + number))


def read_by(work: Callable[[], object]) -> list[str]:
    """Give the names of the folders that are read meanwhile, except the root."""
    with mock.patch("os.scandir", wraps=os.scandir) as scandir:
        work()
    return [Path(call.args[0]).name for call in scandir.call_args_list if Path(call.args[0]).name in DAYS]


def test_the_first_page_after_a_start_reads_only_the_folders_that_have_changed(filled: Path) -> None:
    storage = opened(filled)
    assert sorted(read_by(lambda: storage.page(50))) == DAYS, "there are no counts yet"
    age(filled)
    again = opened(filled)
    assert read_by(lambda: again.page(50)) == []
    (filled / DAYS[4] / "new.jpg").write_bytes(b"x")
    once_more = opened(filled)
    assert read_by(lambda: once_more.page(50)) == [DAYS[4]]
    assert once_more.page(50).total == len(DAYS) * PER_DAY + 2


@pytest.mark.parametrize(
    "counts",
    [
        b"",
        b"\x00\xff",
        b"2026-11-01 1000000000000000000 3\n",
        b"x" * 2**21,
        *(b"%s 1 1\n" % d.encode() for d in DAYS[:2]),
    ],
    ids=["empty", "no text", "wrong count", "too long", "old mark", "other old mark"],
)
def test_no_file_of_counts_hides_a_capture(filled: Path, counts: bytes) -> None:
    everything = ids(opened(filled))
    assert len(everything) == len(DAYS) * PER_DAY + 1 and everything[-1] == "copied"
    assert everything[0] == f"hqcam_{DAYS[-1]}_{PER_DAY - 1:02}"
    (filled / COUNTS_FILE).write_bytes(counts)
    age(filled)
    storage = opened(filled)
    assert ids(storage) == everything
    assert paged(storage) == everything


@pytest.mark.parametrize("link", ["file", "folder"])
def test_counts_that_are_no_file_are_not_followed(filled: Path, link: str) -> None:
    storage, target = opened(filled), filled / "target"
    (filled / COUNTS_FILE).unlink(missing_ok=True)
    if link == "file":
        target.write_text("mine")
        (filled / COUNTS_FILE).symlink_to(target)
    else:
        (filled / COUNTS_FILE).mkdir()
    assert storage.page(5).total == len(DAYS) * PER_DAY + 1
    assert link == "folder" or target.read_text() == "mine"


@pytest.mark.parametrize(
    "edit",
    [
        lambda lines: lines[::-1],
        lambda lines: [*lines, "3 2026-11-05/hqcam_2026-11-05_07\n"],
        lambda lines: [*lines[:300], "999999999999 2026-11-01/hqcam_2026-11-01_00\n", *lines[300:]],
        lambda lines: [*lines[:300], "#" * 40_000 + "\n", *lines[300:]],
        lambda lines: lines[:300],
        lambda lines: [*lines, *lines],
    ],
    ids=["reversed", "small last", "large within", "long garbage", "cut off", "twice"],
)
def test_an_order_that_somebody_edited_hides_no_capture(filled: Path, edit: Callable[[list[str]], list[str]]) -> None:
    everything = sorted(ids(opened(filled)))
    lines = (filled / ORDER_FILE).read_text().splitlines(keepends=True)
    (filled / ORDER_FILE).write_text("".join(edit(lines)))
    storage = opened(filled)
    assert sorted(paged(storage)) == everything == sorted(ids(storage))


def test_the_order_of_a_drive_that_cannot_be_written_is_kept(filled: Path) -> None:
    places = [line.split()[1] for line in (filled / ORDER_FILE).read_text().splitlines()]
    (filled / ORDER_FILE).write_text("".join(f"{n} {place}\n" for n, place in enumerate(places[::-1], 1)))
    everything, real = ids(opened(filled)), os.open
    assert everything[0] == f"hqcam_{DAYS[0]}_00", "not by name"

    def read_only(path: str | Path, flags: int, *arguments: int, **more: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real(path, flags, *arguments, **more)

    with mock.patch("os.open", read_only):
        assert ids(Storage(filled)) == everything
