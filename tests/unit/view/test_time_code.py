"""The clock in the picture: its bits as they are written down, and read back from what a link leaves of them."""

from __future__ import annotations

import numpy as np
import pytest
import simplejpeg

from device.frame import YuvPicture
from device.pixels.yuv import halve
from device.view.time_code import burn, clear_below, code_of, read


def picture(width: int = 1014, height: int = 760) -> YuvPicture:
    rng = np.random.default_rng(477)
    chroma = (-(-height // 2), -(-width // 2))
    return YuvPicture(*(rng.integers(0, 256, size).astype(np.uint8) for size in ((height, width), chroma, chroma)))


def test_the_blocks_are_where_they_are_said_to_be() -> None:
    moment = 0x0192_F3A5
    check = ((0x01 + 0x92 + 0xF3 + 0xA5) & 0xFF) ^ 0xA5
    assert code_of(moment) == moment | check << 32 and code_of(moment + 2**32) == code_of(moment)
    shown = picture()
    burn(shown, moment)
    for i in range(40):
        block = shown.y[:16, 16 * i : 16 * i + 16]
        assert (block == 255 * (((moment | check << 32) >> i) & 1)).all()
        assert (shown.u[:8, 8 * i : 8 * i + 8] == 128).all() and (shown.v[:8, 8 * i : 8 * i + 8] == 128).all()
    untouched = picture()
    assert (shown.y[16:] == untouched.y[16:]).all() and (shown.y[:, 640:] == untouched.y[:, 640:]).all()


@pytest.mark.parametrize("halvings", [0, 1, 2])
@pytest.mark.parametrize("quality", [12, 75])
def test_it_is_read_from_every_rung_at_the_worst_quality(halvings: int, quality: int) -> None:
    for moment in (0, 1_763_700_000_123, 2**32 - 1):
        shown = picture()
        burn(shown, moment)
        for _ in range(halvings):
            shown = halve(shown)
        jpeg = simplejpeg.encode_jpeg_yuv_planes(shown.y, shown.u, shown.v, quality)
        assert read(simplejpeg.decode_jpeg(jpeg, "GRAY")[:, :, 0]) == moment % 2**32


def test_a_picture_without_a_code_has_no_time() -> None:
    shown = picture()
    burn(shown, 1_763_700_000_123)
    shown.y[:16, 32:48] ^= 255
    assert read(shown.y) is None and read(np.zeros((760, 1014), np.uint8)) is None


def test_no_ink_lies_on_the_code() -> None:
    for width, height in ((1014, 760), (507, 380)):
        overlay = np.ones((height, width), np.uint8)
        clear_below(overlay)
        tall, wide = 16 * width // 1014, 640 * width // 1014
        assert not overlay[:tall, :wide].any() and overlay[tall + 3 :].all() and overlay[:, wide + 4 :].all()
