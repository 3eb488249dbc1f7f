import errno
import os
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from device import atomic
from device.captures.capture import RECORD_SUFFIX, capture_of
from device.captures.order import ORDER_FILE
from device.captures.storage import RESERVE_BYTES, SHOT_BYTES_ESTIMATE, Storage
from device.errors import NotFound, StorageError, StorageFull

TAKEN = datetime(2026, 11, 20, 21, 45, 1, 123_456, UTC)
FILES = {".dng": [b"raw", b"samples"], ".jpg": [b"picture"]}


def names(storage: Storage) -> list[str]:
    """Every file below the root, but the one that keeps the order."""
    paths = [path.relative_to(storage.root).as_posix() for path in storage.root.rglob("*") if not path.is_dir()]
    return sorted(path for path in paths if path != ORDER_FILE)


def test_a_capture_is_named_by_its_time_and_holds_its_bytes(storage: Storage) -> None:
    capture = storage.save(TAKEN, FILES)
    assert capture.id == "hqcam_20261120_214501_123"
    assert [(f.name, f.kind, f.size_bytes) for f in capture.files] == [
        ("hqcam_20261120_214501_123.dng", "dng", 10),
        ("hqcam_20261120_214501_123.jpg", "jpeg", 7),
    ]
    assert (storage.root / "2026-11-20" / "hqcam_20261120_214501_123.dng").read_bytes() == b"rawsamples"


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

    with (
        mock.patch("device.captures.storage.publish", second_fails),
        pytest.raises(StorageError, match="Input/output error"),
    ):
        storage.save(TAKEN, FILES)
    assert names(storage) == []


def test_a_nearly_full_card_refuses_before_the_shutter(storage: Storage) -> None:
    usage = mock.Mock(free=RESERVE_BYTES + 3 * 2**20)
    with mock.patch("shutil.disk_usage", return_value=usage):
        assert storage.free_bytes() == 3 * 2**20 and storage.shots_left() == 0
        with pytest.raises(StorageFull, match="3 MB are free"):
            storage.check_room()


def test_leftovers_of_a_power_cut_are_removed_at_the_next_start(storage: Storage) -> None:
    day = storage.root / "2026-11-20"
    day.mkdir()
    for half in (storage.root / ".hqcam_dng.9999999.0badcafe.part", day / ".M10_1.audit.json.9999999.0badcafe.part"):
        half.write_bytes(b"half")
    (storage.root / "mine.part").write_bytes(b"not ours")
    (storage.root / ".download.part").write_bytes(b"not ours")
    storage.prepare()
    assert names(storage) == [".download.part", "mine.part"]


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


def test_names_stay_apart_over_days_restarts_and_clock_jumps(tmp_path: Path) -> None:
    numbered = [Storage(tmp_path, pattern="M_{number}") for _ in range(2)]  # a restart, and two programs at once
    for storage in numbered:
        storage.prepare()
    days = [TAKEN, TAKEN.replace(year=1970, month=1, day=1), TAKEN.replace(day=25)]
    ids = [numbered[i % 2].save(day, FILES).id for i, day in enumerate(days * 2)]
    assert ids == [f"M_{n:04d}" for n in range(1, 7)]
    assert {p.parent.name for p in tmp_path.rglob("*.dng")} == {"1970-01-01", "2026-11-20", "2026-11-25"}
    timed = Storage(tmp_path, pattern="shot_{time}")
    assert [timed.save(day, FILES).id for day in days] == ["shot_214501", "shot_214501-2", "shot_214501-3"]


def test_a_number_is_not_given_again_after_its_capture_was_deleted(tmp_path: Path) -> None:
    storage = Storage(tmp_path, pattern="M_{number}")
    storage.prepare()
    ids = [storage.save(TAKEN, FILES).id for _ in range(3)]
    for gone in (ids[2], ids[0]):
        storage.delete(gone)
    restarted = Storage(tmp_path, pattern="M_{number}")
    assert restarted.save(TAKEN, FILES).id == "M_0004"
    with mock.patch("device.captures.unused_name.write_atomically", side_effect=StorageFull("the card is full")):
        restarted.delete("M_0004")
    assert [capture.id for capture in storage.list()] == ["M_0002"]


def test_captures_of_before_the_folders_of_days_are_still_listed_and_last(storage: Storage) -> None:
    (storage.root / "hqcam_20260101_000000_000.jpg").write_bytes(b"old")
    new = storage.save(TAKEN, FILES)
    assert [c.id for c in storage.list()] == [new.id, "hqcam_20260101_000000_000"]
    assert storage.get("hqcam_20260101_000000_000").files[0].size_bytes == 3


def test_room_is_counted_in_shots_of_the_size_that_was_taken_last(storage: Storage) -> None:
    usage = mock.Mock(free=RESERVE_BYTES + 240 * 2**20)
    with mock.patch("shutil.disk_usage", return_value=usage):
        assert storage.shots_left() == 10
        storage.save(TAKEN, {".dng": [bytes(12 * 2**20)]})
        assert storage.shots_left() == 20
        assert Storage(storage.root).shots_left() == 20, "after a restart too"
        for second in range(2, 10):
            storage.save(TAKEN.replace(second=second), {".dng": [bytes(6 * 2**20)]})
        assert storage.shots_left() == 40


