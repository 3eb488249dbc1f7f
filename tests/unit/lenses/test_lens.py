"""Lens profiles, the owner's file, and the lens on the camera."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from device.errors import BadInput, StorageError
from device.frame import FrameMeta, LensState, Limit
from device.lenses.fitted import FittedLens
from device.lenses.profiles import LensProfile, make_profile, profile_of, read_profiles, write_profile
from device.preferences.lens_catalogue import by_id, catalogue
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


def test_profiles_come_back_as_they_were_written() -> None:
    odd = LensProfile(
        *("odd", 'M "aker"', "back\\slash ä", "M39", 35.5, (1.7, 2.0, 2.8), 70.0, 4.5, False, 1 / 3),
        *("M39 to C, 10 mm", "No. 7", 'of "my" uncle', 33, "its ring"),
    )
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
        (("[[lens]]", "format = 1.0\n[[lens]]"), "something else than lenses"),
        (("[[lens]]", "format = 7\n[[lens]]"), "of format 7, of a newer hqcam"),
        (("focal_mm = 20", "focal_mm = 20\nfocal_long_mm = 20"), "focal_long_mm is 20, not above focal_mm"),
        (("focal_mm = 20", "focal_mm = 20\nf_widest_long = 4"), "f_widest_long is for a zoom"),
        (("focal_mm = 20", "focal_mm = 20\nclosest_m = 0"), "closest_m is 0, not from 0.01 to 100"),
        (("focal_mm = 20", "focal_mm = 20\nsix_bit = 64"), "six_bit is 64"),
        (("focal_mm = 20", "focal_mm = 20\nsix_bit = 3.0"), "six_bit is 3.0"),
        (("focal_mm = 20", "focal_mm = 20\nnarrowest_known = 1"), "neither true nor false"),
        (("focal_mm = 20", 'focal_mm = 20\nnotes = "a\\nb"'), "notes is not a text of 1 to 500"),
        (("focal_mm = 20", "focal_mm = 20\nserial = 7"), "serial is not a text of 1 to 80"),
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
    ("words", "found"),
    [("planar 2/50", PLANAR), ("16 rpi", "rpi-16-1.4-c"), ("NOKTON 40 1.4", "voigtlander-nokton-40-1.4-vm")],
)
def test_a_lens_is_found_by_words(lenses: OwnerLenses, words: str, found: str) -> None:
    assert lenses.find(words).id == found


@pytest.mark.parametrize(
    ("words", "says"), [("planar 50", "3 lenses are meant"), ("xyzzy", "no lens is meant"), ("", "meant by")]
)
def test_words_for_several_lenses_or_none_are_refused(lenses: OwnerLenses, words: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        lenses.find(words)


@pytest.mark.parametrize(
    ("words", "near"),
    [("plannar 2/50", [PLANAR]), ("nocton 40 1.4", ["voigtlander-nokton-40-1.4-vm"]), ("xyzzy", [])],
)
def test_what_was_mistyped_names_the_nearest(lenses: OwnerLenses, words: str, near: list[str]) -> None:
    with pytest.raises(BadInput) as caught:
        lenses.find(words)
    assert caught.value.expected.removeprefix("perhaps ").split(", ")[:1] == (near or [""])


@pytest.mark.parametrize(
    ("words", "first", "near"),
    [
        ("sumicron", "leica-summicron-m-50-2", True),
        ("sumi", "leica-summilux-1-1.4-35", True),
        ("summicron m 2/50", "leica-summicron-m-50-2", False),
        ("voigtlaender skopar 21 f4", "voigtlander-color-skopar-21-4-vm", True),
        ("Voigtländer heliar 75", "voigtlander-heliar-75-1.8-vm", False),
        ("nokton 35 1.4", "voigtlander-nokton-35-1.4-vm", False),
        ("nocton 35 1.4", "voigtlander-nokton-35-1.4-vm", True),
        ("35mm f/1.7", "fujian-35-1.7-c", False),
        ("sonar zm 1.5", "zeiss-c-sonnar-50-1.5-zm", True),
        ("pt361060", "rpi-6-1.2-cs", False),
    ],
)
def test_search_forgives_and_says_when_it_did(lenses: OwnerLenses, words: str, first: str, near: bool) -> None:
    found, is_near = lenses.search(words)
    assert (found[0].id, is_near) == (first, near)
    assert lenses.search(words.upper()) == (found, is_near), "small and capital letters are one"


def test_search_gives_all_without_a_word_and_none_for_nonsense(lenses: OwnerLenses) -> None:
    assert lenses.search("  ") == (list(lenses.profiles()), False)
    assert lenses.search("xyzzy")[0] == []
    assert not [p for p in lenses.search("6")[0] if (p.focal_mm, p.f_stops[0]) == (16, 1.4)], "no part of another"


def test_a_lens_is_changed_removed_and_comes_back_and_the_owners_words_stay(lenses: OwnerLenses) -> None:
    path = lenses.owner_file()
    path.write_text(f"# mine\n{ONE}# of the second\n{ONE.replace('mine', 'other')}# the end\n")
    mine, other = lenses.bag()
    revision = lenses.revision
    changed = lenses.change("mine", replace(mine, model="Lens", focal_mm=25.0, id="ignored"))
    assert lenses.bag() == (replace(mine, model="Lens", focal_mm=25.0), other) == (changed, other)
    lenses.choose("mine", 16)
    assert lenses.remove("mine") == changed and lenses.bag() == (other,) and lenses.chosen() is None
    assert lenses.revision == revision + 3
    for words in ("# mine", "# of the second", "# the end"):
        assert words in path.read_text()
    lenses.add(changed, keep_id=True)
    assert lenses.bag() == (other, changed)
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
    one, _ = lenses.bag()
    for act in (lambda: lenses.remove("one"), lambda: lenses.change("one", replace(one, focal_mm=35.0))):
        with pytest.raises(BadInput, match="cannot change") as caught:
            act()
        assert "by hand" in caught.value.remedy and path.read_text() == text


def test_a_lens_of_the_catalogue_that_is_changed_is_the_owners_until_it_is_removed(lenses: OwnerLenses) -> None:
    assert lenses.own() == [] and len(lenses.profiles()) == len(catalogue())
    added = lenses.add(make_profile("Leica", "Summaron 5.6/28", "M", 28, [5.6, 8]))
    known = by_id()[PLANAR]
    mine = lenses.change(PLANAR, replace(known, serial="15512345", adapter="M to C"))
    assert lenses.own() == [added.id, PLANAR] and lenses.profiles()[:2] == (added, mine)
    assert [p.id for p in lenses.profiles()].count(PLANAR) == 1, "it stands for that of the catalogue"
    chosen = lenses.choose(PLANAR, 4)
    assert chosen is not None and chosen.fitted.serial == "15512345"
    assert lenses.find("planar 50") == mine, "of three that are meant, the owner's"
    again = lenses.change(PLANAR, replace(mine, notes="cleaned"))
    assert lenses.bag() == (added, again)
    copy = lenses.duplicate("rpi-16-1.4-c")
    assert copy == replace(by_id()["rpi-16-1.4-c"], id="rpi-16-1.4-c-2") and lenses.own()[-1] == copy.id
    assert lenses.remove(PLANAR) == again and known in lenses.profiles()
    with pytest.raises(BadInput, match="of the catalogue"):
        lenses.remove(PLANAR)


def test_a_file_of_an_older_hqcam_says_no_more_than_the_catalogue(lenses: OwnerLenses) -> None:
    """It began with a copy of what was shipped: such lenses are not the owner's."""
    bare = {name: getattr(by_id()[PLANAR], name) for name in ("id", "maker", "model", "mount", "focal_mm", "f_stops")}
    lenses.owner_file().write_text(write_profile(LensProfile(**bare)) + ONE)
    assert lenses.own() == ["mine"] and by_id()[PLANAR] in lenses.profiles()
    lenses.owner_file().write_text(write_profile(LensProfile(**{**bare, "f_stops": (2.0, 16.5)})))
    assert lenses.own() == [PLANAR]


