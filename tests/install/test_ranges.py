"""The dependency ranges keep what Raspberry Pi OS ships: pip must not replace the system's compiled packages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from helpers import run
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SYSTEMS = {"bookworm": "3.11", "trixie": "3.13"}
GLIBC = ("manylinux_2_36", "manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014")


def shipped(system: str) -> dict[str, str]:
    lines = (HERE / f"{system}.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheels")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    # Without a compiler: what this machine compiles is for its own processor.
    without = os.environ | {"CC": "/bin/false"}
    run([*command, "--wheel-dir", folder, ROOT], check=True, env=without)
    # Trixie compiles this version for Python 3.13; the index has no build of it. It requires nothing.
    with zipfile.ZipFile(folder / "markupsafe-2.1.5-py3-none-any.whl", "w") as stand_in:
        info = "markupsafe-2.1.5.dist-info"
        stand_in.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: markupsafe\nVersion: 2.1.5\n")
        stand_in.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        stand_in.writestr(f"{info}/RECORD", "")
    return folder


def test_the_wheel_has_every_lens_of_the_catalogue(wheels: Path) -> None:
    (wheel,) = wheels.glob("hqcam-*.whl")
    folder = "device/lenses/catalogue"
    with zipfile.ZipFile(wheel) as inside:
        brought = {name: inside.read(name) for name in inside.namelist() if name.startswith(folder)}
    assert brought == {f"{folder}/{file.name}": file.read_bytes() for file in (ROOT / folder).iterdir()}
    assert len(brought) > 10


def resolve(wheels: Path, system: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Have pip resolve our wheel for the system's Python on aarch64, held to the versions that the system ships."""
    (wheel,) = wheels.glob("hqcam-*.whl")
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--python-version", SYSTEMS[system]]
    command += [a for tag in GLIBC for a in ("--platform", f"{tag}_aarch64")] + ["--platform", "any"]
    command += ["--target", str(wheels / "nothing"), "--find-links", str(wheels)]
    command += ["--constraint", str(HERE / f"{system}.txt"), str(wheel), *more]
    return run(command, text=True)


@pytest.mark.parametrize("system", SYSTEMS)
def test_our_wheel_is_content_with_what_the_system_ships(wheels: Path, system: str) -> None:
    resolved = resolve(wheels, system)
    assert resolved.returncode == 0, resolved.stderr
    found = {
        canonicalize_name(i["metadata"]["name"]): i["metadata"]["version"]
        for i in json.loads(resolved.stdout)["install"]
    }
    assert found.pop("hqcam") == PROJECT["version"]
    # Nothing but hqcam is new to the system, nothing of the system's would be changed, and the table holds no more.
    assert found == {canonicalize_name(name): v for name, v in shipped(system).items()}
    assert not (wheels / "nothing").exists()


def test_our_wheel_has_the_help_of_every_language(wheels: Path) -> None:
    (wheel,) = wheels.glob("hqcam-*.whl")
    written = {path.relative_to(ROOT).as_posix() for path in (ROOT / "web" / "help").rglob("*.md")}
    with zipfile.ZipFile(wheel) as packed:
        assert written == {name for name in packed.namelist() if name.startswith("web/help/")}