def test_after_a_restart_deleted_shots_are_no_measure_of_the_next(storage: Storage) -> None:
    storage.delete(storage.save(TAKEN, FILES).id)
    assert Storage(storage.root).shot_bytes() == SHOT_BYTES_ESTIMATE


def test_a_file_that_another_process_is_writing_is_left_alone(storage: Storage) -> None:
    parent = os.getppid()
    theirs = storage.root / f".hqcam_dng.{parent}.0badcafe.part"
    theirs.write_bytes(b"half")
    ours = atomic.stage(storage.root / "hqcam_dng", [b"half"])
    storage.prepare()
    assert sorted(storage.root.iterdir()) == sorted([theirs, ours])
    (storage.root / f".hqcam_dng.{os.getpid()}.0badcafe.part").write_bytes(b"of this number, before a restart")
    atomic.discard(ours)
    storage.prepare()
    assert list(storage.root.iterdir()) == [theirs]


def test_a_drive_that_was_pulled_out_is_not_the_folder_below_it(storage: Storage) -> None:
    real = os.stat(storage.root)
    other = mock.Mock(st_dev=real.st_dev + 1)
    with mock.patch.object(Path, "stat", return_value=other), pytest.raises(StorageError, match="is gone") as caught:
        storage.save(TAKEN, FILES)
    assert "plug it in" in caught.value.remedy and names(storage) == []


def test_saving_elsewhere_begins_with_the_next_shot(storage: Storage, tmp_path: Path) -> None:
    storage.save(TAKEN, FILES)
    storage.use(tmp_path / "stick" / "hqcam")
    assert storage.list() == []
    storage.save(TAKEN, FILES)
    assert len(list((tmp_path / "stick").rglob("*.dng"))) == 1
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        storage.use(tmp_path / "file")
    assert storage.root == tmp_path / "stick" / "hqcam" and len(storage.list()) == 1


def save_with_record(storage: Storage) -> str:
    capture = storage.save(TAKEN, FILES)
    record = capture.files[0].path.with_name(capture.id + RECORD_SUFFIX)
    record.write_text("{}")
    return capture.id


def test_a_deleted_capture_is_gone_with_its_record_and_others_stay(storage: Storage) -> None:
    gone, kept = save_with_record(storage), save_with_record(storage)
    foreign = storage.get(gone).files[0].path.with_name(f"{gone}.dng.xmp")
    foreign.write_text("a raw developer's own")
    storage.delete(gone)
    assert [capture.id for capture in storage.list()] == [kept]
    day = "2026-11-20"
    assert names(storage) == sorted(
        [f"{day}/{gone}.dng.xmp", *(f"{day}/{kept}{suffix}" for suffix in (".audit.json", ".dng", ".jpg"))]
    )
    with pytest.raises(NotFound):
        storage.delete(gone)
    with pytest.raises(NotFound):
        storage.delete("../etc")


@pytest.mark.parametrize("step", range(7))
def test_a_deletion_that_is_cut_off_is_none_or_ended_at_the_next_start(storage: Storage, step: int) -> None:
    """The power goes before the n-th step on the disk."""
    gone, kept = save_with_record(storage), save_with_record(storage)
    left = step

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            return real(*arguments, **keywords)

        return call

    with ExitStack() as cut, pytest.raises(KeyboardInterrupt):
        for name in ("rename", "unlink", "fsync"):
            cut.enter_context(mock.patch(f"os.{name}", counted(getattr(os, name))))
        storage.delete(gone)
    listed = {capture.id: len(capture.files) for capture in storage.list()}
    assert step > 0 or listed == {gone: 2, kept: 2}
    again = Storage(storage.root)
    again.prepare()
    assert [capture.id for capture in again.list()] == ([kept, gone] if step == 0 else [kept])
    assert len(names(again)) == (6 if step == 0 else 3), "nothing hidden stays"


def test_a_card_that_cannot_be_written_keeps_what_should_go_and_says_so(storage: Storage) -> None:
    capture = save_with_record(storage)
    with (
        mock.patch("os.rename", side_effect=OSError(errno.EROFS, "Read-only file system")),
        pytest.raises(StorageError, match="could not be deleted"),
    ):
        storage.delete(capture)
    assert len(storage.get(capture).files) == 2


def test_a_hidden_name_on_a_foreign_drive_deletes_nothing_but_captures(tmp_path: Path) -> None:
    precious = tmp_path / "precious.dng"
    precious.write_bytes(b"1")
    root = tmp_path / "stick"
    (root / "2026-11-20").mkdir(parents=True)
    other = root / "2026-11-20" / "notes.txt"
    other.write_bytes(b"2")
    for name in (".hqcam_gone_notes.txt", ".hqcam_gone_", ".hqcam_gone_..", ".hqcam_gone_.dng"):
        (root / "2026-11-20" / name).write_bytes(b"")
    Storage(root).prepare()
    assert precious.exists() and other.exists() and not list(root.rglob(".hqcam_gone_*"))


