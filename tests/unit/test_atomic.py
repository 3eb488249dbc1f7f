"""Files that are written whole or not at all: who may read them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from device.atomic import write_atomically


@pytest.fixture(params=[0o022, 0o077, 0])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_a_private_file_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    for name, private, mode in (("code", True, 0o600), ("picture", False, 0o666 & ~umask)):
        assert write_atomically(tmp_path / name, [b"ab", b"c"], private=private) == 3
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == mode
        assert (tmp_path / name).read_bytes() == b"abc"
    write_atomically(tmp_path / "picture", [b"d"], replace=True, private=True)
    assert stat.S_IMODE((tmp_path / "picture").stat().st_mode) == 0o600
