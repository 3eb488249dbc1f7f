"""Reading pictures back: ours bit for bit, other writers' plain DNGs, and nothing but BadFile from anything broken."""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from plain_dng import plain_dng

from device.bayer import CFA_ORDERS, CfaOrder
from device.errors import BadFile
from device.frame import LensState, RawFrame
from device.raw.dng_reader import raw_size, read_raw
from device.raw.files import read_picture
from device.raw.jpeg import with_exif
from device.raw.tiff_reader import read_tiff
from device.raw.tiff_writer import Type, numbers, text
from device.sensors.imx477 import IMX477

Make = Callable[..., Any]
BROKEN_COPIES = 300


def png(image: Image.Image, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", **options)
    return buffer.getvalue()


@pytest.fixture
def read(tmp_path: Path) -> Make:
    def read_bytes(data: bytes) -> Any:
        path = tmp_path / "picture"
        path.write_bytes(data)
        return read_picture(path)

    return read_bytes


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
@pytest.mark.parametrize("order", CFA_ORDERS)
@pytest.mark.parametrize("shape", [(46, 64), (33, 47), (2, 3)])
def test_our_own_dng_reads_back_bit_for_bit(
    order: CfaOrder, bits: int, shape: tuple[int, int], make_raw: Make, make_dng: Make
) -> None:
    raw = make_raw(order, bits, shape)
    tiff = read_tiff(make_dng(raw))
    back = read_raw(tiff)
    assert np.array_equal(back.samples, raw.samples)
    assert replace(back, samples=raw.samples) == raw
    assert raw_size(tiff) == (shape[1], shape[0])


def test_a_dng_brings_its_metadata_and_a_picture(make_dng: Make, make_meta: Make, make_raw: Make, read: Make) -> None:
    gains = IMX477.colour.gains_at(5000)
    meta = make_meta(simulated=True, lens=LensState(50.0, 2.8, 3.0), colour_gains=gains, exposure_us=1_300_000.0)
    picture = read(make_dng(replace(make_raw(), levels_assumed=True), meta))
    metadata = picture.metadata
    assert picture.kind == "dng" and picture.size_bytes > 0 and picture.raw.levels_assumed
    assert (metadata.exposure_us, metadata.iso, metadata.f_number, metadata.focal_mm) == (1_300_000.0, 200, 2.8, 50.0)
    assert metadata.taken_at == datetime.fromisoformat("2026-11-20T21:45:01.123+05:30")
    assert (metadata.make, metadata.lens, metadata.orientation) == ("Raspberry Pi", "simulated lens", 1)
    assert metadata.simulated and "black level assumed" in metadata.notes
    assert metadata.colour_gains == pytest.approx(gains) and metadata.colour_temperature_k == pytest.approx(
        5000, abs=30
    )
    assert picture.luma.shape == (46, 64) and picture.rgb().shape == (46, 64, 3) and picture.yuv.u.shape == (23, 32)


def pidng(size: tuple[int, int] = (990, 1332), bits: int = 10, **changes: Any) -> bytes:
    levels = {"BLACK_LEVEL": numbers(Type.SHORT, *[16 << (bits - 8)] * 4), "MODEL": text("PiDNG / PiCamera2")}
    return plain_dng(np.full(size, 20 << (bits - 8), np.uint16), bits, **{**levels, **changes})


@pytest.mark.parametrize(
    ("data", "assumed"),
    [
        (pidng(), True),
        (pidng((1080, 2028), 12), True),
        (pidng((1080, 2028), 16), True),
        (pidng((1080, 2028), 16, WHITE_LEVEL=numbers(Type.LONG, 65520)), True),
        (pidng((990, 1330)), False),
        (pidng(BLACK_LEVEL=numbers(Type.SHORT, 42, 42, 42, 42)), False),
        (pidng(WHITE_LEVEL=numbers(Type.SHORT, 1000)), False),
        (pidng(WHITE_LEVEL=None), False),
        (pidng(UNIQUE_CAMERA_MODEL=text("another camera")), False),
        (pidng(MODEL=text("imx219")), False),
        (pidng(MODEL=None), False),
    ],
)
def test_a_dng_that_names_no_sensor_is_taken_for_what_its_size_and_levels_say(
    read: Make, data: bytes, assumed: bool
) -> None:
    metadata = read(data).metadata
    assert metadata.sensor_assumed == assumed
    assert (metadata.colour_temperature_k is not None) == assumed, "known sensors alone have a white-balance curve"
    named = read(pidng(MODEL=text("imx477"))).metadata
    assert not named.sensor_assumed and named.colour_temperature_k is not None


LINEAR = numbers(Type.SHORT, 34892)
SAMPLES = np.random.default_rng(5).integers(0, 1024, (50, 70), dtype=np.uint16)


@pytest.mark.parametrize("layout", [{}, {"tile": 16}, {"tile": 48}, {"tile": 96}, {"strip": 16}, {"strip": 7}])
@pytest.mark.parametrize("bits", [10, 12, 16])
def test_strips_and_tiles_of_other_writers_are_put_together(bits: int, layout: dict[str, int], read: Make) -> None:
    picture = read(plain_dng(SAMPLES, bits, **layout))
    assert np.array_equal(picture.raw.samples, SAMPLES)
    assert (picture.raw.cfa, picture.raw.bit_depth, picture.raw.white_dn) == ("BGGR", bits, 2**bits - 1)
    assert picture.raw.black_dn == (16.0,) * 4 and not picture.raw.levels_assumed
    assert (picture.metadata.exposure_us, picture.metadata.iso, picture.metadata.colour_gains) == (
        20_000.0,
        400,
        (2.0, 1.6),
    )


def test_an_active_area_is_cut_out_and_missing_levels_are_called_assumed(read: Make) -> None:
    data = plain_dng(SAMPLES, 12, ACTIVE_AREA=numbers(Type.LONG, 2, 4, 48, 66), WHITE_LEVEL=None, BLACK_LEVEL=None)
    raw = read(data).raw
    assert np.array_equal(raw.samples, SAMPLES[2:48, 4:66]) and raw_size(read_tiff(data)) == (62, 46)
    assert raw.levels_assumed and raw.black_dn == (0.0,) * 4 and raw.white_dn == 4095


def test_only_in_16_bit_words_the_white_level_tells_the_depth(read: Make) -> None:
    raw = read(plain_dng(SAMPLES, 16, WHITE_LEVEL=numbers(Type.SHORT, 4095))).raw
    assert (raw.bit_depth, raw.white_dn) == (12, 4095)
    raw = read(plain_dng(SAMPLES, 12, WHITE_LEVEL=numbers(Type.SHORT, 1000))).raw
    assert (raw.bit_depth, raw.white_dn) == (12, 1000)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"COMPRESSION": numbers(Type.SHORT, 8)}, "compression is 8"),
        ({"COMPRESSION": numbers(Type.SHORT, 7)}, "a tile is no JPEG"),
        ({"PHOTOMETRIC_INTERPRETATION": numbers(Type.SHORT, 2)}, "no raw samples"),
        (
            {"PHOTOMETRIC_INTERPRETATION": numbers(Type.SHORT, 34892), "SAMPLES_PER_PIXEL": numbers(Type.SHORT, 3)},
            "is 3",
        ),
        ({"SAMPLES_PER_PIXEL": numbers(Type.SHORT, 3)}, "samples per pixel is 3"),
        ({"BITS_PER_SAMPLE": numbers(Type.SHORT, 13)}, "13 bits"),
        ({"SAMPLE_FORMAT": numbers(Type.SHORT, 3)}, "sample format is 3"),
        ({"LINEARIZATION_TABLE": numbers(Type.SHORT, *range(16))}, "linearisation"),
        ({"CFA_REPEAT_PATTERN_DIM": numbers(Type.SHORT, 6, 6)}, "colour filter array"),
        ({"CFA_PATTERN": numbers(Type.BYTE, 0, 0, 1, 2)}, "colour filter array"),
        ({"CFA_PATTERN": None}, "colour filter array"),
        ({"IMAGE_WIDTH": numbers(Type.LONG, 0)}, "0x50"),
        ({"IMAGE_WIDTH": numbers(Type.LONG, 2**31), "IMAGE_LENGTH": numbers(Type.LONG, 2**31)}, "megapixels"),
        ({"IMAGE_WIDTH": numbers(Type.LONG, 9000)}, "ends before its samples"),
        ({"STRIP_OFFSETS": numbers(Type.LONG, 2**32 - 1)}, "ends before its samples"),
        ({"STRIP_OFFSETS": numbers(Type.LONG, 8, 8)}, "lists 2 pieces"),
        ({"ROWS_PER_STRIP": numbers(Type.LONG, 0)}, "cut into pieces"),
        ({"TILE_WIDTH": numbers(Type.LONG, 2**32 - 1)}, "pieces"),
        ({"BLACK_LEVEL": numbers(Type.SHORT, 1, 2, 3)}, "black levels"),
        ({"BLACK_LEVEL": numbers(Type.DOUBLE, *(float("nan"),) * 4)}, "black levels"),
        ({"BLACK_LEVEL": numbers(Type.SSHORT, -1, 0, 0, 0)}, "not below its white"),
        ({"WHITE_LEVEL": numbers(Type.SHORT, 10)}, "not below its white"),
        ({"WHITE_LEVEL": numbers(Type.LONG, 2**20)}, "white level is 1048576"),
        ({"ACTIVE_AREA": numbers(Type.LONG, 0, 0, 51, 70)}, "active area"),
        ({"ACTIVE_AREA": numbers(Type.LONG, 40, 0, 10, 70)}, "active area"),
    ],
)
def test_a_dng_that_is_not_plain_is_refused_by_what_it_is(changes: dict[str, Any], reason: str, read: Make) -> None:
    with pytest.raises(BadFile, match=reason) as caught:
        read(plain_dng(SAMPLES, 12, **changes))
    assert caught.value.message.startswith("picture: ") and caught.value.expected


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (33, 21)])
@pytest.mark.parametrize("grey", [True, False])
def test_a_jpeg_of_any_size_gives_its_own_luma(grey: bool, size: tuple[int, int], read: Make) -> None:
    image = Image.new("L" if grey else "RGB", size, 77 if grey else (200, 100, 50))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95)
    picture = read(buffer.getvalue())
    with Image.open(buffer) as opened:
        opened.draft("L", opened.size)
        assert np.array_equal(picture.luma, np.asarray(opened.convert("L") if grey else opened))
    width, height = size
    assert picture.rgb().shape == (height, width, 3) and picture.yuv.u.shape == (-(-height // 2), -(-width // 2))
    assert (picture.decoded_rgb is None) == grey and picture.raw is None and picture.metadata.exposure_us is None


def test_a_jpeg_brings_its_metadata(read: Make, grey_preview: bytes, make_facts: Make) -> None:
    data = with_exif(grey_preview, make_facts())
    metadata = read(data).metadata
    assert (metadata.exposure_us, metadata.iso, metadata.software, metadata.simulated) == (
        8000.0,
        200,
        "hqcam test",
        False,
    )
    assert read(data).processing == "shot" and read(grey_preview).processing == "jpeg"
    assert read(with_exif(grey_preview, make_facts(software="hqcamera 1"))).processing == "jpeg"


def test_a_broken_exif_block_costs_the_metadata_but_not_the_picture(read: Make, grey_preview: bytes) -> None:
    block = b"Exif\0\0II*\0\xff\xff\xff\xff"
    data = grey_preview[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + grey_preview[2:]
    picture = read(data)
    assert picture.luma.shape == (24, 32) and picture.metadata.make is None


def test_a_cmyk_jpeg_is_refused(read: Make) -> None:
    buffer = io.BytesIO()
    Image.new("CMYK", (8, 8)).save(buffer, "JPEG")
    with pytest.raises(BadFile, match="colour space"):
        read(buffer.getvalue())


GREYS = np.array([[0, 1, 127, 255]], np.uint8)
COLOURS = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [9, 8, 7]]], np.uint8)