@pytest.mark.parametrize("kind", ["file", "link", "pipe"])
def test_what_has_the_name_of_a_day_is_no_place_for_captures(storage: Storage, tmp_path: Path, kind: str) -> None:
    day, outside = storage.root / "2026-11-20", tmp_path / "outside"
    outside.mkdir()
    {"file": day.touch, "link": lambda: day.symlink_to(outside), "pipe": lambda: os.mkfifo(day)}[kind]()
    capture = storage.save(TAKEN, FILES)
    assert {f.path.parent for f in capture.files} == {storage.root} and not list(outside.iterdir())
    assert [c.id for c in storage.list()] == [capture.id]


def test_a_number_that_no_name_can_hold_stops_no_shot(tmp_path: Path) -> None:
    storage = Storage(tmp_path, pattern="M10_{number}")
    storage.prepare()
    (tmp_path / f"M10_{'9' * 60}.dng").touch()
    (tmp_path / ".hqcam_number").write_text("9" * 60)
    assert storage.save(TAKEN, FILES).id == "M10_0001"
    (tmp_path / ".hqcam_number").unlink()
    os.mkfifo(tmp_path / ".hqcam_number")
    assert storage.save(TAKEN, FILES).id == "M10_0002"


def test_hidden_names_that_are_no_files_stop_no_start(storage: Storage) -> None:
    (storage.root / ".hqcam_gone_a.dng").mkdir()
    (storage.root / ".hqcam_gone_b.dng").symlink_to("/etc/hostname")
    (storage.root / f".a.1.00000000{atomic.TEMPORARY_SUFFIX}").mkdir()
    storage.prepare()
    assert storage.save(TAKEN, FILES).files


def test_a_leftover_goes_although_its_process_number_lives_again(storage: Storage) -> None:
    number = os.getppid()
    began, boot = atomic._began(number), atomic._boot()
    leftovers = [
        f".hqcam_dng.{number}-{began}-00000000.0badcafe.part",  # of another boot
        f".hqcam_dng.{number}-{(began or 0) - 1}-{boot}.0badcafe.part",  # of a process before, of the same number
        f".hqcam_dng.{os.getpid()}-1-{boot}.0badcafe.part",
    ]
    theirs = f".hqcam_dng.{number}-{began}-{boot}.0badcafe.part"
    for name in (*leftovers, theirs):
        (storage.root / name).write_bytes(b"half")
    older = storage.root / f".hqcam_jpg.{number}.0badcafe.part"  # as older versions named them
    older.write_bytes(b"half")
    os.utime(older, (1_000_000_000, 1_000_000_000))
    storage.prepare()
    assert [path.name for path in storage.root.iterdir()] == [theirs]


def test_a_pair_is_completed_with_what_was_staged_for_it_and_nothing_else(storage: Storage) -> None:
    capture = storage.save(TAKEN, FILES)
    day = capture.files[0].path.parent
    mark = "9999999-1-00000000.0badcafe.part"
    (day / f".{capture.id}.jpg.{mark}").write_bytes(b"another")
    (day / f".alone.jpg.{mark}").write_bytes(b"never saved")
    (day / "other.dng").write_bytes(b"raw")
    (day / f".other.jpg.{mark}").write_bytes(b"picture")
    storage.prepare()
    assert (day / "other.jpg").read_bytes() == b"picture"
    assert storage.get(capture.id).files == capture.files and not list(day.glob(".*"))
    assert {c.id for c in storage.list()} == {capture.id, "other"}


def test_a_capture_that_is_deleted_while_they_are_listed_hides_no_other(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, gone = storage.save(TAKEN, FILES), storage.save(TAKEN, FILES)
    real = capture_of

    def deletes(stem: str, paths: Any) -> Any:
        if stem == gone.id:
            raise FileNotFoundError(stem)
        return real(stem, paths)

    monkeypatch.setattr("device.captures.storage.capture_of", deletes)
    assert [c.id for c in storage.list()] == [kept.id]


def test_a_disk_that_cannot_be_read_is_said_so(storage: Storage) -> None:
    failing = OSError(errno.EIO, os.strerror(errno.EIO))
    for ask in (storage.free_bytes, storage.list, lambda: storage.get("x")):
        with ExitStack() as stack:
            for name in ("os.scandir", "shutil.disk_usage", "pathlib.Path.is_file"):
                stack.enter_context(mock.patch(name, side_effect=failing))
            with pytest.raises(StorageError) as caught:
                ask()
        assert "could not be read" in str(caught.value)


@pytest.mark.parametrize("step", [1, 2])
def test_a_hidden_name_that_cannot_be_removed_costs_no_capture(storage: Storage, step: int) -> None:
    real, calls = os.unlink, 0

    def fails(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == step:
            raise OSError(errno.EIO, "Input/output error")
        real(*arguments)

    with mock.patch("os.unlink", fails):
        capture = storage.save(TAKEN, FILES)
    assert [f.kind for f in capture.files] == ["dng", "jpeg"] and storage.list() == [capture]
    storage.prepare()
    assert len(names(storage)) == 2