def test_lenses_go_to_another_camera_and_come_once(lenses: OwnerLenses, tmp_path: Path) -> None:
    mine = lenses.add(profile_of({"maker": "Me", "model": "Zoom", "mount": "C", "focal_mm": 8, "focal_long_mm": 50,
                                  "f_stops": [1.4, 2], "closest_m": 0.3, "serial": "7"}))  # fmt: skip
    text = lenses.export_text()
    assert read_profiles(text) == (mine,) and read_profiles(lenses.export_text([PLANAR, PLANAR])) == (by_id()[PLANAR],)
    there = OwnerLenses(Preferences(), tmp_path / "there.toml")
    assert there.import_text(text + write_profile(by_id()[PLANAR])) == [mine], "the catalogue is there already"
    assert there.import_text(text) == [] and there.bag() == (mine,)
    (other,) = there.import_text(text.replace('"7"', '"8"'))
    assert other == replace(mine, id="me-zoom-2", serial="8") and there.bag() == (mine, other)
    before = (tmp_path / "there.toml").read_text()
    for broken in (text + "[[lens]]\n", "not TOML", "format = 2\n", "a = 1\n" + text):
        with pytest.raises(BadInput):
            there.import_text(broken)
    with pytest.raises(BadInput, match="there is no lens"):
        lenses.export_text(["none"])
    assert (tmp_path / "there.toml").read_text() == before, "all of them or none"


