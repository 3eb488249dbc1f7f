"""Every way in which a DNG can be written, through the raw converters that photographers use."""

from __future__ import annotations

import itertools
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import helpers
import numpy as np
import pytest
import rawpy
from PIL import Image

from device.bayer import CFA_ORDERS, CfaOrder, offsets
from device.calibration.flat_field import flat_field
from device.calibration.frames import Exposed
from device.frame import Mode, RawFrame, Rect
from device.raw.dng_reader import read_raw
from device.raw.dng_writer import SAMPLE_FORMS
from device.raw.tiff_reader import read_tiff
from device.sensors.imx477 import IMX477
from device.simulator.unit import Unit

Make = Callable[..., Any]

pytestmark = pytest.mark.tools

VARIANTS = list(itertools.product(CFA_ORDERS, (10, 12), SAMPLE_FORMS))
SIZE = (384, 512)  # RawTherapee takes a file below some 100 kB for no raw file
KELVIN = 5000.0
COLOURS = ((0.18, 0.18, 0.18), (0.45, 0.06, 0.05), (0.08, 0.3, 0.08), (0.06, 0.1, 0.4))


def picture() -> np.ndarray:
    """Four upright bars of linear sRGB."""
    bars = np.repeat(np.array(COLOURS), SIZE[1] // len(COLOURS), axis=0)
    return np.broadcast_to(bars, (SIZE[0], *bars.shape)).copy()


def mosaic(order: CfaOrder, bits: int) -> RawFrame:
    """The picture as the sensor sees it in the light of KELVIN, each filter at its own black level."""
    red, blue = IMX477.colour.gains_at(KELVIN)
    camera = picture() @ np.linalg.inv(IMX477.colour.ccm_at(KELVIN)).T / np.array([red, 1, blue])
    black = tuple(2.0 ** (bits - 4) + extra for extra in (0, 1, 2, 4))
    white = 2**bits - 1
    samples = np.empty(SIZE, np.uint16)
    grain = np.random.default_rng(9).normal(0, 0.007, SIZE)
    for level, (channel, (row, column)) in zip(black, offsets(order).items(), strict=True):
        light = camera[row::2, column::2, "RGB".index(channel[0])]
        noisy = level + (light + grain[row::2, column::2]) * (white - level)
        samples[row::2, column::2] = np.clip(np.rint(noisy), 0, white)
    return RawFrame(samples, order, bits, black, white)


@pytest.fixture
def files(tmp_path: Path, make_dng: Make, make_meta: Make) -> dict[Path, RawFrame]:
    meta = make_meta(colour_gains=IMX477.colour.gains_at(KELVIN))
    folder = tmp_path / "in"
    folder.mkdir()
    written = {}
    for order, bits, form in VARIANTS:
        raw = mosaic(order, bits)
        path = folder / f"{order}-{bits}-{form}.dng"
        path.write_bytes(make_dng(raw, meta, form=form))
        written[path] = raw
    return written


def bars_of(picture: np.ndarray) -> np.ndarray:
    """The colour in the middle of each bar, 0..255."""
    height, width = picture.shape[:2]
    step = width // len(COLOURS)
    middles = [picture[height // 3 : -height // 3, i * step + step // 3 : (i + 1) * step - step // 3] for i in range(4)]
    return np.array([middle.mean(axis=(0, 1)) for middle in middles])


def expected_bars() -> np.ndarray:
    """The bars in sRGB codes."""
    linear = np.array(COLOURS)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def test_libraw_dcraw_and_hqcam_read_every_sample(files: dict[Path, RawFrame], run_tool: Make) -> None:
    for path, raw in files.items():
        with rawpy.imread(str(path)) as opened:
            assert np.array_equal(opened.raw_image, raw.samples), path.name
            developed = opened.postprocess(use_camera_wb=True, no_auto_bright=True, gamma=(2.4, 12.92))
        np.testing.assert_allclose(bars_of(developed), expected_bars(), atol=6, err_msg=path.name)
        _, size, _, pixels = run_tool("dcraw", "-E", "-4", "-c", path).split(b"\n", 3)
        width, height = map(int, size.split())
        found = np.frombuffer(pixels, ">u2").reshape(height, width)
        assert np.array_equal(found, raw.samples), path.name
        own = read_raw(read_tiff(path.read_bytes()))
        assert np.array_equal(own.samples, raw.samples) and (own.cfa, own.black_dn) == (raw.cfa, raw.black_dn)
        assert (own.bit_depth, own.white_dn) == (raw.bit_depth, raw.white_dn)


def test_exiftool_finds_no_fault_in_any(files: dict[Path, RawFrame], run_tool: Make) -> None:
    told = run_tool("exiftool", "-validate", "-warning", "-error", "-a", "-q", *files).decode()
    verdicts = [line for line in told.splitlines() if not line.startswith("=")]
    assert verdicts == ["Validate                        : OK"] * len(VARIANTS)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="there is no dngpy for other machines")
def test_adobes_sdk_reads_every_sample_without_a_warning(files: dict[Path, RawFrame], tmp_path: Path) -> None:
    script = "import sys, dngpy, numpy; numpy.save(sys.argv[2], dngpy.Dng(sys.argv[1]).raw_pixels)"
    for path, raw in files.items():
        done = helpers.run([sys.executable, "-c", script, path, tmp_path / "samples.npy"])
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), path.name
        assert np.array_equal(np.load(tmp_path / "samples.npy")[..., 0], raw.samples), path.name


def test_darktable_develops_every_variant_to_the_same_picture(files: dict[Path, RawFrame], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    # Its settings of its own choice make a picture look finished; without them the colours can be compared.
    plain = ["--conf", "plugins/darkroom/workflow=none", "--conf", "plugins/darkroom/chromatic-adaptation=legacy"]
    own = ["--configdir", tmp_path / "config", "--cachedir", tmp_path / "cache", "--library", ":memory:"]
    target = ["--out-ext", "png", "--icc-type", "SRGB", "--apply-custom-presets", "false"]
    run("darktable-cli", next(iter(files)).parent, out, *target, "--core", *own, *plain)
    assert_alike(out, "png", tolerance=6)


def test_rawtherapee_develops_every_variant_to_the_same_picture(files: dict[Path, RawFrame], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    run("rawtherapee-cli", "-o", out, "-n", "-b8", "-Y", "-c", *files)
    # Without a profile of its own for this camera its colours are near ours, not the same.
    assert_alike(out, "png", tolerance=25)


def test_darktable_applies_a_gain_map_and_the_samples_stay(
    make_dng: Make, make_meta: Make, tmp_path: Path, run_tool: Make
) -> None:
    raw = RawFrame(np.full(SIZE, 900, np.uint16), "GBRG", 12, (256.0,) * 4, 4095)
    ramp = np.broadcast_to(np.linspace(1.0, 2.0, 9, dtype=np.float32), (7, 9))  # doubles towards the right
    meta = make_meta(colour_gains=(1.0, 1.0))
    path = tmp_path / "shaded.dng"
    path.write_bytes(make_dng(raw, meta, gain_maps=dict.fromkeys(("R", "Gr", "Gb", "B"), ramp)))
    assert run_tool("exiftool", "-validate", "-warning", "-error", "-a", path).split() == [b"Validate", b":", b"OK"]
    with rawpy.imread(str(path)) as opened:
        assert np.array_equal(opened.raw_image, raw.samples)
    own = ["--configdir", tmp_path / "config", "--cachedir", tmp_path / "cache", "--library", ":memory:"]
    plain = ["--conf", "plugins/darkroom/workflow=none", "--conf", "plugins/darkroom/chromatic-adaptation=legacy"]
    target = ["--icc-type", "SRGB", "--apply-custom-presets", "false"]
    run("darktable-cli", path, tmp_path / "shaded.png", *target, "--core", *own, *plain)
    with Image.open(tmp_path / "shaded.png") as image:
        codes = np.asarray(image.convert("RGB"), np.float64)[100:-100, :, 1].mean(axis=0) / 255
    light = ((codes + 0.055) / 1.055) ** 2.4
    width = len(light)
    assert light[width * 3 // 4] / light[width // 4] == pytest.approx(1.75 / 1.25, rel=0.03)


def test_darktable_evens_out_a_lens_by_its_measured_flat(make_dng: Make, make_meta: Make, tmp_path: Path) -> None:
    """Corners 2.5 EV down and 20 % too red: under 1 % is left of it. A 16-bit TIFF, in blocks of 16 pixels."""
    height, width = shape = (3040, 4056)
    mode = Mode(width, height, 12, Rect(0, 0, width, height), 1, 10, 114, 10**8, 28.6)
    response = Unit(corner_ev=-2.5, corner_red=0.2).response(mode, "RGGB", (width, height))
    assert response is not None
    rng = np.random.default_rng(1)  # as noise does, it keeps the means when samples are rounded
    samples = np.floor(256 + 2500 * response + rng.random(shape)).astype(np.uint16)
    black = (256.0,) * 4
    flat = flat_field([Exposed(samples, "RGGB", 1000, 1.0, None, 4095, black)], black)
    maps = flat.gain_maps("full", mode, (width, height))
    path = tmp_path / "lens.dng"
    raw = RawFrame(samples, "RGGB", 12, black, 4095)
    path.write_bytes(make_dng(raw, make_meta(colour_gains=(1.0, 1.0)), gain_maps=maps))
    own = ["--configdir", tmp_path / "config", "--cachedir", tmp_path / "cache", "--library", ":memory:"]
    plain = ["--conf", "plugins/darkroom/workflow=none", "--conf", "plugins/darkroom/chromatic-adaptation=legacy"]
    deep = ["--conf", "plugins/imageio/format/tiff/bpp=16"]
    target = ["--icc-type", "SRGB", "--apply-custom-presets", "false"]
    run("darktable-cli", path, tmp_path / "lens.tif", *target, "--core", *own, *plain, *deep)
    from imagecodecs import tiff_decode

    codes = tiff_decode((tmp_path / "lens.tif").read_bytes())[..., :3].astype(np.float64) / 65535
    light = ((codes + 0.055) / 1.055) ** 2.4
    rows, columns = (length // 16 for length in light.shape[:2])
    blocks = light[: rows * 16, : columns * 16].reshape(rows, 16, columns, 16, 3).mean(axis=(1, 3))
    for colour in range(3):
        even = blocks[..., colour] / blocks[rows // 2, columns // 2, colour]
        off = np.abs(even - 1)
        assert float(np.percentile(off, 99.9)) < 0.01 and float(off.max()) < 0.015  # the last corner of 16 pixels


def assert_alike(folder: Path, ending: str, *, tolerance: float) -> None:
    developed = {}
    for order, bits, form in VARIANTS:
        name = f"{order}-{bits}-{form}"
        with Image.open(folder / f"{name}.{ending}") as image:
            assert abs(image.width - SIZE[1]) <= 8 and abs(image.height - SIZE[0]) <= 8, name
            developed[name] = bars_of(np.asarray(image.convert("RGB"), np.float64))
    for name, bars in developed.items():
        np.testing.assert_allclose(bars, expected_bars(), atol=tolerance, err_msg=name)
        np.testing.assert_allclose(bars, developed["RGGB-12-packed"], atol=6, err_msg=name)


def run(*command: object) -> None:
    done = helpers.run(command)
    assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")
