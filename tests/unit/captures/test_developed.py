"""Developed pictures belong to their capture: listed and deleted with it, never replaced, never hidden."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from device.captures.capture import Capture
from device.captures.developed import unused_developed
from device.captures.storage import Storage
from device.errors import NotFound

TAKEN = datetime(2026, 11, 20, 21, 45, 1, tzinfo=UTC)


@pytest.fixture
def capture(storage: Storage) -> Capture:
    return storage.save(TAKEN, {".dng": [b"raw"], ".jpg": [b"jpeg"]})


def develop(capture: Capture, suffix: str) -> Path:
    path = unused_developed(capture.files[0].path.parent, capture.id, suffix)
    path.write_bytes(b"made")
    return path


def test_they_are_files_of_their_capture_with_numbers_of_their_own(storage: Storage, capture: Capture) -> None:
    names = [develop(capture, suffix).name for suffix in (".jpg", ".tif", ".jpg")]
    assert names == [f"{capture.id}_developed.jpg", f"{capture.id}_developed-2.tif", f"{capture.id}_developed-3.jpg"]
    for found in (storage.get(capture.id), *storage.list()):
        assert [file.name for file in found.developed] == names
        assert [file.kind for file in found.all_files[2:]] == ["developed_jpeg", "developed_tiff", "developed_jpeg"]
        assert found.shown().kind == "jpeg" and len(found.files) == 2
    assert storage.page().total == 1 and storage.file(capture.id, names[1]).size_bytes == 4
    with pytest.raises(NotFound):
        storage.get(f"{capture.id}_developed")


def test_they_are_deleted_with_it_also_where_a_power_cut_left_them(storage: Storage, capture: Capture) -> None:
    paths = [develop(capture, suffix) for suffix in (".jpg", ".tif")]
    storage.delete(capture.id)
    assert not any(path.exists() for path in paths) and storage.list() == []

    again = storage.save(TAKEN, {".dng": [b"raw"]})
    beyond = again.files[0].path.with_name(f"{again.id}_developed-7.jpg")
    beyond.write_bytes(b"made")
    left = develop(again, ".tif")
    again.files[0].path.rename(left.with_name(f".hqcam_gone_{again.id}.dng"))  # the power fails here
    storage.prepare()
    assert not left.exists() and not beyond.exists()


def test_what_has_no_shot_or_lies_beyond_a_gap_is_a_capture_of_its_own(storage: Storage, capture: Capture) -> None:
    folder = capture.files[0].path.parent
    beyond, alone, twice = (f"{capture.id}_developed-3", "other_developed", f"{capture.id}_developed_developed")
    for stem in (beyond, alone, twice):
        (folder / f"{stem}.jpg").write_bytes(b"made")
    assert {found.id for found in storage.list()} == {capture.id, beyond, alone, twice}
    assert storage.get(alone).files[0].kind == "jpeg" and storage.get(capture.id).developed == ()
    develop(capture, ".jpg"), develop(capture, ".tif")
    assert {found.id for found in storage.list()} == {capture.id, alone, twice}


def test_a_shot_never_gets_the_name_of_a_developed_picture_without_shot(storage: Storage, capture: Capture) -> None:
    made = develop(capture, ".tif")
    for file in capture.files:
        file.path.unlink()
    assert storage.save(TAKEN, {".jpg": [b"jpeg"]}).id != capture.id
    assert made.exists()


def test_they_do_not_count_as_the_size_of_the_next_shot(storage: Storage, capture: Capture) -> None:
    develop(capture, ".tif").write_bytes(bytes(3 * 2**20))
    storage.prepare()
    assert storage.shot_bytes() == 2**20
