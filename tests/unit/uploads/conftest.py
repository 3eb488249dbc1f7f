"""A camera that sends, and destinations for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sending_camera import SendingCamera

from device.uploads.destination import Destination


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[SendingCamera]:
    made = SendingCamera(tmp_path)
    yield made
    for uploader in made.uploaders:
        uploader.close()


@pytest.fixture
def to() -> Callable[..., Destination]:
    """Make a destination: a WebDAV server on a port of this machine."""

    def make(port: int = 1, **values: Any) -> Destination:
        return Destination(**{"name": "cloud", "kind": "webdav", "address": f"http://127.0.0.1:{port}", **values})

    return make
