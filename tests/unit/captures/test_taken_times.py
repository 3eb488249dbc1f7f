"""Times of shots that were taken at a wrong clock: corrected as a set, whole whenever the power goes, taken back."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rawpy
from helpers import run

from device.captures.capture import Capture
from device.captures.shot import Recipe, save_still
from device.captures.shot_audit import audit_file, compared_with_record
from device.captures.storage import Storage
from device.captures.taken_times import correct, moment_of, read_taken, to_correct, undo
from device.drivers.simulated import SimulatedCamera
from device.errors import BadInput, NotFound, TimeUnknown
from device.frame import Controls, StillFrame
from device.preferences.owner_clock import OwnerClock
from device.preferences.store import Preferences
from device.raw.files import read_picture
from device.sensors.imx477 import IMX477
from tests.unit.preferences.test_owner_clock import TRUE_S, Machine

DATES = ("DateTimeOriginal", "CreateDate", "ModifyDate", "SubSecTimeOriginal", "OffsetTimeOriginal", "ImageDescription")


class Cut(Exception):
    """The power went."""


@pytest.fixture(scope="module")
def still() -> StillFrame:
    camera = SimulatedCamera(pace=False)
    camera.open()
    camera.start(IMX477.modes[0], Controls(exposure_us=9000.0, gain=1.0))
    found = camera.capture_still(10)
    camera.close()
    return found


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def clock(machine: Machine) -> OwnerClock:
    return machine.clock(Preferences())


@pytest.fixture
def shoot(machine: Machine, clock: OwnerClock, storage: Storage, still: StillFrame) -> Callable[[], Capture]:
    """Take a shot ten seconds after the one before."""

    def take() -> Capture:
        machine.go_on(10)
        now = replace(still, meta=replace(still.meta, timestamp_ns=time.monotonic_ns()))
        return save_still(now, storage, sensor=IMX477, awb="auto", recipe=Recipe(clock=clock)).capture

    return take


def tell(clock: OwnerClock) -> None:
    clock.tell({"unix_ms": 1000 * TRUE_S})


def taken_at(capture: Capture) -> set[datetime]:
    found = {read_picture(stored.path).metadata.taken_at for stored in capture.files}
    return {moment for moment in found if moment is not None}


def contents(storage: Storage) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in storage.root.rglob("hqcam_*") if path.suffix != ".json"}


def exif(path: Path) -> dict[str, Any]:
    said = run(
        ["exiftool", "-json", "-a", "-G1", "-warning", "-error", "-time:all", "-ImageDescription", path], text=True
    )
    return dict(json.loads(said.stdout)[0])


def test_shots_of_this_boot_get_their_true_times_and_stay_in_their_order(
    machine: Machine, clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    shots = [shoot(), shoot()]
    machine.system_s -= 3600  # it is set back between two shots: the steady clock tells the truth
    shots.append(shoot())
    before, order = [max(taken_at(shot)) for shot in shots], [shot.id for shot in storage.list()]
    assert before[2] < before[1]
    tell(clock)
    assert to_correct(storage, clock.now()) == 3
    done = correct(storage, clock.now())
    assert (done.changed, done.left, done.skipped) == (3, 0, ())
    for shot, ago_s in zip(shots, (20, 10, 0), strict=True):
        (after,) = taken_at(shot)  # both files tell the same
        assert after.utcoffset() is not None
        taken = read_taken(shot.files[0].path)
        assert taken is not None and after.timestamp() == pytest.approx(
            TRUE_S - machine.since_boot_s + taken.since_boot_s, abs=2e-3
        )
        assert TRUE_S - ago_s - 600 < after.timestamp() <= TRUE_S - ago_s
    assert [shot.id for shot in storage.list()] == order, "names and order stay"
    assert to_correct(storage, clock.now()) == 0


def test_the_files_are_sound_for_others_and_for_the_audit(
    clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    shot = shoot()
    dng, jpeg = (stored.path for stored in shot.files)
    with rawpy.imread(str(dng)) as raw:
        samples = raw.raw_image.copy()
    tell(clock)
    correct(storage, clock.now())
    (moment,) = taken_at(shot)
    for path in (dng, jpeg):
        said = exif(path)
        assert not {"ExifTool:Warning", "ExifTool:Error"} & set(said)
        dates = {key: value for key, value in said.items() if key.partition(":")[2] in DATES[:3]}
        assert len(dates) == 3 and set(dates.values()) == {f"{moment:%Y:%m:%d %H:%M:%S}"}
        assert str(said["ExifIFD:SubSecTimeOriginal"]).zfill(3) == f"{moment.microsecond // 1000:03d}"
        assert said["IFD0:ImageDescription"] == "simulated by hqcam; time adjusted"
        found = compared_with_record(audit_file(path), path)
        assert all(check.verdict == "ok" for check in found.checks), found
    with rawpy.imread(str(dng)) as raw:
        assert np.array_equal(raw.raw_image, samples)


def test_it_is_the_same_done_twice_and_taken_back_to_the_byte(
    clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    for _ in range(2):
        shoot()
    first = contents(storage)
    tell(clock)
    assert correct(storage, clock.now()).changed == 2
    second = contents(storage)
    assert first.keys() == second.keys() and all(first[name] != second[name] for name in first)
    assert correct(storage, clock.now()).changed == 0 and contents(storage) == second
    assert undo(storage, clock.now()).changed == 2 and contents(storage) == first
    assert undo(storage, clock.now()).changed == 0 and to_correct(storage, clock.now()) == 2
    assert correct(storage, clock.now()).changed == 2 and contents(storage) == second


def test_a_better_time_later_corrects_again(
    machine: Machine, clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    shot = shoot()
    tell(clock)
    correct(storage, clock.now())
    (first,) = taken_at(shot)
    machine.synchronised, machine.system_s = True, TRUE_S + 90
    assert correct(storage, clock.now()).changed == 1
    assert max(taken_at(shot)).timestamp() - first.timestamp() == pytest.approx(90, abs=2e-3)


def test_only_shots_of_this_boot_at_an_unknown_clock_are_changed(
    machine: Machine, clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    shoot()
    machine.boot, machine.since_boot_s = "second", 0.0
    with pytest.raises(TimeUnknown):
        correct(storage, clock.now())
    assert to_correct(storage, clock.now()) == 0
    wrong = shoot()
    tell(clock)
    right = shoot()
    before = contents(storage)
    assert correct(storage, clock.now()).changed == 1
    after = contents(storage)
    assert {name for name in before if before[name] != after[name]} == {stored.name for stored in wrong.files}
    assert (max(taken_at(right)) - max(taken_at(wrong))).total_seconds() == pytest.approx(10, abs=600)


def test_shots_of_an_earlier_boot_are_corrected_by_the_true_time_of_one_of_them_and_taken_back(
    machine: Machine, clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    oldest = shoot()
    machine.boot = "second"
    shots = [shoot(), shoot(), shoot()]
    machine.boot = "third"
    newest = shoot()
    before = contents(storage)
    truth = datetime(2026, 11, 20, 21, 45, tzinfo=UTC)
    moment = moment_of(storage, shots[1].id, truth)
    assert to_correct(storage, moment) == 3
    assert correct(storage, moment).changed == 3 and to_correct(storage, moment) == 0
    after = contents(storage)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {stored.name for shot in shots for stored in shot.files}
    assert not changed & {stored.name for shot in (oldest, newest) for stored in shot.files}
    for shot, seconds in zip(shots, (-10, 0, 10), strict=True):
        (at,) = taken_at(shot)
        assert (at - truth).total_seconds() == pytest.approx(seconds, abs=0.5), "each is as far from it as it was"
    assert undo(storage, moment_of(storage, shots[2].id)).changed == 3
    assert contents(storage) == before


def test_a_shot_whose_time_was_known_or_is_not_kept_corrects_no_others(
    machine: Machine, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    machine.synchronised = True
    known = shoot()
    with pytest.raises(BadInput, match="was known"):
        moment_of(storage, known.id)
    known.files[0].path.with_name(f"{known.id}.audit.json").unlink()
    with pytest.raises(BadInput, match="nothing is kept"):
        moment_of(storage, known.id)
    with pytest.raises(NotFound):
        moment_of(storage, "nothing")


def test_what_somebody_changed_or_copied_here_is_left_alone(
    clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    changed, broken, right = shoot(), shoot(), shoot()
    jpeg = changed.files[1].path
    jpeg.write_bytes(jpeg.read_bytes() + b"more")
    broken.files[0].path.with_name(f"{broken.id}.audit.json").write_text('{"clock": {"boot": 1}}')
    (storage.root / "stranger.jpg").write_bytes(jpeg.read_bytes())
    before = contents(storage)
    tell(clock)
    done = correct(storage, clock.now())
    assert (done.changed, done.skipped) == (1, (changed.id,))
    after = contents(storage)
    assert {name for name in before if before[name] != after[name]} == {stored.name for stored in right.files}


def test_it_ends_between_two_shots_and_goes_on(
    clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    shots = [shoot() for _ in range(3)]
    tell(clock)
    done = correct(storage, clock.now(), enough=lambda: True)
    assert (done.changed, done.left) == (1, 2) and len(taken_at(shots[0])) == 1
    assert to_correct(storage, clock.now()) == 2
    assert correct(storage, clock.now()).changed == 2


def test_a_power_cut_at_any_step_leaves_whole_files_and_the_next_call_goes_on(
    monkeypatch: pytest.MonkeyPatch, clock: OwnerClock, storage: Storage, shoot: Callable[[], Capture]
) -> None:
    shot = shoot()
    first = contents(storage)
    tell(clock)
    correct(storage, clock.now())
    second = contents(storage)
    really_replace = os.replace
    for back in (True, False):
        for steps in itertools.count():
            left = steps

            def cut(*names: Any) -> None:
                nonlocal left
                if left == 0:
                    raise Cut
                left -= 1
                really_replace(*names)

            (undo if not back else correct)(storage, clock.now())
            with monkeypatch.context() as patched, pytest.raises(Cut) if steps < 3 else nullcontext():
                patched.setattr(os, "replace", cut)
                (undo if back else correct)(storage, clock.now())
            for name, data in contents(storage).items():
                assert data in (first[name], second[name]), "each file is whole"
            if steps == 3:
                break
            assert taken_at(shot), "and can be read"
            (undo if back else correct)(storage, clock.now())
            assert contents(storage) == (first if back else second)
