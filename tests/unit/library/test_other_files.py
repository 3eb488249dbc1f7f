"""What is in the folder of captures and is none: told by its name, whatever that is."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device.captures.storage import Storage
from device.errors import StorageError
from device.library.other_files import TOLD_MOST, OtherFile, other_files

TAKEN = datetime(2026, 11, 28, tzinfo=UTC)


def test_only_what_is_no_capture_and_belongs_to_none_is_told(storage: Storage) -> None:
    path = storage.save(TAKEN, {".dng": [b"1"], ".jpg": [b"2"]}).files[0].path
    day, stem = path.parent, path.stem
    series = "interval_1"
    ours = [f"{stem}.xmp", f"{stem}.audit.json", f"{stem}_developed.tif", f"{series}.json", f"{series}_2.mp4"]
    for name in (*ours, f"{series}.jsonl", f"{series}_sheet.jpg", ".hidden.jpg", "a.dng.part", "foreign.dng"):
        (day / name).touch()
    (day / "link.txt").symlink_to(path)
    (day / "a folder").mkdir()
    assert other_files(storage.root) == ([], 0)
    for name in ("alone.xmp", "alone.audit.json", "holiday.mp4", "alone_developed.tif", "notes.txt", "two words.jpg"):
        (day / name).write_bytes(name.encode())
    (storage.root / "read.me").touch()
    told, total = other_files(storage.root)
    names = sorted(
        ["alone.audit.json", "alone.xmp", "alone_developed.tif", "holiday.mp4", "notes.txt", "two words.jpg"]
    )
    assert told == [*(OtherFile(day.name, name, len(name)) for name in names), OtherFile("", "read.me", 0)]
    assert total == 7


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"new\nline.dng", r"new\nline.dng"),
        (b"\xff\xfe.jpg", r"\xff\xfe.jpg"),
        (b"..jpg", None),
        (b"a\"b'c.jpg", "a\"b'c.jpg"),
        ("日\u202e本.jpg".encode(), r"日\u202e本.jpg"),
        (b"n" * 251 + b".jpg", "n" * 251 + ".jpg"),
    ],
)
def test_every_name_is_shown_so_that_it_can_be_read(storage: Storage, name: bytes, shown: str | None) -> None:
    with open(os.path.join(os.fsencode(storage.root), name), "xb"):
        pass
    assert other_files(storage.root) == (([], 0) if shown is None else ([OtherFile("", shown, 0)], 1))


def test_of_many_the_first_are_told_and_all_are_counted(storage: Storage, tmp_path: Path) -> None:
    for number in range(TOLD_MOST + 5):
        (storage.root / f"{number:03}.txt").touch()
    told, total = other_files(storage.root)
    assert [file.name for file in told] == [
        f"{number:03}.txt" for number in range(TOLD_MOST)
    ] and total == TOLD_MOST + 5
    with pytest.raises(StorageError):
        other_files(tmp_path / "gone")
