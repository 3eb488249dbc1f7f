"""The arrows of the design, held: who may import whom, and what the pure rooms may touch."""

import ast
from pathlib import Path

import pytest

import device

ROOT = Path(device.__file__).parent.parent
PURE = ("analysis", "lenses", "sensors", "raw", "simulator")
PURE_FILES = ("frame.py", "bayer.py", "controls.py")
FORBIDDEN_IN_PURE = {"threading", "logging", "time", "flask", "socket", "subprocess", "picamera2"}
ABOVE = {
    "audit",
    "cli",
    "session",
    "storage",
    "preferences",
    "shooting",
    "cameras",
    "doctor",
    "drivers",
    "view",
    "slot",
    "atomic",
    "drive",
    "lens_bag",
    "places",
}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", sources("device"), ids=name)
def test_device_knows_no_web(path: Path) -> None:
    roots = {module.split(".")[0] for module in imports(path)}
    assert not roots & {"web", "flask", "werkzeug", "cheroot", "jinja2"}


@pytest.mark.parametrize("path", sources("device"), ids=name)
def test_only_the_driver_and_its_probe_know_picamera2(path: Path) -> None:
    if name(path) not in ("device/drivers/picamera2/driver.py", "device/drivers/picamera2/probe.py"):
        assert not {m for m in imports(path) if m.split(".")[0] in ("picamera2", "libcamera")}


@pytest.mark.parametrize(
    "path",
    [p for p in sources("device") if p.parent.name in PURE or (p.parent.name == "device" and p.name in PURE_FILES)],
    ids=name,
)
def test_pure_rooms_look_down_only(path: Path) -> None:
    inside = {m.split(".")[1] for m in imports(path) if m.startswith("device.") and m.count(".") >= 1}
    assert not inside & ABOVE


@pytest.mark.parametrize(
    "path",
    [p for p in sources("device") if p.parent.name in ("analysis", "lenses", "sensors") or p.name in PURE_FILES],
    ids=name,
)
def test_pure_rooms_have_no_files_clocks_threads_or_logs(path: Path) -> None:
    assert not {m.split(".")[0] for m in imports(path)} & FORBIDDEN_IN_PURE


@pytest.mark.parametrize("path", sources("device") + sources("web"), ids=name)
def test_no_file_outgrows_one_idea(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 460


def test_the_top_level_is_as_fixed() -> None:
    folders = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert folders - {"node_modules", "build", "dist"} == {"device", "web", "tests"}


def test_no_test_folder_shadows_a_package() -> None:
    assert not list((ROOT / "tests").rglob("__init__.py"))
    assert not {p.name for p in (ROOT / "tests").iterdir() if p.is_dir()} & {"device", "web"}
