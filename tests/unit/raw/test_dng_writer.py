"""The DNG through the eyes of other programs: samples bit for bit, every tag exactly."""

from __future__ import annotations

import io
import json
import math
import struct
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rawpy
from PIL import Image

from device.bayer import CFA_ORDERS, CfaOrder, offsets
from device.errors import BadInput
from device.frame import FrameMeta, LensState, RawFrame
from device.pixels.packed import PackedRaw, pack_csi2
from device.raw.dng_writer import SAMPLE_FORMS, SampleForm, encode_dng
from device.raw.file_metadata import metadata_of
from device.raw.files import read_picture
from device.raw.jpeg import with_exif
from device.raw.tags import Tag
from device.raw.tiff_reader import read_tiff
from device.sensors.imx477 import IMX477

Make = Callable[..., Any]


def exif_of(run_tool: Make, path: Path) -> dict[str, Any]:
    (facts,) = json.loads(run_tool("exiftool", "-json", "-n", "-G1", path))
    return dict(facts)


def read_pgm(data: bytes) -> np.ndarray:
    """Read dcraw's 16-bit PGM."""
    magic, size, top, pixels = data.split(b"\n", 3)
    assert (magic, top) == (b"P5", b"65535")
    width, height = map(int, size.split())
    return np.frombuffer(pixels, ">u2").reshape(height, width)


@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("order", CFA_ORDERS)
def test_rawpy_reads_every_sample_order_and_level(
    order: CfaOrder, bits: int, make_raw: Make, make_dng: Make, tmp_path: Path
) -> None:
    raw = make_raw(order, bits)
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng(raw))
    with rawpy.imread(str(path)) as opened:
        assert np.array_equal(opened.raw_image, raw.samples)
        pattern = np.array(opened.raw_pattern)
        letters = [opened.color_desc.decode()[i] for i in pattern.ravel()]
        assert "".join(letters) == order
        assert opened.white_level == raw.white_dn
        black = opened.black_level_per_channel  # by rawpy's colour index, in whole numbers
        for (channel, place), level in zip(offsets(order).items(), raw.black_dn, strict=True):
            assert black[pattern[place]] == pytest.approx(level, abs=1), channel
        assert opened.camera_whitebalance[:3] == pytest.approx([2.0, 1.0, 1.6], rel=1e-4)


@pytest.mark.tools
@pytest.mark.parametrize("bits", [10, 12])
@pytest.mark.parametrize("order", CFA_ORDERS)
def test_dcraw_reads_every_sample(
    order: CfaOrder, bits: int, make_raw: Make, make_dng: Make, tmp_path: Path, run_tool: Make
) -> None:
    raw = make_raw(order, bits)
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng(raw))
    assert np.array_equal(read_pgm(run_tool("dcraw", "-E", "-4", "-c", path)), raw.samples)


CROPS_OF_ODD_SIZES = {(33, 47): "38 24", (33, 45): "36 24", (2, 3): "3 2", (25, 34): "26 16"}


@pytest.mark.tools
@pytest.mark.parametrize(("bits", "shape"), [(12, (33, 47)), (10, (33, 45)), (12, (2, 3)), (10, (25, 34))])
def test_odd_sizes_are_read_whole(
    bits: int, shape: tuple[int, int], make_raw: Make, make_dng: Make, tmp_path: Path, run_tool: Make
) -> None:
    raw = make_raw("BGGR", bits, shape)
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng(raw))
    if min(shape) > 22:  # dcraw takes anything smaller for a thumbnail
        assert np.array_equal(read_pgm(run_tool("dcraw", "-E", "-4", "-c", path)), raw.samples)
        with rawpy.imread(str(path)) as opened:
            assert np.array_equal(opened.raw_image, raw.samples)
    found = exif_of(run_tool, path)
    assert found["SubIFD:ActiveArea"] == f"0 0 {shape[0]} {shape[1]}"
    assert found["SubIFD:DefaultCropSize"] == CROPS_OF_ODD_SIZES[shape]


