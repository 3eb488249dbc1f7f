"""How fast many captures come as one zip, and what memory that takes, beside `cat` (`make bench-zip`).

The files are sparse, so that no disk limits either. Both sides send over loopback to a client in a process of its own,
which throws away what it gets. `cat` sums nothing up; a zip needs a checksum (CRC-32) of each file behind it.
"""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from helpers import started

from device.captures.storage import Storage
from device.drivers.simulated import SimulatedCamera
from device.preferences.store import Preferences
from device.sensors.imx477 import IMX477
from device.session.session import Session
from web.app import MAX_BODY_BYTES, create_app
from web.guard import Guard
from web.server.loop import Server

SHOTS, SHOT_BYTES = 200, 25 * 10**6
TURNS = 9  # a machine with other work makes a single one say nothing
STATUS = Path("/proc/self/status")
CLIENT = """
import socket, sys
port, request = int(sys.argv[1]), sys.argv[2].encode()
with socket.create_connection(("127.0.0.1", port)) as link:
    if request:
        link.sendall(request)
    buffer, got = bytearray(2**20), 0
    while count := link.recv_into(buffer):
        got += count
print(got)
"""


def fill(root: Path, shots: int) -> Storage:
    """Make a folder of sparse captures."""
    storage = Storage(root)
    storage.prepare()
    for _ in range(shots):
        kept = storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".dng": [b"x"]})
        os.truncate(kept.files[0].path, SHOT_BYTES)
    return storage


@contextmanager
def served(storage: Storage) -> Iterator[int]:
    """Serve the captures on loopback, without a camera; gives the port."""
    guard = Guard(None)
    session = Session(lambda: SimulatedCamera(), sensor=IMX477, preferences=Preferences())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = create_app(session, storage, guard)
        server = Server(app, listener, knows=guard.knows, body_bytes=MAX_BODY_BYTES)
        thread = threading.Thread(target=server.serve, name="hqcam-bench-server")
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.stop()
            thread.join()


def fetch(port: int, ids: Sequence[str]) -> tuple[float, int]:
    """Give the seconds that the zip of these captures took, and the bytes that came with it."""
    url = "/api/captures/zip?" + "&".join(f"id={one}" for one in ids)
    request = f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    began = time.monotonic()
    with started([sys.executable, "-c", CLIENT, port, request], stdout=subprocess.PIPE, text=True) as client:
        out, _ = client.communicate()
    return time.monotonic() - began, int(out)


def cat(files: Sequence[Path]) -> float:
    """Give the seconds that `cat` takes to send the files to the same client."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        began = time.monotonic()
        port = listener.getsockname()[1]
        with started([sys.executable, "-c", CLIENT, port, ""], stdout=subprocess.PIPE, text=True) as client:
            link, _ = listener.accept()
            with link, started(["cat", *files], stdout=link.fileno()) as sending:
                sending.wait()
            client.communicate()
        return time.monotonic() - began


def peak_growth_bytes(port: int, ids: Sequence[str]) -> int:
    """Give by how much the memory of this process grew while it sent the zip of these captures."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before = _status_bytes("VmRSS")
    fetch(port, ids)
    return _status_bytes("VmHWM") - before


def _status_bytes(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", STATUS.read_text())
    assert found
    return 1024 * int(found[1])


def main() -> None:
    """Print the figures of SHOTS captures: the medians of TURNS, one beside the other."""
    with tempfile.TemporaryDirectory() as folder:
        storage = fill(Path(folder), SHOTS)
        captures = storage.list()
        ids, files = [one.id for one in captures], [stored.path for one in captures for stored in one.files]
        with served(storage) as port:
            fetch(port, ids[:1])
            growth_bytes = peak_growth_bytes(port, ids)
            pairs = [(cat(files), fetch(port, ids)[0]) for _ in range(TURNS)]
    cat_s, zip_s = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(cat / zipped for cat, zipped in pairs)
    gigabytes = SHOTS * SHOT_BYTES / 1e9
    print(f"{SHOTS} shots, {gigabytes:g} GB: cat {gigabytes / cat_s:.2f} GB/s, zip {gigabytes / zip_s:.2f} GB/s")
    print(f"ratio {ratio:.2f}; memory {growth_bytes / 2**20:.1f} MB more")


if __name__ == "__main__":
    main()
