"""A scene for the tests of the simulated camera."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene that opens fast, where only the clock matters."""
    path = tmp_path_factory.mktemp("camera") / "grey.png"
    Image.effect_noise((640, 480), 40).save(path)
    return path
