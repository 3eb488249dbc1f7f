"""Lists of captures: a series as one, filters, cursors, and what somebody deleted or left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from device.captures.capture import Capture
from device.captures.shot_audit import Audit, FileAudit, write_record
from device.captures.stars import set_star
from device.captures.storage import Page, Storage
from device.drive.manifest import Manifest
from device.errors import NotFound
from device.library.listing import LOOKED_AT_MOST, Filter, Part, list_filtered, list_folded, list_series
from device.library.series_shots import SeriesIndex
from device.raw.file_checks import FileCheck, Verdict

START = datetime(2026, 11, 28, 23, 59, 50, tzinfo=UTC)
Shoot = Callable[..., Capture]


@pytest.fixture
def shoot(storage: Storage) -> Shoot:
    """Save a capture, one second after the one before, as a shot does; `manifest` is that of its series."""
    taken = 0

    def shoot(
        manifest: Manifest | None = None, *, verdict: Verdict = "ok", suffixes: tuple[str, ...] = (".jpg", ".dng")
    ) -> Capture:
        nonlocal taken
        taken += 1
        at = START + timedelta(seconds=taken)
        capture = storage.save(at, {suffix: [b"x"] for suffix in suffixes})
        audit = Audit((FileAudit(capture.files[0].name, 1, "", (FileCheck("time", verdict, "late"),)),))
        write_record(audit, capture, series="" if manifest is None else manifest.place)
        if manifest is not None:
            manifest.add({"n": len(manifest.frames) + 1, "id": capture.id, "taken_at": at.isoformat()})
        return capture

    return shoot


def begin(storage: Storage, mode: str = "bracket") -> Manifest:
    return Manifest.begin(storage.root, mode, {}, START, {})


def end(manifest: Manifest) -> None:
    manifest.end("done", START)


def ids(page: Page) -> list[str]:
    return [capture.id for capture in page.captures]


def all_pages(give: Callable[[str | None], Page]) -> list[list[str]]:
    pages, cursor = list[list[str]](), None
    while True:
        page = give(cursor)
        pages.append(ids(page))
        cursor = page.next
        if cursor is None:
            return pages


def test_a_series_is_its_newest_shot_on_the_page_where_that_lies(storage: Storage, shoot: Shoot) -> None:
    first = shoot()
    series = begin(storage)
    shots = [shoot(series) for _ in range(12)]  # over midnight: in two folders
    end(series)
    last = shoot()
    assert len({shot.files[0].path.parent for shot in shots}) == 2
    wanted = [last.id, shots[-1].id, first.id]
    for limit in (1, 2, 3, 50):
        for index in (SeriesIndex(storage), SeriesIndex(storage)):
            pages = all_pages(lambda cursor: list_folded(storage, index, limit, Part(cursor)))  # noqa: B023
            assert [one for page in pages for one in page] == wanted
    index = SeriesIndex(storage)
    found = index.of(shots[3])
    assert found is not None and (found.mode, found.place) == ("bracket", series.place)
    assert index.present(found) == [shot.id for shot in shots]
    assert ids(list_series(storage, index, series.place, 50)) == [shot.id for shot in reversed(shots)]
    assert index.of(first) is None
    assert list_folded(storage, index, 50).total == 14


def test_the_newest_that_is_left_stands_for_a_series(storage: Storage, shoot: Shoot) -> None:
    series = begin(storage)
    shots = [shoot(series) for _ in range(3)]
    end(series)
    index = SeriesIndex(storage)
    storage.delete(shots[-1].id)
    assert ids(list_folded(storage, index, 50)) == [shots[1].id]
    storage.delete(shots[0].id)
    found = index.of(shots[1])
    assert found is not None and index.present(found) == [shots[1].id]
    storage.delete(shots[1].id)
    assert ids(list_folded(storage, index, 50)) == []


def test_shots_of_a_series_in_progress_are_in_it_at_once(storage: Storage, shoot: Shoot) -> None:
    series = begin(storage, "interval")
    shots = [shoot(series)]
    index = SeriesIndex(storage)
    for _ in range(4):
        assert ids(list_folded(storage, index, 50)) == [shots[-1].id]
        found = index.of(shots[-1])
        assert found is not None and index.present(found) == [shot.id for shot in shots]
        shots += [shoot(series), shoot(series)]
    named = storage.save(START + timedelta(seconds=60), {".jpg": [b"x"]})
    write_record(Audit(()), named, series=series.place)  # saved, and in no manifest yet
    assert ids(list_folded(storage, SeriesIndex(storage), 50)) == [named.id]
    end(series)


def test_what_is_left_of_a_series_without_its_manifest_are_single_shots(storage: Storage, shoot: Shoot) -> None:
    series = begin(storage)
    shots = [shoot(series) for _ in range(3)]
    end(series)
    series.path.unlink()
    index = SeriesIndex(storage)
    assert ids(list_folded(storage, index, 50)) == [shot.id for shot in reversed(shots)]
    with pytest.raises(NotFound, match="there is no series"):
        list_series(storage, index, series.place, 50)


@pytest.mark.parametrize("place", ["", "../../etc/passwd", "2026-11-28/../x", "2026-11-28/no", "/etc/passwd"])
def test_a_place_leads_nowhere_else(storage: Storage, place: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        list_series(storage, SeriesIndex(storage), place, 50)


def test_a_manifest_that_is_a_link_is_not_followed(storage: Storage, shoot: Shoot, tmp_path: Path) -> None:
    series = begin(storage)
    shot = shoot(series)
    end(series)
    series.path.rename(tmp_path / "elsewhere.json")
    series.path.symlink_to(tmp_path / "elsewhere.json")
    assert SeriesIndex(storage).of(shot) is None


def test_filters_keep_what_meets_all_of_them(storage: Storage, shoot: Shoot) -> None:
    plain, doubtful = shoot(suffixes=(".jpg",)), shoot(verdict="warning")
    raw = shoot()
    set_star(plain.files[0].path, True)
    for wanted, found in (
        (Filter("starred"), [plain]),
        (Filter("raw"), [raw, doubtful]),
        (Filter("doubtful"), [doubtful]),
        (Filter(lens="Biogon"), []),
        (Filter("starred", "Biogon"), []),
    ):
        assert ids(list_filtered(storage, wanted, 50)) == [capture.id for capture in found]


def test_a_call_looks_at_a_bounded_number_and_goes_on_at_its_cursor(storage: Storage, shoot: Shoot) -> None:
    oldest = shoot()
    set_star(oldest.files[0].path, True)
    for _ in range(LOOKED_AT_MOST):
        shoot(suffixes=(".jpg",))
    first = list_filtered(storage, Filter("starred"), 50)
    assert (first.captures, first.total) == ([], LOOKED_AT_MOST + 1) and first.next is not None
    assert ids(list_filtered(storage, Filter("starred"), 50, Part(first.next))) == [oldest.id]
    assert list_filtered(storage, Filter("starred"), 50, Part(first.next)).next is None


def test_a_part_of_the_list_is_read_again_to_its_end(storage: Storage, shoot: Shoot) -> None:
    shots = [shoot() for _ in range(6)]
    index = SeriesIndex(storage)
    first = list_folded(storage, index, 3)
    assert ids(first) == [shot.id for shot in shots[:2:-1]]
    newer = shoot()
    again = list_folded(storage, index, 50, Part(until=first.next))
    assert ids(again) == [newer.id, *ids(first)] and again.next is None
    storage.delete(shots[3].id)  # where the cursor is
    assert ids(list_folded(storage, index, 50, Part(until=first.next))) == [newer.id, shots[5].id, shots[4].id]


def test_a_shot_with_the_name_of_a_deleted_one_is_not_of_its_series(storage: Storage, shoot: Shoot) -> None:
    series = begin(storage)
    shots = [shoot(series), shoot(series)]
    end(series)
    index = SeriesIndex(storage)
    assert ids(list_folded(storage, index, 50)) == [shots[1].id]
    for shot in shots:
        storage.delete(shot.id)
    again = [storage.save(START + timedelta(seconds=n), {".jpg": [b"x"]}) for n in (1, 2)]
    assert [shot.id for shot in again] == [shot.id for shot in shots]
    assert ids(list_folded(storage, index, 50)) == [shots[1].id, shots[0].id]
