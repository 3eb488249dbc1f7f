"""Small files that claim much: refused by what their heads say, before anything is decoded; honest large ones pass."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bomb_files import MEASURED, PNG_CHANNELS, flat_png, progressive_jpeg
from helpers import run
from PIL import Image
from plain_dng import plain_dng

from device.errors import BadFile
from device.raw.file_checks import audit_jpeg
from device.raw.files import read_picture
from device.raw.jpeg import check_jpeg, thumbnail
from device.raw.jpeg_header import scans_of
from device.raw.limits import PIXELS_ALWAYS, SCANS_MAX, check_pixels, check_scans

Make = Callable[..., Any]
SIXTY = (9504, 6336)
"""The size of a 60-megapixel camera's pictures."""


def noise(size: tuple[int, int], kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("colour_type", PNG_CHANNELS)
def test_a_png_that_claims_more_than_its_bytes_hold_takes_no_memory(tmp_path: Path, colour_type: int) -> None:
    (tmp_path / "bomb.png").write_bytes(flat_png(9400, 9400, colour_type=colour_type))
    done = run([sys.executable, "-P", "-c", MEASURED, "hqcam", "inspect", str(tmp_path / "bomb.png")], text=True)
    assert done.returncode == 2 and "9400x9400" in done.stderr, done.stderr
    assert int(done.stdout) < 120, "megabytes of memory at most"


def test_a_jpeg_of_many_scans_is_refused_wherever_one_is_decoded(tmp_path: Path) -> None:
    bomb = progressive_jpeg(640, 480, extra_scans=SCANS_MAX)
    (tmp_path / "bomb.jpg").write_bytes(bomb)
    with pytest.raises(BadFile, match="scans"):
        read_picture(tmp_path / "bomb.jpg")
    with pytest.raises(BadFile, match="scans"):
        thumbnail(bomb, 320, name="bomb.jpg")
    (check,) = audit_jpeg(bomb)
    assert check.verdict == "fault" and "scans" in check.finding


def test_scans_are_counted_to_the_end_of_the_picture_alone() -> None:
    plain = noise((64, 48), "JPEG")
    assert scans_of(plain, 64) == 1
    assert scans_of(noise((64, 48), "JPEG", progressive=True), 64) == 10
    assert scans_of(plain + progressive_jpeg(64, 48), 64) == 1, "a second picture behind the first"
    exif = b"\xff\xe1" + (2 + 40).to_bytes(2, "big") + b"\xff\xda\0\x02" * 10
    assert scans_of(plain[:2] + exif + plain[2:], 64) == 1, "a thumbnail in a segment"
    assert scans_of(progressive_jpeg(64, 48, extra_scans=500), 64) == 65, "no further than needed"
    assert scans_of(b"", 64) == scans_of(plain[:30], 64) == 0


def test_pictures_of_sixty_megapixels_pass() -> None:
    width, height = SIXTY
    check_pixels(width, height, file_bytes=width * height // 100)  # a JPEG of a very low quality
    check_scans(14, width * height)
    check_jpeg(noise((640, 480), "JPEG", progressive=True), 640, 480)
    side = int(PIXELS_ALWAYS**0.5)
    check_pixels(side, side, file_bytes=1)  # a flat chart
    with pytest.raises(BadFile, match="claim"):
        check_pixels(width, height, file_bytes=258_000)
    with pytest.raises(BadFile, match="scans"):
        check_scans(40, width * height)


@pytest.mark.parametrize("kind", ["png", "jpeg", "dng"])
def test_what_does_not_fit_into_the_free_memory_is_refused_before(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "picture"
    samples = np.full((480, 640), 300, np.uint16)
    path.write_bytes(plain_dng(samples, 12) if kind == "dng" else noise((640, 480), kind))
    assert read_picture(path, memory_bytes=2**30).luma.shape == (480, 640)
    with pytest.raises(BadFile, match="memory") as caught:
        read_picture(path, memory_bytes=2**20)
    assert caught.value.expected and caught.value.remedy


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_png_taller_than_a_strip_is_read_whole(tmp_path: Path, mode: str) -> None:
    image = Image.fromarray(np.random.default_rng(1).integers(0, 65536, (600, 40)).astype(np.uint16))
    shown = image if mode == "I;16" else Image.effect_noise((40, 600), 60).convert("RGB").convert(mode)
    shown.save(tmp_path / "tall.png")
    read = read_picture(tmp_path / "tall.png")
    if mode == "I;16":
        wanted = ((np.asarray(image).astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)
        assert np.array_equal(read.luma, wanted)
    else:
        assert np.array_equal(read.rgb(), np.asarray(shown.convert("RGBA").convert("RGB")))
