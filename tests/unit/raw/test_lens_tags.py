"""The lens in the files of a shot, as other programs read it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from device.frame import LensState
from device.lenses.fitted import FittedLens
from device.preferences.lens_catalogue import catalogue

Make = Callable[..., Any]


def exif_of(run_tool: Make, path: Path) -> dict[str, Any]:
    (facts,) = exifs_of(run_tool, path)
    return facts


def exifs_of(run_tool: Make, path: Path) -> list[dict[str, Any]]:
    """Of a file, or of each file of a folder."""
    return list(json.loads(run_tool("exiftool", "-json", "-n", "-G1", path)))


ZOOM = FittedLens("Carl Zeiss", "Vario-Sonnar 35-70", 50.0, 3.4, 4.0, (35.0, 70.0), 4.5, "7654321")
LENS = FittedLens("Voigtlander", "Nokton 40mm F1.4", 40.0, 1.4, 5.6)


@pytest.mark.tools
def test_the_fitted_lens_is_in_the_file(make_dng: Make, tmp_path: Path, run_tool: Make) -> None:
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng(lens=LENS))
    assert run_tool("exiftool", "-validate", "-warning", "-error", "-a", path).split() == [b"Validate", b":", b"OK"]
    found = exif_of(run_tool, path)
    expected = {
        "IFD0:DNGLensInfo": "40 40 1.4 1.4",
        "ExifIFD:LensInfo": "40 40 1.4 1.4",
        "ExifIFD:LensMake": "Voigtlander",
        "ExifIFD:LensModel": "Nokton 40mm F1.4",
        "ExifIFD:FocalLength": 40,
        "ExifIFD:FNumber": 5.6,
        "ExifIFD:FocalLengthIn35mmFormat": 220,  # 40 x 43.267 / 7.857
    }
    assert {name: found.get(name) for name in expected} == expected
    told = run_tool("dcraw", "-i", "-v", path).decode()
    assert "Aperture: f/5.6" in told and "Focal length: 40.0 mm" in told


@pytest.mark.tools
def test_a_zoom_is_in_the_file_with_its_range_and_where_it_stands(
    make_dng: Make, tmp_path: Path, run_tool: Make
) -> None:
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng(lens=ZOOM))
    assert run_tool("exiftool", "-validate", "-warning", "-error", "-a", path).split() == [b"Validate", b":", b"OK"]
    found = exif_of(run_tool, path)
    assert found["ExifIFD:LensInfo"] == found["IFD0:DNGLensInfo"] == "35 70 3.4 4.5"
    assert (found["ExifIFD:LensSerialNumber"], found["ExifIFD:FocalLength"]) == (7654321, 50)
    path.write_bytes(make_dng(lens=replace(ZOOM, focal_mm=None)))
    found = exif_of(run_tool, path)
    assert "ExifIFD:FocalLength" not in found and "ExifIFD:FocalLengthIn35mmFormat" not in found
    assert found["ExifIFD:LensInfo"] == "35 70 3.4 4.5", "where it stands is not known"


@pytest.mark.tools
def test_thirty_lenses_of_the_catalogue_are_read_back_from_their_files(
    make_dng: Make, tmp_path: Path, run_tool: Make
) -> None:
    lenses = {f"{number:02d}.dng": lens for number, lens in enumerate(catalogue()[::9])}
    assert len(lenses) >= 30 and len({lens.mount for lens in lenses.values()}) >= 10
    for name, lens in lenses.items():
        (tmp_path / name).write_bytes(make_dng(lens=lens.fitted(lens.f_stops[-1], lens.focal_mm)))
    read = {Path(found["SourceFile"]).name: found for found in exifs_of(run_tool, tmp_path)}
    for name, lens in lenses.items():
        longest, found = lens.focal_long_mm or lens.focal_mm, read[name]
        told = [str(found[f"ExifIFD:{tag}"]) for tag in ("LensMake", "LensModel", "FocalLength", "FNumber", "LensInfo")]
        widest = f"{lens.f_stops[0]:g}"
        of_lens = [lens.maker, lens.model, f"{lens.focal_mm:g}", f"{lens.f_stops[-1]:g}"]
        assert told == [*of_lens, f"{lens.focal_mm:g} {longest:g} {widest} {widest}"]
        assert found["ExifIFD:FocalLengthIn35mmFormat"] == round(lens.focal_mm * 43.2666 / 7.8569)
        assert found["IFD0:DNGLensInfo"] == told[-1]


@pytest.mark.tools
def test_a_lens_whose_ring_nobody_read_has_no_f_number_but_a_simulated_one_keeps_its_own(
    make_meta: Make, make_dng: Make, tmp_path: Path, run_tool: Make
) -> None:
    path = tmp_path / "shot.dng"
    unread = replace(LENS, f_number=None)
    path.write_bytes(make_dng(lens=unread))
    found = exif_of(run_tool, path)
    assert "ExifIFD:FNumber" not in found and found["ExifIFD:LensInfo"] == "40 40 1.4 1.4"
    path.write_bytes(make_dng(meta=make_meta(simulated=True, lens=LensState(16.0, 2.8, 3.2)), lens=unread))
    found = exif_of(run_tool, path)
    assert (found["ExifIFD:FNumber"], found["ExifIFD:FocalLength"], found["ExifIFD:SubjectDistance"]) == (2.8, 40, 3.2)
    assert found["ExifIFD:LensModel"] == LENS.model and found["IFD0:ImageDescription"] == "simulated by hqcam"
