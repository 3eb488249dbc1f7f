"""The emulated link is as slow, as far and as lossy as it says: else the bench beside it says nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from bench.view.network import SERVER, Network, State, missing, network
from helpers import run, started

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"no emulated link: {missing()}")

# Accepts one connection, reads all of it, answers how long it took from the first byte to the last.
SINK = f"""
import socket, time
listener = socket.create_server(("{SERVER}", 0))
print(listener.getsockname()[1], flush=True)
while True:
    peer, _ = listener.accept()
    total, first = 0, None
    while part := peer.recv(65536):
        first = first or time.monotonic()
        total += len(part)
    print(total, time.monotonic() - (first or 0), flush=True)
    peer.close()
"""
SOURCE = """
import socket, sys, time
began = time.monotonic()
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print(time.monotonic() - began)
peer.sendall(bytes(int(sys.argv[3])))
peer.close()
"""


@pytest.fixture(scope="module")
def net() -> Iterator[Network]:
    with network() as net:
        yield net
    spaces = run(["ip", "netns", "list"], text=True, check=True).stdout
    assert "hqcamtest" not in spaces


def send(net: Network, size: int) -> tuple[float, float]:
    """Send bytes over the link; give the seconds of the handshake and of the transfer."""
    command = [*net.on_server, sys.executable, "-c", SINK]
    with started(command, stdout=subprocess.PIPE, text=True) as sink:
        assert sink.stdout is not None
        port = sink.stdout.readline().strip()
        command = [*net.on_client, sys.executable, "-c", SOURCE, SERVER, port, str(size)]
        hello = float(run(command, text=True, check=True).stdout)
        total, took = sink.stdout.readline().split()
        assert int(total) == size
        return hello, float(took)


def test_a_round_trip_takes_twenty_milliseconds_and_not_less(net: Network) -> None:
    net.become(State(50e6))
    assert 0.020 <= min(send(net, 1)[0] for _ in range(3))


def test_bytes_come_at_the_links_rate_and_not_sooner(net: Network) -> None:
    net.become(State(200_000))
    _, took = send(net, 150_000)
    assert 0.9 * 150_000 / 200_000 - 0.2 <= took


def test_what_is_lost_comes_again(net: Network) -> None:
    net.become(State(2e6, loss=0.05))
    assert send(net, 100_000)[1] > 0
