"""`hqcam token` as its user meets it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

from helpers import run


def token(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-P", "-m", "device", "token", *arguments], text=True, timeout_s=180)


def test_a_token_is_made_shown_once_listed_and_revoked(tmp_path: Path) -> None:
    settings = "--settings", str(tmp_path / "config" / "settings.json")
    made = token("add", "kitchen", *settings)
    secret = made.stdout.strip()
    assert made.returncode == 0 and len(secret) >= 40 and "not shown again" in made.stderr
    kept = tmp_path / "config" / "tokens.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600 and secret not in kept.read_text()
    listed = token("list", *settings, "--json")
    assert [one["name"] for one in json.loads(listed.stdout)] == ["kitchen"] and secret not in listed.stdout
    files = token("add", "laptop", "--files", *settings)
    assert files.returncode == 0 and "password" in files.stderr
    kinds = [line.split("  ")[2] for line in token("list", *settings).stdout.splitlines()]
    assert kinds == ["picture", "picture and files"]
    assert token("revoke", "laptop", *settings).returncode == 0
    again = token("add", "kitchen", *settings)
    assert again.returncode == 2 and "already" in again.stderr and not again.stdout
    assert token("revoke", "kitchen", *settings).returncode == 0
    assert token("list", *settings).stdout == ""
    missing = token("revoke", "kitchen", *settings)
    assert missing.returncode == 1 and "no token 'kitchen'" in missing.stderr