@pytest.mark.tools
def test_the_whole_file_is_valid_and_its_tags_are_exact(
    make_raw: Make, make_dng: Make, make_meta: Make, tmp_path: Path, run_tool: Make
) -> None:
    path = tmp_path / "shot.dng"
    meta = make_meta(simulated=True, lens=LensState(50.0, 2.8, 3.2))
    path.write_bytes(make_dng(make_raw("GBRG"), meta, orientation=3, awb="daylight"))
    assert run_tool("exiftool", "-validate", "-warning", "-error", "-a", path).split() == [b"Validate", b":", b"OK"]
    slope, constant = IMX477.noise.dng_profile(2.0, 4095 - 256)
    expected = {
        "IFD0:SubfileType": 1,
        "IFD0:Compression": 7,
        "IFD0:ImageWidth": 32,
        "IFD0:ImageHeight": 24,
        "IFD0:Make": "Raspberry Pi",
        "IFD0:Model": "Raspberry Pi HQ Camera IMX477",
        "IFD0:UniqueCameraModel": "Raspberry Pi HQ Camera IMX477",
        "IFD0:Software": "hqcam test",
        "IFD0:ImageDescription": "simulated by hqcam",
        "XMP-dc:Description": "simulated by hqcam",
        "XMP-dc:Subject": "simulated by hqcam",
        "IFD0:Orientation": 3,
        "IFD0:DNGVersion": "1 4 0 0",
        "IFD0:DNGBackwardVersion": "1 1 0 0",
        "IFD0:CalibrationIlluminant1": 17,
        "IFD0:CalibrationIlluminant2": 21,
        "IFD0:AsShotNeutral": "0.5 1 0.625",
        "SubIFD:SubfileType": 0,
        "SubIFD:ImageWidth": 64,
        "SubIFD:ImageHeight": 46,
        "SubIFD:BitsPerSample": 12,
        "SubIFD:Compression": 1,
        "SubIFD:CFARepeatPatternDim": "2 2",
        "SubIFD:CFAPattern2": "1 2 0 1",
        "SubIFD:BlackLevelRepeatDim": "2 2",
        # R 256, Gr 257, Gb 258, B 259.5 in the reading order of GBRG's cell: Gb, B, R, Gr.
        "SubIFD:BlackLevel": "258 259.5 256 257",
        "SubIFD:WhiteLevel": 4095,
        "SubIFD:ActiveArea": "0 0 46 64",
        "SubIFD:DefaultCropOrigin": "4 4",
        "SubIFD:DefaultCropSize": "56 38",
        "ExifIFD:ExposureTime": 0.008,
        "ExifIFD:ISO": 200,
        "ExifIFD:FNumber": 2.8,
        "ExifIFD:FocalLength": 50,
        "ExifIFD:FocalLengthIn35mmFormat": 275,
        "ExifIFD:SubjectDistance": 3.2,
        "ExifIFD:LensModel": "simulated lens",
        "ExifIFD:WhiteBalance": 1,
        "ExifIFD:ExposureMode": 0,
        "ExifIFD:DateTimeOriginal": "2026:11:20 21:45:01",
        "ExifIFD:SubSecTimeOriginal": 123,
        "ExifIFD:OffsetTimeOriginal": "+05:30",
        "Composite:SubSecDateTimeOriginal": "2026:11:20 21:45:01.123+05:30",
    }
    found = exif_of(run_tool, path)
    assert {name: found.get(name) for name in expected} == expected
    profile = [float(v) for v in found["SubIFD:NoiseProfile"].split()]
    assert profile == pytest.approx([slope, constant], rel=1e-12)
    assert len(found["IFD0:RawDataUniqueID"]) == 32


@pytest.mark.tools
def test_200_exposures_and_isos_over_the_whole_range_are_exact(
    make_meta: Make, make_dng: Make, tmp_path: Path, run_tool: Make
) -> None:
    line_us = IMX477.modes[3].line_us
    shots = {}
    for index, exposure_us in enumerate([30.0, 650e6, *np.geomspace(31, 650e6, 98).tolist()]):
        whole = float(round(exposure_us))
        lines = max(1, round(exposure_us / line_us)) * line_us
        for kind, us in (("us", whole), ("lines", lines)):
            gain = IMX477.quantise_gain(float(np.geomspace(1, 22.26, 100)[index]))
            path = tmp_path / f"{index:03}-{kind}.dng"
            path.write_bytes(make_dng(meta=make_meta(exposure_us=us, analogue_gain=gain)))
            shots[str(path)] = (us, round(100 * gain))
    assert len(shots) == 200
    told = json.loads(run_tool("exiftool", "-json", "-n", "-ExposureTime", "-ISO", tmp_path))
    assert {f["SourceFile"] for f in told} == set(shots)
    for found in told:
        exposure_us, iso = shots[found["SourceFile"]]
        assert found["ISO"] == iso
        # exiftool prints ten significant digits.
        assert found["ExposureTime"] == pytest.approx(exposure_us / 1e6, rel=1e-9)
        exif = read_tiff(Path(found["SourceFile"]).read_bytes()).directories[0].below[Tag.EXIF_IFD][0]
        above, below = struct.unpack("<2I", exif.fields[Tag.EXPOSURE_TIME].data)
        if exposure_us == int(exposure_us):
            assert Fraction(above, below) == Fraction(int(exposure_us), 1_000_000)
        else:  # as near as a float of microseconds can tell
            assert above / below == pytest.approx(exposure_us / 1e6, rel=1e-12)


