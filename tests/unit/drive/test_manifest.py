"""The manifest and the journal of a series: whole after any kill, one owner, and not written whole for each frame."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from drive_helpers import MakeDrive, ended, manifest_of
from helpers import PROGRAM_S, eventually, started

from device.captures.storage import Storage
from device.drive import journal as journals_room
from device.drive import manifest as manifests
from device.drive.drive import Drive
from device.drive.journal import is_owned, journals
from device.drive.manifest import POINTER, Manifest, any_left, left_series, manifest_text, read_content
from device.drivers.replay import ReplayCamera
from device.errors import StorageError, StorageFull
from device.notices import Notices
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session.session import Session

NOW = datetime(2026, 11, 20, 21, 45, 1, 123_456, UTC)
SETTINGS = {"interval_s": 0.5, "count": 4}
# A process that begins a series, tells its id, and waits to be killed.
OWNER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from device.drive.manifest import Manifest
manifest = Manifest.begin(Path(sys.argv[1]), sys.argv[2], {}, datetime.now(UTC), {"plan": {}, "total": None})
print(manifest.id, flush=True)
sys.stdin.read()
"""


def begin(root: Path, mode: str = "interval", **head: Any) -> Manifest:
    return Manifest.begin(root, mode, SETTINGS, NOW, {"total": None, "plan": {}, **head})


def frame(n: int) -> dict[str, Any]:
    return {"n": n, "id": f"hqcam_{n:05}", "files": [f"hqcam_{n:05}.dng", f"hqcam_{n:05}.jpg"], "exposure_us": 8000.0}


def owner(root: Path, mode: str) -> AbstractContextManager[subprocess.Popen[str]]:
    command = [sys.executable, "-P", "-c", OWNER, str(root), mode]
    return started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_ten_thousand_frames_are_not_written_again_for_each(tmp_path: Path) -> None:
    manifest, written = begin(tmp_path), []
    with (
        mock.patch.object(manifests, "write_atomically", wraps=manifests.write_atomically) as whole,
        mock.patch.object(journals_room.os, "fdatasync", lambda _: None),  # ten thousand would test the disk
    ):
        for n in range(1, 10_001):
            manifest.add(frame(n))
            written.append(manifest.path.stat().st_size)
            if n % 2500 == 0:
                assert len(json.loads(manifest_text(tmp_path, manifest.path))["frames"]) == n
    assert whole.call_count < 100
    journal = journals(tmp_path)[0].stat().st_size
    assert journal < written[-1] // 4, "the journal is emptied when the file is written"
    manifest.end("done", NOW)
    assert read_content(manifest.path)["frames"] == [frame(n) for n in range(1, 10_001)] and not any_left(tmp_path)


@pytest.mark.parametrize("torn", [b"", b'{"frame": {"n": 21, "id": "hqc', b"\x00" * 40])
def test_what_was_taken_is_there_after_a_cut_at_any_byte(tmp_path: Path, torn: bytes) -> None:
    manifest = begin(tmp_path)
    for n in range(1, 21):
        manifest.add(frame(n))
    manifest.note(plan={"missed": 3})
    manifest._journal.release()
    with journals(tmp_path)[0].open("ab") as file:
        file.write(torn)
    ((again, named),) = left_series(tmp_path, Notices())
    assert again.frames == [frame(n) for n in range(1, 21)] and again.content["plan"] == {"missed": 3} and named == []
    again.add(frame(21))
    again.end("done", NOW)
    assert len(read_content(manifest.path)["frames"]) == 21


def test_a_killed_owner_is_seen_whatever_number_lives(tmp_path: Path) -> None:
    with owner(tmp_path, "interval") as process:
        assert process.stdout is not None
        series = process.stdout.readline().strip()
        path = next(tmp_path.rglob(f"{series}.json"))
        assert (
            left_series(tmp_path, Notices()) == [] and json.loads(manifest_text(tmp_path, path))["state"] == "running"
        )
        process.send_signal(signal.SIGKILL)
        process.wait(PROGRAM_S)
    assert json.loads(manifest_text(tmp_path, path))["state"] == "interrupted", "nobody takes it"
    ((left, _),) = left_series(tmp_path, Notices())
    assert left.id == series and left.content["state"] == "running"
    left.release()


