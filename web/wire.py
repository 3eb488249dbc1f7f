"""A view as bytes: one self-contained body for a frame's picture, overlay, readings and metadata.

4 bytes  "HQF1"
uint32   length n of the header, little-endian
n bytes  header: JSON (UTF-8)
...      the picture (JPEG), `header.picture.bytes` long
...      the overlay, `header.overlay.bytes` long: one zlib stream of the listed layers, each `height` rows of
         ceil(width / 8) bytes, leftmost pixel in the highest bit, each row but a layer's first XOR the row above it
         ("zlib-up"). A layer with nothing lit is not listed.
...      the graphs, `header.graphs.bytes` long: one zlib stream of the listed parts (see device/analysis/compact.py)
"""

from __future__ import annotations

import json
import struct
import threading
from dataclasses import asdict, dataclass, fields
from typing import Any

from device.analysis.readings import RawExposure, Readings
from device.frame import CameraInfo, FrameMeta
from device.renditions import FINEST, Rendition
from device.view import View

MAGIC = b"HQF1"
MIME_TYPE = "application/x-hqcam-frame"


def encode(view: View, info: CameraInfo, form: Form) -> bytes:
    """Give the body of one view."""
    rendition = view.renditions.at(form.rung)
    graph_bytes = view.graph_bytes if form.graphs else b""
    header = json.dumps(_header(view, info, form, rendition), separators=(",", ":")).encode()
    return b"".join((MAGIC, struct.pack("<I", len(header)), header, rendition.jpeg, rendition.overlay, graph_bytes))


@dataclass(frozen=True, slots=True)
class Form:
    """How a client wants a view."""

    rung: int = FINEST
    graphs: bool = True
    """Without, a client shows the graphs that it has a little longer."""


class SharedEncoder:
    """Encodes each view once per form, however many clients ask for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: View | None = None
        self._bodies: dict[Form, bytes] = {}

    def body(self, view: View, info: CameraInfo, form: Form) -> bytes:
        """Give the body of `view`, from memory if it is of the last one asked for."""
        with self._lock:
            if self._view is not view:
                self._bodies, self._view = {}, view
            if form not in self._bodies:
                self._bodies[form] = encode(view, info, form)
            return self._bodies[form]


def _header(view: View, info: CameraInfo, form: Form, made: Rendition) -> dict[str, Any]:
    size = {"width": made.width, "height": made.height}
    overlay_size = {"width": made.overlay_width, "height": made.overlay_height}
    full_width, full_height = view.renditions.full_size
    graph_bytes, graphs = (len(view.graph_bytes), view.graphs) if form.graphs else (0, ())
    mode = view.meta.mode
    return {
        "sequence": view.sequence,
        "captured_ms": round(view.captured_unix_ms, 1),
        "simulated": info.simulated,
        "source": info.driver,
        "picture": {"bytes": len(made.jpeg), **size, "type": "image/jpeg"},
        "full": {"width": full_width, "height": full_height, "rung": form.rung},
        "overlay": {"bytes": len(made.overlay), **overlay_size, "layers": list(made.layers), "encoding": "zlib-up"},
        "graphs": {"bytes": graph_bytes, "parts": [asdict(part) for part in graphs], "sent": form.graphs},
        "exposure": exposure(view.meta),
        "lens": asdict(view.meta.lens) if view.meta.lens else None,
        "mode": {"width": mode.width, "height": mode.height, "bit_depth": mode.bit_depth},
        "window": asdict(view.meta.window) if view.meta.window else None,
        "readings": readings(view.readings),
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
