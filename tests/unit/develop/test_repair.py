"""Captures that have only their DNG after a power cut get their JPEG; what its owner wants so stays so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device.captures.shot_audit import read_record, record_path
from device.captures.storage import Storage
from device.develop.repair import incomplete, repair
from device.raw.files import read_picture

Make = Callable[..., Any]


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path)
    storage.prepare()
    (tmp_path / "2026-11-20").mkdir()
    return storage


def test_a_dng_alone_gets_its_jpeg_with_its_exposure(storage: Storage, make_dng: Make) -> None:
    dng = storage.root / "2026-11-20" / "shot.dng"
    dng.write_bytes(make_dng())
    assert [c.id for c in incomplete(storage)] == ["shot"]
    assert repair(storage) == 1 and incomplete(storage) == []
    raw, picture = read_picture(dng), read_picture(dng.with_suffix(".jpg"))
    assert picture.metadata.exposure_us == raw.metadata.exposure_us and picture.metadata.iso == raw.metadata.iso
    assert picture.luma.shape == raw.luma.shape
    assert np.abs(picture.luma.astype(float) - raw.luma).mean() < 12, "it is noise, in a JPEG"
    assert [f.kind for f in storage.get("shot").files] == ["dng", "jpeg"] and read_record(dng) is not None
    assert any("shot" in notice for notice in storage.notices.list())


def test_what_was_audited_was_whole_and_stays_as_its_owner_left_it(storage: Storage, make_dng: Make) -> None:
    dng = storage.root / "2026-11-20" / "shot.dng"
    dng.write_bytes(make_dng())
    repair(storage)
    dng.with_suffix(".jpg").unlink()
    assert record_path(dng).exists() and incomplete(storage) == [] and repair(storage) == 0


def test_files_of_others_and_broken_ones_are_left_alone(storage: Storage, make_dng: Make) -> None:
    (storage.root / "2026-11-20" / "theirs.dng").write_bytes(make_dng(software="another program"))
    (storage.root / "2026-11-20" / "broken.dng").write_bytes(make_dng()[:3000])
    (storage.root / "2026-11-20" / "text.dng").write_text("no picture")
    assert repair(storage) == 0 and len(storage.list()) == 3
    assert any("broken has only its DNG" in notice for notice in storage.notices.list())
