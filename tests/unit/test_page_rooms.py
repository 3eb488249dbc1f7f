"""The rooms of the page's code: which may import which, and that a stranger finds every module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "web" / "static"
TEMPLATES = STATIC.with_name("templates")
ROOMS = ("declared", "types", "words", "page", "paint", "live", "exposure", "tools", "shoot")  # from the ground up
MOST_LOOSE_FILES = 10
MOST_LINES = 400
MODULES = sorted(STATIC.rglob("*.js"))
SHEETS = sorted(STATIC.rglob("*.css"))
# An import, of code or of a type, and the address of a worker.
IMPORT = re.compile(
    r"""(?:^import\s[^;]*?from\s|^import\s|\bimport\(|@import\s*\{[^}]*\}\s*from\s|new\sURL\()"([^"]+)\"""", re.M
)


def name(path: Path) -> str:
    return path.relative_to(STATIC).as_posix()


def imports(module: Path) -> set[str]:
    """The modules that one imports, by their path in web/static."""
    found = (path for path in IMPORT.findall(module.read_text()) if path.endswith(".js"))  # not the address of a folder
    return {name((module.parent / path).resolve()) for path in found}


def level(module: str) -> int:
    """How high its room is; the loose modules are above all."""
    room = module.partition("/")[0]
    return ROOMS.index(room) if room in ROOMS else len(ROOMS)


ARROWS = {name(module): imports(module) for module in MODULES}


def test_all_imports_are_seen_and_lead_to_a_module() -> None:
    assert "live/receiver-worker.js" in ARROWS["live/receiver-client.js"], "a worker's address"
    assert "types/frame.js" in ARROWS["live/decoder.js"], "a type"
    assert "page/dom.js" in ARROWS["main.js"], "code"
    for module in MODULES:
        text = module.read_text()
        written = len(re.findall(r"^import\s|\bimport\(|@import\s|new URL\(", text, re.M))
        assert len(IMPORT.findall(text)) == written, f"{name(module)}: an import is written in another way"
    assert {target for targets in ARROWS.values() for target in targets} <= set(ARROWS)


@pytest.mark.parametrize("module", ARROWS)
def test_a_module_imports_only_from_its_own_room_and_those_below(module: str) -> None:
    assert not {target for target in ARROWS[module] if level(target) > level(module)}


def test_no_module_imports_itself_by_a_detour() -> None:
    done: set[str] = set()

    def walk(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join((*way, module))
        if module not in done:
            for target in sorted(ARROWS[module]):
                walk(target, (*way, module))
            done.add(module)

    for module in ARROWS:
        walk(module, ())
    assert done == set(ARROWS)


def test_the_worker_loads_nothing_that_needs_a_document() -> None:
    reached: set[str] = set()
    waiting = ["live/receiver-worker.js"]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += ARROWS[module]
    rooms = {module.partition("/")[0] for module in reached - {"page/address.js"}}  # which works in both
    assert rooms == {"declared", "types", "paint", "live"}
    allowed = {"document.createElement"}  # where there is no OffscreenCanvas
    for module in reached:
        used = set(re.findall(r"\bdocument\.\w+", (STATIC / module).read_text()))
        assert used <= allowed, f"{module} runs in the worker too"


def test_every_room_says_what_is_in_it() -> None:
    folders = {path.name for path in STATIC.iterdir() if path.is_dir()}
    assert folders == {*ROOMS, "help"}
    for room in ROOMS:
        readme = (STATIC / room / "README.md").read_text()
        named = set(re.findall(r"`([\w-]+\.js)`", readme))
        assert named == {path.name for path in (STATIC / room).glob("*.js")}, room
    assert f"from the ground up: {', '.join(ROOMS)}." in (STATIC / "main.js").read_text()


def test_few_files_lie_loose_and_none_is_long() -> None:
    assert sum(path.is_file() for path in STATIC.iterdir()) <= MOST_LOOSE_FILES
    for path in (*MODULES, *SHEETS):
        assert len(path.read_text().splitlines()) <= MOST_LINES, name(path)


def test_templates_name_every_style_sheet_once_and_nothing_that_is_not_there() -> None:
    named = {
        template.name: re.findall(
            r'(?:href|src)="{{ (?:assets|request.script_root) }}/(?:static/)?([^"{]+\.[^"{]+)"', template.read_text()
        )
        for template in TEMPLATES.glob("*.html")
    }
    for template, files in named.items():
        assert len(files) == len(set(files)) or template == "access.html", template
        assert all((STATIC / file).is_file() for file in files), template
    linked = {file for files in named.values() for file in files if file.endswith(".css")}
    assert linked == {name(sheet) for sheet in SHEETS}


def test_every_custom_property_that_a_style_sheet_reads_is_set_somewhere() -> None:
    text = "\n".join(sheet.read_text() for sheet in SHEETS)
    palette = (STATIC / "paint" / "palette.js").read_text()
    layers = {found.replace("_", "-") for found in re.findall(r"\b((?:zebra|raw)_\w+): ", palette)}
    read = set(re.findall(r"var\(--([\w-]+)", text))
    by_sheets = set(re.findall(r"--([\w-]+):", text))
    by_modules = {found for module in MODULES for found in re.findall(r'"--([\w-]+)"', module.read_text())}
    by_palette = {found for found in read if found in layers or found.startswith(("peaking-", "channel-"))}
    assert read <= by_sheets | by_modules | by_palette
