"""The trees of errors, as `device.errors` and `web.errors` draw them, held against every class there is."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import house
import pytest

import device.errors
import web.errors
from device.errors import HqcamError, StorageFull
from web.errors import STATUSES, BadRequest, status_of

ROOT = Path(device.errors.__file__).parents[1]
STARTS_ITSELF = "device.__main__"
NEEDS_A_PI = "device.drivers.picamera2.driver"


def below(kind: type[HqcamError]) -> Iterator[type[HqcamError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from below(child)


@pytest.fixture(scope="module")
def kinds() -> dict[str, type[HqcamError]]:
    """Every class of errors of hqcam by name, wherever it is defined."""
    for name in house.read_tree(ROOT):
        if name not in (STARTS_ITSELF, NEEDS_A_PI):
            importlib.import_module(name)
    found = [kind for kind in set(below(HqcamError)) if kind.__module__.split(".")[0] in ("device", "web")]
    assert len({kind.__name__ for kind in found}) == len(found)
    return {kind.__name__: kind for kind in found}


def drawn(text: str | None) -> dict[str, str]:
    """Read a drawn tree: each class with the one that it hangs on."""
    parents: dict[str, str] = {}
    path = ["HqcamError"]
    for bars, name in re.findall(r"^    ((?:[|` ]   )*[|`]-- )(\w+)", text or "", re.MULTILINE):
        depth = len(bars) // 4
        path[depth:] = [name]
        parents[name] = path[depth - 1]
    return parents


def test_the_error_trees_are_drawn_whole(kinds: dict[str, type[HqcamError]]) -> None:
    trees = {"device": drawn(device.errors.__doc__), "web": drawn(web.errors.__doc__)}
    for package, tree in trees.items():
        there = {
            name: kind.__bases__[0].__name__
            for name, kind in kinds.items()
            if kind.__module__.split(".")[0] == package and kind is not HqcamError
        }
        borrowed = {name: parent for name, parent in tree.items() if trees["device"].get(name) == parent}
        assert tree == there | (borrowed if package == "web" else {})


def test_every_error_has_a_code_of_its_own(kinds: dict[str, type[HqcamError]]) -> None:
    codes = [kind.code for kind in kinds.values()]
    assert len(set(codes)) == len(codes) and all("code" in vars(kind) for kind in kinds.values())


def test_every_kind_of_error_that_a_request_can_meet_chooses_its_status(kinds: dict[str, type[HqcamError]]) -> None:
    first = {kind for kind in kinds.values() if kind.__bases__[0] is HqcamError}
    ends_a_command = {kind for kind in first if kind.__module__.startswith("device.cli.")}
    assert first - ends_a_command == set(STATUSES) - {HqcamError}
    assert all(400 <= status <= 599 for status in STATUSES.values())


def test_an_error_has_the_status_of_its_nearest_kind() -> None:
    assert (status_of(StorageFull("full")), status_of(BadRequest("odd")), status_of(HqcamError("?"))) == (507, 400, 500)