@pytest.mark.parametrize(
    ("image", "rgb"),
    [
        (Image.fromarray(GREYS), np.stack([GREYS] * 3, -1)),
        (Image.fromarray(GREYS).convert("LA"), np.stack([GREYS] * 3, -1)),
        (Image.fromarray(GREYS > 100), np.stack([(GREYS > 100) * np.uint8(255)] * 3, -1)),
        (Image.fromarray(COLOURS), COLOURS),
        (Image.fromarray(np.dstack([COLOURS, GREYS])), COLOURS),
        (Image.fromarray(COLOURS).convert("P", palette=Image.Palette.ADAPTIVE), COLOURS),
    ],
)
def test_every_kind_of_png_gives_the_pixels_it_stores(image: Image.Image, rgb: np.ndarray, read: Make) -> None:
    assert np.array_equal(read(png(image)).rgb(), rgb)


def test_a_palette_with_transparency_gives_its_colours(read: Make) -> None:
    image = Image.fromarray(COLOURS).convert("P", palette=Image.Palette.ADAPTIVE)
    assert np.array_equal(read(png(image, transparency=bytes([0, 128, 255, 1]))).rgb(), COLOURS)


def test_a_16_bit_png_is_scaled_with_rounding(read: Make) -> None:
    deep = np.array([[0, 128, 129, 257, 32767, 32768, 65534, 65535]], np.uint16)
    picture = read(png(Image.fromarray(deep)))
    assert picture.luma.tolist() == [[round(v * 255 / 65535) for v in deep[0].tolist()]]


