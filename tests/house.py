"""Reads the source tree and finds what breaks the rules of the house; `unit/test_architecture.py` states the rules.

Everything is told from the files themselves, without importing them. Each finder gives sentences, one a fault, that
begin with file and line; an empty list is a tree that keeps the rule. A room is a module or package directly inside
`device` or `web`, such as `device.frame` or `web.routes`; `device` alone is the package's own `__init__`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("device", "web")
SOURCES = (".py", ".js", ".mjs", ".css", ".c", ".cpp", ".h")

# What a room must not import if it only turns values into values.
IMPURE_MODULES = frozenset(
    "asyncio concurrent fcntl fileinput ftplib glob http linecache logging mmap multiprocessing os queue sched select "
    "selectors shelve shutil signal smtplib socket socketserver sqlite3 ssl subprocess sys tempfile threading time "
    "urllib zipfile".split()
)
# Methods of Path and of files, and clocks, by the name that is written behind the dot.
IMPURE_ATTRIBUTES = frozenset(
    "absolute chmod cwd exists expanduser glob hardlink_to home is_dir is_file is_mount is_symlink iterdir lchmod "
    "lstat mkdir monotonic monotonic_ns now open open_binary open_code open_text owner perf_counter read_binary "
    "read_bytes read_text readlink resolve rglob rmdir samefile stat symlink_to today tofile touch unlink utcnow "
    "write_bytes write_text FileIO".split()
)
# numpy has an `absolute` and others of its own; these are the ones that read or write files.
IMPURE_NUMPY = frozenset("fromfile genfromtxt load loadtxt memmap save savetxt savez savez_compressed".split())
IMPURE_NAMES = frozenset({"open", "input", "print", "exec", "eval", "__import__"})
IMPURE_IMPORTS = frozenset({"importlib.resources", "io.FileIO", "io.open", "io.open_code"})  # io.BytesIO is memory


@dataclass(frozen=True, slots=True)
class Import:
    """One module that is imported, anywhere in a file: at its top, inside a function or for the type checker only."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file, read."""

    name: str
    path: str
    """As seen from the top of the tree."""
    tree: ast.Module
    imports: tuple[Import, ...]

    @property
    def room(self) -> str:
        return room_of(self.name)


def room_of(module: str) -> str:
    return ".".join(module.split(".")[:2])


def read_tree(root: Path, packages: Sequence[str] = PACKAGES) -> dict[str, Module]:
    """Read every Python file of the packages below `root`; give them by module name."""
    paths = {_name(path.relative_to(root)): path for package in packages for path in (root / package).rglob("*.py")}
    modules = {}
    for name, path in sorted(paths.items()):
        tree = ast.parse(path.read_text("utf-8"), str(path))
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found = tuple(Import(_known(target, paths), line) for target, line in _imports(tree, package))
        modules[name] = Module(name, path.relative_to(root).as_posix(), tree, found)
    return modules


def _name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module, package: str) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *filter(None, [node.module])])
            yield from ((f"{source}.{alias.name}", node.lineno) for alias in node.names)


def _known(target: str, modules: dict[str, Path]) -> str:
    """`from a.b import c` names the module a.b.c where there is one, else something inside a.b."""
    parent = target.rpartition(".")[0]
    return parent if target not in modules and parent in modules else target


def unplaced(modules: dict[str, Module], order: Sequence[str]) -> list[str]:
    """Rooms that have no place in the order, places that have no room, and places that are given twice."""
    rooms = {module.room: module.path for module in modules.values()}
    return [
        *(f"{path}: the room {room} has no place in the order" for room, path in rooms.items() if room not in order),
        *(f"the order has a place for {room}, which is not there" for room in order if room not in rooms),
        *(f"the order has {room} twice" for room in sorted(set(order)) if order.count(room) > 1),
    ]


