"""The rules of the house, held: who may import whom, what the pure rooms may touch, how large a file may grow.

The rules are tried on small trees too, each with one fault: a rule that finds nothing anywhere would hold nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import house
import pytest

import device

ROOT = Path(device.__file__).parent.parent
HOUSE = house.read_tree(ROOT)

ORDER = (
    "device",
    "device.errors",
    "device.bayer",
    "device.settings",
    "device.frame",
    "device.pixels",
    "device.controls",
    "device.sensors",
    "device.lenses",
    "device.kernels",
    "device.analysis",
    "device.calibration",
    "device.raw",
    "device.report",
    "device.atomic",
    "device.host",
    "device.stored",
    "device.notices",
    "device.preferences",
    "device.simulator",
    "device.drivers",
    "device.view",
    "device.session",
    "device.calibrate",
    "device.captures",
    "device.meter",
    "device.drive",
    "device.library",
    "device.uploads",
    "device.develop",
    "device.film",
    "device.jobs",
    "device.doctor",
    "device.selftest",
    "device.cli",
    "device.__main__",
    "web",
    "web.errors",
    "web.access",
    "web.guard",
    "web.wire",
    "web.transfer",
    "web.dav",
    "web.context",
    "web.point",
    "web.openapi",
    "web.routes",
    "web.app",
    "web.server",
    "web.prefix",
    "web.address",
    "web.serve",
    "web.cli",
    "web.bench",
)
"""Every room, from the lowest to the highest: a room imports only what stands before it."""

PURE = tuple(room for room in ORDER[: ORDER.index("device.atomic")] if room != "device.kernels")
"""Rooms that take values and give values. They are the lowest, so that they cannot import another kind."""

OPENS_FILES = ("device.raw.files",)
"""The one module of a pure room that opens paths."""
LINES_MOST = 400
LOOSE_MOST = 10
SENTENCES_LEAST = 3


def none_of(faults: Sequence[str]) -> None:
    assert not faults, "\n" + "\n".join(faults)


def places(found: list[tuple[house.Module, house.Import]]) -> list[str]:
    return [f"{module.path}:{line.line}: {line.target}" for module, line in found]


def test_every_module_is_in_a_room_that_has_a_place() -> None:
    none_of(house.unplaced(HOUSE, ORDER))


def test_arrows_point_down_only() -> None:
    none_of(house.upward(HOUSE, ORDER))


def test_no_modules_import_each_other() -> None:
    none_of(house.cycles(HOUSE))


def test_pure_rooms_have_no_files_clocks_threads_logs_or_sockets() -> None:
    none_of(house.impure(HOUSE, PURE, OPENS_FILES))


def test_the_kernels_are_reached_through_the_passes() -> None:
    allowed = ("device.analysis.passes.", "device.doctor.", "device.kernels.")
    found = house.importers(HOUSE, ["device.kernels"])
    assert found
    none_of(places([(module, line) for module, line in found if not module.name.startswith(allowed)]))


def test_device_knows_no_web() -> None:
    strangers = house.importers(HOUSE, ["web", "flask", "werkzeug", "jinja2"])
    none_of(places([(module, line) for module, line in strangers if module.room.startswith("device")]))


def test_device_knows_no_http_status_and_no_address_of_the_api() -> None:
    inside = [module for module in HOUSE.values() if module.room.startswith("device")]
    none_of([place for module in inside for place in house.words_in(module, ["http_status", "/api/"])])


def test_only_the_room_of_picamera2_imports_it() -> None:
    found = house.importers(HOUSE, ["picamera2", "libcamera"])
    assert found
    none_of(places([(module, line) for module, line in found if "drivers.picamera2." not in module.name]))


def test_each_fact_of_the_machine_is_read_in_one_place() -> None:
    files = ["meminfo", "timesync", "device-tree", "thermal_zone", "disk_usage", "statvfs"]
    elsewhere = [module for module in HOUSE.values() if module.room != "device.host"]
    assert all(house.words_in(HOUSE["device.host"], [word]) for word in files[:5])
    none_of([place for module in elsewhere for place in house.words_in(module, files)])


def test_no_file_outgrows_one_idea() -> None:
    none_of(house.too_long(ROOT, LINES_MOST, ["device", "web", "tests"]))


def test_few_modules_lie_loose() -> None:
    for package in house.PACKAGES:
        loose = [p.name for p in (ROOT / package).glob("*.py") if p.stem not in ("__init__", "__main__")]
        assert len(loose) <= LOOSE_MOST, loose


def test_every_package_says_what_it_is_for() -> None:
    packages = {m.path: m for m in HOUSE.values() if m.path.endswith("__init__.py")}
    told = {path: house.sentences(ast.get_docstring(module.tree) or "") for path, module in packages.items()}
    wanted = {path: 1 if "/passes/" in path else SENTENCES_LEAST for path in told}
    none_of([f"{path}: {told[path]} of {wanted[path]} sentences" for path in told if told[path] < wanted[path]])


def test_every_room_is_in_the_plan_of_the_house() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    plan = re.findall(r"[\w/]+", text[text.index("## The house") : text.index("The arrows")])
    named = {word.removesuffix(".py").strip("/") for word in plan} | {word.removesuffix("py") for word in plan}
    rooms = {room.rpartition(".")[2] for room in ORDER} - {"__main__"}
    assert rooms - named == set()


def test_the_top_level_is_as_fixed() -> None:
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert folders - {"node_modules", "build", "dist"} == {"device", "web", "tests"}


def test_no_test_folder_shadows_a_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not {p.name for p in (ROOT / "tests").iterdir() if p.is_dir()} & {"device", "web"}


# -- the rules on trees with one fault each ----------------------------------------------------------------------------

LOW_AND_HIGH = ("device", "device.low", "device.high")


def tree(folder: Path, **files: str) -> dict[str, house.Module]:
    """Write a package `device` with the given modules (`a__b` is a/b.py) and read it."""
    for name, text in {"__init__": "", "low": "", "high": "", **files}.items():
        path = folder / "device" / (name.replace("__", "/") if not name.startswith("__") else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(text)
    return house.read_tree(folder, ["device"])


def test_a_tree_without_faults_has_none(tmp_path: Path) -> None:
    modules = tree(tmp_path, high="from device import low\nfrom device.low import thing\n")
    assert house.unplaced(modules, LOW_AND_HIGH) == house.upward(modules, LOW_AND_HIGH) == []
    assert house.cycles(modules) == house.impure(modules, LOW_AND_HIGH) == []


@pytest.mark.parametrize(
    "text",
    [
        "import device.high",
        "from device import high",
        "from device.high import thing",
        "from . import high",
        "from .high import thing",
        "def late():\n    from device.high import thing\n",
        "class Late:\n    def late(self):\n        import device.high\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from device.high import Thing\n",
    ],
)
def test_an_arrow_that_points_up_is_found_wherever_it_is_written(tmp_path: Path, text: str) -> None:
    line = next(number for number, row in enumerate(text.splitlines(), 1) if "high" in row)
    modules = tree(tmp_path, low=text)
    assert house.upward(modules, LOW_AND_HIGH) == [f"device/low.py:{line}: device.low looks up to device.high"]


def test_a_ring_of_imports_is_found_and_told(tmp_path: Path) -> None:
    modules = tree(
        tmp_path,
        high__a="from device.high import b",
        high__b="def late():\n    from device.high.c import thing\n",
        high__c="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from device.high.a import Thing\n",
        high__d="from device.high import a",
    )
    assert house.cycles(modules) == [
        "device.high.a (device/high/a.py:1) -> device.high.b (device/high/b.py:2)"
        " -> device.high.c (device/high/c.py:3) -> device.high.a"
    ]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("from pathlib import Path\n\nx = Path('a').read_text()", ".read_text"),
        ("def f(path):\n    return path.exists()", ".exists"),
        ("with open('a') as file:\n    pass", "open"),
        ("import io\nio.open('a')", ".open"),
        ("from io import FileIO", "import of io.FileIO"),
        ("import os", "import of os"),
        ("import os.path as paths", "import of os.path"),
        ("from time import monotonic", "import of time.monotonic"),
        ("from datetime import datetime\ndatetime.now()", ".now"),
        ("def late():\n    import threading", "import of threading"),
        ("from logging import getLogger", "import of logging.getLogger"),
        ("import socket", "import of socket"),
        ("import numpy as np\nnp.load('a')", ".load"),
        ("from importlib import resources", "import of importlib.resources"),
        ("print('a')", "print"),
    ],
)
def test_what_a_pure_room_must_not_touch_is_found(tmp_path: Path, text: str, what: str) -> None:
    modules = tree(tmp_path, low__a=text)
    (fault,) = house.impure(modules, ["device.low"])
    assert fault.startswith("device/low/a.py:") and fault.endswith(f": {what} in the pure room device.low")
    assert house.impure(modules, ["device.high"]) == house.impure(modules, ["device.low"], ["device.low.a"]) == []


def test_values_in_memory_are_pure(tmp_path: Path) -> None:
    text = (
        "from io import BytesIO\nfrom pathlib import Path\nimport numpy as np\n"
        "np.absolute(Path('a').name.replace('a', ''))"
    )
    assert house.impure(tree(tmp_path, low=text), ["device.low"]) == []


def test_a_room_without_a_place_and_a_place_without_a_room_are_found(tmp_path: Path) -> None:
    modules = tree(tmp_path, new__module="", loose="")
    assert house.unplaced(modules, (*LOW_AND_HIGH, "device.gone", "device.low")) == [
        "device/loose.py: the room device.loose has no place in the order",
        "device/new/module.py: the room device.new has no place in the order",
        "the order has a place for device.gone, which is not there",
        "the order has device.low twice",
    ]


def test_a_word_is_found_in_names_and_texts(tmp_path: Path) -> None:
    modules = tree(
        tmp_path, low="http_status = 1\n# /api/ in a comment\n", high="x.http_status\ndef f(): f'{x}/api/'\n"
    )
    assert house.words_in(modules["device.low"], ["http_status", "/api/"]) == ["device/low.py:1: 'http_status'"]
    lines = house.words_in(modules["device.high"], ["http_status", "/api/"])
    assert lines == ["device/high.py:1: 'http_status'", "device/high.py:2: '/api/'"]


def test_a_long_file_is_found_in_every_language(tmp_path: Path) -> None:
    for suffix in house.SOURCES:
        (tmp_path / f"long{suffix}").write_text("\n" * 401)
        (tmp_path / f"short{suffix}").write_text("\n" * 400)
    assert len(house.too_long(tmp_path, 400, ["."])) == len(house.SOURCES)


def test_sentences_are_counted_by_their_ends() -> None:
    assert house.sentences("One file, `a.py`. Two? Three (yes!) and 3.5 of four.") == 3
