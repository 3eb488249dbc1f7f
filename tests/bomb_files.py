"""Small files that claim large pictures, or many scans over one: made by code, for the tests and the attacks."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

# Runs a command of hqcam and prints the most megabytes it had. Not getrusage's figure: that begins with the parent's.
MEASURED = """
import runpy, sys
from pathlib import Path
sys.argv = sys.argv[1:]
try:
    runpy.run_module("device", run_name="__main__")
finally:
    status = Path("/proc/self/status").read_text()
    print(int(status.partition("VmHWM:")[2].split()[0]) // 1024)
"""
PNG_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
"""By PNG's number of a colour type: grey, RGB, grey with alpha, RGB with alpha."""


def flat_png(width: int, height: int, *, colour_type: int = 2, bits: int = 8) -> bytes:
    """Give a black PNG; deflate makes about a thousandth of it."""
    deflate = zlib.compressobj(9)
    row = bytes(1 + width * PNG_CHANNELS[colour_type] * bits // 8)
    pixels = b"".join([*(deflate.compress(row) for _ in range(height)), deflate.flush()])
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def progressive_jpeg(width: int, height: int, *, extra_scans: int = 0) -> bytes:
    """Give a flat progressive JPEG (10 scans), with its first scan repeated: each costs a walk over all its pixels."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), (90, 100, 120)).save(buffer, "JPEG", progressive=True, quality=50)
    data = buffer.getvalue()
    first, second = (start for start in _scans(data)[:2])
    end = data.rindex(b"\xff\xd9")
    return data[:end] + data[first:second] * extra_scans + data[end:]


def _scans(data: bytes) -> list[int]:
    found, place = [], data.find(b"\xff\xda")
    while place >= 0:
        found.append(place)
        place = data.find(b"\xff\xda", place + 2)
    return found
