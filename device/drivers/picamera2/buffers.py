"""Access to the memory of picamera2's requests."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np

from device.frame import U8


class MappedBuffers:
    """Maps each buffer once per configuration: picamera2 cannot close its own mapping while an array uses it."""

    def __init__(self) -> None:
        self._memory: dict[int, U8] = {}

    def of(self, request: Any, stream: str) -> U8:
        """Give the bytes of one stream's buffer: shared memory, valid until the request is released."""
        plane = request.request.buffers[request.stream_map[stream]].planes[0]
        memory = self._memory.get(plane.fd)
        if memory is None:
            memory = np.frombuffer(mmap.mmap(plane.fd, plane.length, mmap.MAP_SHARED, mmap.PROT_READ), np.uint8)
            self._memory[plane.fd] = memory
        return memory

    def forget(self) -> None:
        """Forget the mappings, when the camera frees its buffers."""
        self._memory.clear()
