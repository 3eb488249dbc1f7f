"""The files of the page, below a path with their version in it: a browser keeps them until another version is there.

    /static/v-3f2a9c01d4e7/page/base.css    kept for a year, asked for once
    /static/page/base.css                   asked for again each time ("not modified"); nothing that is drawn names it

The page names its modules in its head: else a browser learns of them file by file, and each level of imports costs a
round trip of the Wi-Fi.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory

KEPT_S = 365 * 24 * 3600
_IMPORT = re.compile(r'^(?:import|export|\} from)\b[^;]*?"(\.[^"]+\.js)";', re.MULTILINE)


def install(app: Flask) -> None:
    """Serve the static files of `app` below their version; templates get `assets` (where) and `modules` (names)."""
    files = Assets(Path(app.static_folder or ""))

    def versioned(version: str, filename: str) -> Response:
        response = send_from_directory(files.folder, filename)
        if version == files.version:
            response.headers["Cache-Control"] = f"max-age={KEPT_S}, immutable"
        return response

    def names() -> dict[str, Any]:
        return {"assets": f"{request.script_root}/static/v-{files.look()}", "modules": files.modules}

    app.add_url_rule("/static/v-<version>/<path:filename>", "versioned", versioned)
    app.context_processor(names)


class Assets:
    """What lies in the folder of static files. Any request's thread calls it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.version = ""
        """That of the page drawn last; 12 hexadecimal digits."""
        self.modules: tuple[str, ...] = ()
        """The modules that main.js imports, itself and all others through them, as paths below the folder."""
        self._lock = threading.Lock()

    def look(self) -> str:
        """The version of what lies there now: another one as soon as a file is another. Raises OSError."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*.*")):
            status = path.stat()
            digest.update(f"{path}\0{status.st_mtime_ns}\0{status.st_size}\0".encode())
        version = digest.hexdigest()[:12]
        with self._lock:
            if version != self.version:
                self.modules = tuple(sorted(self._imported("main.js")))
                self.version = version
        return version

    def _imported(self, first: str) -> set[str]:
        found, left = {first}, [first]
        while left:
            for name in self._imports_of(left.pop()):
                if name not in found:
                    found.add(name)
                    left.append(name)
        return found

    def _imports_of(self, name: str) -> Iterator[str]:
        path = self.folder / name
        for target in _IMPORT.findall(path.read_text()):
            yield (path.parent / target).resolve().relative_to(self.folder.resolve()).as_posix()