def extras(system: str) -> list[Requirement]:
    """What the extras that a photographer may want ask for on the system's Python (pip would look at its own)."""
    asked = [Requirement(r) for name in ("lossless", "develop") for r in PROJECT["optional-dependencies"][name]]
    return [r for r in asked if r.marker is None or r.marker.evaluate({"python_version": SYSTEMS[system]})]


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_extras_are_content_too_and_bring_one_package_each(wheels: Path, system: str) -> None:
    resolved = resolve(wheels, system, *(f"{r.name}{r.specifier}" for r in extras(system)))
    assert resolved.returncode == 0, resolved.stderr
    found = {canonicalize_name(i["metadata"]["name"]) for i in json.loads(resolved.stdout)["install"]}
    assert found - {canonicalize_name(name) for name in shipped(system)} == {"hqcam", "imagecodecs", "rawpy"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_systems_numpy_stays_even_where_pip_is_free_to_replace_it(system: str) -> None:
    # Without our table pip takes the newest in range, and a newer numpy unless that one is content with the system's.
    for extra in extras(system):
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--dry-run",
            "--ignore-installed",
            "--quiet",
            "--report",
            "-",
        ]
        command += ["--disable-pip-version-check", "--only-binary=:all:", "--no-deps", "--target", "nothing"]
        command += ["--python-version", SYSTEMS[system]]
        command += [a for tag in GLIBC for a in ("--platform", f"{tag}_aarch64")]
        done = run([*command, f"{extra.name}{extra.specifier}"], text=True, check=True)
        (package,) = json.loads(done.stdout)["install"]
        for needed in map(Requirement, package["metadata"].get("requires_dist", [])):
            if needed.name == "numpy" and (needed.marker is None or needed.marker.evaluate({"extra": ""})):
                assert needed.specifier.contains(shipped(system)["numpy"]), needed


def test_a_range_that_would_replace_the_systems_numpy_is_noticed(wheels: Path) -> None:
    refused = resolve(wheels, "bookworm", "numpy>=2")
    assert refused.returncode != 0 and "numpy" in refused.stderr


@pytest.mark.skipif(
    "VERSION_CODENAME=bookworm" not in Path("/etc/os-release").read_text(), reason="compares with apt of Debian 12"
)
def test_the_table_of_bookworm_is_what_apt_has() -> None:
    debian = {"markdown-it-py": "markdown-it", "pillow": "pil"}
    table = {name: v for name, v in shipped("bookworm").items() if name != "simplejpeg"}
    asked = [f"python3-{debian.get(name, name)}" for name in table]
    told = run(["apt-cache", "show", "--no-all-versions", *asked], text=True, check=True)
    found = re.findall(r"^Version: (?:\d+:)?([\d.]+)", told.stdout, re.MULTILINE)
    names = re.findall(r"^Package: (.*)", told.stdout, re.MULTILINE)
    assert dict(zip(names, found, strict=True)) == dict(zip(asked, table.values(), strict=True))


def test_ranges_name_what_apt_installs() -> None:
    wanted = {Requirement(r).name for r in PROJECT["dependencies"]}
    line = re.search(r"^packages=\((.*?)\)", (ROOT / "install.sh").read_text(), re.MULTILINE | re.DOTALL)
    assert line
    installed = {name.removeprefix("python3-") for name in line.group(1).split()}
    # simplejpeg is what picamera2 itself requires there; the others set up the environment, and compile the kernels.
    setting_up = {"venv", "pip", "hatchling", "gcc", "libc6-dev"}
    renamed = {"pillow": "pil", "markdown-it-py": "markdown-it"}
    assert installed == (wanted - {"simplejpeg", *renamed}) | {*renamed.values(), "picamera2"} | setting_up


def test_the_systems_pythons_are_in_range_and_nothing_newer_is_promised() -> None:
    pythons = SpecifierSet(PROJECT["requires-python"])
    offered = ("3.10.9", "3.11.2", "3.12.1", "3.13.5", "3.14.0")
    assert [v for v in offered if pythons.contains(v)] == ["3.11.2", "3.12.1", "3.13.5"]


def test_no_gpl_library_is_a_dependency() -> None:
    names = {Requirement(r).name for r in PROJECT["dependencies"]}
    assert not names & {"pyexiv2", "exiv2", "pyexiftool", "piexif"}


def test_the_versions_that_run_these_tests_are_in_the_ranges() -> None:
    for requirement in map(Requirement, PROJECT["dependencies"]):
        assert requirement.specifier.contains(version(requirement.name), prereleases=True), requirement
