"""The focus score over real series of others, as `fetch_focus_series.py` brings them: which picture is sharpest?"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from bench.family_figures import SETTINGS
from PIL import Image

from device.analysis.analyser import Analyser
from device.analysis.subject import Subject
from device.frame import ProcessingName, YuvPicture
from device.pixels.bt601 import to_yuv
from device.raw.files import read_picture
from device.sensors.imx477 import IMX477

OWN = (".jpg", ".jpeg", ".png", ".dng")  # what hqcam reads itself
OTHERS = (".tif", ".tiff", ".bmp")


def series(folder: Path) -> dict[str, float]:
    """Give the score of each picture right in the folder, by name, as a person counts: 9 before 10.

    The gain is not told. Raises FileNotFoundError where there is no picture.
    """
    paths = [path for path in folder.iterdir() if path.suffix.lower() in (*OWN, *OTHERS)]
    if not paths:
        raise FileNotFoundError(f"no picture in {folder}; expected {' '.join((*OWN, *OTHERS))}")
    return {path.name: score(path) for path in sorted(paths, key=_as_counted)}


def print_series(folder: Path) -> None:
    """Print the scores and name the highest."""
    scores = series(folder)
    for place, (name, value) in enumerate(scores.items(), start=1):
        print(f"{place:4} {value:10.3f}  {name}")
    highest = max(scores, key=lambda name: scores[name])
    print(f"highest: {list(scores).index(highest) + 1} of {len(scores)}, {highest}")


def score(path: Path) -> float:
    """Give the focus score of a whole picture."""
    picture, processing = _read(path)
    subject = Subject(
        luma=picture.y,
        chroma=(picture.u, picture.v),
        sensor=IMX477,
        gain=None,
        binning=1,
        processing=processing,
    )
    value = Analyser().analyse(subject, SETTINGS).readings.focus_score
    assert value is not None  # it is on
    return value


def _read(path: Path) -> tuple[YuvPicture, ProcessingName]:
    if path.suffix.lower() in OTHERS:
        return to_yuv(np.asarray(Image.open(path).convert("RGB"))), "none"
    file = read_picture(path)
    return file.yuv, "jpeg" if file.kind == "jpeg" else "none"


def _as_counted(path: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", path.name)]
