"""A view: what one frame looks like to all viewers, made once per frame.

Picture, overlay, readings and metadata of one view always come from the same frame.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace

import numpy as np

from device.analysis.analyser import Analyser
from device.analysis.exposing import Deviation, deviation, meter
from device.analysis.readings import NO_READINGS, Analysis, Readings
from device.analysis.settings import AssistSettings
from device.analysis.subject import Subject
from device.frame import Controls, FrameMeta
from device.pixels.yuv import halve
from device.sensors.base import Sensor
from device.view.frame_clock import FrameClock
from device.view.frame_copy import FrameCopy, copy_picture
from device.view.graphs import Part, pack
from device.view.made_once import MadeOnce
from device.view.score_series import ScoreSeries
from device.view.sizes import JpegQualities, Overlay, Picture, overlays_of, pictures_of
from device.view.time_code import burn, clear_below


@dataclass(frozen=True, slots=True)
class Findings:
    """What the assists found in one frame, ready to be sent."""

    overlays: MadeOnce[int, Overlay]
    """By rung of the ladder (see `device.view.sizes`)."""
    readings: Readings
    graphs: tuple[Part, ...]
    """What `graph_bytes` holds, in order (see `device.view.graphs`)."""
    graph_bytes: bytes


@dataclass(frozen=True, slots=True)
class View:
    """Picture, overlay and readings of one frame. The picture is ready first: it is sent during the analysis."""

    meta: FrameMeta
    captured_unix_ms: float
    """`meta.timestamp_ns` by the clock that files go by: the system's, or the time that was told."""
    full_size: tuple[int, int]
    """(width, height) of the finest picture."""
    pictures: MadeOnce[int, Picture]
    """By rung of the ladder (see `device.view.sizes`)."""
    found: Future[Findings]

    @property
    def sequence(self) -> int:
        """The frame's sequence number."""
        return self.meta.sequence

    @property
    def findings(self) -> Findings:
        """What the assists found; waits for the end of the analysis."""
        return self.found.result()


def _display_gains(meta: FrameMeta) -> tuple[float, float] | None:
    """Give the white balance gains (red, blue) of the picture, or None where they are not known (a replayed JPEG)."""
    red, blue = meta.colour_gains
    return None if meta.processing == "jpeg" else (red * meta.digital_gain, blue * meta.digital_gain)


