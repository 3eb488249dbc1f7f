"""A view: what one frame looks like to everyone who watches, made once per frame however many they are.

Picture, overlay, readings and metadata of one view always come from the same frame.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from device.analysis.analyser import Analyser
from device.analysis.readings import NOTHING, Analysis, Readings
from device.analysis.settings import AssistSettings
from device.analysis.subject import Subject
from device.frame import FrameMeta, LiveFrame, RawFrame, YuvPicture
from device.pixels.yuv import halve
from device.sensors.base import Sensor
from device.view.graphs import Part, pack
from device.view.sizes import FINEST, Overlays, Pictures, Qualities
from device.view.time_code import burn, clear_below

N = TypeVar("N", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Analysed:
    """What the assists found in one frame."""

    overlays: Overlays
    readings: Readings
    graphs: tuple[Part, ...]
    """What `graph_bytes` holds, in order (see `device.view.graphs`)."""
    graph_bytes: bytes


@dataclass(frozen=True, slots=True)
class View:
    """Picture, overlay and figures of one frame. The picture is there first: it is on its way while assists look."""

    meta: FrameMeta
    captured_unix_ms: float
    """The wall-clock time of `meta.timestamp_ns`."""
    pictures: Pictures
    found: Future[Analysed]

    @property
    def sequence(self) -> int:
        """The frame's sequence number."""
        return self.meta.sequence

    @property
    def jpeg(self) -> bytes:
        """The finest picture."""
        return self.pictures.at(FINEST).jpeg

    @property
    def analysed(self) -> Analysed:
        """What the assists found; waits until they have."""
        return self.found.result()

    @property
    def readings(self) -> Readings:
        """The figures; waits for the assists."""
        return self.analysed.readings


@dataclass(slots=True)
class FrameCopy:
    """What a view is made of, copied out of a frame on loan."""

    meta: FrameMeta
    main: YuvPicture
    small: YuvPicture
    raw: RawFrame | None

    @property
    def sequence(self) -> int:
        """The frame's sequence number."""
        return self.meta.sequence


def copy_frame(frame: LiveFrame, *, with_raw: bool, memory: FrameCopy | None = None) -> FrameCopy:
    """Copy what a view needs, so that the buffers can go back to the camera at once.

    Main picture and samples go where those of `memory` were, a copy that is done with, if they fit. The small picture
    is its view's own for as long as anyone wants that view.
    """
    raw = frame.raw if with_raw else None
    if raw is not None:
        raw = replace(raw, samples=_copy(raw.samples, memory.raw.samples if memory and memory.raw else None))
    if frame.small is frame.main:
        main = small = _copy_picture(frame.main)
    else:
        own = None if memory is None or memory.main is memory.small else memory.main
        main, small = _copy_picture(frame.main, own), _copy_picture(frame.small)
    return FrameCopy(frame.meta, main, small, raw)


def _copy_picture(picture: YuvPicture, memory: YuvPicture | None = None) -> YuvPicture:
    to = (None, None, None) if memory is None else (memory.y, memory.u, memory.v)
    return YuvPicture(_copy(picture.y, to[0]), _copy(picture.u, to[1]), _copy(picture.v, to[2]))


def _copy(samples: NDArray[N], memory: NDArray[N] | None) -> NDArray[N]:
    if memory is None or memory.shape != samples.shape or memory.dtype != samples.dtype:
        return samples.copy()
    np.copyto(memory, samples)
    return memory


def _display_gains(meta: FrameMeta) -> tuple[float, float] | None:
    """White balance (red, blue) as the display has it, or None where it is not known (a replayed JPEG)."""
    red, blue = meta.colour_gains
    return None if meta.processing == "jpeg" else (red * meta.digital_gain, blue * meta.digital_gain)


class ViewMaker:
    """Turns frames into views. Keeps scratch memory and the JPEG qualities between frames; use from one thread."""

    def __init__(self, sensor: Sensor, *, time_code: bool = False) -> None:
        """With `time_code` the time of the capture is written into each picture (see `device.view.time_code`)."""
        self._sensor, self._time_code = sensor, time_code
        self._bent = (1.0, sensor)  # with the tone curve as the frame's contrast bends it
        self._analyser = Analyser()
        self._qualities = Qualities()

    def make(self, frame: FrameCopy, settings: AssistSettings) -> View:
        """Make a view and analyse its frame."""
        view = self.begin(frame)
        self.finish(view, frame, settings)
        return view

    def begin(self, frame: FrameCopy) -> View:
        """Give the view of a frame, not analysed yet; its pictures are encoded when they are asked for."""
        age_ns = time.monotonic_ns() - frame.meta.timestamp_ns
        captured_unix_ms = (time.time_ns() - age_ns) / 1e6
        picture = frame.small
        if self._time_code:
            picture = _copy_picture(picture) if picture is frame.main else picture  # the assists must not see it
            burn(picture, captured_unix_ms)
        return View(frame.meta, captured_unix_ms, Pictures(picture, self._qualities), Future())

    def finish(self, view: View, frame: FrameCopy, settings: AssistSettings) -> None:
        """Analyse the frame of a view that was begun; after a failure, which is raised, nothing was found."""
        height, width = frame.small.y.shape
        analysis = Analysis(np.zeros((height, width), np.uint8), NOTHING)
        try:
            analysis = self._analyse(frame, settings)
        finally:
            overlay = np.ascontiguousarray(analysis.overlay[:height, :width])
            if self._time_code:
                clear_below(overlay)
            graphs, graph_bytes = pack(analysis.readings)
            overlays = Overlays(overlay, self._qualities, graph_bytes=len(graph_bytes))
            view.found.set_result(Analysed(overlays, analysis.readings, graphs, graph_bytes))

    def _analyse(self, frame: FrameCopy, settings: AssistSettings) -> Analysis:
        width = frame.small.y.shape[1]
        magnified = frame.meta.window is not None
        measured, processing = frame.main, frame.meta.processing
        if magnified and frame.meta.mode.binning == 1:
            # A good lens blurs by about a pixel of this sensor (Airy disc at f/2.8: 3.8 um, a pixel 1.55 um), so that
            # no single pixel is ever sharp: focus is judged at the scale of the binned mode there too.
            measured, processing = halve(frame.main), "halved"
        # A picture of an odd half lost a row or a column, which the assists still look at.
        factor = 1 if magnified else max(1, round(measured.y.shape[1] / width))
        overlay_size = (-(-measured.y.shape[0] // factor), -(-measured.y.shape[1] // factor))
        subject = Subject(
            luma=measured.y,
            chroma=(measured.u, measured.v),
            raw=frame.raw,
            sensor=self._sensor_at(frame.meta.contrast),
            gain=frame.meta.analogue_gain,
            binning=frame.meta.mode.binning,
            processing=processing,
            colour_gains=_display_gains(frame.meta),
            overlay_size=overlay_size,
        )
        if magnified:  # the loupe itself is moved over the subject: it is scored in its middle
            settings = replace(settings, focus_x=0.5, focus_y=0.5)
        return self._analyser.analyse(subject, settings)

    def _sensor_at(self, contrast: float) -> Sensor:
        if self._bent[0] != contrast:
            self._bent = contrast, replace(self._sensor, tone=self._sensor.tone.with_contrast(contrast))
        return self._bent[1]
