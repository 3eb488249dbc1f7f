"""The main job on a photograph: out of focus to focus and back, exposure until the zebras come and go, then shot."""

from __future__ import annotations

import io
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rawpy
from helpers import DEADLINE_S, run
from PIL import Image
from playwright.sync_api import Page

from tests.page.conftest import Server, until, until_live

pytestmark = [pytest.mark.page, pytest.mark.tools]


@pytest.fixture(scope="session")
def photograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A 12-megapixel picture with texture at all sizes, a gradient and highlights, as a camera's JPEG."""
    rng = np.random.default_rng(12)
    height, width = 3040, 4056
    picture = np.zeros((height, width, 3))
    for octave in range(3, 12):  # 1/f noise: the statistics of natural pictures
        cells = rng.normal(0, 1, (2**octave * 3 // 4 + 1, 2**octave + 1, 3))
        layers = [Image.fromarray(cells[..., c].astype(np.float32)) for c in range(3)]
        picture += np.dstack([np.asarray(i.resize((width, height), Image.Resampling.BICUBIC)) for i in layers]) / 4
    codes = 118 + 34 * picture + np.linspace(40, -40, height)[:, None, None]
    path = tmp_path_factory.mktemp("photograph") / "photograph.jpg"
    Image.fromarray(np.clip(codes, 0, 255).astype(np.uint8)).save(path, quality=92)
    return path


def api(server: Server, method: str, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url.rstrip("/") + path, data, {"Content-Type": "application/json"})
    request.method = method
    with urllib.request.urlopen(request, timeout=120) as response:
        return json.load(response)


def reading(page: Page, name: str) -> float:
    """A reading of the frame that the page painted last."""
    return float(page.evaluate(f"window.hqcam.viewfinder.frame.readings.{name}"))


def settle(page: Page, condition: str) -> None:
    until(page, f"((h) => {condition})(window.hqcam.viewfinder.frame)")


def test_focus_exposure_and_shot_on_a_photograph(
    make_server: Callable[..., Server], open_page: Callable[..., Page], photograph: Path, tmp_path: Path
) -> None:
    server = make_server("--scene", str(photograph), "--depth", "2.0")
    page = open_page(server.url)
    until_live(page)

    scores = {}
    for metres in (1.0, 1.5, 2.0, 3.0, 8.0):
        api(server, "PATCH", "/api/controls", {"focus_m": metres})
        settle(page, f"h.lens.focus_m === {metres}")
        scores[metres] = (reading(page, "focus_score"), reading(page, "peaking_percent"))
    assert scores[1.0][0] < scores[1.5][0] < scores[2.0][0] > scores[3.0][0] > scores[8.0][0]
    assert scores[2.0][1] > 20 * max(scores[1.0][1], scores[8.0][1], 0.01)

    api(server, "PATCH", "/api/controls", {"focus_m": 2.0, "gain": 1.0})
    zebras = {}
    for thirds in (-6, -3, 0, 3, 6, 9):
        exposure_us = 10_000 * 2 ** (thirds / 3)
        api(server, "PATCH", "/api/controls", {"exposure_us": exposure_us})
        settle(page, f"Math.abs(h.exposure.exposure_us / {exposure_us} - 1) < 0.01")
        zebras[thirds] = reading(page, "zebra_high_percent")
    assert list(zebras.values()) == sorted(zebras.values())
    assert zebras[-6] < 0.1 and zebras[9] > 20

    api(server, "PATCH", "/api/controls", {"exposure_us": None, "gain": None})
    settle(page, "h.exposure.ae_state === 'converged'")
    shot = api(server, "POST", "/api/captures", {})
    files = {
        f["kind"]: urllib.request.urlopen(server.url.rstrip("/") + f["url"], timeout=DEADLINE_S).read()
        for f in shot["files"]
    }
    dng = tmp_path / "shot.dng"
    dng.write_bytes(files["dng"])
    assert_developed_alike(dng, files["jpeg"])


def assert_developed_alike(dng: Path, jpeg: bytes) -> None:
    """LibRaw and dcraw give the same picture, and it is the JPEG's scene: the same structure, another tone curve."""
    with rawpy.imread(str(dng)) as raw:
        libraw = small(raw.postprocess(use_camera_wb=True, half_size=True))
    ppm = run(["dcraw", "-c", "-w", "-h", dng], check=True).stdout
    dcraw = small(np.asarray(Image.open(io.BytesIO(ppm))))
    picture = small(np.asarray(Image.open(io.BytesIO(jpeg))))
    assert np.abs(libraw - dcraw).mean() < 4
    for other in (libraw, dcraw):
        for channel in range(3):
            assert np.corrcoef(picture[..., channel].ravel(), other[..., channel].ravel())[0, 1] > 0.97


def small(picture: np.ndarray) -> np.ndarray:
    """The picture at 96 x 72, as floats."""
    return np.asarray(Image.fromarray(picture).resize((96, 72), Image.Resampling.BOX)).astype(float)
