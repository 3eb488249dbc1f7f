"""Shared by all tests: nothing stays behind, and the product's own doubles are made here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from leftovers import nothing_stays_behind_a_test, nothing_stays_behind_the_run, pytest_configure
from painted_once import the_scene_is_painted_once

from device.captures.storage import Storage
from device.drivers.base import CameraDriver
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session.session import Session

__all__ = [
    "nothing_stays_behind_a_test",
    "nothing_stays_behind_the_run",
    "pytest_configure",
    "the_scene_is_painted_once",
]


@pytest.fixture(scope="session")
def picture_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small pictures that get brighter, as a recorded camera would give them."""
    from simplejpeg import encode_jpeg

    folder = tmp_path_factory.mktemp("pictures")
    texture = np.random.default_rng(1).integers(0, 60, (120, 160, 3)).astype(np.uint8)
    for number in range(3):
        (folder / f"frame{number}.jpg").write_bytes(encode_jpeg(texture + np.uint8(60 * number), 90, "RGB"))
    return folder


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """An empty folder of captures."""
    storage = Storage(tmp_path / "captures")
    storage.prepare()
    return storage


@pytest.fixture
def make_session() -> Iterator[Callable[..., Session]]:
    """Make sessions that are closed when the test ends."""
    sessions: list[Session] = []

    def make(
        factory: Callable[[], CameraDriver], *, preferences: Preferences | None = None, **options: object
    ) -> Session:
        session = Session(factory, sensor=IMX477, preferences=preferences or Preferences(), **options)  # type: ignore[arg-type]
        sessions.append(session)
        session.start()
        return session

    yield make
    for session in sessions:
        session.close()
