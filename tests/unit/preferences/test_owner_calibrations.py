"""Calibrations are kept a camera a file, with undo; a file that cannot be used is set aside, never overwritten."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from calibration_bench import profile_of

from device.calibration.profile import Camera
from device.errors import BadInput, StorageError
from device.preferences.owner_calibrations import MOST_KEPT, OwnerCalibrations

MINE = Camera("imx477", "/base/i2c@1/imx477@1a", False)
OTHER = Camera("imx477", "/base/i2c@0/imx477@1a", False)


def file_of(kept: OwnerCalibrations, camera: Camera = MINE) -> Path:
    path = kept.path(camera)
    assert path is not None
    return path


def test_a_calibration_is_there_again_and_is_undone_and_redone(tmp_path: Path) -> None:
    first, second = profile_of(MINE), profile_of(MINE, dn_per_e=0.6)
    OwnerCalibrations(tmp_path).add(first)
    OwnerCalibrations(tmp_path).add(second)
    kept, beside = OwnerCalibrations(tmp_path), OwnerCalibrations(tmp_path)
    assert kept.history(MINE).profile == second and kept.history(OTHER).profile is None
    assert beside.undo(MINE).profile == first and kept.history(MINE).profile == first
    assert kept.undo(MINE).profile is None and beside.history(MINE).profile is None
    with pytest.raises(BadInput, match="in use"):
        kept.undo(MINE)
    assert kept.redo(MINE).profile == first and kept.redo(MINE).profile == second
    with pytest.raises(BadInput, match="undone"):
        kept.redo(MINE)
    kept.undo(MINE)
    kept.add(profile_of(MINE, dn_per_e=0.7))
    assert [p.noise.dn_per_e for p in beside.history(MINE).profiles] == [0.5, 0.7]
    assert file_of(kept).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [file_of(kept).name]


def test_only_the_newest_are_kept(tmp_path: Path) -> None:
    kept = OwnerCalibrations(tmp_path)
    for number in range(MOST_KEPT + 2):
        kept.add(profile_of(MINE, dn_per_e=0.5 + number))
    assert [p.noise.dn_per_e for p in kept.history(MINE).profiles] == [2.5, 3.5, 4.5, 5.5, 6.5]
    assert kept.history(MINE).in_use == MOST_KEPT


def test_in_memory_nothing_is_written() -> None:
    kept = OwnerCalibrations(None)
    kept.add(profile_of(MINE))
    assert kept.history(MINE).profile == profile_of(MINE) and kept.others(OTHER) == []


def test_another_camera_of_the_kind_is_known(tmp_path: Path) -> None:
    kept = OwnerCalibrations(tmp_path)
    kept.add(profile_of(MINE))
    kept.add(profile_of(Camera("imx477", "simulated", True)))
    kept.add(profile_of(Camera("imx219", "/base/x", False)))
    assert [profile.camera for profile in OwnerCalibrations(tmp_path).others(OTHER)] == [MINE]
    assert kept.others(MINE) == []


def whole(kept: OwnerCalibrations) -> Any:
    return json.loads(file_of(kept).read_text())


@pytest.mark.parametrize(
    "edit",
    [
        lambda values: b"{",
        lambda values: b"\xff\xfe",
        lambda values: b"[]",
        lambda values: json.dumps({"my": "holidays"}).encode(),
        lambda values: json.dumps(values | {"version": 2}).encode(),
        lambda values: json.dumps(values | {"in_use": 9}).encode(),
        lambda values: json.dumps(values | {"calibrations": [None]}).encode(),
        lambda values: json.dumps(values).replace("i2c@1", "i2c@7").encode(),
    ],
)
def test_what_cannot_be_used_is_set_aside_and_told_and_never_overwritten(tmp_path: Path, edit: Any) -> None:
    kept = OwnerCalibrations(tmp_path)
    kept.add(profile_of(MINE))
    before = edit(whole(kept))
    file_of(kept).write_bytes(before)
    again = OwnerCalibrations(tmp_path)
    assert again.history(MINE).profile is None
    (told,) = again.notices.list()
    assert "cannot be used" in told and "the published numbers are used" in told
    aside = file_of(kept).with_suffix(".broken.json")
    assert aside.name in told and aside.read_bytes() == before
    again.add(profile_of(MINE, dn_per_e=0.8))
    assert aside.read_bytes() == before and again.history(MINE).in_use == 1
    assert again.others(OTHER)[0].noise.dn_per_e == 0.8


def test_a_file_that_cannot_be_read_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = OwnerCalibrations(tmp_path)
    kept.add(profile_of(MINE))
    opening = os.open

    def refusing(path: Any, *arguments: Any, **more: Any) -> int:  # root may read everything
        if Path(path) == file_of(kept):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return opening(path, *arguments, **more)

    with monkeypatch.context() as refused:
        refused.setattr(os, "open", refusing)
        again = OwnerCalibrations(tmp_path)
        assert again.history(MINE).profile is None and again.notices.list()
        with pytest.raises(StorageError, match="cannot be read"):
            again.add(profile_of(MINE, dn_per_e=0.8))
    assert OwnerCalibrations(tmp_path).history(MINE).profile == profile_of(MINE)
