"""`install.sh` as a builder runs it: the programs of the system are stand-ins that note how they were called."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers import run

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "install.sh"
USER = "www-data"

STANDINS = {
    "id": 'case "$*" in -u) echo 0 ;; -un) echo root ;; *) exec /usr/bin/id "$@" ;; esac',
    "dpkg": "echo arm64",
    "apt-get": ":",
    "apt-cache": ":",
    "sleep": ":",
    "runuser": 'shift 3; exec "$@"',
    # "systemctl restart" starts what the unit says, as systemd would.
    "systemctl": """
        [ "$1" = restart ] || exit 0
        setsid sh -c "exec $DESTDIR$(sed -n s/^ExecStart=//p "$DESTDIR/etc/systemd/system/hqcam.service")" \\
            >"$DESTDIR/journal" 2>&1 &
        echo $! >"$DESTDIR/service.pid"
        /bin/sleep 2""",
}


class System:
    """A machine whose root folder is a temporary one."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.root.mkdir()
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls = folder / "calls"
        for name, does in STANDINS.items():
            self.stand_in(name, does)
        # The test's own packages play those of apt, which a new environment sees.
        self.stand_in("python3", f'exec {sys.executable} "$@"')
        self.environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "HOME": str(folder / "home"),
            "DESTDIR": str(self.root),
            "PYTHONPATH": sysconfig.get_path("purelib"),
            "LANG": "C.UTF-8",
        }

    def stand_in(self, name: str, does: str) -> None:
        script = self.bin / name
        script.write_text(f'#!/bin/sh\necho {name} "$@" >>{self.calls}\n{does}\n')
        script.chmod(0o755)

    def install(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [SCRIPT, *(arguments or ("--user", USER))]
        return run(command, text=True, env=self.environment)

    def called(self, name: str) -> list[str]:
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [line.removeprefix(f"{name} ") for line in lines if line.split()[0] == name]

    def files(self) -> set[str]:
        return {p.relative_to(self.root).as_posix() for p in self.root.glob("*/*")}


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    pid = system.root / "service.pid"
    if pid.exists():
        end(pid)


def end(pid: Path) -> None:
    try:
        os.killpg(int(pid.read_text()), signal.SIGKILL)
    except ProcessLookupError:
        pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_run_ends_with_a_viewfinder_and_its_address_on_the_screen(system: System) -> None:
    port = free_port()
    done = system.install("--user", USER, "--port", str(port))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(rf"hqcam is at http://[\w.:\[\]-]+:{port}/\naccess code: [2-9A-Z]{{8}}\n", done.stdout), (
        done.stdout
    )
    assert "hqcam, version" in done.stdout and "system " in done.stdout  # what doctor says

    prefix = system.root / "opt" / "hqcam"
    assert "include-system-site-packages = true" in (prefix / "pyvenv.cfg").read_text()
    added = {p.name for p in prefix.glob("lib/python*/site-packages/*") if p.name != "__pycache__"}
    assert {re.sub(r"-.*", "", name) for name in added} == {"device", "web", "hqcam"}
    assert os.readlink(system.root / "usr/local/bin/hqcam") == "/opt/hqcam/bin/hqcam"
    unit = (system.root / "etc/systemd/system/hqcam.service").read_text()
    assert f"User={USER}\n" in unit and f"ExecStart=/opt/hqcam/bin/hqcam serve --host 0.0.0.0 --port {port}\n" in unit
    assert system.called("systemctl") == [
        "daemon-reload",
        "enable --quiet hqcam.service",
        "restart hqcam.service",
    ]
    (installed,) = [call for call in system.called("apt-get") if "install" in call]
    assert "--no-upgrade" in installed and "--no-install-recommends" in installed and "python3-picamera2" in installed


def test_a_second_run_updates_and_uninstall_leaves_nothing_but_pictures(system: System) -> None:
    assert system.install("--user", USER, "--no-service").returncode == 0
    first = system.files()
    assert "etc/systemd" not in first and system.called("systemctl") == []
    stray = next((system.root / "opt/hqcam").glob("lib/python*/site-packages")) / "left_by_an_older_version.py"
    stray.touch()
    again = system.install("--user", USER, "--no-service")
    assert again.returncode == 0, again.stderr
    assert system.files() == first and not stray.exists()

    picture = system.root / "home/me/Pictures"
    picture.mkdir(parents=True)
    removed = system.install("--uninstall")
    assert removed.returncode == 0 and "Pictures and settings stay" in removed.stdout
    assert [p for p in system.root.rglob("*") if "hqcam" in p.name] == [] and picture.exists()
    assert system.install("--uninstall").returncode == 0  # nothing there: nothing to do, and no failure


def test_a_dry_run_tells_every_step_and_does_nothing(system: System) -> None:
    told = system.install("--user", USER, "--dry-run")
    assert told.returncode == 0, told.stderr
    assert list(system.root.iterdir()) == []
    assert not system.called("systemctl") and not system.called("apt-get") and not system.called("runuser")
    assert told.stdout.replace(str(system.root), "").replace(str(ROOT), "SOURCE") == DRY_RUN


DRY_RUN = """
== Packages of the system (apt)
+ apt-get update -q
+ env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends --no-upgrade python3-picamera2 \
python3-numpy python3-flask python3-click python3-rich python3-pil python3-segno python3-markdown-it \
python3-zipstream-ng python3-venv python3-pip python3-hatchling gcc libc6-dev

== hqcam in /opt/hqcam
+ python3 -m venv --clear --without-pip --system-site-packages /opt/hqcam
+ /opt/hqcam/bin/python -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-index \
--no-build-isolation SOURCE
+ mkdir -p /usr/local/bin
+ ln -sfn /opt/hqcam/bin/hqcam /usr/local/bin/hqcam
+ /opt/hqcam/bin/hqcam --version

== Can this machine be the camera?
+ runuser -u www-data -- /opt/hqcam/bin/hqcam doctor --no-write

== Starting the service, now and whenever the Pi starts
+ write /etc/systemd/system/hqcam.service:
    [Unit]
    Description=hqcam viewfinder
    After=network.target

    [Service]
    User=www-data
    SupplementaryGroups=video
    # HQCAM_ALLOW_HOSTS, HQCAM_BASE_PATH and HQCAM_TRUSTED_PROXIES, a line each: NAME="value value"
    EnvironmentFile=-/etc/default/hqcam
    ExecStart=/opt/hqcam/bin/hqcam serve --host 0.0.0.0 --port 8000
    Restart=on-failure
    RestartSec=5
    # Wrong options do not become right by trying again.
    RestartPreventExitStatus=2
    TimeoutStopSec=10
    NoNewPrivileges=yes
    ProtectSystem=full
    PrivateTmp=yes

    [Install]
    WantedBy=multi-user.target
+ systemctl daemon-reload
+ systemctl enable --quiet hqcam.service
+ systemctl restart hqcam.service
"""


@pytest.mark.parametrize(
    ("stand_ins", "arguments", "code", "found", "hint"),
    [
        ({}, ["--speed"], 2, "unknown option --speed", "--help"),
        ({}, ["--port"], 2, "--port needs a value", "--help"),
        ({}, ["--user", USER, "--port", "80"], 2, "port 80", "1024 to 65535"),
        ({}, ["--user", USER, "--port", "eight"], 2, "port eight", "1024 to 65535"),
        ({}, ["--user", "root"], 2, "hqcam does not run as root", "--user NAME"),
        ({}, ["--no-service"], 2, "hqcam does not run as root", "--user NAME"),
        ({}, ["--user", "no-such-user"], 2, "there is no user no-such-user", "--user NAME"),
        ({"id": "echo 1000"}, [], 1, "installing needs root", "sudo ./install.sh"),
        ({"dpkg": "echo armhf"}, ["--user", USER], 1, "a 32-bit system (armhf)", "Raspberry Pi OS 64-bit"),
        ({"dpkg": "echo amd64"}, ["--user", USER], 1, "not a Raspberry Pi (amd64)", "make run"),
        ({"dpkg": "exit 127"}, ["--user", USER], 1, "not Raspberry Pi OS", "make run"),
        (
            {"python3": '[ "$1" = --version ] && echo Python 3.9.2; exit 1'},
            ["--user", USER],
            1,
            "this system has Python 3.9.2; hqcam needs Python 3.11 to 3.13",
            "Bookworm or Trixie",
        ),
        ({"apt-cache": '[ "$3" != python3-picamera2 ]'}, ["--user", USER], 1, "python3-picamera2", "package sources"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_changes(
    system: System, stand_ins: dict[str, str], arguments: list[str], code: int, found: str, hint: str
) -> None:
    for name, does in stand_ins.items():
        system.stand_in(name, does)
    refused = system.install(*arguments)
    assert refused.returncode == code
    assert re.fullmatch(r"error: .*\n  hint: .*\n", refused.stderr), refused.stderr
    assert found in refused.stderr and hint in refused.stderr
    assert list(system.root.iterdir()) == []
    assert [call for call in system.called("apt-get") if "install" in call] == []


def test_a_folder_that_is_not_ours_is_left_alone(system: System) -> None:
    theirs = system.root / "opt/hqcam/letters.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("dear reader")
    for arguments in (("--user", USER), ("--uninstall",)):
        refused = system.install(*arguments)
        assert refused.returncode == 1 and "is not an installation of hqcam" in refused.stderr
    assert theirs.read_text() == "dear reader"


def test_apt_failing_stops_the_run_and_a_running_camera_stays(system: System) -> None:
    system.stand_in("apt-get", '[ "$1" = update ] || { echo "E: Unable to fetch" >&2; exit 100; }')
    failed = system.install()
    assert failed.returncode == 100 and "Unable to fetch" in failed.stderr
    assert list(system.root.iterdir()) == [] and system.called("systemctl") == []


def test_a_system_whose_packages_are_too_old_is_told_and_not_upgraded(system: System, tmp_path: Path) -> None:
    old = tmp_path / "old" / "numpy-1.19.5.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.19.5\n")
    (old / "RECORD").touch()
    system.environment["PYTHONPATH"] = f"{old.parent}:{system.environment['PYTHONPATH']}"
    failed = system.install()
    assert failed.returncode != 0 and "numpy>=1.24" in failed.stderr
    assert not list((system.root / "opt/hqcam").glob("lib/python*/site-packages/numpy*"))
    assert system.called("systemctl") == []


def test_the_unit_is_one_that_systemd_accepts(system: System) -> None:
    told = system.install("--user", USER, "--dry-run").stdout
    unit = re.sub("^    ", "", told.split("hqcam.service:\n")[1].split("+ systemctl")[0], flags=re.MULTILINE)
    # systemd looks for the program; all else is as installed.
    file = system.root / "hqcam.service"
    file.write_text(unit.replace("/opt/hqcam/bin/hqcam", sys.executable))
    verified = run(["systemd-analyze", "verify", file], text=True)
    assert verified.returncode == 0 and "hqcam.service" not in verified.stderr, verified.stderr
    file.write_text(file.read_text().replace("RestartSec=5", "RestartSec=soon"))
    broken = run(["systemd-analyze", "verify", file], text=True)
    assert "hqcam.service:12: Failed to parse" in broken.stderr  # so the check above can fail
