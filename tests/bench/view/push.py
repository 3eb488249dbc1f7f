"""The yardstick: pushes multipart JPEG as picamera2's own web server example does. `python -m bench.view.push HOST`

A condition variable wakes one thread a client for each frame, and the thread writes it to its socket: what the client
does not read waits in the socket's buffers. Its frames are those of `hqcam serve` with the simulated camera, encoded by
the library that picamera2 encodes with, with the same time code. Prints its port.
"""

from __future__ import annotations

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from simplejpeg import encode_jpeg_yuv_planes

from device.drivers.simulated import SimulatedCamera
from device.frame import Controls
from device.simulator.workers import sensible_count
from device.view.time_code import burn

QUALITY = 80  # "very high" of picamera2's JPEG encoder: nearest to the finest picture of hqcam
BOUNDARY = "FRAME"
PAGE = b"<!doctype html><meta charset=utf-8><title>push</title><img id=picture src=stream.mjpg width=1014 height=760>"


class Output:
    """The newest frame, and the condition that announces it."""

    def __init__(self) -> None:
        self.condition = threading.Condition()
        self.frame, self.captured_ms = b"", 0.0

    def write(self, frame: bytes, captured_ms: float) -> None:
        """Announce a frame."""
        with self.condition:
            self.frame, self.captured_ms = frame, captured_ms
            self.condition.notify_all()


OUTPUT = Output()


class Handler(BaseHTTPRequestHandler):
    """One client."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:  # noqa: N802
        """Answer the page, or the stream until the client goes."""
        if self.path == "/":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)
            return
        if self.path != "/stream.mjpg":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Cache-Control", "no-cache, private")
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={BOUNDARY}")
        self.end_headers()
        try:
            while True:
                with OUTPUT.condition:
                    OUTPUT.condition.wait()
                    frame, captured_ms = OUTPUT.frame, OUTPUT.captured_ms
                self.wfile.write(f"--{BOUNDARY}\r\n".encode())
                self.send_header("Content-Type", "image/jpeg")
                self.send_header("Content-Length", str(len(frame)))
                self.send_header("X-Frame-Captured-Ms", f"{captured_ms:.1f}")
                self.end_headers()
                self.wfile.write(frame + b"\r\n")
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """As in the example."""

    allow_reuse_address = True
    daemon_threads = True


def film(*, encode: bool) -> None:
    """Run the camera: a thread of its own, as picamera2's encoder is."""
    camera = SimulatedCamera(workers=sensible_count())
    camera.open()
    mode = next(m for m in camera.info.modes if (m.width, m.height) == (2028, 1520))
    camera.start(mode, Controls())
    while True:
        frame = camera.next_frame(5.0)
        age_ms = (time.monotonic_ns() - frame.meta.timestamp_ns) / 1e6
        captured_ms = time.time() * 1000 - age_ms
        if encode:
            burn(frame.small, captured_ms)
            planes = (frame.small.y, frame.small.u, frame.small.v)
            jpeg = encode_jpeg_yuv_planes(*planes, QUALITY)
            OUTPUT.write(jpeg, captured_ms)
        frame.release()


if __name__ == "__main__":
    server = Server((sys.argv[1], 0), Handler)
    print(server.server_port, flush=True)
    if sys.argv[2:] == ["camera-only"]:  # what the simulated camera costs, to be taken off both
        film(encode=False)
    threading.Thread(target=film, kwargs={"encode": True}, daemon=True).start()
    server.serve_forever()
