"""The server over real sockets: who is silent, slow or many costs others nothing, and honest clients get everything."""

from __future__ import annotations

import errno
import json
import logging
import os
import select
import socket
import struct
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
from helpers import eventually

from web.server import loop
from web.server.limits import ADDRESS_CONNECTIONS, ADDRESS_THREADS, BACKLOG, CONNECTIONS, THREADS

if TYPE_CHECKING:
    from .conftest import Site

LET_IN = {"Cookie": "let-in"}


def rest_of(client: socket.socket) -> bytes:
    """Read to the end of the connection."""
    text = b""
    with suppress(ConnectionResetError):
        while part := client.recv(65536):
            text += part
    return text


def is_open(client: socket.socket) -> bool:
    """Whether the server has not closed it, as the system has it: what was received before may still be unread."""
    established = 1  # TCP_ESTABLISHED of netinet/tcp.h
    return client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == established


def error_of(text: bytes) -> tuple[int, dict[str, str]]:
    head, _, body = text.partition(b"\r\n\r\n")
    assert b"Cross-Origin-Resource-Policy: same-origin" in head and b"Connection: close" in head
    return int(head.split()[1]), json.loads(body)["error"]


def patch_times(monkeypatch: pytest.MonkeyPatch, **seconds: float) -> None:
    monkeypatch.setattr(loop, "TICK_S", 0.02)
    for name, value in seconds.items():
        monkeypatch.setattr(loop, name, value)


@pytest.mark.parametrize("path", ["/", "/length"])
def test_a_connection_is_kept_for_many_requests(site: Site, path: str) -> None:
    connections = [site.http() for _ in range(40)]
    for _ in range(2):
        for connection in connections:
            connection.request("GET", path)
            assert connection.getresponse().read() == b"hello"
    ports = {connection.sock.getsockname()[1] for connection in connections}
    for connection in connections:
        connection.request("HEAD", path)
        assert connection.getresponse().read() == b""
    assert ports == {connection.sock.getsockname()[1] for connection in connections}


def test_answers_without_a_body_are_framed_as_such(site: Site) -> None:
    connection = site.http()
    for path, body in (("/empty", b""), ("/length", b"hello"), ("/empty", b""), ("/large", None)):
        connection.request("GET", path)
        answer = connection.getresponse().read()
        assert answer == body if body is not None else len(answer) == 10_000_000


@pytest.mark.parametrize(("path", "kept"), [("/length", True), ("/", False)])
def test_a_client_of_http_1_0_gets_no_chunks(site: Site, path: str, kept: bool) -> None:
    client = site.client()
    client.sendall(f"GET {path} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n".encode())
    if kept:
        client.sendall(b"GET /length HTTP/1.0\r\n\r\n")
    head, _, body = rest_of(client).partition(b"\r\n\r\n")
    assert b"chunked" not in head and body.startswith(b"hello") and (b"200 OK" in body) is kept


