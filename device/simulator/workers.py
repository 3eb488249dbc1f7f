"""Starts processes that compute the frames, each a part, in memory that they share with this one.

A real camera needs no processor time of the program: sensor and ISP make the pictures. Simulated pictures made in a
thread would compete with the analysis and the server for Python's global lock, at each of the frame's thousand or more
numpy calls.

Each process (`worker_process`) has a socket; each message is a pickle. The messages: begin a run of the camera, map
shared memory (its descriptor comes with the message), then "expose" and "develop" for each frame. "develop" is sent
when all parts are exposed, because developing reads a few rows beyond its own part.

The methods are called on the camera thread; `close` on any, also while another method waits for a worker: it kills the
workers, which keep nothing. When this process ends in any other way, the sockets close, and then the workers end.
(`multiprocessing` is not used: it adds a process that tracks the shared memory, which prints warnings when this one is
killed, and sends messages no faster.)
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
from device.simulator.unit import Unit

LONGEST_MESSAGE: Final = 1 << 17  # bytes; a sensor with all its modes and tables has 20 kB
MOST: Final = 2  # chosen: analysis and server need the other cores
DONE: Final = b"done"
LARGE_PIXELS: Final = 6_000_000

Message = tuple[Any, ...]
"""(name of the step, number of the run, its values...)."""


def sensible_count() -> int:
    """Give the number of processes with the shortest time for a frame: at most two, none if the system is no Linux."""
    if not (hasattr(os, "memfd_create") and hasattr(socket, "SOCK_SEQPACKET")):
        return 0
    return min(MOST, os.cpu_count() or 1)


class Workers:
    """The processes; started when they are first needed. Made by the driver when it opens."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._busy = threading.Lock()  # held while workers are waited for
        self._starting = threading.Lock()  # never held while workers are waited for; may be taken within `_busy`
        self._runs = itertools.count()
        self._closed = False
        self._sockets: list[socket.socket] = []
        self._processes: list[subprocess.Popen[bytes]] = []

    def renderer(
        self,
        sensor: Sensor,
        mode: Mode,
        rng: np.random.Generator,
        *,
        with_small: bool = True,
        unit: Unit | None = None,
    ) -> SharedRenderer:
        """Begin a run of the camera in `mode`. Raises CameraLost."""
        # One is fast enough for the smaller modes, and leaves the other cores free.
        count = self._most if mode.width * mode.height > LARGE_PIXELS else 1
        with self._busy:
            while len(self._sockets) < count:
                with self._starting:
                    if self._closed:
                        break
                    self._start_one()
        return SharedRenderer(self, count, next(self._runs), sensor, mode, rng, with_small=with_small, unit=unit)

    def _start_one(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = [sys.executable, "-m", "device.simulator.worker_process", str(theirs.fileno())]
            process = subprocess.Popen(
                command,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # they already use all cores
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C must only reach this process, which then ends the workers
            )
        self._sockets.append(ours)
        self._processes.append(process)

    def send(self, messages: list[Message], *, memory: int | None = None) -> None:
        """Send one message to each of the first workers, and wait for all answers. Raises CameraLost."""
        descriptors = [] if memory is None else [memory]
        with self._busy:
            self._raise_if_closed()
            workers = self._sockets[: len(messages)]
            try:
                for worker, message in zip(workers, messages, strict=True):
                    socket.send_fds(worker, [pickle.dumps(message)], descriptors)
                answers = [worker.recv(LONGEST_MESSAGE) for worker in workers]
            except OSError as error:
                self._raise_if_closed()
                raise CameraLost(f"a process of the simulated camera cannot be reached: {error}") from error
        for answer in answers:
            if answer != DONE:
                self._raise_if_closed()
                said = f"said {answer.decode()!r}" if answer else "has ended"
                raise CameraLost(f"a process of the simulated camera {said}", remedy="see whether memory is short")

    def _raise_if_closed(self) -> None:
        if self._closed:
            raise CameraLost("the simulated camera was closed")

    def close(self) -> None:
        """Kill the processes, also one that is stopped; `send` then raises CameraLost. Any thread."""
        with self._starting:
            self._closed = True
            processes, self._processes = self._processes, []
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
        with self._busy:  # `send` waits for none that has ended
            for worker in self._sockets:
                worker.close()
            self._sockets.clear()


class SharedRenderer:
    """Computes the frames of one run of the camera in the first `count` processes, in parallel."""

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
        unit: Unit | None,
    ) -> None:
        self._workers, self._run = workers, run
        self._mode, self._with_small = mode, with_small
        self._numbers = itertools.count()
        self._light: U16 | None = None
        self._parts = [(index, count) for index in range(count)]
        seeds = [int(seed) for seed in rng.integers(1 << 62, size=count)]
        workers.send([("begin", run, sensor, mode, with_small, seed, unit) for seed in seeds])

    def new_buffers(self) -> Buffers:
        """Give memory for one more frame."""
        number = next(self._numbers)
        memory = self._share("buffers", frame_bytes(self._mode, with_small=self._with_small), number)
        return lay_out(memory, self._mode, with_small=self._with_small, number=number)

    def set_light(self, light: U16) -> None:
        """Set the light on the sensor for the next frames. Raises CameraLost."""
        if self._light is None:
            self._light = self._share("light", light.nbytes).view(np.uint16).reshape(light.shape)
        np.copyto(self._light, light)

    def render(self, parameters: FrameParameters, buffers: Buffers) -> None:
        """Fill a frame's memory. Raises CameraLost."""
        for step in ("expose", "develop"):
            self._workers.send([(step, self._run, buffers.number, parameters, part) for part in self._parts])

    def close(self) -> None:
        """Free the memory of this run in the workers."""
        self._workers.send([("end", self._run)] * len(self._parts))

    def _share(self, what: str, size: int, *values: object) -> U8:
        descriptor = os.memfd_create(f"hqcam-{what}")
        try:
            os.truncate(descriptor, size)
            memory = np.frombuffer(mmap.mmap(descriptor, size), np.uint8)
            self._workers.send([(what, self._run, *values)] * len(self._parts), memory=descriptor)
        finally:
            os.close(descriptor)
        return memory
