"""A slow link between two network namespaces: `python network.py NAME` as root, until its input ends.

Two TUN devices, one in each namespace, and this process between them: every packet waits for its turn at the link's
rate in a queue of QUEUE_MS (what comes when that is full is lost, as in a router), then for the delay, and some are
lost or late by chance. Each line on the input is a new state of the link: `{"bytes_per_s": 300000, ...}` as `State` has
it. The kernel's own netem would do the same; not every kernel has it.
"""

from __future__ import annotations

import fcntl
import heapq
import itertools
import json
import os
import random
import selectors
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

SERVER, CLIENT = "10.77.0.1", "10.77.0.2"
DELAY_MS = 10.0  # each way
QUEUE_MS = 200.0
TUNSETIFF = 0x400454CA  # <linux/if_tun.h>
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
PACKET_MAX = 65_536


@dataclass(frozen=True, slots=True)
class State:
    """What the link does now, in both directions."""

    bytes_per_s: float
    loss: float = 0.0
    """Share of the packets that are lost by chance."""
    jitter_ms: float = 0.0
    """The delay is longer by up to this; the order stays."""


class Direction:
    """One way of the link."""

    def __init__(self) -> None:
        self._ready: list[tuple[float, int, bytes]] = []
        self._order = itertools.count()
        self._free_at = self._last_at = 0.0
        self._dice = random.Random(477)

    def take(self, packet: bytes, state: State, now: float) -> None:
        """Put a packet on the link, or lose it."""
        start = max(now, self._free_at)
        if start - now > QUEUE_MS / 1000 or self._dice.random() < state.loss:
            return
        self._free_at = start + len(packet) / state.bytes_per_s
        at = self._free_at + (DELAY_MS + self._dice.random() * state.jitter_ms) / 1000
        self._last_at = at = max(at, self._last_at)
        heapq.heappush(self._ready, (at, next(self._order), packet))

    def due(self, now: float) -> Iterator[bytes]:
        """Give the packets that are through."""
        while self._ready and self._ready[0][0] <= now:
            yield heapq.heappop(self._ready)[2]

    @property
    def next_at(self) -> float:
        """When the next packet is through."""
        return self._ready[0][0] if self._ready else float("inf")


def run(name: str) -> None:
    """Make the namespaces, say so, pump until the input ends, take them away."""
    spaces = (f"{name}-server", f"{name}-client")
    try:
        ends = [
            _end(spaces[0], f"{name[:12]}-s", SERVER),
            _end(spaces[1], f"{name[:12]}-c", CLIENT),
        ]
        print("ready", flush=True)
        _pump(ends)
    finally:
        for space in spaces:
            subprocess.run(["ip", "netns", "del", space], stderr=subprocess.DEVNULL, check=False)


def _end(space: str, device: str, address: str) -> int:
    """Make one namespace with one TUN device; give the device's file."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", device.encode(), IFF_TUN | IFF_NO_PI))
    inside = ["ip", "netns", "exec", space]
    for command in (
        ["ip", "netns", "add", space],
        ["ip", "link", "set", device, "netns", space],
        [*inside, "ip", "link", "set", "lo", "up"],
        [*inside, "ip", "addr", "add", f"{address}/24", "dev", device],
        [*inside, "ip", "link", "set", device, "mtu", "1500", "up"],
    ):
        subprocess.run(command, check=True)
    return tun


def _pump(tuns: list[int]) -> None:
    state = State(1e9)
    directions = (Direction(), Direction())
    selector = selectors.DefaultSelector()
    for tun in tuns:
        selector.register(tun, selectors.EVENT_READ)
    selector.register(sys.stdin, selectors.EVENT_READ)
    while True:
        now = time.monotonic()
        wait = max(0.0, min(1.0, min(d.next_at for d in directions) - now))
        for key, _ in selector.select(wait):
            if key.fileobj is sys.stdin:
                line = sys.stdin.readline()
                if not line:
                    return
                state = State(**json.loads(line))
                continue
            way = tuns.index(key.fd)
            now = time.monotonic()
            try:
                while True:
                    directions[way].take(os.read(key.fd, PACKET_MAX), state, now)
            except BlockingIOError:
                pass
        now = time.monotonic()
        for way, direction in enumerate(directions):
            for packet in direction.due(now):
                os.write(tuns[1 - way], packet)


class Network:
    """The running link, for whoever measures over it."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.on_server, self.on_client = (("ip", "netns", "exec", f"{name}-{side}") for side in ("server", "client"))
        self._process = process

    def become(self, state: State) -> None:
        """Change the link."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(state)) + "\n")
        self._process.stdin.flush()


def missing() -> str:
    """Why this machine cannot emulate a link; empty when it can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    try:
        subprocess.run(["ip", "-V"], check=True, stdout=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return "iproute2 is not installed"
    return "" if os.path.exists("/dev/net/tun") else "this kernel has no TUN devices"


@contextmanager
def network(name: str = "hqcamtest") -> Iterator[Network]:
    """Have two namespaces with a link between them."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, __file__, name], **pipes)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the emulated link did not come up")
        yield Network(name, process)
    finally:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


if __name__ == "__main__":
    run(sys.argv[1])