def test_a_body_in_chunks_and_one_that_waits_for_permission_reach_the_app(site: Site) -> None:
    client = site.client()
    client.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.sendall(b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\nGET /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    text = rest_of(client)
    assert text.count(b"200 OK") == 2 and b"4\r\nPOST\r\n4\r\nabcd\r\n0\r\n\r\n" in text
    assert text.endswith(b"3\r\nGET\r\n0\r\n\r\n")


def test_an_app_that_fails_is_an_error_of_the_one_shape(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    client = site.client()
    client.sendall(b"GET /fails HTTP/1.1\r\nHost: x\r\n\r\n")
    assert error_of(rest_of(client))[0] == 500
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_an_answer_that_breaks_off_does_not_look_whole(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    client = site.client()
    client.sendall(b"GET /breaks-off HTTP/1.1\r\nHost: x\r\n\r\n")
    assert rest_of(client).endswith(b"5\r\nbegun\r\n")
    assert len(caplog.records) == 1


def test_a_refused_client_reads_why_although_it_goes_on_sending(site: Site) -> None:
    client = site.client()
    client.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1500000000\r\n\r\n")
    with suppress(ConnectionError):
        for _ in range(20):
            client.sendall(b"a" * 100_000)
    status, error = error_of(rest_of(client))
    assert status == 413 and error["code"] == "request_entity_too_large"


def test_what_is_no_http_is_refused_in_the_one_shape(site: Site) -> None:
    client = site.client()
    client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01")
    assert error_of(rest_of(client))[0] == 400


def test_a_request_has_a_deadline_and_a_silent_connection_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    patch_times(monkeypatch, REQUEST_S=0.2)
    silent, half, slow = site.client(), site.client(), site.client()
    half.sendall(b"GET / HTTP/1.1\r\nHos")
    slow.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1")
    for client in (half, slow):
        status, error = error_of(rest_of(client))
        assert status == 408 and error["code"] == "too_slow"
    assert rest_of(silent) == b""


def test_drops_do_not_lengthen_the_deadline(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    patch_times(monkeypatch, REQUEST_S=0.2)
    client = site.client()
    client.sendall(b"GET /")

    def is_refused() -> bool:
        with suppress(ConnectionError):
            client.send(b"a")
        return bool(select.select([client], [], [], 0)[0])

    eventually(is_refused, "refused")
    assert error_of(rest_of(client))[0] == 408


def test_a_slow_reader_gets_everything_and_who_reads_nothing_is_closed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    patch_times(monkeypatch, STALLED_S=3.0)
    slow, never = site.client(receive_bytes=4096), site.client(receive_bytes=4096)
    for client in (slow, never):
        client.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    got = bytearray()

    def is_closed() -> bool:
        got.extend(slow.recv(2000))
        try:
            return not never.send(b"a")
        except ConnectionError:
            return True

    eventually(is_closed, "who reads nothing is closed")
    got += rest_of(slow)
    assert got.endswith(b"\r\n0\r\n\r\n") and len(got) > 10_000_000


def test_clients_that_never_read_hold_no_thread(site: Site) -> None:
    for _ in range(THREADS + 8):
        site.client(receive_bytes=4096).sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\nCookie: let-in\r\n\r\n")
    connection = site.http()
    connection.request("GET", "/length", headers=LET_IN)
    assert connection.getresponse().read() == b"hello"


def test_streams_of_one_address_share_their_threads_with_its_other_requests(site: Site) -> None:
    for _ in range(ADDRESS_THREADS + 4):
        site.client().sendall(b"GET /nothing-yet HTTP/1.1\r\nHost: x\r\nCookie: let-in\r\n\r\n")
    connection = site.http()
    for _ in range(3):
        connection.request("GET", "/length", headers=LET_IN)
        assert connection.getresponse().read() == b"hello"


def test_one_address_cannot_hold_the_threads_of_another(site: Site) -> None:
    for _ in range(THREADS + 8):
        site.client("127.0.0.2").sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\nCookie: let-in\r\n\r\n")
    for _ in range(ADDRESS_THREADS):
        assert site.waiting.acquire(timeout=60)
    connection = site.http("127.0.0.3")
    connection.request("GET", "/length", headers=LET_IN)
    assert connection.getresponse().read() == b"hello"
    assert not site.waiting.acquire(blocking=False)
    site.go_on.set()
    for _ in range(THREADS + 8 - ADDRESS_THREADS):
        assert site.waiting.acquire(timeout=60)


def test_clients_without_a_cookie_cannot_hold_the_threads_of_the_others(site: Site) -> None:
    for number in range(THREADS + 8):
        site.client(f"127.0.1.{number + 1}").sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
    assert site.waiting.acquire(timeout=60)
    connection = site.http()
    connection.request("GET", "/length", headers=LET_IN)
    assert connection.getresponse().read() == b"hello"


@pytest.mark.parametrize("addresses", [1, 20])
def test_silent_connections_in_any_number_keep_nobody_out(site: Site, addresses: int) -> None:
    owner = site.http()
    owner.request("GET", "/length", headers=LET_IN)
    owner.getresponse().read()
    port = owner.sock.getsockname()[1]
    crowd = [site.client(f"127.0.0.{1 + number % addresses}") for number in range(CONNECTIONS + 50)]
    for connection in (owner, site.http(), site.http("127.0.0.2")):
        connection.request("GET", "/length", headers=LET_IN)
        assert connection.getresponse().read() == b"hello"
    assert owner.sock.getsockname()[1] == port, "who was let in before stays"
    most = min(CONNECTIONS, addresses * ADDRESS_CONNECTIONS)
    eventually(lambda: sum(map(is_open, crowd)) < most, "the number of connections is bounded")
    assert sum(map(is_open, crowd)) > most // 2


def test_readers_with_the_code_in_any_number_and_from_many_addresses_keep_nobody_out(site: Site) -> None:
    owner = site.http()
    owner.request("GET", "/length", headers=LET_IN)
    owner.getresponse().read()
    port = owner.sock.getsockname()[1]
    crowd = []
    for number in range(CONNECTIONS + 50):
        crowd.append(site.client(f"127.0.0.{2 + number % 20}", receive_bytes=4096))
        with suppress(OSError):  # refused already
            crowd[-1].sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\nCookie: let-in\r\n\r\n")
        if number % 50 == 0:
            owner.request("GET", "/length", headers=LET_IN)
            assert owner.getresponse().read() == b"hello"
    eventually(lambda: sum(map(is_open, crowd)) < CONNECTIONS, "the number of connections is bounded")
    for connection in (owner, site.http(), site.http("127.0.0.100")):
        connection.request("GET", "/length", headers=LET_IN)
        assert connection.getresponse().read() == b"hello"
    assert owner.sock.getsockname()[1] == port, "who watches keeps the connection"


def test_what_all_have_sent_together_is_bounded(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.server.crowd.HELD_BYTES", 10_000)
    crowd = [site.client() for _ in range(20)]
    for client in crowd:
        client.sendall(b"GET /" + b"a" * 1000)
    eventually(lambda: sum(map(is_open, crowd)) < 10, "who waits longest is closed")
    assert is_open(crowd[-1])


def test_the_backlog_is_as_long_as_it_says(site: Site) -> None:
    if not sys.platform.startswith("linux"):
        pytest.fail("the length of the queue is read from Linux")
    site.http().connect()
    information = site.listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    *_, sacked = struct.unpack_from("8x6I", information)  # linux/tcp.h: of a listener, its backlog
    assert sacked == BACKLOG >= 64


def test_a_system_without_room_for_more_connections_is_asked_again_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    patch_times(monkeypatch)
    with Exhausted() as listener, socket.socket() as client:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        server = loop.Server(lambda *_: [], listener, knows=lambda _: False, body_bytes=1)
        thread = threading.Thread(target=server.serve, name="hqcam-test-server")
        thread.start()
        client.connect(listener.getsockname())
        client.sendall(b"no HTTP\r\n\r\n")
        assert error_of(rest_of(client))[0] == 400
        server.stop()
        thread.join()
    assert listener.failures == 0 and len(caplog.records) == 3


class Exhausted(socket.socket):
    """A listener on a system that has too many files open for a while."""

    failures = 3

    def accept(self) -> tuple[socket.socket, Any]:
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return super().accept()


def test_stopping_lets_answers_end_and_leaves_no_one_waiting(site: Site) -> None:
    idle, endless, asked = site.client(), site.client(receive_bytes=4096), site.client()
    endless.sendall(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
    assert endless.recv(10)
    asked.sendall(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
    assert site.waiting.acquire(timeout=60)
    site.server.stop()
    assert rest_of(idle) == b""
    site.go_on.set()
    assert b"200 OK" in rest_of(asked)
    site.thread.join(60)
    assert not site.thread.is_alive()


def test_a_stop_before_it_serves_is_a_stop() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = loop.Server(lambda *_: [], listener, knows=lambda _: False, body_bytes=1)
        server.stop()
        server.serve()
        server.stop()
