"""A WebDAV server that others wrote: rclone's, also when it is killed while files are on their way."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from helpers import DEADLINE_S, eventually, started
from sending_camera import SendingCamera

from device.uploads.destination import Destination


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def rclone(folder: Path, port: int) -> Iterator[None]:
    """Serve a folder by WebDAV until the block ends; then it is killed."""
    where = ["--addr", f"127.0.0.1:{port}", "--user", "ada", "--pass", "Zuf4ll", "--config", folder.with_name("none")]
    with started(["rclone", "serve", "webdav", folder, "--vfs-cache-mode", "off", *where]):
        eventually(lambda: answers(port), "rclone serves")
        yield


def answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE_S)) as connection, suppress(OSError):
        connection.request("GET", "/")
        return connection.getresponse().status in (200, 401)
    return False


def test_rclone_gets_every_byte_although_it_is_killed(
    camera: SendingCamera, to: Callable[..., Destination], tmp_path: Path
) -> None:
    camera.shoot(12, sizes=(200_000, 2_000_000))
    folder, port = tmp_path / "cloud", free_port()
    folder.mkdir()
    uploader = camera.uploader()
    with rclone(folder, port):
        destination = to(port, user="ada", secret="Zuf4ll")
        uploader.try_out(destination)
        assert list(folder.iterdir()) == []
        uploader.add(destination, everything=True)
        eventually(lambda: len(list(folder.rglob("*.jpg"))) >= 2, "some files are there")
    with rclone(folder, port):
        eventually(lambda: uploader.told()[0][1].sent == 24, "all files are sent")
        there = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        uploader.close()
    assert there == camera.bytes_of("")