def upward(modules: dict[str, Module], order: Sequence[str]) -> list[str]:
    """Imports of a room that stands later in the order than the room of the importer."""
    place = {room: number for number, room in enumerate(order)}
    return [
        f"{module.path}:{found.line}: {module.room} looks up to {found.target}"
        for module in modules.values()
        for found in module.imports
        if found.target in modules and place.get(module.room, -1) < place.get(room_of(found.target), -1)
    ]


def importers(modules: dict[str, Module], targets: Sequence[str]) -> list[tuple[Module, Import]]:
    """Every import of one of the targets, or of something inside it."""
    return [
        (module, found)
        for module in modules.values()
        for found in module.imports
        if any(found.target == target or found.target.startswith(f"{target}.") for target in targets)
    ]


def cycles(modules: dict[str, Module]) -> list[str]:
    """Modules that import each other, over however many steps: the shortest way round for each."""
    edges = {
        name: {i.target: i.line for i in reversed(module.imports) if i.target in modules and i.target != name}
        for name, module in modules.items()
    }
    found: dict[frozenset[str], str] = {}
    for start in edges:
        ring = _way_back(start, edges)
        if ring and not any(set(ring) == known for known in found):
            steps = " -> ".join(
                f"{a} ({modules[a].path}:{edges[a][b]})" for a, b in zip(ring, [*ring[1:], start], strict=True)
            )
            found[frozenset(ring)] = f"{steps} -> {start}"
    return list(found.values())


def _way_back(start: str, edges: dict[str, dict[str, int]]) -> list[str]:
    """Give the shortest ring through `start`; empty where there is none."""
    came_from = {start: start}
    waiting = [start]
    for module in waiting:
        for target in edges[module]:
            if target == start:
                ring = [module]
                while ring[0] != start:
                    ring.insert(0, came_from[ring[0]])
                return ring
            if target not in came_from:
                came_from[target] = module
                waiting.append(target)
    return []


def impure(modules: dict[str, Module], rooms: Sequence[str], allowed: Sequence[str] = ()) -> list[str]:
    """Files, clocks, threads, logs and sockets in rooms that take values and give values; `allowed` modules may."""
    return [
        f"{module.path}:{line}: {what} in the pure room {module.room}"
        for module in modules.values()
        if module.room in rooms and module.name not in allowed
        for line, what in _impurities(module)
    ]


def _impurities(module: Module) -> Iterator[tuple[int, str]]:
    for found in module.imports:
        if found.target.split(".")[0] in IMPURE_MODULES or found.target in IMPURE_IMPORTS:
            yield found.line, f"import of {found.target}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name) and node.id in IMPURE_NAMES:
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            of_numpy = isinstance(node.value, ast.Name) and node.value.id in ("np", "numpy")
            if node.attr in (IMPURE_NUMPY if of_numpy else IMPURE_ATTRIBUTES):
                yield node.lineno, f".{node.attr}"


def words_in(module: Module, words: Sequence[str]) -> list[str]:
    """Give where a name or a text of the module holds one of the words; comments may say them."""
    return [
        f"{module.path}:{getattr(node, 'lineno', 1)}: {word!r}"
        for node in ast.walk(module.tree)
        for word in words
        if any(word in text for text in _texts(node))
    ]


def _texts(node: ast.AST) -> list[str]:
    """Give the strings that stand in the node itself: names of things, and texts."""
    return [value for _, value in ast.iter_fields(node) if isinstance(value, str)]


def too_long(root: Path, most_lines: int, folders: Sequence[str]) -> list[str]:
    """Source files with more lines than `most_lines`."""
    return [
        f"{path.relative_to(root).as_posix()}: {count} lines"
        for folder in folders
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in SOURCES and (count := len(path.read_text("utf-8").splitlines())) > most_lines
    ]


def sentences(text: str) -> int:
    """Count sentences: a mark at the end of a word, with the text's end or another beginning behind it."""
    return len(re.findall(r"[.?!][)`'\"]*(?=\s*$|\s+[A-Z0-9`'\"(])", text))
