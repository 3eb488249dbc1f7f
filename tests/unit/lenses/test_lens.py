"""Lens profiles, the owner's file, and the lens on the camera."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from device.errors import BadInput, StorageError
from device.frame import FrameMeta, LensState, Limit
from device.lenses.fitted import FittedLens
from device.lenses.profiles import LensProfile, make_profile, read_profiles, write_profile
from device.preferences.owner_lenses import OwnerLenses, controls_of, lens_of_shot
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477

PLANAR = "zeiss-planar-50-2-zm"
META = FrameMeta(1, 0, 8000.0, 1.0, 1.0, (2.8, 1.6), 5500.0, 33_000.0, "off", IMX477.modes[2], False)
ONE = """
[[lens]]
id = "mine"
maker = "Me"
model = "Pinhole"
mount = "C"
focal_mm = 20
f_stops = [16, 22]
"""


@pytest.fixture
def lenses(tmp_path: Path) -> OwnerLenses:
    return OwnerLenses(Preferences(tmp_path / "settings.json"), tmp_path / "lenses.toml")


def test_what_is_shipped_has_the_kits_lenses_and_a_dozen_for_m() -> None:
    profiles = OwnerLenses(Preferences()).profiles()
    assert {p.id for p in profiles if p.maker == "Raspberry Pi"} == {"rpi-6-1.2-cs", "rpi-16-1.4-c"}
    assert {p.focal_mm for p in profiles if p.mount == "C"} >= {12, 16, 25, 35, 50}
    m_mount = [p for p in profiles if p.mount == "M"]
    assert len(m_mount) >= 12 and {p.maker for p in m_mount} == {"Leica", "Voigtlander", "Carl Zeiss"}
    sixteen = next(p for p in profiles if p.id == "rpi-16-1.4-c")
    assert (sixteen.focal_mm, sixteen.f_stops[0], sixteen.f_stops[-1]) == (16, 1.4, 16)


def test_profiles_come_back_as_they_were_written() -> None:
    odd = LensProfile("odd", 'M "aker"', "back\\slash ä", "M39", 35.5, (1.7, 2.0, 2.8))
    shipped = OwnerLenses(Preferences()).profiles()
    assert read_profiles("".join(map(write_profile, [*shipped, odd]))) == (*shipped, odd)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("focal_mm = 20", "focal_mm = 0"), "lens mine: focal_mm is 0"),
        (("focal_mm = 20", "focal_mm = true"), "focal_mm is True, not a number"),
        (("focal_mm = 20", "focal_mm = nan"), "not a number"),
        (("[16, 22]", "[22, 16]"), "do not rise"),
        (("[16, 22]", "[]"), "f_stops is not a list"),
        (("[16, 22]", "16"), "f_stops is not a list"),
        (('"mine"', '"My Lens"'), "its id is not made of small letters"),
        (('mount = "C"\n', ""), "mount is missing"),
        (('mount = "C"', 'mount = "C"\nweight = 3'), "weight is not known"),
        (('"Pinhole"', '""'), "model is not a text"),
        (('"Pinhole"', "3"), "model is not a text"),
        (("[[lens]]", "[lens]"), "something else than lenses"),
        (("[[lens]]", "[[lens"), "not TOML"),
        (("[[lens]]", "other = 1\n[[lens]]"), "something else than lenses"),
        (("[[lens]]", ONE + "[[lens]]"), "two lenses have the id 'mine'"),
    ],
)
def test_a_broken_profile_is_named(change: tuple[str, str], says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        read_profiles(ONE.replace(*change))
    assert caught.value.expected


def test_what_is_chosen_is_kept_over_restarts_and_goes_into_files(lenses: OwnerLenses, tmp_path: Path) -> None:
    assert lenses.chosen() is None and lens_of_shot(lenses.chosen(), META) is None
    lenses.choose(PLANAR, 5.6)
    lenses._preferences.save_if_changed()
    again = OwnerLenses(Preferences(tmp_path / "settings.json"), tmp_path / "lenses.toml").chosen()
    assert again is not None
    assert lens_of_shot(again, META) == FittedLens("Carl Zeiss", "Planar T* 2/50 ZM", 50.0, 2.0, 5.6)
    lenses.choose(None)
    assert lenses.chosen() is None and lenses.recent() == [PLANAR]


def test_a_simulated_lens_tells_its_own_aperture(lenses: OwnerLenses) -> None:
    seen = replace(META, simulated=True, lens=LensState(50.0, 8.0, 2.0))
    fitted = lens_of_shot(lenses.choose(PLANAR, 5.6), seen)
    assert fitted is not None and fitted.f_number == 8.0


def test_a_choice_by_another_process_is_seen_and_counted(lenses: OwnerLenses, tmp_path: Path) -> None:
    revision = lenses.revision
    other = Preferences(tmp_path / "settings.json")
    OwnerLenses(other, tmp_path / "lenses.toml").choose("rpi-16-1.4-c")
    assert lenses.revision == revision
    other.save_if_changed()
    chosen = lenses.chosen()
    assert chosen is not None and chosen.profile.id == "rpi-16-1.4-c" and lenses.revision == revision + 1


@pytest.mark.parametrize("f_number", [1.4, 32.0])
def test_an_aperture_the_lens_has_not_is_refused(lenses: OwnerLenses, f_number: float) -> None:
    with pytest.raises(BadInput, match="cannot be set to") as caught:
        lenses.choose(PLANAR, f_number)
    assert caught.value.expected == "f/2 to f/22" and lenses.chosen() is None


@pytest.mark.parametrize(
    ("words", "found"), [("planar", PLANAR), ("16 rpi", "rpi-16-1.4-c"), ("NOKTON 40", "voigtlander-nokton-40-1.4-vm")]
)
def test_a_lens_is_found_by_words(lenses: OwnerLenses, words: str, found: str) -> None:
    assert lenses.find(words).id == found


@pytest.mark.parametrize(
    ("words", "says"), [("summicron", "4 lenses are meant"), ("nikkor", "no lens is meant"), ("", "meant by")]
)
def test_words_for_several_lenses_or_none_are_refused(lenses: OwnerLenses, words: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        lenses.find(words)


@pytest.mark.parametrize(
    ("words", "near"),
    [("plannar", [PLANAR]), ("nocton 40", ["voigtlander-nokton-40-1.4-vm"]), ("xyzzy", [])],
)
def test_what_was_mistyped_names_the_nearest(lenses: OwnerLenses, words: str, near: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        lenses.find(words)
    assert caught.value.expected.removeprefix("perhaps ").split(", ")[:1] == (near or [""])


def test_the_file_is_the_owners(lenses: OwnerLenses) -> None:
    path = lenses.owner_file()
    assert read_profiles(path.read_text()) == lenses.profiles() and path.read_text().startswith(
        "# Lenses of this camera"
    )
    path.write_text(ONE)
    assert [p.id for p in lenses.profiles()] == ["mine"]
    assert lenses.owner_file().read_text() == ONE, "never overwritten"
    added = [lenses.add(make_profile("Leica", "Summaron 5.6/28", "M", 28, [22, 5.6, 8])) for _ in range(2)]
    assert [p.id for p in added] == ["leica-summaron-5.6-28", "leica-summaron-5.6-28-2"]
    assert [p.id for p in lenses.profiles()] == ["mine", *(p.id for p in added)] and ONE in path.read_text()


def test_a_broken_file_is_left_alone_and_said_aloud(lenses: OwnerLenses, caplog: pytest.LogCaptureFixture) -> None:
    path = lenses.owner_file()
    path.write_text(ONE.replace("20", "none"))
    with caplog.at_level(logging.WARNING):
        assert len(lenses.profiles()) > 12
    assert "lenses.toml" in lenses.problem and "lenses.toml" in caplog.text
    with pytest.raises(BadInput):
        lenses.add(make_profile("A", "B", "C", 50, [2]))
    assert "none" in path.read_text()


def test_without_a_folder_there_is_no_file() -> None:
    with pytest.raises(StorageError):
        OwnerLenses(Preferences()).owner_file()


def test_the_simulated_lens_is_turned_as_far_as_it_goes(lenses: OwnerLenses) -> None:
    limits = {"focal_mm": Limit(6, 50, None, "mm"), "f_number": Limit(1.4, 16, None, "")}
    choice = lenses.choose(PLANAR, 4)
    assert choice is not None and controls_of(choice, limits) == {"focal_mm": 50.0, "f_number": 4}
    long = lenses.choose("leica-elmarit-m-90-2.8", 22)
    assert long is not None and controls_of(long, limits) == {} == controls_of(choice, {})
