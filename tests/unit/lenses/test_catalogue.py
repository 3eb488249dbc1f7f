"""The catalogue: every entry is whole, has its source, and tells what the makers publish of some well-known lenses."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

import device.lenses
from device.lenses.profiles import read_profiles
from device.preferences.lens_catalogue import by_id, catalogue

FOLDER = Path(device.lenses.__file__).parent / "catalogue"


def test_the_catalogue_has_lenses_for_every_mount_and_each_has_its_source() -> None:
    lenses = catalogue()
    assert len(lenses) >= 120 and len(by_id()) == len(lenses), "ids are of one lens each"
    assert [lens.id for lens in lenses if not lens.source] == []
    assert [lens.id for lens in lenses if lens.serial or lens.adapter] == [], "those are an owner's to say"
    assert set(Counter(lens.mount for lens in lenses)) >= {"C", "CS", "M12", "M", "M39", "F", "FD", "M42", "K", "OM"}
    assert {lens.maker for lens in lenses if lens.mount == "M"} == {"Leica", "Voigtlander", "Carl Zeiss"}
    assert [lens.id for lens in lenses if lens.maker == "Raspberry Pi"] == [lens.id for lens in lenses[:4]], "first"


def test_its_files_are_short_and_every_lens_of_them_is_read() -> None:
    files = sorted(FOLDER.glob("*.toml"))
    assert sum(len(read_profiles(file.read_text("utf-8"))) for file in files) == len(catalogue())
    assert [file.name for file in files if len(file.read_text("utf-8").splitlines()) > 400] == []


def test_figures_are_such_as_lenses_have() -> None:
    for lens in catalogue():
        assert lens.mount == "M12" or len(lens.f_stops) > 3, lens.id
        assert lens.closest_m is None or lens.closest_m * 1000 >= 4 * lens.focal_mm, f"{lens.id}: closer than life size"
        assert lens.focal_long_mm is None or lens.focal_long_mm > lens.focal_mm, lens.id
        named = lens.model.replace(":", " ").replace("/", " ").replace("-", " ").replace("mm", " ").split()
        focal = {f"{lens.focal_mm:g}", f"{lens.focal_mm / 10:g}"}
        assert focal & {word.lstrip("f") for word in named} or lens.model.startswith("C"), f"{lens.id}: {named}"


@pytest.mark.parametrize(
    ("id", "focal_text", "aperture_text", "closest_m"),
    [
        ("rpi-16-1.4-c", "16", "1.4-16", 0.2),  # Raspberry Pi documentation, recommended lenses
        ("rpi-6-1.2-cs", "6", "1.2-16...", 0.2),  # the same: F1.2, 0.2 m, no end of the ring
        ("raspberry-pi-25-mm-m12", "25", "2.4", None),  # the same: one aperture
        ("openmv-telephoto-12-mm-m12", "12", "2", None),  # OpenMV, Telephoto Lens Datasheet
        ("olympus-om-zuiko-50mm-f-1.8", "50", "1.8-16", 0.45),  # camera-wiki.org, OM-System Zuiko 50mm f/1.8
        ("olympus-om-zuiko-135mm-f-3.5", "135", "3.5-22", 1.5),  # slrlensreview.com
        ("olympus-om-zuiko-85mm-f-2", "85", "2-16", 0.85),  # Olympus brochures after theatreofnoise.com
        ("nikon-ai-nikkor-105mm-f-1.8s", "105", "1.8-22", 1.0),  # japb.net, data sheet
        ("nikon-ai-nikkor-28mm-f-3.5s", "28", "3.5-22", 0.3),  # imagingpixel.com
        ("voigtlander-nokton-50-mm-f1.1-vm", "50", "1.1-16", 1.0),  # lavidaleica.com
    ],
)
def test_lenses_are_as_published(id: str, focal_text: str, aperture_text: str, closest_m: float | None) -> None:
    lens = by_id()[id]
    assert (lens.focal_text, lens.aperture_text, lens.closest_m) == (focal_text, aperture_text, closest_m)
