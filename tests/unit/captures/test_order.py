"""The order of captures: what was taken last stands first, whatever the clock says, whatever happened to the folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import pytest

from device.captures.order import ORDER_FILE
from device.captures.storage import Storage

TAKEN = datetime(2026, 11, 27, 12, 0, 0, tzinfo=UTC)
FILES = {".dng": [b"abc"], ".jpg": [b"def"]}


def opened(root: Path, pattern: str = "M10_{number}") -> Storage:
    storage = Storage(root, pattern=pattern)
    storage.prepare()
    return storage


def put(root: Path, *stems: str, day: str = "2026-11-27") -> None:
    """Put captures into the folder as somebody would who copies them."""
    (root / day).mkdir(parents=True, exist_ok=True)
    for stem in stems:
        for suffix in FILES:
            (root / day / (stem + suffix)).write_bytes(b"x")


def ids(storage: Storage) -> list[str]:
    return [capture.id for capture in storage.list()]


def test_numbers_sort_as_numbers_past_9999(tmp_path: Path) -> None:
    put(tmp_path, "M10_9997", "M10_9998", "M10_9999")
    storage = opened(tmp_path)
    assert ids(storage) == ["M10_9999", "M10_9998", "M10_9997"]
    taken = [storage.save(TAKEN + timedelta(seconds=n), FILES).id for n in range(3)]
    assert taken == ["M10_10000", "M10_10001", "M10_10002"]
    assert ids(storage) == ids(opened(tmp_path)) == [f"M10_{n}" for n in range(10002, 9996, -1)]


@pytest.mark.parametrize("pattern", ["M10_{number}", "hqcam_{date}_{time}_{ms}", "{time}"])
def test_the_shot_taken_last_is_first_also_after_the_clock_was_set_back(tmp_path: Path, pattern: str) -> None:
    storage = opened(tmp_path, pattern)
    moments = [TAKEN, TAKEN + timedelta(seconds=1), TAKEN - timedelta(days=7), TAKEN, TAKEN.replace(year=1970)]
    taken = [storage.save(moment, FILES) for moment in moments]
    assert [c.sequence for c in taken] == [1, 2, 3, 4, 5]
    assert storage.list() == opened(tmp_path, pattern).list() == taken[::-1]


def test_a_sequence_is_never_given_again(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    first, second = (storage.save(TAKEN, FILES) for _ in range(2))
    storage.delete(second.id)
    third = opened(tmp_path).save(TAKEN, FILES)
    assert (third.id, third.sequence) == ("M10_0003", 3)
    assert storage.list() == [third, first]


@pytest.mark.parametrize(
    "damage",
    [
        Path.unlink,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(os.urandom(5000)),
        lambda path: (path.unlink(), path.symlink_to("/etc/passwd")),
        lambda path: (path.unlink(), os.mkfifo(path)),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["lost", "empty", "noise", "link", "pipe", "folder"],
)
def test_a_lost_order_is_made_anew_by_looking_once_at_the_folders(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    storage = opened(tmp_path)
    taken = [storage.save(TAKEN + timedelta(days=n), FILES).id for n in range(3)]
    damage(tmp_path / ORDER_FILE)
    again = opened(tmp_path)
    assert ids(again) == ids(storage) == taken[::-1]
    fourth = again.save(TAKEN - timedelta(days=9), FILES)
    assert (fourth.id, fourth.sequence) == ("M10_0004", 4)
    assert ids(again) == ids(storage) == ids(opened(tmp_path)) == [fourth.id, *taken[::-1]]
    assert Path("/etc/passwd").read_text().startswith("root")


def test_a_line_that_a_power_cut_left_half_written_costs_no_other(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    taken = [storage.save(TAKEN, FILES).id for _ in range(2)]
    with (tmp_path / ORDER_FILE).open("ab") as file:
        file.write(b"3 2026-11-27/M10_00")
    third = storage.save(TAKEN, FILES)
    assert (third.id, third.sequence) == ("M10_0003", 3)
    assert ids(storage) == ids(opened(tmp_path)) == [third.id, *taken[::-1]]


def test_what_somebody_copied_into_the_folder_is_listed_last_and_its_numbers_are_not_taken(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    first = storage.save(TAKEN, FILES)
    put(tmp_path, "M10_0002", "M10_0007", day="2026-12-24")
    second = storage.save(TAKEN, FILES)
    assert second.id == "M10_0008"
    assert ids(storage) == [second.id, first.id, "M10_0007", "M10_0002"]
    assert [c.sequence for c in storage.list()] == [2, 1, None, None]


def test_another_process_is_noticed_and_so_is_what_it_removes(tmp_path: Path) -> None:
    here, there = opened(tmp_path), opened(tmp_path)
    versions = {here.version()}
    for change in (
        lambda: there.save(TAKEN, FILES),
        lambda: there.save(TAKEN + timedelta(days=1), FILES),
        lambda: there.delete("M10_0001"),
        lambda: shutil.rmtree(tmp_path / "2026-11-28"),
        lambda: put(tmp_path, "mine"),
    ):
        change()
        versions.add(here.version())
        assert ids(here) == ids(opened(tmp_path))
    assert len(versions) == 6 and ids(here) == ["mine"]


def test_a_folder_that_is_not_changed_is_not_read_again(tmp_path: Path) -> None:
    storage = opened(tmp_path)
    storage.save(TAKEN, FILES)
    for folder in (tmp_path, tmp_path / "2026-11-27"):
        os.utime(folder, (1e9, 1e9))
    assert ids(storage) == ["M10_0001"]
    with mock.patch("os.scandir", wraps=os.scandir) as scandir:
        assert ids(storage) == ["M10_0001"]
    assert [call.args for call in scandir.call_args_list] == [(tmp_path,)], "only the days are listed"
    put(tmp_path, "new")
    assert ids(storage) == ["M10_0001", "new"]


def test_pages_hold_every_capture_once_while_others_come_and_go(tmp_path: Path) -> None:
    put(tmp_path, *(f"old_{n}" for n in range(12)))
    storage = opened(tmp_path)
    for _ in range(2):
        storage.save(TAKEN, FILES)
    put(tmp_path, "copied", day="2026-11-20")
    before = ids(storage)
    assert [c.id for offset in range(0, 15, 4) for c in storage.page(4, offset=offset).captures] == before
    assert storage.page(4, offset=99).captures == [] and storage.page(4).total == 15
    found, page = [], storage.page(4)
    while True:
        found += [capture.id for capture in page.captures]
        storage.save(TAKEN, FILES)
        storage.delete(found[-1])
        if page.next is None:
            break
        page = storage.page(4, cursor=page.next)
    assert found == before, "what came is before them all, and a cursor outlives its capture"


def test_the_names_of_a_pattern_that_was_used_long_ago_go_on(tmp_path: Path) -> None:
    numbered, timed = opened(tmp_path), opened(tmp_path, "shot_{date}_{time}_{ms}")
    numbered.save(TAKEN, FILES)
    for n in range(300):
        timed.save(TAKEN + timedelta(milliseconds=n), {".jpg": [b""]})
    assert numbered.save(TAKEN, FILES).id == "M10_0002"
