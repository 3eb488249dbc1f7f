import errno
import os
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest

from device import atomic
from device.errors import NotFound, StorageError, StorageFull
from device.storage import RESERVE_BYTES, Storage

TAKEN = datetime(2026, 11, 20, 21, 45, 1, 123_456, UTC)
FILES = {".dng": [b"raw", b"samples"], ".jpg": [b"picture"]}


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path / "captures")
    storage.prepare()
    return storage


def names(storage: Storage) -> list[str]:
    return sorted(os.listdir(storage.root))


def test_a_capture_is_named_by_its_time_and_holds_its_bytes(storage: Storage) -> None:
    capture = storage.save(TAKEN, FILES)
    assert capture.id == "hqcam_20261120_214501_123"
    assert [(f.name, f.kind, f.size_bytes) for f in capture.files] == [
        ("hqcam_20261120_214501_123.dng", "dng", 10),
        ("hqcam_20261120_214501_123.jpg", "jpeg", 7),
    ]
    assert (storage.root / "hqcam_20261120_214501_123.dng").read_bytes() == b"rawsamples"


def test_two_shots_of_one_millisecond_get_two_names(storage: Storage) -> None:
    ids = [storage.save(TAKEN, FILES).id for _ in range(3)]
    assert ids == ["hqcam_20261120_214501_123", "hqcam_20261120_214501_123-2", "hqcam_20261120_214501_123-3"]
    assert len(names(storage)) == 6


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "old.jpg"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        atomic.write_atomically(path, [b"new"])
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["old.jpg"]


def test_a_card_without_links_still_never_overwrites(tmp_path: Path) -> None:
    with mock.patch("os.link", side_effect=OSError(errno.EPERM, "no links on FAT")):
        atomic.write_atomically(tmp_path / "a", [b"1"])
        with pytest.raises(FileExistsError):
            atomic.write_atomically(tmp_path / "a", [b"2"])
    assert (tmp_path / "a").read_bytes() == b"1" and os.listdir(tmp_path) == ["a"]


@pytest.mark.parametrize("step", ["os.write", "os.fsync", "os.link", "device.atomic.sync_folder"])
def test_a_card_that_fills_up_at_any_step_leaves_nothing_behind(storage: Storage, step: str) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    steps = [step, "os.rename"] if step == "os.link" else [step]
    with ExitStack() as patched, pytest.raises(StorageFull) as caught:
        for name in steps:
            patched.enter_context(mock.patch(name, side_effect=full))
        storage.save(TAKEN, FILES)
    assert "no space left" in caught.value.message and "--output" in caught.value.remedy
    assert names(storage) == []


def test_a_second_file_that_cannot_be_named_takes_the_first_back(storage: Storage) -> None:
    publish = atomic.publish
    calls: list[Path] = []

    def second_fails(temporary: Path, path: Path) -> None:
        calls.append(path)
        if len(calls) == 2:
            raise OSError(errno.EIO, "Input/output error")
        publish(temporary, path)

    with mock.patch("device.storage.publish", second_fails), pytest.raises(StorageError, match="Input/output error"):
        storage.save(TAKEN, FILES)
    assert names(storage) == []


def test_a_nearly_full_card_refuses_before_the_shutter(storage: Storage) -> None:
    usage = mock.Mock(free=RESERVE_BYTES + 3 * 2**20)
    with mock.patch("shutil.disk_usage", return_value=usage):
        assert storage.free_bytes() == 3 * 2**20 and storage.shots_left() == 0
        with pytest.raises(StorageFull, match="3 MB are free"):
            storage.check_room()


def test_leftovers_of_a_power_cut_are_removed_at_the_next_start(storage: Storage) -> None:
    (storage.root / ".hqcam_dng.0badcafe.part").write_bytes(b"half")
    (storage.root / "mine.part").write_bytes(b"not ours")
    storage.prepare()
    assert names(storage) == ["mine.part"]


def test_a_folder_that_is_a_file_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="file"):
        Storage(tmp_path / "file").prepare()


def test_the_list_is_newest_first_and_holds_captures_only(storage: Storage) -> None:
    old, new = storage.save(TAKEN, FILES), storage.save(TAKEN.replace(second=2), {".jpg": [b"x"]})
    (storage.root / "notes.txt").write_text("mine")
    (storage.root / "link.jpg").symlink_to("/etc/passwd")
    assert [c.id for c in storage.list()] == [new.id, old.id]
    assert [c.id for c in storage.list(1)] == [new.id]


@pytest.mark.parametrize("bad", ["..", "../x", "a/b", "", "x" * 100, "a.b", "%2e%2e", "a\0b", "hqcam_1"])
def test_ids_that_are_no_captures_are_not_found(storage: Storage, bad: str) -> None:
    with pytest.raises(NotFound):
        storage.get(bad)


@pytest.mark.parametrize("bad", ["../secret", "hqcam_20261120_214501_123.txt", "", "/etc/passwd"])
def test_names_outside_a_capture_are_not_found(storage: Storage, bad: str) -> None:
    capture = storage.save(TAKEN, FILES)
    (storage.root.parent / "secret").write_text("s")
    with pytest.raises(NotFound):
        storage.file(capture.id, bad)
    assert storage.file(capture.id, capture.id + ".jpg").size_bytes == 7
