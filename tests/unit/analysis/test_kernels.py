"""The compiled library: made where there is a compiler, trusted only when it fits its source, never needed."""

import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest
from helpers import run

from device import kernels
from device.kernels import build
from device.kernels.build import compile_library

ROOT = Path(kernels.__file__).parents[2]


@pytest.mark.tools
def test_a_library_loads_when_it_was_made_from_this_source(tmp_path):
    library = tmp_path / "compiled.so"
    assert compile_library(kernels.FOLDER, library) is None
    assert kernels.load(library) is not None


@pytest.mark.tools
def test_one_of_another_source_does_not_load(tmp_path):
    library = tmp_path / "compiled.so"
    for source in kernels.SOURCES:
        shutil.copy(source, tmp_path)
    with (tmp_path / "display.c").open("a") as source:
        source.write("\n")
    assert compile_library(tmp_path, library) is None
    assert kernels.load(library) is None


def test_what_is_no_library_does_not_load(tmp_path):
    assert kernels.load(tmp_path / "missing.so") is None
    (tmp_path / "text.so").write_text("no library")
    assert kernels.load(tmp_path / "text.so") is None


@pytest.mark.tools
def test_source_that_does_not_compile_leaves_nothing(tmp_path):
    library = tmp_path / "compiled.so"
    for source in kernels.SOURCES:
        (tmp_path / source.name).write_text("int broken(")
    library.write_text("of an installation before")
    wrong = compile_library(tmp_path, library)
    assert wrong is not None and "failed" in wrong
    assert not library.exists()


def test_without_a_compiler_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", str(tmp_path / "no-such-compiler"))
    wrong = compile_library(kernels.FOLDER, tmp_path / "compiled.so")
    assert wrong is not None and "could not be compiled" in wrong


@pytest.mark.tools
def test_it_compiles_without_a_warning(tmp_path):
    strict = ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Werror", '-DHQCAM_SOURCE=""', "-c"]
    for source in kernels.SOURCES:
        run(["cc", *strict, "-o", tmp_path / "object.o", source], check=True, stderr=None)


@pytest.mark.tools
@pytest.mark.parametrize("compiler", ["cc", "/bin/false"])
def test_a_wheel_has_the_library_or_is_for_any_machine(compiler, tmp_path):
    source = tmp_path / "source"
    ignored = shutil.ignore_patterns(".*", "node_modules", "tests", "__pycache__")
    shutil.copytree(ROOT, source, ignore=ignored)
    shutil.copy(ROOT / ".gitignore", source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    command += ["--disable-pip-version-check", "--wheel-dir", tmp_path, source]
    run(command, check=True, env=os.environ | {"CC": compiler})
    (wheel,) = tmp_path.glob("hqcam-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        assert {"device/kernels/display.c", "device/kernels/build.py", "web/static/main.js"} <= inside
        assert {"web/static/live/receiver-worker.js", "web/static/page/colours.css"} <= inside
        assert ("device/kernels/compiled.so" in inside) == (compiler == "cc")
        assert wheel.name.endswith("-py3-none-any.whl") == (compiler != "cc")
        assert ("device/kernels/not-compiled.txt" in inside) == (compiler != "cc")
        if compiler == "cc":
            archive.extract("device/kernels/compiled.so", tmp_path)
            assert kernels.load(tmp_path / "device/kernels/compiled.so") is not None
        else:
            said = archive.read("device/kernels/not-compiled.txt").decode()
            assert said.startswith("/bin/false -O3") and "failed" in said


def test_the_library_and_the_message_have_one_name():
    assert (build.LIBRARY, build.MESSAGE) == (kernels.LIBRARY.name, kernels.MESSAGE.name)


def test_every_source_is_compiled_and_shipped():
    assert [source.name for source in kernels.SOURCES] == list(build.SOURCES)
    assert set(kernels.FOLDER.glob("*.[ch]")) == set(kernels.SOURCES)
