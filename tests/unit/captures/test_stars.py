"""The star of a capture, in an XMP file that others read and write too."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest
from helpers import run

from device.captures.stars import is_starred, set_star, sidecar_path
from device.captures.storage import Storage
from device.errors import BadFile, StorageFull

EDITED = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:darktable="http://darktable.sf.net/"'
    ' {} darktable:history_end="7"/></rdf:RDF></x:xmpmeta>'
)


@pytest.fixture
def picture(storage: Storage) -> Path:
    return storage.save(datetime(2026, 11, 28, tzinfo=UTC), {".jpg": [b"x"], ".dng": [b"x"]}).files[0].path


def test_a_star_is_given_and_taken_and_the_files_stay(storage: Storage, picture: Path) -> None:
    assert not is_starred(picture)
    set_star(picture, True)
    set_star(picture, True)
    assert is_starred(picture) and is_starred(picture.with_suffix(".jpg"))
    set_star(picture, False)
    assert not is_starred(picture) and not sidecar_path(picture).exists()
    assert picture.read_bytes() == b"x"


@pytest.mark.tools
def test_exiftool_reads_the_rating(picture: Path) -> None:
    set_star(picture, True)
    told = run(["exiftool", "-s3", "-validate", "-XMP:Rating", sidecar_path(picture)])
    assert told.stdout.split() == [b"OK", b"1"]


@pytest.mark.parametrize("rating", ['xmp:Rating="4"', "xmp:Rating='4'"])
def test_what_another_program_wrote_is_kept(picture: Path, rating: str) -> None:
    path = sidecar_path(picture)
    path.write_text(EDITED.format(rating))
    assert is_starred(picture)
    set_star(picture, False)
    assert path.read_text() == EDITED.format(rating.replace("4", "0")) and not is_starred(picture)
    set_star(picture, True)
    assert path.read_text() == EDITED.format(rating.replace("4", "1"))


def test_a_rating_of_its_own_element_is_read(picture: Path) -> None:
    sidecar_path(picture).write_text("<x><xmp:Rating>3</xmp:Rating></x>")
    assert is_starred(picture)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0\0", EDITED.format("").encode()])
def test_a_file_without_a_rating_is_left_alone(picture: Path, content: bytes) -> None:
    path = sidecar_path(picture)
    path.write_bytes(content)
    assert not is_starred(picture)
    with pytest.raises(BadFile, match="is no XMP file with a rating"):
        set_star(picture, True)
    assert path.read_bytes() == content


def test_a_rejected_picture_has_no_star(picture: Path) -> None:
    sidecar_path(picture).write_text(EDITED.format('xmp:Rating="-1"'))
    assert not is_starred(picture)


def test_a_full_card_is_told(picture: Path) -> None:
    full = OSError(28, "No space left on device")
    with mock.patch("os.write", side_effect=full), pytest.raises(StorageFull):
        set_star(picture, True)
    assert not is_starred(picture) and not sidecar_path(picture).exists()


def test_a_star_goes_with_its_capture(storage: Storage, picture: Path) -> None:
    set_star(picture, True)
    storage.delete(picture.stem)
    assert list(picture.parent.iterdir()) == []
