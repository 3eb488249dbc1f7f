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


@pytest.mark.parametrize(
    ("words", "first", "near"),
    [
        ("sumicron", "leica-summicron-m-28-2-asph", True),
        ("sumi", "leica-summicron-m-28-2-asph", True),
        ("summicron 50", "leica-summicron-m-50-2", False),
        ("voigtlaender", "voigtlander-color-skopar-21-4-vm", True),
        ("Voigtländer heliar", "voigtlander-heliar-75-1.8-vm", False),
        ("nokton 35", "voigtlander-nokton-35-1.4-vm", False),
        ("nocton 35", "voigtlander-nokton-35-1.4-vm", True),
        ("35mm f/1.7", "fujian-35-1.7-c", False),
        ("sonar", "zeiss-c-sonnar-50-1.5-zm", True),
    ],
)
def test_search_forgives_and_says_when_it_did(lenses: OwnerLenses, words: str, first: str, near: bool) -> None:
    found, is_near = lenses.search(words)
    assert (found[0].id, is_near) == (first, near)
    assert lenses.search(words.upper()) == (found, is_near), "small and capital letters are one"


def test_search_gives_all_without_a_word_and_none_for_nonsense(lenses: OwnerLenses) -> None:
    assert lenses.search("  ") == (list(lenses.profiles()), False)
    assert lenses.search("xyzzy")[0] == []
    assert all(50 in (p.focal_mm, *p.f_stops) for p in lenses.search("50")[0]), "a number is no part of another"


def test_a_lens_is_changed_removed_and_comes_back_and_the_owners_words_stay(lenses: OwnerLenses) -> None:
    path = lenses.owner_file()
    path.write_text(f"# mine\n{ONE}# of the second\n{ONE.replace('mine', 'other')}# the end\n")
    mine, other = lenses.profiles()
    revision = lenses.revision
    changed = lenses.change("mine", replace(mine, model="Lens", focal_mm=25.0, id="ignored"))
    assert lenses.profiles() == (replace(mine, model="Lens", focal_mm=25.0), other) == (changed, other)
    lenses.choose("mine", 16)
    assert lenses.remove("mine") == changed and lenses.profiles() == (other,) and lenses.chosen() is None
    assert lenses.revision == revision + 3
    for words in ("# mine", "# of the second", "# the end"):
        assert words in path.read_text()
    lenses.add(changed, keep_id=True)
    assert lenses.profiles() == (other, changed)
    chosen = lenses.chosen()
    assert chosen is not None and chosen.profile == changed, "it is on the camera again"
    with pytest.raises(BadInput, match="already"):
        lenses.add(changed, keep_id=True)
    for act in (lambda: lenses.remove("none"), lambda: lenses.change("none", mine)):
        with pytest.raises(BadInput, match="there is no lens 'none'"):
            act()


def test_a_file_written_otherwise_is_left_alone(lenses: OwnerLenses) -> None:
    path = lenses.owner_file()
    values = 'maker = "A", model = "B", mount = "C", focal_mm = 50, f_stops = [2, 4]'
    path.write_text(text := f'lens = [{{id = "one", {values}}}, {{id = "two", {values}}}]')
    one, _ = lenses.profiles()
    for act in (lambda: lenses.remove("one"), lambda: lenses.change("one", replace(one, focal_mm=35.0))):
        with pytest.raises(BadInput, match="cannot change") as caught:
            act()
        assert "by hand" in caught.value.remedy and path.read_text() == text


def test_the_owners_own_lenses_are_those_that_are_not_shipped_like_this(lenses: OwnerLenses) -> None:
    assert lenses.own() == []
    added = lenses.add(make_profile("Leica", "Summaron 5.6/28", "M", 28, [5.6, 8]))
    shipped = next(p for p in lenses.profiles() if p.id == PLANAR)
    lenses.change(PLANAR, replace(shipped, f_stops=(*shipped.f_stops[:-1], 16.5)))
    assert lenses.own() == [PLANAR, added.id]


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
    unknown = lenses.choose(PLANAR)
    assert unknown is not None and controls_of(unknown, limits)["focal_mm"] == 50.0
    assert [controls_of(unknown, limits, f)["f_number"] for f in (1.4, 5.6)] == [2.0, 5.6], "as far as the lens has it"
    assert "f_number" not in controls_of(unknown, limits)
