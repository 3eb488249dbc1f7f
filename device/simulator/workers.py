"""Starts processes that make the frames, each a part, in memory that they share with this one.

A real camera's pictures cost the program nothing: sensor and ISP make them. Made in a thread, simulated ones would
compete with the analysis and the server for Python's lock at each of some thousand numpy calls a frame.

Each process (`worker_process`) has a socket whose messages are whole pickles. It is told what a run of the camera
needs, where memory is (a descriptor goes with the message), and then "expose" and "develop" for each frame. Between
these two all parts are awaited, because developing looks a few rows beyond its own part.

The methods are called on the camera thread; `close` on any. When this process ends, however it ends, the sockets close
and with them the processes. (`multiprocessing` is not used: it adds a process that tracks the shared memory, which
complains when this one is killed, and sends a message no faster.)
"""

from __future__ import annotations

import itertools
import mmap
import os
import pickle
import socket
import subprocess
import sys
import threading
from typing import Any, Final

import numpy as np

from device.errors import CameraLost
from device.frame import U8, U16, Mode
from device.sensors.base import Sensor
from device.simulator.renderer import Buffers, FrameParameters, frame_bytes, lay_out

LONGEST_MESSAGE: Final = 1 << 17  # a sensor with all its modes and tables is 20 kB
MOST: Final = 2  # chosen: analysis and server want the other cores
DONE: Final = b"done"
LARGE_PIXELS: Final = 6_000_000
_END_S: Final = 5.0  # chosen: a process that was told to end and is still there is killed

Message = tuple[Any, ...]
"""What to do, which run it belongs to, and the rest."""


def sensible_count() -> int:
    """Give how many make a frame soonest: two where there are two cores, none where the system is no Linux."""
    if not (hasattr(os, "memfd_create") and hasattr(socket, "SOCK_SEQPACKET")):
        return 0
    return min(MOST, os.cpu_count() or 1)


class Workers:
    """The processes; started when they are first needed. Made by the driver when it opens."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._busy = threading.Lock()
        self._runs = itertools.count()
        self._closed = False
        self._sockets: list[socket.socket] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def renderer(
        self, sensor: Sensor, mode: Mode, rng: np.random.Generator, *, with_small: bool = True
    ) -> SharedRenderer:
        """Begin a run of the camera in `mode`. Raises CameraLost."""
        # One keeps up with the smaller modes and leaves the other cores alone.
        count = self._most if mode.width * mode.height > LARGE_PIXELS else 1
        with self._busy:
            while not self._closed and len(self._sockets) < count:
                self._start_one()
        return SharedRenderer(self, count, next(self._runs), sensor, mode, rng, with_small=with_small)

    def _start_one(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "device.simulator.worker_process", str(theirs.fileno())]
            process = subprocess.Popen(
                command,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # they share the cores already
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # the terminal's interrupt is for this process, which then ends the others
            )
        self._sockets.append(ours)
        self._processes.append(process)

    def send(self, messages: list[Message], *, memory: int | None = None) -> None:
        """Send the first workers a message each, and wait until all have done it. Raises CameraLost."""
        descriptors = [] if memory is None else [memory]
        with self._busy:
            if self._closed:
                raise CameraLost("the simulated camera was closed")
            workers = self._sockets[: len(messages)]
            try:
                for worker, message in zip(workers, messages, strict=True):
                    socket.send_fds(worker, [pickle.dumps(message)], descriptors)
                answers = [worker.recv(LONGEST_MESSAGE) for worker in workers]
            except OSError as error:
                raise CameraLost(f"a process of the simulated camera cannot be reached: {error}") from error
        for answer in answers:
            if answer != DONE:
                said = f"said {answer.decode()!r}" if answer else "has ended"
                raise CameraLost(f"a process of the simulated camera {said}", remedy="see whether memory is short")

    def close(self) -> None:
        """End the processes, after what they are at. Any thread."""
        with self._busy:
            self._closed = True
            for worker in self._sockets:
                worker.close()
            self._sockets.clear()
            processes, self._processes = self._processes, []
        for process in processes:
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class SharedRenderer:
    """Makes the frames of one run of the camera, by the first `count` processes at once."""

    def __init__(
        self,
        workers: Workers,
        count: int,
        run: int,
        sensor: Sensor,
        mode: Mode,
        rng: np.random.Generator,
        *,
        with_small: bool,
    ) -> None:
        self._workers, self._run = workers, run
        self._mode, self._with_small = mode, with_small
        self._numbers = itertools.count()
        self._seen: U16 | None = None
        self._parts = [(index, count) for index in range(count)]
        seeds = [int(seed) for seed in rng.integers(1 << 62, size=count)]
        workers.send([("begin", run, sensor, mode, with_small, seed) for seed in seeds])

    def new_buffers(self) -> Buffers:
        """Give memory for one more frame."""
        number = next(self._numbers)
        memory = self._share("buffers", frame_bytes(self._mode, with_small=self._with_small), number)
        return lay_out(memory, self._mode, with_small=self._with_small, number=number)

    def set_light(self, light: U16) -> None:
        """Take `light` for the frames that follow."""
        if self._seen is None:
            self._seen = self._share("light", light.nbytes).view(np.uint16).reshape(light.shape)
        np.copyto(self._seen, light)

    def render(self, parameters: FrameParameters, buffers: Buffers) -> None:
        """Fill a frame's memory. Raises CameraLost."""
        for step in ("expose", "develop"):
            self._workers.send([(step, self._run, buffers.number, parameters, part) for part in self._parts])

    def close(self) -> None:
        """Let the workers forget this run."""
        self._workers.send([("end", self._run)] * len(self._parts))

    def _share(self, what: str, size: int, *facts: object) -> U8:
        descriptor = os.memfd_create(f"hqcam-{what}")
        try:
            os.truncate(descriptor, size)
            memory = np.frombuffer(mmap.mmap(descriptor, size), np.uint8)
            self._workers.send([(what, self._run, *facts)] * len(self._parts), memory=descriptor)
        finally:
            os.close(descriptor)
        return memory
