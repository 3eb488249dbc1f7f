"""The sizes of one view: which one a client gets, what it weighs, and that it is made once."""

from __future__ import annotations

import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import simplejpeg
from helpers import DEADLINE_S

from device.analysis.overlay import Flag
from device.frame import YuvPicture
from device.view.sizes import RUNGS, JpegQualities, overlays_of, pictures_of, rung_for


def noise(seed: int = 1, size: tuple[int, int] = (760, 1014)) -> YuvPicture:
    """A picture that is neither flat nor pure noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(40, 215, (size[0] // 40 + 1, size[1] // 40 + 1))
    luma = np.kron(coarse, np.ones((40, 40)))[: size[0], : size[1]] + rng.normal(0, 3, size)
    chroma = np.full((-(-size[0] // 2), -(-size[1] // 2)), 120, np.uint8)
    return YuvPicture(np.clip(luma, 0, 255).astype(np.uint8), chroma, chroma.copy())


SIZES = [(1014, 760), (506, 380), (252, 190)]
"""Of 0, 1 and 2 halvings: chroma has half of that, so that both are even."""


@pytest.mark.parametrize(
    ("body_bytes", "width", "rung"),
    [
        (None, None, 0),
        (58_000, None, 0),
        (57_999, None, 1),
        (29_999, None, 2),
        (16_000, None, 2),
        (15_999, None, 3),
        (1, None, 3),
        (None, 1014, 0),
        (None, 508, 0),
        (None, 507, 1),
        (None, 253, 3),
        (20_000, 507, 2),
        (1_000_000, 3000, 0),
    ],
)
def test_the_finest_that_fits_and_is_of_use(body_bytes: float | None, width: float | None, rung: int) -> None:
    assert rung_for(body_bytes, width, 1014) == rung


def test_every_rung_weighs_what_it_should_after_a_second() -> None:
    qualities = JpegQualities()
    for rung, wanted in enumerate(RUNGS):
        for frame in range(25):
            made = pictures_of(noise(frame), qualities).at(rung)
        height, width = simplejpeg.decode_jpeg(made.jpeg, "GRAY").shape[:2]
        assert (made.width, made.height) == (width, height) == SIZES[wanted.halvings]
        assert 0.75 * wanted.body_bytes < len(made.jpeg) <= 1.1 * wanted.body_bytes


def test_a_picture_leaves_room_for_what_came_beside_the_last() -> None:
    qualities, graph_bytes = JpegQualities(), 9_000
    alone, beside = [], []
    for frame in range(50):
        (alone if frame < 25 else beside).append(len(pictures_of(noise(frame), qualities).at(0).jpeg))
        if frame >= 25:
            overlays_of(np.zeros((760, 1014), np.uint8), qualities, graph_bytes=graph_bytes).at(0)
    assert abs(alone[-1] - beside[-1] - graph_bytes) < 0.05 * alone[-1]


def test_ink_is_or_ed_together_and_stays_where_it_was() -> None:
    overlay = np.zeros((760, 1014), np.uint8)
    overlay[400, 700] = Flag.PEAKING
    overlays = overlays_of(overlay, JpegQualities(), graph_bytes=0)
    for rung, wanted in enumerate(RUNGS):
        made = overlays.at(rung)
        assert made.layers == ("peaking",)
        assert (made.width, made.height) == SIZES[wanted.halvings]
    dark = overlays_of(np.zeros((760, 1014), np.uint8), JpegQualities(), graph_bytes=0).at(0)
    assert dark.layers == () and dark.packed == b""


def test_whoever_asks_first_makes_it_and_all_share_it() -> None:
    pictures = pictures_of(noise(), JpegQualities())
    start = threading.Barrier(8)

    def ask(rung: int) -> object:
        start.wait()
        return pictures.at(rung)

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(ask, [0, 2] * 4))
    assert len({id(m) for m in made}) == 2


class SlowJpegQualities(JpegQualities):
    """Encodes the finest rung only when it is let to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.encoded: list[int] = []

    def compress(self, picture: YuvPicture, rung: int) -> bytes:
        self.encoded.append(rung)
        if rung == 0:
            self.begun.set()
            assert self.go_on.wait(DEADLINE_S)
        return super().compress(picture, rung)


def test_other_rungs_do_not_wait_for_one_that_is_being_made_and_its_own_askers_do() -> None:
    qualities = SlowJpegQualities()
    pictures = pictures_of(noise(), qualities)
    with ThreadPoolExecutor(4) as pool:
        try:
            finest = [pool.submit(pictures.at, 0)]
            assert qualities.begun.wait(DEADLINE_S)
            finest += [pool.submit(pictures.at, 0) for _ in range(2)]
            others = [pool.submit(pictures.at, rung).result(DEADLINE_S) for rung in (1, 2, 3)]
            assert [picture.width for picture in others] == [506, 506, 252]
            assert not any(picture.done() for picture in finest)
        finally:
            qualities.go_on.set()
        assert len({id(picture.result(DEADLINE_S)) for picture in finest}) == 1
    assert sorted(qualities.encoded) == [0, 1, 2, 3]


def test_a_views_memory_goes_with_it() -> None:
    picture, flags = noise(), np.zeros((760, 1014), np.uint8)
    held = [weakref.ref(picture.y), weakref.ref(flags)]
    pictures, overlays = pictures_of(picture, JpegQualities()), overlays_of(flags, JpegQualities(), graph_bytes=0)
    for rung in range(len(RUNGS)):
        pictures.at(rung), overlays.at(rung)
    gc.disable()  # no cycle may hold it: some thirty views a second would wait for the collector
    try:
        del picture, flags, pictures, overlays
        assert [array() for array in held] == [None, None]
    finally:
        gc.enable()
