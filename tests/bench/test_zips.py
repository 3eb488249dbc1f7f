"""The memory of a zip of many captures; its speed is not judged here: `make bench-zip`."""

from __future__ import annotations

from pathlib import Path

from bench.zips import SHOT_BYTES, fetch, fill, peak_growth_bytes, served


def test_a_zip_of_a_gigabyte_takes_no_more_memory_than_a_few_pieces(tmp_path: Path) -> None:
    storage = fill(tmp_path, 40)
    ids = [capture.id for capture in storage.list()]
    with served(storage) as port:
        _, got = fetch(port, ids[:2])
        assert 2 * SHOT_BYTES < got < 2 * SHOT_BYTES + 2000
        assert peak_growth_bytes(port, ids) <= 30 * 2**20
