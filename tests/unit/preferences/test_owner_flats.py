"""Flat fields are kept by lens, stop and camera; a file that cannot be used is set aside, never overwritten."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from device.calibration.flat_field import TERMS, FlatField
from device.calibration.profile import Camera
from device.errors import BadInput
from device.preferences import owner_flats
from device.preferences.owner_flats import FILE, Flat, OwnerFlats

CAMERA = Camera("imx477", "/base/i2c@1/imx477@1a", False)
FLAT_LIGHT = (1.0, *(0.0,) * (TERMS - 1))
FLAT = Flat("planar-50", 2.8, None, CAMERA, "2026-05-01T12:00:00+02:00", FlatField(FLAT_LIGHT, FLAT_LIGHT, FLAT_LIGHT))


def test_a_flat_is_found_for_its_lens_at_its_stop_on_its_camera_only(tmp_path: Path) -> None:
    kept = OwnerFlats(tmp_path / FILE)
    kept.put(FLAT)
    zoom = replace(FLAT, lens="zoom", focal_mm=35.0)
    kept.put(zoom)
    again = OwnerFlats(tmp_path / FILE)
    assert again.find("planar-50", 2.8, None, CAMERA) == again.find("planar-50", 3.0, None, CAMERA) == FLAT
    assert again.find("zoom", 2.8, 35.5, CAMERA) == zoom
    for asked in (
        ("planar-50", 4.0, None, CAMERA),
        ("planar-50", None, None, CAMERA),
        ("planar-85", 2.8, None, CAMERA),
        ("planar-50", 2.8, None, replace(CAMERA, identity="/base/i2c@0/imx477@1a")),
        ("zoom", 2.8, None, CAMERA),
        ("zoom", 2.8, 70.0, CAMERA),
    ):
        assert again.find(*asked) is None, asked


def test_a_newer_flat_of_the_same_takes_its_place_and_its_use_is_chosen(tmp_path: Path) -> None:
    kept = OwnerFlats(tmp_path / FILE)
    kept.put(FLAT)
    newer = replace(FLAT, at="2026-06-01T12:00:00+02:00")
    kept.put(newer)
    assert kept.all() == (newer,)
    assert kept.use(newer, "full").use == "full" and OwnerFlats(tmp_path / FILE).all()[0].use == "full"
    kept.forget(newer)
    assert OwnerFlats(tmp_path / FILE).all() == ()


def test_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner_flats, "MOST_KEPT", 2)
    kept = OwnerFlats(None)
    kept.put(FLAT)
    kept.put(replace(FLAT, f_number=4.0))
    kept.put(replace(FLAT, f_number=4.0))
    with pytest.raises(BadInput, match="2 flat fields are kept"):
        kept.put(replace(FLAT, f_number=5.6))


@pytest.mark.parametrize(
    "edit",
    [
        lambda values: b"{",
        lambda values: b'{"my": "holidays"}',
        lambda values: json.dumps(values | {"version": 2}).encode(),
        lambda values: json.dumps(values | {"flats": [{}]}).encode(),
        lambda values: json.dumps({**values, "flats": [values["flats"][0] | {"f_number": 0}]}).encode(),
        lambda values: json.dumps({**values, "flats": [values["flats"][0] | {"use": "both"}]}).encode(),
        lambda values: json.dumps({**values, "flats": [values["flats"][0] | {"field": {}}]}).encode(),
    ],
)
def test_what_cannot_be_used_is_set_aside_and_told(tmp_path: Path, edit: Any) -> None:
    path = tmp_path / FILE
    OwnerFlats(path).put(FLAT)
    before = edit(json.loads(path.read_text()))
    path.write_bytes(before)
    kept = OwnerFlats(path)
    assert kept.all() == () and "cannot be used" in kept.notices.list()[0]
    kept.put(FLAT)
    assert path.with_suffix(".broken.json").read_bytes() == before and kept.all() == (FLAT,)