@pytest.mark.tools
def test_650_seconds_read_650_seconds_everywhere(
    make_meta: Make, make_dng: Make, tmp_path: Path, run_tool: Make
) -> None:
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng(meta=make_meta(exposure_us=650e6)))
    assert exif_of(run_tool, path)["ExifIFD:ExposureTime"] == 650
    assert "Shutter: 650.0 sec" in run_tool("dcraw", "-i", "-v", path).decode()
    assert metadata_of(read_tiff(path.read_bytes())).exposure_us == 650e6
    with rawpy.imread(str(path)) as opened:
        if hasattr(opened, "other"):  # LibRaw; a rawpy as old as numpy 1.24 does not tell
            assert opened.other.shutter_speed == 650
    developed = tmp_path / "developed.jpg"
    own = ["--configdir", tmp_path / "config", "--cachedir", tmp_path / "cache", "--library", ":memory:"]
    run_tool("darktable-cli", path, developed, "--core", *own)
    assert run_tool("exiftool", "-s3", "-n", "-ExposureTime", developed).decode().strip() == "650"


@pytest.mark.tools
def test_dcraw_shows_the_exposure_a_photographer_set(
    make_meta: Make, make_dng: Make, tmp_path: Path, run_tool: Make
) -> None:
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng(meta=make_meta(exposure_us=1_300_000.0, lens=LensState(35.0, 2.0, math.inf))))
    told = run_tool("dcraw", "-i", "-v", path).decode()
    for line in ("Shutter: 1.3 sec", "ISO speed: 200", "Aperture: f/2.0", "Focal length: 35.0 mm"):
        assert line in told


def description_of(run_tool: Make, path: Path) -> Any:
    return exif_of(run_tool, path).get("IFD0:ImageDescription")


@pytest.mark.tools
def test_what_was_assumed_is_said_and_a_plain_shot_says_nothing(
    make_raw: Make, make_dng: Make, make_meta: Make, tmp_path: Path, run_tool: Make
) -> None:
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng())
    assert description_of(run_tool, path) is None and not any("XMP" in name for name in exif_of(run_tool, path))
    raw = replace(make_raw(), levels_assumed=True)
    meta = make_meta(exposure_known=False, source="old.png", colour_gains=(0.0, 0.0), simulated=True)
    path.write_bytes(make_dng(raw, meta, taken_at=datetime(2000, 1, 1, tzinfo=UTC), clock_synchronised=False))
    assert description_of(run_tool, path) == (
        "replayed by hqcam; black level assumed; white balance assumed; exposure unknown; clock not set"
    )
    found = exif_of(run_tool, path)
    keywords = [
        "replayed by hqcam",
        "black level assumed",
        "white balance assumed",
        "exposure unknown",
        "clock not set",
    ]
    assert found["XMP-dc:Subject"] == keywords
    assert "ExifIFD:ExposureTime" not in found and "ExifIFD:ISO" not in found and "ExifIFD:LensModel" not in found
    red, _, blue = (float(v) for v in found["IFD0:AsShotNeutral"].split())
    assert (1 / red, 1 / blue) == pytest.approx(IMX477.colour.gains_at(5000.0), rel=1e-6)


@pytest.mark.tools
def test_the_preview_comes_out_as_the_jpeg_that_went_in(
    make_dng: Make, grey_preview: bytes, tmp_path: Path, run_tool: Make
) -> None:
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng())
    preview = run_tool("exiftool", "-b", "-PreviewImage", path)
    assert preview == grey_preview
    with Image.open(io.BytesIO(preview)) as image:
        assert image.size == (32, 24)


def test_samples_are_handed_over_without_a_copy_in_one_buffer(make_raw: Make, make_facts: Make) -> None:
    raw = RawFrame(make_raw().samples, "RGGB", 16, (0.0,) * 4, 65535)
    buffers = encode_dng(raw, make_facts(), preview_jpeg=b"odd", preview_size=(2, 2))
    assert [memoryview(b).nbytes for b in buffers][1:] == [3, 1, raw.samples.nbytes]
    assert np.shares_memory(np.frombuffer(buffers[-1], np.uint8), raw.samples)


def test_the_same_shot_gives_the_same_bytes_and_another_another_id(make_dng: Make, make_meta: Make) -> None:
    assert make_dng() == make_dng()
    assert make_dng() != make_dng(meta=make_meta(sequence=8))


@pytest.mark.parametrize("form", SAMPLE_FORMS)
@pytest.mark.parametrize("bits", [10, 12])
def test_rows_as_the_sensor_sends_them_give_the_same_file(
    bits: int, form: SampleForm, make_raw: Make, make_dng: Make
) -> None:
    raw = make_raw("GBRG", bits, (300, 131))
    rows = pack_csi2(raw.samples, bit_depth=bits, stride=260)
    packed = PackedRaw(rows, 131, raw.cfa, bits, raw.black_dn, raw.white_dn)
    assert make_dng(packed, form=form) == make_dng(raw, form=form)


