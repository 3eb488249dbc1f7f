"""The program of each process that `workers` starts: computes its part of each frame until its socket closes."""

from __future__ import annotations

import mmap
import os
import pickle
import socket
import sys
from typing import Any

import numpy as np

from device.frame import U8, Mode
from device.simulator.renderer import Buffers, Renderer, lay_out
from device.simulator.workers import DONE, LONGEST_MESSAGE


class RunState:
    """The state of one run of the camera in this process: the renderer, and the frames' memory by number."""

    def __init__(self, renderer: Renderer, mode: Mode, with_small: bool) -> None:
        self.renderer, self.mode, self.with_small = renderer, mode, with_small
        self.buffers: dict[int, Buffers] = {}


def work(messages: socket.socket) -> None:
    """Handle messages in order, until the other end is closed or its process has ended."""
    runs: dict[int, RunState] = {}
    while True:
        data, descriptors, _, _ = socket.recv_fds(messages, LONGEST_MESSAGE, 1)
        if not data:
            return
        memory = _mapped(descriptors[0]) if descriptors else None
        what, run, *values = pickle.loads(data)
        try:
            _do(runs, what, run, values, memory)
        except Exception as error:  # the process's boundary: the error is the answer
            messages.send(f"{type(error).__name__}: {error}".encode())
        else:
            messages.send(DONE)


def _do(runs: dict[int, RunState], what: str, run: int, values: list[Any], memory: U8 | None) -> None:
    if what == "begin":
        sensor, mode, with_small, seed, unit = values
        renderer = Renderer(sensor, mode, np.random.default_rng(seed), with_small=with_small, unit=unit)
        runs[run] = RunState(renderer, mode, with_small)
        return
    if what == "end":
        del runs[run]
        return
    state = runs[run]
    if memory is not None and what == "buffers":
        (number,) = values
        state.buffers[number] = lay_out(memory, state.mode, with_small=state.with_small, number=number)
    elif memory is not None and what == "light":
        state.renderer.set_light(memory.view(np.uint16).reshape(state.mode.height, state.mode.width))
    else:
        number, parameters, part = values
        step = {"expose": state.renderer.expose, "develop": state.renderer.develop}[what]
        step(parameters, state.buffers[number], part)


def _mapped(descriptor: int) -> U8:
    try:
        return np.frombuffer(mmap.mmap(descriptor, 0), np.uint8)
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as messages:
        try:
            work(messages)
        except (ConnectionError, BrokenPipeError):
            pass