def test_a_zoom_stands_where_its_owner_says(lenses: OwnerLenses, tmp_path: Path) -> None:
    zoom = "carl-zeiss-vario-sonnar-t-3.4-35-70-c-y"
    untold = lenses.choose(zoom, 4)
    assert untold is not None and untold.fitted.focal_mm is None and untold.fitted.focal_range_mm == (35, 70)
    limits = {"focal_mm": Limit(6, 135, None, "mm")}
    assert controls_of(untold, limits) == {}, "nobody told where it stands"
    told = lenses.choose(zoom, 4, 50)
    assert told is not None and told.fitted.focal_mm == 50 and controls_of(told, limits) == {"focal_mm": 50}
    lenses._preferences.save_if_changed()
    again = OwnerLenses(Preferences(tmp_path / "settings.json"), tmp_path / "lenses.toml")
    assert again.chosen() == told
    for focal_mm in (34.9, 71.0):
        with pytest.raises(BadInput, match="cannot be set to .* mm"):
            lenses.choose(zoom, None, focal_mm)
    with pytest.raises(BadInput, match="50 mm"):
        lenses.choose("rpi-16-1.4-c", None, 50)
    same = lenses.choose("rpi-16-1.4-c", None, 16)
    assert same is not None and same.fitted.focal_mm == 16 and same.zoomed_mm is None
    seen = lens_of_shot(untold, replace(META, lens=LensState(42.0, 8.0, 2.0)))
    assert seen is not None and (seen.focal_mm, seen.f_number) == (42.0, 8.0), "a simulated lens tells"


def test_a_ring_of_which_the_end_is_not_known_goes_on(lenses: OwnerLenses) -> None:
    six = lenses.choose("rpi-6-1.2-cs", 22)
    assert six is not None and six.fitted.f_number == 22 and six.profile.aperture_text == "1.2-16..."
    with pytest.raises(BadInput, match="cannot be set to f/1"):
        lenses.choose("rpi-6-1.2-cs", 1.0)


def test_the_file_is_the_owners(lenses: OwnerLenses) -> None:
    path = lenses.owner_file()
    assert read_profiles(path.read_text()) == () and path.read_text().startswith("# Lenses of this camera")
    sample = "\n".join(line.removeprefix("# ") for line in path.read_text().splitlines() if " = " in line)
    assert read_profiles("[[lens]]\n" + sample.replace("format = 1", "")), "the lens that it shows could be one"
    path.write_text(ONE)
    assert [p.id for p in lenses.bag()] == ["mine"] and lenses.profiles()[1:] == catalogue()
    assert lenses.owner_file().read_text() == ONE, "never overwritten"
    added = [lenses.add(make_profile("Leica", "Summaron 5.6/28", "M", 28, [22, 5.6, 8])) for _ in range(2)]
    assert [p.id for p in added] == ["leica-summaron-5.6-28", "leica-summaron-5.6-28-2"]
    assert [p.id for p in lenses.bag()] == ["mine", *(p.id for p in added)] and ONE in path.read_text()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ONE.replace("20", "none"), "not TOML"),
        ("format = 2\n" + ONE + 'coating = "new"\n', "of format 2, of a newer hqcam"),
        ('[camera]\nmodel = "HQ"\n', "something else than lenses"),
        ("\xff\xfe", "cannot be read"),
    ],
    ids=("broken", "newer", "foreign", "not UTF-8"),
)
def test_a_file_that_cannot_be_used_is_left_alone_and_said_aloud(
    lenses: OwnerLenses, caplog: pytest.LogCaptureFixture, text: str, says: str
) -> None:
    path = lenses.owner_file()
    path.write_bytes(written := text.encode("latin-1"))
    with caplog.at_level(logging.WARNING):
        assert lenses.profiles() == catalogue()
    assert "lenses.toml" in lenses.problem and says in lenses.problem and "lenses.toml" in caplog.text
    for act in (
        lambda: lenses.add(make_profile("A", "B", "C", 50, [2])),
        lambda: lenses.change(PLANAR, by_id()[PLANAR]),
        lambda: lenses.duplicate(PLANAR),
        lambda: lenses.remove(PLANAR),
        lambda: lenses.import_text(ONE),
    ):
        with pytest.raises(BadInput, match=says):
            act()
    assert path.read_bytes() == written


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
