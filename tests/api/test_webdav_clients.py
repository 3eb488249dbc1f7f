"""The captures in the hands of WebDAV clients: litmus, cadaver, rclone and curl, against the real server."""

from __future__ import annotations

import hashlib
import os
import random
import re
import select
import shutil
import socket
import socketserver
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import pytest
from flask import Flask
from helpers import eventually, run, started

from device.captures.storage import Storage
from device.session.session import Session
from web.access.key import AccessKey
from web.app import create_app
from web.guard import Guard

pytestmark = pytest.mark.tools

KEY = AccessKey("ABCD2345", "s" * 64)
FILES = 20
PAGE = (Path(__file__).parents[2] / "web" / "help" / "webdav.md").read_text()
RECIPES = re.findall(r"^```sh\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def card(storage: Storage) -> Path:
    """A folder with a capture, and one with 20 files of half a megabyte."""
    storage.save(datetime(2026, 11, 20, tzinfo=UTC), {".dng": [b"raw" * 1000], ".jpg": [b"jpeg"]})
    folder = storage.root / "2026-11-21"
    folder.mkdir()
    source = random.Random(20)
    for number in range(FILES):
        (folder / f"{number:02}.dng").write_bytes(source.randbytes(500_000 + number))
    return storage.root


@pytest.fixture
def guard() -> Guard:
    return Guard(KEY)


@pytest.fixture
def address(session: Session, storage: Storage, guard: Guard, serve_app: Callable[[Flask, Guard], int]) -> str:
    return f"127.0.0.1:{serve_app(create_app(session, storage, guard), guard)}"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment in which clients find nothing of whoever runs the tests."""
    folder = tmp_path / "home"
    folder.mkdir()
    return os.environ | {"HOME": str(folder), "RCLONE_CONFIG": str(folder / "rclone.conf")}


def sums(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def remote(address: str, password: str, home: dict[str, str]) -> list[str]:
    """The options that make `:webdav:` the captures."""
    obscured = run(["rclone", "obscure", password], env=home, text=True, check=True).stdout.strip()
    return [
        "--webdav-url",
        f"http://{address}/dav/",
        "--webdav-user",
        "hqcam",
        "--webdav-pass",
        obscured,
        "--retries",
        "1",
    ]


def test_the_clients_of_the_help_do_as_it_says(
    address: str, guard: Guard, card: Path, home: dict[str, str], tmp_path: Path
) -> None:
    token, folder = guard.tokens.add("laptop", files=True), tmp_path / "made"
    folder.mkdir()
    assert len(RECIPES) >= 4 and RECIPES[0].startswith("hqcam token add laptop --files")
    for recipe in RECIPES:
        if recipe.startswith(("hqcam", "sudo")):
            continue  # the first makes the token; a mount needs root
        filled = recipe.replace("CAMERA:8000", address).replace("TOKEN", token)
        run(["sh", "-ec", filled], cwd=folder, env=home, check=True)
    assert sums(folder / "pictures") == sums(card)
    assert (folder / "00.dng").read_bytes() == (card / "2026-11-21" / "00.dng").read_bytes()


class Cutting(socketserver.ThreadingTCPServer):
    """Passes connections on to a server; cuts one after so many bytes of one answer, and all of them after a budget."""

    daemon_threads = True

    def __init__(self, address: str, *, each_bytes: int, budget_bytes: int) -> None:
        host, _, port = address.partition(":")
        self.upstream = host, int(port)
        self.each_bytes, self.budget_bytes = each_bytes, budget_bytes
        self.parts = self.cuts = 0
        """Answers that were a part of a file, and connections that were cut."""
        super().__init__(("127.0.0.1", 0), PassOn)

    def __enter__(self) -> Self:
        self._serving = threading.Thread(target=self.serve_forever, args=(0.05,), name="hqcam-test-cutting")
        self._serving.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._serving.join()
        self.server_close()


class PassOn(socketserver.BaseRequestHandler):
    server: Cutting

    def handle(self) -> None:
        left = self.server.each_bytes
        with socket.create_connection(self.server.upstream) as upstream:
            while self.server.budget_bytes > 0:
                for one in select.select([self.request, upstream], [], [])[0]:
                    try:
                        data = one.recv(16 * 1024)
                        if not data:
                            return
                        (self.request if one is upstream else upstream).sendall(data)
                    except OSError:
                        return
                    if one is self.request:
                        left = self.server.each_bytes
                    else:
                        left -= len(data)
                        self.server.budget_bytes -= len(data)
                        self.server.parts += data.startswith(b"HTTP/1.1 206")
                if left < 0:
                    break
            self.server.cuts += 1


def test_rclone_that_is_cut_in_the_middle_goes_on_and_has_every_byte(
    address: str, guard: Guard, card: Path, home: dict[str, str], tmp_path: Path
) -> None:
    made, whole = tmp_path / "made", sums(card)
    token = guard.tokens.add("laptop", files=True)
    total = sum(path.stat().st_size for path in card.rglob("*.dng"))
    with Cutting(address, each_bytes=300_000, budget_bytes=total // 2) as network:
        options = remote(f"127.0.0.1:{network.server_address[1]}", token, home)
        copy = ["rclone", "copy", *options, ":webdav:", made]
        with started(copy, env=home, stderr=subprocess.DEVNULL) as process:
            eventually(lambda: network.budget_bytes <= 0, "the network is gone for good")
            process.kill()
            process.wait()
        begun = sums(made)
        assert 3 <= sum(whole.get(name) == digest for name, digest in begun.items()) < len(whole)
        network.budget_bytes = 100 * total
        run(copy, env=home, check=True)
        assert network.cuts >= FILES and network.parts >= FILES, "each file of 500 kB was cut, and went on from there"
    assert {name: digest for name, digest in sums(made).items() if name in whole} == whole
    straight = remote(address, token, home)
    checked = run(["rclone", "check", "--download", *straight, ":webdav:", made, "--one-way"], env=home, text=True)
    assert checked.returncode == 0, checked.stderr
    (tmp_path / "own.txt").write_text("x")
    put = ["rclone", "copyto", "--low-level-retries", "1", *straight, tmp_path / "own.txt", ":webdav:new.txt"]
    refused = run(put, env=home, text=True)
    assert refused.returncode != 0 and "405" in refused.stderr and sums(card) == whole


def test_wrong_and_missing_passwords_are_refused(
    address: str, guard: Guard, card: Path, home: dict[str, str], tmp_path: Path
) -> None:
    refused = run(["rclone", "lsf", *remote(address, "wrong", home), ":webdav:"], env=home, text=True)
    assert refused.returncode != 0 and "401" in refused.stderr and "notes" not in refused.stdout
    url = f"http://{address}/dav/2026-11-21/00.dng"
    for credentials, status in (([], "401"), (["-u", "x:wrong"], "401"), (["-u", f"x:{KEY.code}"], "200")):
        done = run(["curl", "-s", "-o", tmp_path / "file", "-w", "%{http_code}", *credentials, url], text=True)
        assert done.stdout == status
    script = "ls\nquit\n"
    with started(["cadaver", f"http://{address}/dav/"], env=home, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        out, err = process.communicate(script, timeout=60)
    assert "Authentication required" in out + err and "2026-11-21" not in out


def test_cadaver_lists_reads_and_changes_nothing(
    address: str, guard: Guard, card: Path, home: dict[str, str], tmp_path: Path
) -> None:
    whole = sums(card)
    netrc = Path(home["HOME"]) / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login hqcam password {KEY.code}\n")
    netrc.chmod(0o600)
    (tmp_path / "own.txt").write_text("x")
    script = "ls\ncd 2026-11-21\nls\nget 00.dng\nresume 01.dng\nput own.txt\nmkcol new\nmove 00.dng 99.dng\n"
    script += "copy 00.dng 98.dng\nrmcol ../2026-11-20\nlock 00.dng\nquit\n"
    done = run(["sh", "-c", f"printf '{script}' | cadaver http://{address}/dav/"], cwd=tmp_path, env=home, text=True)
    assert "2026-11-20" in done.stdout and "19.dng" in done.stdout, done.stdout + done.stderr
    assert (tmp_path / "00.dng").read_bytes() == (card / "2026-11-21" / "00.dng").read_bytes()
    assert done.stdout.count("405") >= 5 and sums(card) == whole


class Writer:
    """Puts in front of the app what litmus needs to begin: PUT, MKCOL and DELETE, straight to the disk."""

    def __init__(self, app: Any, root: Path) -> None:
        self._app, self._root = app, root

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        method = environ["REQUEST_METHOD"]
        path = self._root / environ["PATH_INFO"].encode("latin-1").decode().removeprefix("/dav/")
        if method not in ("PUT", "MKCOL", "DELETE") or "HTTP_AUTHORIZATION" not in environ:
            return self._app(environ, start_response)
        try:
            if method == "PUT":
                path.write_bytes(environ["wsgi.input"].read())
            elif method == "MKCOL" and not environ["wsgi.input"].read():
                path.mkdir()
            elif method == "MKCOL":
                raise ValueError
            elif path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
            status = "204 No Content" if method == "DELETE" else "201 Created"
        except ValueError:
            status = "415 Unsupported Media Type"
        except FileNotFoundError:
            status = "409 Conflict" if method != "DELETE" else "404 Not Found"
        except FileExistsError:
            status = "405 Method Not Allowed"
        start_response(status, [("Content-Length", "0")])
        return [b""]


def test_litmus_reads_what_another_has_written(
    session: Session,
    storage: Storage,
    guard: Guard,
    serve_app: Callable[[Any, Guard], int],
    home: dict[str, str],
    tmp_path: Path,
) -> None:
    app = create_app(session, storage, guard)
    told, log = "", home | {"TESTS": "basic http props"}
    for served in (app, Writer(app, storage.root)):
        url = f"http://127.0.0.1:{serve_app(served, guard)}/dav/"
        told = run(["litmus", "-k", url, "x", KEY.code], cwd=tmp_path, env=log, text=True).stdout
        if served is app:
            assert told.count("Server must allow `MKCOL /dav/litmus/' for tests to proceed") == 3
            assert sums(storage.root) == {}
    outcomes = re.findall(r"^ *\d+\. (\w+)\.*[. ](pass|WARNING|FAIL)\b(.*)", told, re.MULTILINE)
    failed = {name for name, outcome, _ in outcomes if outcome == "FAIL"}
    warned = [why for _, outcome, why in outcomes if outcome == "WARNING"]
    assert failed == {"propset", "propmanyns", "propget"}, (
        "properties that clients set are refused, so that none is got"
    )
    assert warned == [": server does not claim Class 2 compliance"], "that is locks, for who writes"
    read = {"options", "put_get", "put_get_utf8_segment", "propfind_invalid", "propfind_invalid2", "propfind_d0"}
    assert {name for name, *_ in outcomes} - failed >= read | {"propextended", "propwformed", "expect100"}
