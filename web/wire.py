"""A view as bytes: one self-contained body for a frame's picture, overlay, readings and metadata.

Called by the viewfinder's routes, on the web server's threads. A body is:

4 bytes  "HQF2"
uint32   length p of the picture, little-endian
p bytes  the picture (JPEG): it is sent while the frame is still being analysed
uint32   length n of the header, little-endian
n bytes  header: JSON (UTF-8). `header.setting` is a name for the values that seldom change (mode, lens, source); they
         are left out for a client that sends this name, because it has them
...      the overlay, `header.overlay.bytes` long: one zlib stream of the listed layers, each `height` rows of
         ceil(width / 8) bytes, leftmost pixel in the highest bit, each row but a layer's first XOR the row above it
         ("zlib-up"). A layer with nothing lit is not listed.
...      the graphs, `header.graphs.bytes` long: one zlib stream of the listed parts (see device/view/graphs.py)

Picture and overlay are as the sensor gave them; `header.orientation` (Exif's 1 to 8) says how to turn both for looking
at them. Points in requests, the loupe's window and the focus area are places of the sensor's picture. The waveform
alone has its columns as they are seen.
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
from device.view.made_once import MadeOnce
from device.view.sizes import FINEST, HEADER_BYTES, Overlay, Picture
from device.view.view import View

MAGIC = b"HQF2"
MIME_TYPE = "application/x-hqcam-frame"


def first_part(view: View, options: BodyOptions) -> bytes:
    """Give the first part of a body, which can be sent at once: the picture."""
    jpeg = view.pictures.at(options.rung).jpeg
    return b"".join((MAGIC, struct.pack("<I", len(jpeg)), jpeg))


def tagged_jpeg(view: View, orientation: int, *, rung: int = FINEST) -> bytes:
    """Give a picture as a file of its own, whose Exif says how to turn it (1 to 8; 1: no Exif is needed)."""
    from device.raw.jpeg import tagged  # not at module level: the file writers would delay the first frame

    return tagged(view.pictures.at(rung).jpeg, orientation)


def second_part(view: View, info: CameraInfo, options: BodyOptions) -> bytes:
    """Give the second part of a body; waits for the assists."""
    findings = view.findings
    graph_bytes = findings.graph_bytes if options.graphs else b""
    header = json.dumps(_header(view, info, options), separators=(",", ":")).encode()
    overlay = findings.overlays.at(options.rung)
    return b"".join((struct.pack("<I", len(header)), header, overlay.packed, graph_bytes))


@dataclass(frozen=True, slots=True)
class BodyOptions:
    """What a client asked for: the size of the picture, and which parts of the header."""

    rung: int = FINEST
    """Index of the picture's size in `device.view.sizes.RUNGS`."""
    graphs: bool = True
    """Whether histograms and scopes are sent; without them the client keeps showing its last ones."""
    stable: bool = True
    """Whether the values that seldom change are sent; a client that has them sends their name (`stable_name`)."""


def stable_name(view: View, info: CameraInfo) -> str:
    """Give a name (a CRC) for the header's values that seldom change: equal names mean equal values."""
    return _stable_values(info.simulated, info.driver, view.meta.lens, view.meta.mode)[0]


@lru_cache(maxsize=4)
def _stable_values(simulated: bool, driver: str, lens: LensState | None, mode: Mode) -> tuple[str, dict[str, Any]]:
    crop = {"width": mode.crop.width, "height": mode.crop.height}
    values = {
        "simulated": simulated,
        "source": driver,
        "lens": asdict(lens) if lens else None,
        "mode": {"width": mode.width, "height": mode.height, "bit_depth": mode.bit_depth, "crop": crop},
    }
    return f"{zlib.crc32(json.dumps(values).encode()):08x}", values


class SharedSecondParts:
    """The second parts of bodies, each made once per view and options, however many clients ask. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._view: View | None = None
        self._second_parts: MadeOnce[BodyOptions, bytes]
        self._last_bytes: dict[BodyOptions, int] = {}

    def get(self, view: View, info: CameraInfo, options: BodyOptions) -> bytes:
        """Give the body's second part; waits for the assists, and for a thread that is making the same part."""
        made = self._of(view, info).at(options)
        self._last_bytes[options] = len(made)
        return made

    def last_bytes(self, options: BodyOptions) -> int:
        """Give the length of the last second part, in bytes: an estimate for the next one."""
        return self._last_bytes.get(options, HEADER_BYTES)

    def _of(self, view: View, info: CameraInfo) -> MadeOnce[BodyOptions, bytes]:
        with self._lock:
            if view is not self._view:
                second_parts = MadeOnce[BodyOptions, bytes](lambda options: second_part(view, info, options))
                if self._view is not None and view.sequence < self._view.sequence:
                    return second_parts  # the older view of a slow client, which no other client asks for
                self._view, self._second_parts = view, second_parts
            return self._second_parts


def _header(view: View, info: CameraInfo, options: BodyOptions) -> dict[str, Any]:
    findings = view.findings
    full_width, full_height = view.full_size
    graph_bytes, graphs = (len(findings.graph_bytes), findings.graphs) if options.graphs else (0, ())
    name, stable = _stable_values(info.simulated, info.driver, view.meta.lens, view.meta.mode)
    return {
        "sequence": view.sequence,
        "captured_ms": round(view.captured_unix_ms, 1),
        "setting": name,
        **(stable if options.stable else {}),
        "picture": _picture(view.pictures.at(options.rung)),
        "full": {"width": full_width, "height": full_height, "rung": options.rung},
        "overlay": _overlay(findings.overlays.at(options.rung)),
        "graphs": {"bytes": graph_bytes, "parts": [asdict(part) for part in graphs], "sent": options.graphs},
        "orientation": view.meta.orientation,
        "exposure": exposure(view.meta),
        "window": asdict(view.meta.window) if view.meta.window else None,
        "readings": readings(findings.readings),
    }


def _picture(picture: Picture) -> dict[str, Any]:
    size = {"width": picture.width, "height": picture.height}
    return {"bytes": len(picture.jpeg), **size, "type": "image/jpeg"}


def _overlay(overlay: Overlay) -> dict[str, Any]:
    size = {"width": overlay.width, "height": overlay.height}
    return {"bytes": len(overlay.packed), **size, "layers": list(overlay.layers), "encoding": "zlib-up"}


def exposure(meta: FrameMeta) -> dict[str, Any]:
    """The exposure and colour of the frame, as delivered."""
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
    """All figures as plain values, without those that are off or unknown. Graphs are sent separately."""
    clipping = values.raw_clipping
    figures = {
        "raw_clipping": asdict(clipping) if clipping else None,
        "raw_exposure": raw_exposure(values.raw_exposure) if values.raw_exposure else None,
        "spot": asdict(values.spot) if values.spot else None,
        "deviation": asdict(values.deviation) if values.deviation else None,
        "focus_score": values.focus_score,
        "focus_unclear": values.focus_unclear,
        "focus_series": values.focus_series,
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
    """Round to four decimals, finer than what can be measured: seventeen digits would be half of the header."""
    if isinstance(value, dict):
        return {name: _rounded(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, 4) if isinstance(value, float) else value
