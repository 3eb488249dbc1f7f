"""Drives picamera2 in place of its preview, on the thread that waits for frames."""

from __future__ import annotations

from typing import Any


class RequestLoop:
    """Replaces picamera2's preview, which drives the camera, without a thread: keeps the newest request."""

    def __init__(self) -> None:
        self._camera: Any = None
        self._newest: Any = None

    def start(self, camera: Any) -> None:
        """Attach; called by `start_preview`."""
        self._camera = camera
        camera.attach_preview(self)

    def stop(self) -> None:
        """Detach; called by `stop_preview`."""
        self._camera.detach_preview()

    def render_request(self, request: Any) -> None:
        """Keep the newest request; called by `process_requests`."""
        request.acquire()
        self.drop()
        self._newest = request

    def turn(self) -> Any:
        """Let picamera2 process finished requests; give the newest, which the caller must release, or None."""
        self._camera.notifymeread.read()
        self._camera.process_requests(self)
        newest, self._newest = self._newest, None
        return newest

    def drop(self) -> None:
        """Release the kept request."""
        newest, self._newest = self._newest, None
        if newest is not None:
            newest.release()
