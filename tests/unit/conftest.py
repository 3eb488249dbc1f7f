"""Shots to write, and the other programs that must be able to read them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import helpers
import numpy as np
import pytest

from device.bayer import CfaOrder
from device.frame import FrameMeta, RawFrame, YuvPicture
from device.raw.dng_writer import encode_dng
from device.raw.jpeg import encode_picture_jpeg
from device.raw.shot_metadata import ShotMetadata
from device.sensors.imx477 import IMX477

META = FrameMeta(
    sequence=7,
    timestamp_ns=123_456_789,
    exposure_us=8000.0,
    analogue_gain=2.0,
    digital_gain=1.0,
    colour_gains=(2.0, 1.6),
    colour_temperature_k=5000.0,
    frame_duration_us=100_000.0,
    ae_state="converged",
    mode=IMX477.modes[3],
    simulated=False,
)
METADATA = ShotMetadata(
    META,
    datetime(2026, 11, 20, 21, 45, 1, 123_456, timezone(timedelta(hours=5, minutes=30))),
    clock_synchronised=True,
    sensor=IMX477,
    software="hqcam test",
)


@pytest.fixture
def make_facts() -> Callable[..., ShotMetadata]:
    def make(meta: FrameMeta = META, orientation: int = 1, **changes: Any) -> ShotMetadata:
        return replace(METADATA, meta=replace(meta, orientation=orientation), **changes)

    return make


@pytest.fixture
def make_meta() -> Callable[..., FrameMeta]:
    return lambda **changes: replace(META, **changes)


@pytest.fixture
def make_raw() -> Callable[..., RawFrame]:
    def make(order: CfaOrder = "RGGB", bits: int = 12, shape: tuple[int, int] = (46, 64)) -> RawFrame:
        samples = np.random.default_rng(1).integers(0, 2**bits, shape, dtype=np.uint16)
        samples.flat[:4] = (0, 2**bits - 1, 1, 2 ** (bits - 1))
        black = 2.0 ** (bits - 4)
        return RawFrame(samples, order, bits, (black, black + 1, black + 2, black + 3.5), 2**bits - 1)

    return make


@pytest.fixture
def grey_preview() -> bytes:
    chroma = np.full((12, 16), 128, np.uint8)
    return encode_picture_jpeg(YuvPicture(np.full((24, 32), 90, np.uint8), chroma, chroma), 90)


@pytest.fixture
def make_dng(
    make_raw: Callable[..., RawFrame], make_facts: Callable[..., ShotMetadata], grey_preview: bytes
) -> Callable[..., bytes]:
    def make(raw: RawFrame | None = None, meta: FrameMeta = META, **options: Any) -> bytes:
        """`options` are of `make_facts` and of `encode_dng`."""
        names = {"orientation", *(f.name for f in fields(ShotMetadata))}
        metadata = make_facts(meta, **{name: options.pop(name) for name in names & set(options)})
        return b"".join(
            encode_dng(raw or make_raw(), metadata, preview_jpeg=grey_preview, preview_size=(32, 24), **options)
        )

    return make


@pytest.fixture
def run_tool() -> Callable[..., bytes]:
    """Run another program; without it the test is skipped on a laptop and fails where CI must have it."""

    def run(name: str, *arguments: object) -> bytes:
        if shutil.which(name) is None:
            missing = f"{name} is not installed (Debian: apt install dcraw libimage-exiftool-perl)"
            pytest.fail(missing)
        done = helpers.run([name, *arguments], timeout_s=60)
        assert done.returncode == 0, (done.stdout + done.stderr).decode("utf-8", "replace")
        return done.stdout

    return run