def test_a_series_beside_another_touches_nothing_of_it(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    interval, beside = make_drive(replay, 1.0), make_drive(replay, 1.0)
    interval.start("interval", {"interval_s": 0.5})
    eventually(lambda: interval.progress().taken >= 1, "a shot", 60)
    beside.settle()
    beside.start("timer", {"delay_s": 1})
    eventually(lambda: len(journals(storage.root)) == 2, "two series", 60)
    assert ended(beside).state == "done"
    assert [is_owned(path) for path in journals(storage.root)] == [True]
    assert beside.resume() is False, "it has its owner"
    interval.close()
    progress = interval.progress()
    again = make_drive(replay, 1.0)
    assert again.resume() is True and again.progress().id == progress.id and again.cancel().taken >= progress.taken


def test_of_two_that_were_cut_off_one_goes_on_and_the_other_is_told(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    plan = {"first_at": NOW.timestamp(), "missed": 0}
    first, second = (begin(storage.root, plan=dict(plan), started_at=f"2026-11-20T21:45:0{n}") for n in range(2))
    for manifest in (first, second):
        manifest._journal.release()
    drive = make_drive(replay, 1.0)
    assert drive.resume() is True and drive.progress().id == second.id
    assert read_content(first.path)["state"] == "interrupted"
    assert any(first.id in notice for notice in storage.notices.list())
    drive.cancel()
    assert drive.wait(60).state == "cancelled"
    assert read_content(second.path)["state"] == "cancelled" and not any_left(storage.root)


def test_a_series_that_waits_for_the_camera_after_a_restart_can_be_cancelled(
    picture_folder: Path, storage: Storage, make_drive: MakeDrive
) -> None:
    never_open = Session(lambda: ReplayCamera(picture_folder), sensor=IMX477, preferences=Preferences())
    manifest = begin(storage.root, plan={"first_at": NOW.timestamp(), "missed": 0})
    manifest._journal.release()
    drive = make_drive(never_open, 1.0)
    assert drive.resume() is True
    drive.cancel()
    assert drive.wait(60).state == "cancelled"
    assert read_content(manifest.path)["state"] == "cancelled" and not any_left(storage.root)


def test_a_command_leaves_what_the_service_goes_on_with_and_marks_the_rest(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    interval, timer = begin(storage.root), begin(storage.root, "timer")
    for manifest in (interval, timer):
        manifest._journal.release()
    make_drive(replay).settle()
    assert read_content(timer.path)["state"] == "interrupted"
    assert read_content(interval.path)["state"] == "interrupted", "nobody takes it now"
    assert [path.name for path in journals(storage.root)] == [f".hqcam_series_{interval.id}.jsonl"]


def test_an_interval_that_was_marked_goes_on_with_the_next_start(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    first = make_drive(replay, 1.0)
    first.start("interval", {"interval_s": 0.5})
    eventually(lambda: first.progress().taken >= 1, "a shot", 60)
    first.close()
    beside = make_drive(replay)
    beside.settle_new()
    progress = first.progress()
    assert manifest_of(storage, progress)["state"] == "interrupted"
    with mock.patch.object(Drive, "settle") as settle:
        beside.settle_new()
    assert not settle.called, "each series is marked once, not at every request"
    again = make_drive(replay, 1.0)
    assert again.resume() is True
    eventually(lambda: again.progress().taken > progress.taken, "a shot more", 60)
    assert again.progress().id == progress.id and manifest_of(storage, progress)["state"] == "running"
    assert again.cancel().state == "cancelled" and manifest_of(storage, progress)["state"] == "cancelled"


def test_a_shot_that_had_its_name_when_it_was_cut_off_is_in_the_manifest(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    drive = make_drive(replay, 1.0)
    drive.start("single")
    taken = ended(drive).last
    manifest = begin(storage.root, "timer")
    manifest.name("gone")
    manifest.name(taken)
    manifest._journal.release()
    assert make_drive(replay).resume() is False
    (found,) = read_content(manifest.path)["frames"]
    assert (found["id"], found["n"], found["recovered"], found["audit"]) == (taken, 1, True, "ok")
    assert found["files"] == [f.name for f in storage.get(taken).files]


def test_missed_shots_are_counted_alike_before_and_after_a_restart(
    replay: Session, storage: Storage, make_drive: MakeDrive
) -> None:
    plan = {"first_at": datetime.now(UTC).timestamp() - 1.2, "missed": 1}
    manifest = begin(storage.root, total=6, plan=plan)
    manifest.add(frame(1))
    manifest._journal.release()
    drive = make_drive(replay, 1.0)
    assert drive.resume() is True
    progress = ended(drive)
    content = manifest_of(storage, progress)
    assert progress.missed == content["plan"]["missed"] >= 1 and progress.taken == len(content["frames"])
    assert progress.missed + progress.taken == 6


def test_a_full_card_costs_the_event_and_not_the_journal(tmp_path: Path) -> None:
    manifest = begin(tmp_path)
    for n in range(1, 20):
        manifest.add(frame(n))
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with mock.patch.object(journals_room.os, "fdatasync", side_effect=full), pytest.raises(StorageFull):
        manifest.name("hqcam_00020")
    manifest.name("hqcam_00021")
    manifest._journal.release()
    ((again, named),) = left_series(tmp_path, Notices())
    assert len(again.frames) == 19 and named == ["hqcam_00021"]
    again.release()


def test_an_end_that_could_not_be_written_is_written_by_the_next_start(tmp_path: Path) -> None:
    manifest = begin(tmp_path)
    with mock.patch.object(manifests, "write_atomically", side_effect=StorageError("full")):
        manifest.end("cancelled", NOW)
    assert read_content(manifest.path)["state"] == "running"
    assert left_series(tmp_path, Notices()) == [] and not any_left(tmp_path)
    assert read_content(manifest.path)["state"] == "cancelled"


def old_manifest(root: Path, **changes: Any) -> Path:
    """A series of an older version: one pointer, the frames in the file."""
    path = root / "2026-11-20" / "hqcam_20261120_214501_123_interval.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"hqcam": "0.1", "mode": "interval", "state": "running", "started_at": NOW.isoformat(), "total": None}
    plan = {"first_at": NOW.timestamp(), "missed": 0}
    content |= {"plan": plan, "settings": {"interval_s": 0.5}, "frames": [frame(1)], **changes}
    path.write_text(json.dumps({key: value for key, value in content.items() if value != "left out"}))
    (root / POINTER).write_text(json.dumps(path.relative_to(root).as_posix()))
    return path


def test_a_series_of_an_older_version_goes_on(replay: Session, storage: Storage, make_drive: MakeDrive) -> None:
    path = old_manifest(storage.root)
    drive = make_drive(replay, 1.0)
    assert drive.resume() is True and not (storage.root / POINTER).exists()
    eventually(lambda: drive.progress().taken >= 2, "a shot more", 60)
    drive.cancel()
    assert read_content(path)["frames"][0] == frame(1) and read_content(path)["state"] == "cancelled"


MISSING = [{name: "left out"} for name in ("mode", "state", "started_at", "settings", "frames")]
WRONG = [{"mode": 3}, {"settings": []}, {"frames": {}}, {"frames": [1]}, {"frames": [{"n": 1}]}, {"state": None}]


@pytest.mark.parametrize("changes", [*MISSING, *WRONG], ids=str)
def test_a_manifest_of_any_shape_is_set_aside_and_told(
    replay: Session, storage: Storage, make_drive: MakeDrive, changes: dict[str, Any]
) -> None:
    path = old_manifest(storage.root, **changes)
    text = path.read_text()
    assert make_drive(replay).resume() is False and not any_left(storage.root)
    assert not path.exists() and path.with_suffix(".broken.json").read_text() == text
    assert any("cannot be read" in notice for notice in storage.notices.list())


@pytest.mark.parametrize(
    "changes",
    [{"plan": {}}, {"plan": "left out"}, {"plan": {"first_at": "x", "missed": 0}}, {"total": "many"}],
    ids=str,
)
def test_a_plan_that_cannot_be_followed_ends_the_series_and_not_the_service(
    replay: Session, storage: Storage, make_drive: MakeDrive, changes: dict[str, Any]
) -> None:
    path = old_manifest(storage.root, **changes)
    drive = make_drive(replay, 1.0)
    drive.resume()
    assert ended(drive).state == "failed" and "plan" in drive.progress().message
    assert read_content(path)["state"] == "failed" and read_content(path)["frames"] == [frame(1)]


def test_a_pointer_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "captures"
    path = old_manifest(root)
    outside = tmp_path / "outside.json"
    outside.write_text(path.read_text())
    link = root / "2026-11-20" / "link.json"
    link.symlink_to(outside)
    (root / "2026-11-21").symlink_to(tmp_path)
    before = outside.read_text()
    for place in ("../outside.json", str(outside), "2026-11-20/../../outside.json", "2026-11-20/link.json",
                  "2026-11-21/outside.json", "a\x00b", 3, None):  # fmt: skip
        (root / POINTER).write_text(json.dumps(place))
        assert left_series(root, Notices()) == [] and not any_left(root)
        (root / ".hqcam_series_x.jsonl").write_text(json.dumps({"manifest": place}) + "\n")
        assert left_series(root, Notices()) == [] and not any_left(root)
    assert outside.read_text() == before and link.is_symlink()