@pytest.mark.parametrize(("bits", "bytes_a_pixel"), [(12, 1.5), (10, 1.25)])
def test_a_packed_file_holds_little_beside_its_pixels_and_its_preview(
    bits: int, bytes_a_pixel: float, make_raw: Make, make_dng: Make, grey_preview: bytes
) -> None:
    raw = make_raw("RGGB", bits, (400, 600))
    assert 0 < len(make_dng(raw)) - 400 * 600 * bytes_a_pixel - len(grey_preview) < 2000


@pytest.mark.parametrize(
    ("maps", "reason"),
    [
        ({"R": np.ones((2, 2), np.float32)}, "one each"),
        (dict.fromkeys(("R", "Gr", "Gb", "B"), np.ones((1, 2), np.float32)), "2 to 1024"),
        (dict.fromkeys(("R", "Gr", "Gb", "B"), np.zeros((2, 2), np.float32)), "above 0"),
        (dict.fromkeys(("R", "Gr", "Gb", "B"), np.full((2, 2), np.nan, np.float32)), "above 0"),
    ],
)
def test_gain_maps_that_mean_nothing_are_refused(maps: dict[str, np.ndarray], reason: str, make_dng: Make) -> None:
    with pytest.raises(BadInput) as caught:
        make_dng(gain_maps=maps)
    assert reason in caught.value.expected


def test_what_cannot_be_written_is_refused(make_raw: Make, make_dng: Make, make_facts: Make) -> None:
    raw = make_raw()
    with pytest.raises(BadInput, match="a sample is 4095"):
        make_dng(replace(raw, bit_depth=10))
    with pytest.raises(BadInput, match="1x46"):
        make_dng(replace(raw, samples=raw.samples[:, :1]))
    with pytest.raises(BadInput, match="offset from UTC"):
        make_facts(taken_at=datetime(2026, 11, 20))


def test_rawpy_develops_a_grey_as_grey_and_red_as_red(make_meta: Make, make_dng: Make, tmp_path: Path) -> None:
    gains = IMX477.colour.gains_at(5000)
    linear = np.full((64, 96, 3), 0.18)
    linear[16:48, 8:40] = (0.5, 0.04, 0.04)
    camera = linear @ np.linalg.inv(IMX477.colour.ccm_at(5000)).T / np.array([gains[0], 1, gains[1]])
    mosaic = np.empty(linear.shape[:2])
    for channel, (row, column) in offsets("BGGR").items():
        index = "RGB".index(channel[0])
        mosaic[row::2, column::2] = camera[row::2, column::2, index]
    samples = np.rint(mosaic * 3839 + 256).astype(np.uint16)
    meta: FrameMeta = make_meta(colour_gains=gains)
    path = tmp_path / "shot.dng"
    path.write_bytes(make_dng(RawFrame(samples, "BGGR", 12, (256.0,) * 4, 4095), meta))
    with rawpy.imread(str(path)) as opened:
        # LibRaw reads "1, 1" as DNG's linear gamma; its own matrix comes from our ColorMatrix.
        rgb = opened.postprocess(use_camera_wb=True, no_auto_bright=True, gamma=(1, 1), output_bps=16) / 65535
    np.testing.assert_allclose(rgb[4:12, 60:90].mean(axis=(0, 1)), [0.18] * 3, rtol=0.03)
    red = rgb[24:40, 16:32].mean(axis=(0, 1))
    assert red[0] > 0.4 and red[1:].max() < 0.1


@pytest.mark.tools
@pytest.mark.parametrize("degrees", [None, 41.04, -3.5])
def test_the_temperature_of_the_sensor_is_in_the_files_where_it_is_known(
    degrees: float | None,
    make_dng: Make,
    make_meta: Make,
    make_facts: Make,
    grey_preview: bytes,
    tmp_path: Path,
    run_tool: Make,
) -> None:
    meta = make_meta(sensor_temperature_c=degrees)
    for name, data in (("a.dng", make_dng(meta=meta)), ("a.jpg", with_exif(grey_preview, make_facts(meta)))):
        path = tmp_path / name
        path.write_bytes(data)
        told = None if degrees is None else f"sensor temperature {degrees:.1f} C"
        assert exif_of(run_tool, path).get("ExifIFD:UserComment") == told
        known = read_picture(path).metadata.sensor_temperature_c
        assert known == (None if degrees is None else pytest.approx(degrees, abs=0.05))
        assert run_tool("exiftool", "-validate", "-warning", "-error", "-a", path).split() == [b"Validate", b":", b"OK"]
