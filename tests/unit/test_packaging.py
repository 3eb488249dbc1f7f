"""The dependency ranges keep what Raspberry Pi OS ships: pip must not replace the system's compiled packages."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]

# Debian 12 and 13 as Raspberry Pi OS Bookworm and Trixie carry them; simplejpeg is picamera2's own dependency there.
BOOKWORM = {
    "numpy": "1.24.2",
    "pillow": "9.4.0",
    "click": "8.1.3",
    "flask": "2.2.2",
    "rich": "13.3.1",
    "simplejpeg": "1.8.1",
}
TRIXIE = {
    "numpy": "2.2.4",
    "pillow": "11.1.0",
    "click": "8.2.0",
    "flask": "3.1.1",
    "rich": "13.9.4",
    "simplejpeg": "1.8.1",
}


@pytest.mark.parametrize("system", [BOOKWORM, TRIXIE], ids=["bookworm", "trixie"])
def test_the_systems_packages_satisfy_our_ranges(system: dict[str, str]) -> None:
    ranges = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}
    for name, version in system.items():
        assert ranges[name].contains(version), (name, version)


def test_the_systems_pythons_are_in_range_and_nothing_newer_is_promised() -> None:
    pythons = SpecifierSet(PROJECT["requires-python"])
    assert [v for v in ("3.10.9", "3.11.2", "3.12.1", "3.13.5", "3.14.0") if pythons.contains(v)] == [
        "3.11.2",
        "3.12.1",
        "3.13.5",
    ]


def test_no_gpl_library_is_a_dependency() -> None:
    names = {Requirement(r).name for r in PROJECT["dependencies"]}
    assert not names & {"pyexiv2", "exiv2", "pyexiftool", "piexif"}
