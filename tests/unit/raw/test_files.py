"""The room of raw files takes bytes and gives bytes: one module alone opens paths."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import device.raw

ROOM = Path(device.raw.__file__).parent


def names_of_files(source: str) -> set[str]:
    """What in the code deals with paths: imports of pathlib, os and io's files, calls of `open`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & {"pathlib", "os", "shutil", "tempfile"}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or ""} & {"pathlib", "os", "os.path", "shutil", "tempfile", "device.raw.files"}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            found.add("open")
    return found


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.stem)
def test_only_files_opens_paths(path: Path) -> None:
    found = names_of_files(path.read_text())
    assert found == ({"pathlib"} if path.stem == "files" else set())