def test_exif_in_a_png_is_read(read: Make) -> None:
    exif = Image.Exif()
    exif[271] = "Somebody"
    assert read(png(Image.fromarray(GREYS), exif=exif)).metadata.make == "Somebody"


def test_a_path_that_is_no_file_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "text.jpg").write_text("not a picture")
    (tmp_path / "shut.jpg").symlink_to(tmp_path / "shut.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    reasons = {
        "missing.jpg": "is not there", "empty.jpg": "0 bytes", "text.jpg": "not a picture", "": "is not a file",
        "shut.jpg": "cannot be read", "pipe.jpg": "is not a file", "nul\0.jpg": "cannot be read",
    }  # fmt: skip
    for name, reason in reasons.items():
        with pytest.raises(BadFile, match=reason):
            read_picture(tmp_path / name)
    with pytest.raises(BadFile, match="is not a file"):
        read_picture(Path("/dev/zero"))


def test_a_file_too_large_for_memory_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.png").open("wb") as file:
        file.truncate(600 * 2**20)  # sparse: takes no room on the disk
    with pytest.raises(BadFile, match="629145600 bytes"):
        read_picture(tmp_path / "huge.png")


def bomb(width: int, height: int) -> bytes:
    """A PNG header of any size over pixels that are not there."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IEND\xaeB`\x82"


def test_a_decompression_bomb_is_refused_by_its_header(read: Make, grey_preview: bytes) -> None:
    for data in (bomb(60_000, 60_000), bomb(2**31 - 1, 1), bomb(89_000_001, 1)):
        with pytest.raises(BadFile, match="megapixels"):
            read(data)
    frame = grey_preview.index(b"\xff\xc0")
    huge = grey_preview[: frame + 5] + struct.pack(">HH", 60_000, 60_000) + grey_preview[frame + 9 :]
    with pytest.raises(BadFile, match="megapixels"):
        read(huge)
    with pytest.raises(BadFile):
        read(bomb(0, 7))


@pytest.fixture
def whole(make_raw: Make, make_dng: Make, make_meta: Make, grey_preview: bytes, make_facts: Make) -> dict[str, bytes]:
    noise = np.random.default_rng(3).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    small: RawFrame = make_raw(shape=(16, 24))
    return {
        "dng": make_dng(small, make_meta(lens=LensState(50.0, 2.0, 1.0))),
        "other dng": plain_dng(SAMPLES[:20, :30], 12, tile=16),
        "jpeg": with_exif(grey_preview, make_facts()),
        "png": png(Image.fromarray(noise), exif=Image.Exif().tobytes()),
    }


@pytest.mark.parametrize("kind", ["dng", "other dng", "jpeg", "png"])
def test_a_file_cut_short_anywhere_is_refused(kind: str, whole: dict[str, bytes], read: Make) -> None:
    data = whole[kind]
    # Nothing of the picture is missing without the end mark, nor without a PNG's last two checksums.
    end = len(data) - {"png": 12 + 8, "jpeg": 2}.get(kind, 0)
    for length in sorted({*range(0, min(end, 64)), *range(64, end, max(1, end // 60)), end - 1}):
        with pytest.raises(BadFile):
            read(data[:length])


@pytest.mark.parametrize("kind", ["dng", "other dng", "jpeg", "png"])
def test_flipped_bytes_give_a_picture_or_badfile_and_nothing_else(
    kind: str, whole: dict[str, bytes], read: Make
) -> None:
    data, rng = whole[kind], np.random.default_rng(11)
    refused = 0
    for _ in range(BROKEN_COPIES):
        broken = bytearray(data)
        # Mostly in the head, where the structure is.
        reach = len(data) if rng.random() < 0.3 else min(len(data), 1700)
        for place in rng.integers(0, reach, rng.integers(1, 6)):
            broken[place] = rng.integers(0, 256)
        try:
            read(bytes(broken))
        except BadFile as error:
            refused += 1
            assert error.message and error.expected
    assert refused > 0
