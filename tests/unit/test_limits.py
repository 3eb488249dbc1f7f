"""A test that hangs is ended with what it started, and said; and so is what a test leaves behind."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from textwrap import dedent

import pytest
from helpers import eventually, run

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
# A child that hangs, with a child of its own in a session of its own: what killing a group does not reach.
FAMILY = """
import subprocess, sys
from pathlib import Path
code = "import time; time.sleep(600)"
def begin():
    popen = f"subprocess.Popen([sys.executable, '-c', {code!r}], start_new_session=True)"
    parent = f"import subprocess, sys, time; print({popen}.pid, flush=True); time.sleep(600)"
    family = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True)
    Path("pids").write_text(f"{family.pid} {family.stdout.readline()}")
    return family
"""


TryOut = Callable[..., CompletedProcess[str]]


@pytest.fixture
def try_out(tmp_path: Path) -> TryOut:
    """Run a test in a pytest of its own that has the same guards and less patience."""

    def run_it(test: str, *options: str) -> CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(FAMILY + dedent(test))
        (tmp_path / "conftest.py").write_text("import leftovers\nleftovers.PATIENCE_S = 0.2\n")
        environment = os.environ | {"PYTHONPATH": str(TESTS)}
        command = [sys.executable, "-m", "pytest", "-p", "leftovers", "-p", "no:cacheprovider", *options, "test_it.py"]
        return run(command, cwd=tmp_path, env=environment, text=True)

    return run_it


def assert_family_ended(folder: Path) -> None:
    pids = (folder / "pids").read_text().split()
    assert len(pids) == 2
    eventually(lambda: not any(is_running(Path("/proc", pid, "stat")) for pid in pids), "the family has ended")


def is_running(stat: Path) -> bool:
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_child_that_hangs_is_ended_and_reported_with_every_stack(try_out: TryOut, tmp_path: Path) -> None:
    done = try_out(
        """
        import threading
        def test_waits_for_ever():
            threading.Thread(target=threading.Event().wait, name="a waiter", daemon=True).start()
            begin().wait()
        """,
        *("--timeout", "2"),
    )
    assert done.returncode == 1, done.stdout
    assert "Timeout (>2.0s)" in done.stdout and "Stack of a waiter" in done.stdout + done.stderr
    assert "begin().wait()" in done.stdout and "processes left behind, now killed" in done.stdout
    assert done.stdout.count("time.sleep(600)") >= 2, "both command lines are told"
    assert_family_ended(tmp_path)


def test_a_passing_test_that_leaves_its_children_fails(try_out: TryOut, tmp_path: Path) -> None:
    done = try_out("def test_forgets_them(): begin()")
    assert done.returncode == 1 and "1 passed, 1 error" in done.stdout, done.stdout
    assert "processes left behind, now killed" in done.stdout
    assert_family_ended(tmp_path)


def test_what_a_fixture_of_the_whole_run_leaves_fails_the_run(try_out: TryOut, tmp_path: Path) -> None:
    done = try_out(
        """
        import pytest
        @pytest.fixture(scope="session")
        def family(): begin()
        def test_uses_it(family): pass
        """
    )
    assert done.returncode == 1 and "1 passed, 1 error" in done.stdout, done.stdout
    assert_family_ended(tmp_path)


def test_a_run_that_is_told_to_end_takes_its_children_along(try_out: TryOut, tmp_path: Path) -> None:
    done = try_out(
        """
        import os, signal
        def test_waits_for_ever():
            family = begin()
            os.kill(os.getpid(), signal.SIGTERM)
            family.wait()
        """
    )
    assert done.returncode != 0 and "told to end" in done.stdout, done.stdout
    assert_family_ended(tmp_path)


def test_helpers_end_a_program_whose_own_child_keeps_the_pipe_open(try_out: TryOut, tmp_path: Path) -> None:
    done = try_out(
        """
        import pytest
        from helpers import run
        def test_it():
            with pytest.raises(subprocess.TimeoutExpired):
                run(["sh", "-c", "sleep 600 & sleep 600"], timeout_s=0.5)
        """
    )
    assert done.returncode == 0 and "1 passed" in done.stdout, done.stdout


def test_no_test_sleeps() -> None:
    # What is a bench, a child's own program or the one pause between two looks at the page.
    spared = {
        "page/conftest.py",
        "page/first_sight.py",
        "page/screenshots.py",
        "unit/test_limits.py",
        "unit/captures/test_power_cut.py",
    }
    sleep = re.compile(r"(time|asyncio)\.sleep\(|wait_for_timeout\(")
    found = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("*.py") if sleep.search(path.read_text())}
    assert {name for name in found if not name.startswith("bench/")} == spared


def test_no_test_judges_how_fast_the_machine_is() -> None:
    """A test that reads a stopwatch fails on a machine that is slow or busy. Counted work is judged (`counts.py`)."""
    # What must take as long, or ends sooner than a limit of a minute; stamps of frames; clocks that a test turns.
    spared = {
        "bench/test_view.py",
        "rig/test_driver.py",
        "unit/captures/test_power_cut.py",
        "unit/captures/test_taken_times.py",
        "unit/selftest/test_bad_cameras.py",
        "unit/selftest/test_selftest.py",
        "unit/session/test_lost_cameras.py",
        "unit/session/test_session.py",
        "unit/simulator/test_camera.py",
        "unit/view/test_view_thread.py",
    }
    watch = re.compile(r"time\.(monotonic|perf_counter|process_time|thread_time)(_ns)?\(")
    tests = {path.relative_to(TESTS).as_posix(): path.read_text() for path in TESTS.rglob("test_*.py")}
    assert {name for name, text in tests.items() if watch.search(text)} == spared
    limit = re.compile(r"\b(?:wait|join|result|communicate)\((?:timeout=)?[1-5]?\d\)|\btimeout(?:_s)?=[1-5]?\d\b(?!\.)")
    assert not {f"{name}: {hit}" for name, text in tests.items() for hit in limit.findall(text)}, "give DEADLINE_S"


def test_every_program_that_a_test_starts_is_started_by_the_helpers() -> None:
    starts = re.compile(r"subprocess\.(run|Popen|check_\w+|call)\(")
    names = [path for path in TESTS.rglob("test_*.py") if starts.search(path.read_text())]
    assert names == [Path(__file__)]
