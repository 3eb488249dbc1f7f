"""The assists on a picture file, as the viewfinder has them: for `hqcam inspect` and for the viewer."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from device import host
from device.analysis.analyser import Analyser
from device.analysis.overlay import Flag
from device.analysis.readings import Analysis
from device.analysis.settings import AssistSettings
from device.analysis.sharpness import Sharpness
from device.analysis.subject import Subject
from device.frame import ProcessingName
from device.raw.decode import PictureFile
from device.raw.files import read_picture
from device.sensors.imx477 import IMX477


def analyse_file(
    file: Path, settings: AssistSettings, gain: float | None = None, isp: ProcessingName | None = None
) -> tuple[PictureFile, Subject, Analysis, Sharpness]:
    """Read a file and run the assists on it. `gain` and `isp` None: what the file says. Raises BadFile."""
    picture = read_picture(file, memory_bytes=host.available_memory_bytes())
    iso, sensor = picture.metadata.iso, picture.sensor or IMX477
    used_gain = gain or (min(max(iso / 100, 1.0), sensor.gain_max) if iso else None)
    analyser = Analyser()
    subject = Subject(
        luma=picture.yuv.y,
        chroma=(picture.yuv.u, picture.yuv.v),
        raw=picture.raw,
        sensor=sensor,
        gain=used_gain,
        binning=1,
        processing=isp or picture.processing,
        colour_gains=picture.metadata.colour_gains,
        colour_temperature_k=picture.metadata.colour_temperature_k,
    )
    analysis = analyser.analyse(subject, settings)
    assert analyser.sharpness is not None  # focus score and peaking are on
    return picture, subject, analysis, analyser.sharpness


def peaking_of(file: Path, settings: AssistSettings) -> tuple[bytes, float]:
    """Give where a file is sharp: a PNG of half its width and height, and the percentage of its pixels.

    It is opaque where one of the four pixels is lit, and transparent elsewhere; turned as the picture is to be seen.
    Only the sensitivity of the settings counts. Raises BadFile.
    """
    _, _, analysis, _ = analyse_file(file, replace(settings, peaking=True))
    lit = (analysis.overlay & np.uint8(Flag.PEAKING)) != 0
    height, width = lit.shape
    even = np.pad(lit, ((0, height % 2), (0, width % 2)))
    half = even.reshape(even.shape[0] // 2, 2, even.shape[1] // 2, 2).any(axis=(1, 3))
    picture = Image.fromarray(half.astype(np.uint8), "P")
    picture.putpalette([0, 0, 0, 255, 255, 255])
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", transparency=0, bits=1, compress_level=3)
    return buffer.getvalue(), analysis.readings.peaking_percent or 0.0
