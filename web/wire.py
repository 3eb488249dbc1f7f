"""A view as bytes: one self-contained body for a frame's picture, overlay, readings and metadata.

4 bytes  "HQF2"
uint32   length p of the picture, little-endian
p bytes  the picture (JPEG): it is sent while the frame is still being analysed
uint32   length n of the header, little-endian
n bytes  header: JSON (UTF-8). What seldom changes (mode, lens, source) is named by `header.setting`; a client that
         says that it knows that one is not told again
...      the overlay, `header.overlay.bytes` long: one zlib stream of the listed layers, each `height` rows of
         ceil(width / 8) bytes, leftmost pixel in the highest bit, each row but a layer's first XOR the row above it
         ("zlib-up"). A layer with nothing lit is not listed.
...      the graphs, `header.graphs.bytes` long: one zlib stream of the listed parts (see device/view/graphs.py)
"""

from __future__ import annotations

import json
import struct
import threading
import zlib
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

from device.analysis.readings import RawExposure, Readings
from device.frame import CameraInfo, FrameMeta, LensState, Mode
from device.view.sizes import FINEST, HEADER_BYTES
from device.view.view import View

MAGIC = b"HQF2"
MIME_TYPE = "application/x-hqcam-frame"


def opening(view: View, form: Form) -> bytes:
    """Give what can be sent at once: the picture."""
    jpeg = view.pictures.at(form.rung).jpeg
    return b"".join((MAGIC, struct.pack("<I", len(jpeg)), jpeg))


def closing(view: View, info: CameraInfo, form: Form) -> bytes:
    """Give the rest, which waits for the assists."""
    analysed = view.analysed
    graph_bytes = analysed.graph_bytes if form.graphs else b""
    header = json.dumps(_header(view, info, form), separators=(",", ":")).encode()
    marks = analysed.overlays.at(form.rung)
    return b"".join((struct.pack("<I", len(header)), header, marks.packed, graph_bytes))


@dataclass(frozen=True, slots=True)
class Form:
    """How a client wants a view."""

    rung: int = FINEST
    graphs: bool = True
    """Without, a client shows the graphs that it has a little longer."""
    setting: bool = True
    """Without, a client knows what seldom changes: it said its name (see `setting_name`)."""


def setting_name(view: View, info: CameraInfo) -> str:
    """Name what seldom changes from frame to frame: equal names, equal values."""
    return _setting(info.simulated, info.driver, view.meta.lens, view.meta.mode)[0]


@lru_cache(maxsize=4)
def _setting(simulated: bool, driver: str, lens: LensState | None, mode: Mode) -> tuple[str, dict[str, Any]]:
    values = {
        "simulated": simulated,
        "source": driver,
        "lens": asdict(lens) if lens else None,
        "mode": {"width": mode.width, "height": mode.height, "bit_depth": mode.bit_depth},
    }
    return f"{zlib.crc32(json.dumps(values).encode()):08x}", values


class SharedEncoder:
    """Encodes each view once per form, however many clients ask for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: View | None = None
        self._openings: dict[int, bytes] = {}
        self._closings: dict[Form, bytes] = {}
        self._last_bytes: dict[Form, int] = {}

    def opening(self, view: View, form: Form) -> bytes:
        """Give the body's first part, from memory if it is of the last view asked for."""
        with self._lock:
            if self._view is not view:
                self._view, self._openings, self._closings = view, {}, {}
            if form.rung not in self._openings:
                self._openings[form.rung] = opening(view, form)
            return self._openings[form.rung]

    def closing(self, view: View, info: CameraInfo, form: Form) -> bytes:
        """Give the body's second part; waits for the assists."""
        _ = view.analysed  # not while others are kept waiting
        with self._lock:
            if self._view is not view:  # newer ones came meanwhile
                return closing(view, info, form)
            if form not in self._closings:
                self._closings[form] = closing(view, info, form)
                self._last_bytes[form] = len(self._closings[form])
            return self._closings[form]

    def closing_bytes(self, form: Form) -> int:
        """Give what the last second part weighed: about what the next one will."""
        return self._last_bytes.get(form, HEADER_BYTES)


def _header(view: View, info: CameraInfo, form: Form) -> dict[str, Any]:
    analysed = view.analysed
    picture, marks = view.pictures.at(form.rung), analysed.overlays.at(form.rung)
    size = {"width": picture.width, "height": picture.height}
    overlay_size = {"width": marks.width, "height": marks.height}
    full_width, full_height = view.pictures.full_size
    graph_bytes, graphs = (len(analysed.graph_bytes), analysed.graphs) if form.graphs else (0, ())
    name, setting = _setting(info.simulated, info.driver, view.meta.lens, view.meta.mode)
    return {
        "sequence": view.sequence,
        "captured_ms": round(view.captured_unix_ms, 1),
        "setting": name,
        **(setting if form.setting else {}),
        "picture": {"bytes": len(picture.jpeg), **size, "type": "image/jpeg"},
        "full": {"width": full_width, "height": full_height, "rung": form.rung},
        "overlay": {"bytes": len(marks.packed), **overlay_size, "layers": list(marks.layers), "encoding": "zlib-up"},
        "graphs": {"bytes": graph_bytes, "parts": [asdict(part) for part in graphs], "sent": form.graphs},
        "exposure": exposure(view.meta),
        "window": asdict(view.meta.window) if view.meta.window else None,
        "readings": readings(analysed.readings),
    }


def exposure(meta: FrameMeta) -> dict[str, Any]:
    """What the frame was exposed with."""
    return {
        "exposure_us": round(meta.exposure_us, 1),
        "analogue_gain": round(meta.analogue_gain, 4),
        "iso": meta.iso,
        "colour_gains": [round(g, 4) for g in meta.colour_gains],
        "colour_temperature_k": round(meta.colour_temperature_k),
        "ae_state": meta.ae_state,
        "frame_duration_us": round(meta.frame_duration_us),
        "known": meta.exposure_known,
        "lux": None if meta.lux is None else round(meta.lux, 1),
        "sensor_temperature_c": meta.sensor_temperature_c,
    }


def readings(values: Readings) -> dict[str, Any]:
    """All figures as plain values, without those that are off or unknown. Graphs travel apart."""
    clipping = values.raw_clipping
    figures = {
        "raw_clipping": asdict(clipping) if clipping else None,
        "raw_exposure": raw_exposure(values.raw_exposure) if values.raw_exposure else None,
        "spot": asdict(values.spot) if values.spot else None,
        "focus_score": values.focus_score,
        "peaking_percent": values.peaking_percent,
        "zebra_high_percent": values.zebra_high_percent,
        "zebra_band_percent": values.zebra_band_percent,
        "zebra_low_percent": values.zebra_low_percent,
    }
    return {name: _rounded(value) for name, value in figures.items() if value is not None}


def raw_exposure(values: RawExposure) -> dict[str, Any]:
    """The figures of the raw samples, without the histogram itself."""
    figures = {field.name: getattr(values, field.name) for field in fields(values)}
    return {name: value for name, value in figures.items() if name not in ("red", "green", "blue")}


def _rounded(value: Any) -> Any:
    """Four decimals, finer than what can be measured: a float's seventeen digits would be half of the header."""
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, 4) if isinstance(value, float) else value
