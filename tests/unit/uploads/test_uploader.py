"""Everything arrives, byte for byte and once, whatever the server and the network do."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from helpers import eventually
from sending_camera import SendingCamera
from upload_servers import IMMICH, Faults, Stored, serving

from device.captures.stars import set_star
from device.errors import BadInput, NotFound
from device.uploads.destination import Destination
from device.uploads.destinations import Destinations
from device.uploads.lane import Pauses, Told
from device.uploads.uploader import Uploader

To = Callable[..., Destination]


def told(uploader: Uploader) -> Told:
    ((_, one),) = uploader.told()
    return one


def all_sent(uploader: Uploader, files: int) -> None:
    """Wait until so many files have arrived."""
    eventually(lambda: told(uploader).sent == files and told(uploader).state == "done", f"{files} files sent")


def arrived(server: Stored) -> dict[str, bytes]:
    """What has arrived, by name; each name once."""
    names = server.names()
    assert len(names) == len(set(names))
    assert server.files.keys() == server.whole.keys(), "nothing half-sent stays"
    return {name.rpartition("/")[2]: data for name, data in server.whole.items()}


@pytest.mark.parametrize(
    "faults",
    [
        Faults(),
        Faults(drop_put=3),
        Faults(stall_put=1),
        Faults(spoil_put=3),
        Faults(lose_answer=4),
        Faults(no_move=True),
        Faults(no_move=True, spoil_put=2),
        Faults(statuses=[500, 503, 429, 502, 500, 500, 500]),
        Faults(statuses=[507, 500, 413], drop_put=2, spoil_put=2, lose_answer=2),
    ],
    ids=str,
)
def test_all_files_arrive_once_and_whole_at_a_bad_server(camera: SendingCamera, to: To, faults: Faults) -> None:
    camera.shoot(4)
    before = camera.bytes_of("")
    with serving(faults=faults) as server:
        uploader = camera.uploader()
        uploader.add(to(server.port), everything=True)
        all_sent(uploader, 8)
        assert arrived(server) == before
        assert all(path.startswith("/2026-11-20/") for path in server.whole)
        uploader.close()
    assert camera.bytes_of("") == before, "the originals stay"


def test_jpegs_go_first_and_the_oldest_of_them(camera: SendingCamera, to: To) -> None:
    camera.shoot(3)
    with serving() as server:
        uploader = camera.uploader()
        uploader.add(to(server.port), everything=True)
        all_sent(uploader, 6)
        names = server.names()
        uploader.close()
    assert names == sorted(names[:3]) + sorted(names[3:])
    assert [name[-4:] for name in names] == [".jpg"] * 3 + [".dng"] * 3


def test_developed_pictures_go_with_their_capture(camera: SendingCamera, to: To) -> None:
    (capture,) = camera.shoot(1)
    with serving() as server:
        uploader = camera.uploader()
        uploader.add(to(server.port, files="jpeg"), everything=True)
        all_sent(uploader, 1)
        for suffix in (".jpg", ".tif"):
            path = capture.files[0].path.with_name(f"{capture.id}_developed{suffix}")
            path.write_bytes(suffix.encode())
        uploader.look_at_all_again()
        all_sent(uploader, 2)
        assert arrived(server) == camera.bytes_of(".jpg") | {f"{capture.id}_developed.jpg": b".jpg"}
        uploader.change("cloud", {"files": "all"})
        all_sent(uploader, 4)
        assert arrived(server)[f"{capture.id}_developed.tif"] == b".tif"
        uploader.close()


def test_a_queue_goes_on_after_a_kill_and_sends_nothing_again(camera: SendingCamera, to: To) -> None:
    camera.shoot(3)
    with serving() as server:
        uploader = camera.uploader()
        uploader.add(to(server.port), everything=True)
        all_sent(uploader, 6)
        uploader.close()
        journal = camera.folder / "uploads" / "cloud.jsonl"
        lines = journal.read_bytes().splitlines(keepends=True)
        journal.write_bytes(b"".join(lines[:3]) + lines[3][:20])  # as a power cut leaves it
        camera.shoot(1)
        asked = server.asked["PUT"]
        again = camera.uploader()
        all_sent(again, 8)
        assert server.asked["PUT"] == asked + 2, "what was there with the same bytes was not sent again"
        assert arrived(server) == camera.bytes_of("")
        again.close()
    assert [json.loads(line) for line in journal.read_bytes().splitlines() if line.endswith(b"}")]


def test_new_shots_only_and_the_older_ones_when_they_are_asked_for(camera: SendingCamera, to: To) -> None:
    old = camera.shoot(2)
    with serving() as server:
        uploader = camera.uploader()
        uploader.add(to(server.port), everything=False)
        (new,) = camera.shoot(1)
        all_sent(uploader, 2)
        assert {name.partition(".")[0] for name in arrived(server)} == {new.id}
        assert told(uploader).left_out == 4
        uploader.send_left_out("cloud")
        all_sent(uploader, 6)
        assert {name.partition(".")[0] for name in arrived(server)} == {new.id, *(one.id for one in old)}
        uploader.close()


def test_only_starred_jpegs(camera: SendingCamera, to: To) -> None:
    first, second = camera.shoot(2)
    with serving() as server:
        uploader = camera.uploader()
        set_star(first.files[0].path, starred=True)
        uploader.add(to(server.port, files="jpeg", only_starred=True), everything=True)
        all_sent(uploader, 1)
        set_star(second.files[0].path, starred=True)
        uploader.retry("cloud")
        all_sent(uploader, 2)
        assert sorted(arrived(server)) == sorted(f"{one.id}.jpg" for one in (first, second))
        uploader.close()


def test_networks_by_name(camera: SendingCamera, to: To) -> None:
    camera.shoot(1)
    names: list[tuple[str, ...] | None] = [None]
    with serving() as server:
        uploader = camera.uploader(networks=lambda: names[0])
        uploader.add(to(server.port, networks=("Home",)), everything=True)
        eventually(lambda: told(uploader).state == "network unknown", "it is not known where the camera is")
        uploader.close()
        names[0] = ("Cafe",)
        uploader = camera.uploader(networks=lambda: names[0])
        eventually(lambda: told(uploader).state == "other network", "it is on another network")
        uploader.close()
        assert not server.asked
        names[0] = ("Wired", "Home")
        uploader = camera.uploader(networks=lambda: names[0])
        all_sent(uploader, 2)
        uploader.close()


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "does not know this user"), (403, "may not write"), (301, "sends on to"), (404, "no folder")],
)
def test_what_the_owner_must_change_is_told_and_not_tried(
    camera: SendingCamera, to: To, status: int, words: str
) -> None:
    camera.shoot(1)
    with serving(faults=Faults(all_answers=status)) as server:
        uploader = camera.uploader(pauses=Pauses(first_s=0.01, longest_s=0.02))
        uploader.add(to(server.port), everything=True)
        eventually(lambda: told(uploader).state == "needs you", "it needs its owner")
        problem = told(uploader).problem
        assert problem is not None and words in problem["message"] and str(status) in problem["message"]
        asked = sum(server.asked.values())
        eventually(lambda: told(uploader).waiting == 2, "the files wait")
        assert sum(server.asked.values()) == asked
        server.faults.all_answers = 0
        uploader.retry()
        all_sent(uploader, 2)
        uploader.close()


def test_a_file_that_is_refused_does_not_hold_up_the_others(camera: SendingCamera, to: To) -> None:
    (large, *_) = camera.shoot(3)
    with serving(faults=Faults(refuse={f"{large.id}.dng": 413})) as server:
        uploader = camera.uploader(pauses=Pauses(first_s=0.01, longest_s=0.02))
        uploader.add(to(server.port), everything=True)
        eventually(lambda: told(uploader).sent == 5, "the others")
        eventually(lambda: told(uploader).state == "trying again", "one is left")
        (failed,) = told(uploader).failed
        assert (failed.name, failed.attempts) == (f"{large.id}.dng", 1)
        assert "too large" in failed.problem["message"]
        server.faults.refuse.clear()
        uploader.retry("cloud")
        all_sent(uploader, 6)
        uploader.close()


def test_nothing_there_is_replaced(camera: SendingCamera, to: To) -> None:
    (shot,) = camera.shoot(1)
    with serving() as server:
        server.folders.add("/2026-11-20")
        server.files[f"/2026-11-20/{shot.id}.jpg"] = b"of somebody else"
        uploader = camera.uploader()
        uploader.add(to(server.port, files="jpeg"), everything=True)
        all_sent(uploader, 1)
        assert server.files == {
            f"/2026-11-20/{shot.id}.jpg": b"of somebody else",
            f"/2026-11-20/{shot.id}-2.jpg": shot.files[1].path.read_bytes(),
        }
        uploader.close()


def test_captures_that_vanish_while_they_wait_are_no_error(camera: SendingCamera, to: To) -> None:
    gone, kept = camera.shoot(2)
    with serving() as server:
        uploader = camera.uploader()
        uploader.add(to(server.port, paused=True), everything=True)
        eventually(lambda: told(uploader).state == "paused", "it is paused")
        camera.storage.delete(gone.id)
        uploader.change("cloud", {"paused": False})
        all_sent(uploader, 2)
        assert set(arrived(server)) == {file.name for file in kept.files}
        uploader.close()


def test_a_destination_that_moved_gets_everything(camera: SendingCamera, to: To) -> None:
    camera.shoot(1)
    with serving() as first, serving() as second:
        uploader = camera.uploader()
        uploader.add(to(first.port), everything=True)
        all_sent(uploader, 2)
        uploader.change("cloud", {"address": f"http://127.0.0.1:{second.port}"})
        eventually(lambda: len(second.whole) == 2, "they are there too")
        assert arrived(second) == arrived(first)
        uploader.close()


def test_two_processes_send_nothing_twice(camera: SendingCamera, to: To) -> None:
    camera.shoot(5)
    with serving() as server:
        first, second = camera.uploader(), camera.uploader()
        first.add(to(server.port), everything=True)
        eventually(lambda: len(server.whole) == 10, "all are there")
        all_sent(first, 10)
        all_sent(second, 10)
        assert server.asked["MOVE"] == 10
        first.close()
        second.close()


def test_immich_by_its_api(camera: SendingCamera, to: To) -> None:
    camera.shoot(2)
    with serving(IMMICH, user="key", faults=Faults(lose_answer=1, drop_put=1)) as server:
        uploader = camera.uploader()
        destination = to(server.port, kind="immich", secret="key")
        uploader.try_out(destination)
        uploader.add(destination, everything=True)
        all_sent(uploader, 4)
        assert arrived(server) == camera.bytes_of("")
        uploader.close()


def test_a_folder_of_another_disk(camera: SendingCamera, to: To, tmp_path: Path) -> None:
    camera.shoot(2)
    share = tmp_path / "share"
    share.mkdir()
    uploader = camera.uploader()
    destination = to(kind="folder", address=str(share))
    uploader.try_out(destination)
    assert list(share.iterdir()) == []
    uploader.add(destination, everything=True)
    all_sent(uploader, 4)
    there = {path.name: path.read_bytes() for path in share.rglob("*") if path.is_file()}
    assert there == camera.bytes_of("")
    shutil.rmtree(share)
    camera.shoot(1)
    eventually(lambda: told(uploader).state == "trying again", "the share is gone")
    assert "is not there" in (told(uploader).problem or {})["message"]
    share.mkdir()
    all_sent(uploader, 6)
    uploader.close()


def test_ending_is_quick_while_a_server_is_silent(camera: SendingCamera, to: To) -> None:
    camera.shoot(1)
    with serving(faults=Faults(stall_put=1)) as server:
        uploader = camera.uploader()
        uploader.add(to(server.port), everything=True)
        eventually(lambda: server.asked["PUT"] == 1, "it is on its way")
        uploader.close()
        assert uploader._thread is not None and not uploader._thread.is_alive()


def test_destinations_are_private_and_kept(camera: SendingCamera, to: To) -> None:
    uploader = camera.uploader()
    uploader.add(to(secret="Zuf4ll", user="ada", paused=True), everything=False)
    path = camera.folder / "uploads.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (kept,) = Destinations(path).list()
    assert kept == to(secret="Zuf4ll", user="ada", paused=True)
    with pytest.raises(BadInput, match="already"):
        uploader.add(replace(kept), everything=False)
    with pytest.raises(NotFound):
        uploader.retry("other")
    with pytest.raises(BadInput, match="could be changed"):
        uploader.change("cloud", {"kind": "folder"})
    uploader.remove("cloud")
    assert uploader.told() == []
    with pytest.raises(NotFound):
        uploader.remove("cloud")
    assert not list((camera.folder / "uploads").glob("*"))
