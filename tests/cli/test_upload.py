"""`hqcam upload`: places are added, listed, paused and removed; what waits is sent now, or told."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import pytest
from helpers import run
from upload_servers import Faults, serving

from device.captures.storage import Storage


def upload(*arguments: str, secret: str = "") -> subprocess.CompletedProcess[str]:
    """Run `hqcam upload` with a line on stdin."""
    with tempfile.TemporaryFile("w+") as stdin:
        stdin.write(f"{secret}\n")
        stdin.seek(0)
        return run([sys.executable, "-P", "-m", "device", "upload", *arguments], text=True, stdin=stdin)


@pytest.fixture
def there(tmp_path: Path) -> list[str]:
    """Options that keep all within the test's folder, with two captures in it."""
    storage = Storage(tmp_path / "captures")
    storage.prepare()
    for second in range(2):
        at = datetime(2026, 11, 20, 12, 0, second).astimezone()
        storage.save(at, {".jpg": [b"jpeg %d" % second], ".dng": [b"raw %d" % second]})
    return ["--output", str(storage.root), "--settings", str(tmp_path / "settings.json")]


def test_a_place_is_added_listed_sent_to_paused_and_removed(there: list[str]) -> None:
    with serving(user="Basic YWRhOlp1ZjRsbA==") as server:
        address = f"http://127.0.0.1:{server.port}/"
        wrong = upload("add", "cloud", address, "--user", "ada", "--secret", "-", *there, secret="no")
        assert wrong.returncode == 1 and "does not know this user" in wrong.stderr
        added = upload(
            "add", "cloud", address, "--user", "ada", "--secret", "-", "--everything", *there, secret="Zuf4ll"
        )
        assert added.returncode == 0, added.stderr
        listed = upload("list", "--json", *there)
        assert "Zuf4ll" not in listed.stdout
        (one,) = json.loads(listed.stdout)
        assert (one["waiting"], one["sent"], one["has_secret"]) == (4, 0, True)
        assert not server.whole
        sent = upload("now", *there)
        assert (sent.returncode, sent.stdout) == (0, "cloud: 4 sent, 0 left, done\n"), sent.stderr
        assert sorted(server.whole.values()) == [b"jpeg 0", b"jpeg 1", b"raw 0", b"raw 1"]
        settings = there[2:]
        assert upload("pause", "cloud", *settings).returncode == 0
        assert "paused" in upload("list", *there).stdout
        assert upload("resume", "cloud", *settings).returncode == 0
        assert upload("remove", "cloud", *settings).returncode == 0
        assert upload("list", "--json", *there).stdout == "[]\n"


def test_what_does_not_arrive_is_told_with_returncode_1(there: list[str]) -> None:
    with serving(faults=Faults(refuse={".dng": 413})) as server:
        upload("add", "cloud", f"http://127.0.0.1:{server.port}/", "--everything", *there)
        sent = upload("now", *there)
    assert (sent.returncode, sent.stdout) == (1, "cloud: 2 sent, 2 left, trying again\n")
    assert sent.stderr.count("the file is too large for it") == 2 and "Traceback" not in sent.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["ftp://x"], 2, "expected: an address such as"),
        (["http://127.0.0.1:1/", "--secret", "Zuf4ll"], 2, "others can read it"),
        (["http://127.0.0.1:1/"], 1, "cannot be reached"),
        (["/nowhere/at/all", "--kind", "folder"], 1, "is not there"),
        (["relative", "--kind", "folder"], 2, "begins with /"),
    ],
)
def test_bad_input(there: list[str], options: list[str], code: int, words: str) -> None:
    refused = upload("add", "cloud", *options, *there)
    assert refused.returncode == code and words in refused.stderr.replace("\n", " ").lower(), refused.stderr
    assert upload("list", *there).stdout == ""