class ViewMaker:
    """Turns frames into views, on the view thread. Keeps scratch memory and the JPEG qualities between frames."""

    def __init__(
        self,
        sensor: Sensor | Callable[[], Sensor],
        *,
        time_code: bool = False,
        controls: Callable[[], Controls] = Controls,
        unix_s: Callable[[], float] = time.time,
    ) -> None:
        """With `time_code` the time of the capture is written into each picture (see `device.view.time_code`).

        `sensor` is what is known of it, or gives that now, `controls` gives how exposure is metered, `unix_s` what time
        it is; all are called on the view thread.
        """
        self._clock = FrameClock(unix_s)
        self._controls = controls
        self._sensor = sensor if callable(sensor) else lambda: sensor
        self._time_code = time_code
        known = self._sensor()
        self._toned = (known, 1.0, known)  # the sensor, the last frame's contrast, and it with that tone curve
        self._analyser = Analyser()
        self._series = ScoreSeries()
        self._qualities = JpegQualities()

    def make(self, frame: FrameCopy, settings: AssistSettings) -> View:
        """Make a view and analyse its frame. For tests, which need no picture before the analysis."""
        view = self.begin(frame)
        self.finish(view, frame, settings)
        return view

    def begin(self, frame: FrameCopy) -> View:
        """Give the view of a frame before its analysis; each picture is encoded on first request."""
        captured_unix_ms = self._clock.unix_ms(frame.meta.timestamp_ns)
        picture = frame.small
        if self._time_code:
            # The assists read `main`, without the code.
            picture = copy_picture(picture) if picture is frame.main else picture
            burn(picture, captured_unix_ms)
        height, width = picture.y.shape
        pictures = pictures_of(picture, self._qualities)
        return View(frame.meta, captured_unix_ms, (width, height), pictures, Future())

    def finish(self, view: View, frame: FrameCopy, settings: AssistSettings) -> None:
        """Analyse the frame of a view that `begin` gave. After an error, which is raised, its findings are empty."""
        height, width = frame.small.y.shape
        analysis = Analysis(np.zeros((height, width), np.uint8), NO_READINGS)
        try:
            analysis = self._analyse(frame, settings)
        finally:
            overlay = np.ascontiguousarray(analysis.overlay[:height, :width])
            if self._time_code:
                clear_below(overlay)
            graphs, graph_bytes = pack(analysis.readings)
            overlays = overlays_of(overlay, self._qualities, graph_bytes=len(graph_bytes))
            view.found.set_result(Findings(overlays, analysis.readings, graphs, graph_bytes))

    def _analyse(self, frame: FrameCopy, settings: AssistSettings) -> Analysis:
        width = frame.small.y.shape[1]
        magnified = frame.meta.window is not None
        measured, processing = frame.main, frame.meta.processing
        if magnified and frame.meta.mode.binning == 1:
            # A good lens blurs by more than one pixel of this sensor (Airy disc at f/2.8: 3.8 um, a pixel 1.55 um).
            # Focus is therefore measured at the scale of the binned mode here too.
            measured, processing = halve(frame.main), "halved"
        # Where a half is odd, the small picture lacks a row or column that the measured picture still has.
        factor = 1 if magnified else max(1, round(measured.y.shape[1] / width))
        overlay_size = (-(-measured.y.shape[0] // factor), -(-measured.y.shape[1] // factor))
        subject = Subject(
            luma=measured.y,
            chroma=(measured.u, measured.v),
            raw=frame.raw,
            sensor=self._sensor_at(frame.meta.contrast),
            gain=frame.meta.analogue_gain if frame.meta.exposure_known else None,
            binning=frame.meta.mode.binning,
            processing=processing,
            colour_gains=_display_gains(frame.meta),
            colour_temperature_k=frame.meta.colour_temperature_k or None,
            orientation=frame.meta.orientation,
            overlay_size=overlay_size,
        )
        if magnified:  # the user moves the loupe itself: its middle is scored, and measured
            settings = replace(settings, focus_x=0.5, focus_y=0.5, spot_x=0.5, spot_y=0.5)
        analysis = self._analyser.analyse(subject, settings)
        analysis = replace(analysis, readings=replace(analysis.readings, deviation=self._deviation(frame)))
        return self._numbered(analysis, frame.meta, settings)

    def _deviation(self, frame: FrameCopy) -> Deviation | None:
        """Meter a frame that auto exposure did not; the loupe shows a part, and replayed pictures obey no metering."""
        meta = frame.meta
        follows = meta.ae_state not in ("off", "locked") or meta.source != ""
        if follows or not meta.exposure_known or meta.window is not None:
            return None
        controls = self._controls()
        metered = meter(frame.raw, frame.small, meta, sensor=self._sensor(), metering=controls.metering)
        return deviation(metered, self._sensor().auto_exposure, controls)

    def _numbered(self, analysis: Analysis, meta: FrameMeta, settings: AssistSettings) -> Analysis:
        readings = analysis.readings
        if readings.focus_level is None:
            return analysis
        series = self._series.number(meta, settings, readings.focus_level)
        return replace(analysis, readings=replace(readings, focus_series=series))

    def _sensor_at(self, contrast: float) -> Sensor:
        sensor = self._sensor()
        if self._toned[0] is not sensor or self._toned[1] != contrast:
            self._toned = sensor, contrast, replace(sensor, tone=sensor.tone.with_contrast(contrast))
        return self._toned[2]
