"""The recipes of the help page for other programs, run as they are written there."""

from __future__ import annotations

import http.client
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from helpers import eventually, run

from device.captures.storage import Storage
from device.session.session import Session
from web.access.key import AccessKey
from web.app import create_app
from web.guard import Guard
from web.routes.help import FOLDER

PAGE = (FOLDER / "other-programs.md").read_text()
RECIPES = re.findall(r"^```(sh|text)\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS = [text for kind, text in RECIPES if kind == "sh" and not text.startswith("hqcam")]
ADDRESSES = sorted({line for kind, text in RECIPES if kind == "text" for line in text.splitlines()})


@pytest.fixture
def filled(session: Session, storage: Storage, serve_app: Callable[[Flask, Guard], int]) -> Callable[[str], str]:
    """Put the camera and a token of its into a recipe."""
    guard = Guard(AccessKey("ABCD2345", "s" * 64))
    port = serve_app(create_app(session, storage, guard), guard)
    secret = guard.tokens.add("recipe")
    return lambda text: text.replace("CAMERA:8000", f"127.0.0.1:{port}").replace("TOKEN", secret)


def test_the_page_has_the_programs_that_it_is_for() -> None:
    assert len(COMMANDS) == 2 and len(ADDRESSES) == 2
    assert all(f"**{name}" in PAGE for name in ("curl", "ffmpeg", "Home Assistant", "OBS", "OctoPrint"))


@pytest.mark.tools
@pytest.mark.parametrize("command", COMMANDS, ids=lambda text: text.split()[0])
def test_a_command_does_what_the_page_says(filled: Callable[[str], str], tmp_path: Path, command: str) -> None:
    folder = tmp_path / "made"
    folder.mkdir()

    def works() -> bool:
        done: subprocess.CompletedProcess[bytes] = run(["sh", "-c", filled(command)], cwd=folder)
        return done.returncode == 0

    eventually(works, command)
    (made,) = folder.iterdir()
    data = made.read_bytes()
    assert data.startswith(b"\xff\xd8") if made.suffix == ".jpg" else data.count(b"\xff\xd8\xff") >= 5
    refused = run(["sh", "-c", filled(command).replace("token=", "token=not-")], cwd=folder)
    assert refused.returncode != 0


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_gives_what_programs_rely_on(filled: Callable[[str], str], address: str) -> None:
    url = urlsplit(filled(address))
    assert url.hostname and url.port
    link = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    try:

        def asked() -> http.client.HTTPResponse:
            link.close()
            link.request("GET", f"{url.path}?{url.query}")
            return link.getresponse()

        answers: list[http.client.HTTPResponse] = []
        eventually(lambda: answers.append(asked()) or answers[-1].status == 200, "an answer")
        answer = answers[-1]
        if url.path == "/snapshot.jpg":
            assert answer.headers["Content-Type"] == "image/jpeg"
            data = answer.read()
            assert len(data) == int(answer.headers["Content-Length"])
            assert data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9")
            return
        kind, _, boundary = answer.headers["Content-Type"].partition("; boundary=")
        assert kind == "multipart/x-mixed-replace" and re.fullmatch(r"\w+", boundary)
        for _ in range(3):  # as a strict reader: boundary, fields, as many bytes as were said, line end
            assert answer.readline() == f"--{boundary}\r\n".encode()
            fields = http.client.parse_headers(answer)
            assert fields["Content-Type"] == "image/jpeg"
            data = answer.read(int(fields["Content-Length"]))
            assert data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9")
            assert answer.readline() == b"\r\n"
    finally:
        link.close()
