"""The queue of jobs: one at a time in a process of its own, told as it goes, ended whole, kept over a restart."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from helpers import eventually, is_running, run, started

from device.captures.storage import Storage
from device.errors import BadInput, JobsFull, NotFound
from device.jobs import kinds, room
from device.jobs.job import Job
from device.jobs.plan import Plan, checked_ids
from device.jobs.room import Jobs

# What a job's process does here is a line of Python in its arguments.
PROGRAM = (
    sys.executable,
    "-c",
    "import json, os, signal, sys; told = json.load(sys.stdin); exec(told['arguments']['do'])",
)
HANGS = "print(json.dumps({'done': 1, 'total': 3}), flush=True); signal.pause()"
Make = Callable[..., Jobs]


@pytest.fixture(autouse=True)
def a_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(_: Storage, arguments: Mapping[str, Any]) -> Plan:
        return Plan(dict(arguments), 3)

    monkeypatch.setitem(kinds.KINDS, "test", kinds.Kind(check, lambda root, arguments, report: None))


@pytest.fixture
def jobs_file(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "jobs.json"


@pytest.fixture
def make(storage: Storage, jobs_file: Path) -> Iterator[Make]:
    made: list[Jobs] = []

    def make(**options: Any) -> Jobs:
        jobs = Jobs(storage, options.pop("path", jobs_file), **{"program": PROGRAM, **options})
        made.append(jobs)
        jobs.resume()
        return jobs

    yield make
    for jobs in made:
        jobs.close()


def ended(jobs: Jobs, job: Job) -> Job:
    eventually(lambda: jobs.get(job.id).state not in ("waiting", "running"), "the job has ended")
    return jobs.get(job.id)


def at_first_step(jobs: Jobs, job: Job) -> None:
    eventually(lambda: jobs.get(job.id).done == 1, "the job is under way")


def test_a_job_tells_how_far_it_is_and_what_it_made(make: Make) -> None:
    told: list[str] = []
    jobs = make(made=lambda: told.append("made"))
    says = ({"done": 2, "total": 5}, {"result": "2026-11-20/a_developed.jpg"})
    failure = {"what": "b", "error": {"code": "bad_file", "message": "no", "expected": "", "remedy": ""}}
    says = (*says, {"failure": failure})
    do = "".join(f"print({json.dumps(json.dumps(line))});" for line in says)
    job = ended(jobs, jobs.start("test", {"do": do}))
    assert (job.state, job.done, job.total, job.failed, job.error) == ("done", 2, 5, 1, None)
    assert job.results == ["2026-11-20/a_developed.jpg"] and job.failures == [failure]
    ended(jobs, jobs.start("test", {"do": "pass"}))
    assert told == ["made"], "once, for the job that made something"


def test_one_runs_at_a_time_and_a_cancelled_one_ends_with_all_it_started(make: Make, storage: Storage) -> None:
    jobs = make()
    do = f"""
from subprocess import Popen
from pathlib import Path
from device.atomic import temporary_name
child = Popen(["sleep", "600"])
path = temporary_name(Path({str(storage.root)!r}) / 'a_developed.jpg')
path.write_bytes(b'half')
Path({str(storage.root)!r}, 'pids').write_text(f'{{os.getpid()}} {{child.pid}}')
{HANGS}
"""
    first, second, third = (jobs.start("test", {"do": code}) for code in (do, "pass", "pass"))
    at_first_step(jobs, first)
    assert list(storage.root.glob(".*.part"))
    assert [job.state for job in jobs.list()] == ["running", "waiting", "waiting"]
    pids = [int(pid) for pid in (storage.root / "pids").read_text().split()]
    assert all(map(is_running, pids))
    jobs.remove(third.id)
    jobs.remove(first.id)
    assert ended(jobs, second).state == "done"
    assert [job.state for job in jobs.list()] == ["cancelled", "done", "cancelled"]
    eventually(lambda: not any(map(is_running, pids)), "its processes have ended")
    assert not list(storage.root.glob(".*.part"))
    jobs.remove(first.id)
    assert [job.id for job in jobs.list()] == [second.id, third.id]
    with pytest.raises(NotFound):
        jobs.remove(first.id)


@pytest.mark.parametrize(
    ("do", "message"),
    [
        ("sys.exit(3)", "its process ended with 3"),
        ("os.kill(os.getpid(), 9)", "the system ended it, most likely because memory was short"),
        ("""print('{"error": {"message": "no room"}}'); sys.exit(1)""", "no room"),
    ],
)
def test_a_process_that_ends_otherwise_fails_its_job_alone(do: str, message: str, make: Make) -> None:
    jobs = make()
    failed, after = jobs.start("test", {"do": do}), jobs.start("test", {"do": "print('no json'); print(17)"})
    job = ended(jobs, failed)
    assert job.state == "failed" and job.error is not None and job.error["message"] == message
    assert ended(jobs, after).state == "done"


def test_a_program_that_cannot_be_started_fails_its_job(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_lowest_priority", tuple)
    jobs = make(program=("/no/such/program",))
    job = ended(jobs, jobs.start("test", {}))
    assert job.state == "failed" and job.error is not None and "could not be run" in job.error["message"]


def test_the_end_is_bounded_and_the_next_start_goes_on_with_what_waited(make: Make) -> None:
    jobs = make()
    running, waiting = jobs.start("test", {"do": HANGS}), jobs.start("test", {"do": "pass"})
    at_first_step(jobs, running)
    jobs.close()
    again = make()
    assert ended(again, waiting).state == "done"
    job = again.get(running.id)
    assert job.state == "failed" and job.error is not None and job.error["message"].startswith("it was interrupted")


def test_a_job_that_ran_when_the_machine_went_down_is_told_as_interrupted(make: Make, jobs_file: Path) -> None:
    jobs_file.parent.mkdir()
    job = Job("test", "/nowhere", {"do": "pass"}, 3, state="running", done=1)
    jobs_file.write_text(json.dumps([job.as_json()]))
    jobs = make()
    (found,) = jobs.list()
    assert found.state == "failed" and found.error is not None and "interrupted" in found.error["message"]


@pytest.mark.parametrize("text", ["", "{}", "[1]", "[{}]", '[{"id": "a"}]', "[[]]"])
def test_a_file_that_is_no_list_of_jobs_is_set_aside(text: str, make: Make, jobs_file: Path, storage: Storage) -> None:
    jobs_file.parent.mkdir()
    jobs_file.write_text(text)
    assert make().list() == []
    assert jobs_file.with_name("jobs.broken.json").read_text() == text
    assert "the list of jobs cannot be read" in storage.notices.list()[0]


def test_a_value_of_another_kind_is_no_job() -> None:
    good = Job("test", "/", {}, 3).as_json()
    assert Job.of(good).as_json() == good
    for wrong in ({"total": "3"}, {"done": True}, {"state": "sleeping"}, {"results": [1]}, {"error": 1}, {"more": 1}):
        with pytest.raises(ValueError, match="job"):
            Job.of({**good, **wrong})


def test_the_queue_and_what_has_ended_are_bounded(make: Make) -> None:
    jobs = make()
    running = jobs.start("test", {"do": HANGS})
    at_first_step(jobs, running)
    waiting = [jobs.start("test", {"do": "pass"}) for _ in range(room.WAITING_MOST)]
    with pytest.raises(JobsFull):
        jobs.start("test", {"do": "pass"})
    jobs.remove(running.id)
    ended(jobs, waiting[-1])
    eventually(lambda: len(jobs.list()) == room.KEPT_MOST, "the oldest are forgotten")
    assert jobs.list()[-1].id == waiting[-1].id


def test_where_the_list_cannot_be_kept_the_jobs_run_all_the_same(make: Make, tmp_path: Path, storage: Storage) -> None:
    (tmp_path / "file").write_text("")
    jobs = make(path=tmp_path / "file" / "jobs.json")
    assert ended(jobs, jobs.start("test", {"do": "pass"})).state == "done"
    assert "the list of jobs cannot be kept" in storage.notices.list()[0]


def test_a_drive_that_is_gone_fails_its_job(make: Make, jobs_file: Path) -> None:
    jobs_file.parent.mkdir()
    jobs_file.write_text(json.dumps([Job("test", "/no/such/folder", {"do": "pass"}, 1).as_json()]))
    jobs = make()
    job = ended(jobs, jobs.list()[0])
    assert job.state == "failed" and job.error is not None and job.error["code"] == "storage_error"


def test_its_process_is_at_the_lowest_priority(make: Make, tmp_path: Path) -> None:
    jobs = make()
    do = f"open({str(tmp_path / 'nice')!r}, 'w').write(str(os.nice(0)))"
    assert ended(jobs, jobs.start("test", {"do": do})).state == "done"
    assert int((tmp_path / "nice").read_text()) >= 15


def test_a_job_of_no_kind_and_ids_that_are_none_are_refused(make: Make) -> None:
    with pytest.raises(BadInput, match="'paint' is no kind of job"):
        make().start("paint", {})
    for ids in (None, [], "a", [1], ["a/b"], [""], ["a"] * 501):
        with pytest.raises(BadInput, match="no captures are named"):
            checked_ids(ids)
    assert checked_ids(["b", "a", "b"]) == ["b", "a"]


def test_the_process_of_a_job_ends_when_the_server_is_killed(tmp_path: Path) -> None:
    """The real program, told to work for a process that has ended; and one that is killed while it works."""
    told = json.dumps({"parent": 1, "kind": "develop", "root": str(tmp_path), "arguments": {}})
    (tmp_path / "told").write_text(told)
    with open(tmp_path / "told") as file:
        done = run([sys.executable, "-P", "-m", "device.jobs.worker"], stdin=file)
    assert done.returncode == 1 and done.stdout == b""
    server = """
import os, sys
from subprocess import PIPE, Popen
child = "import signal, sys; from device.jobs import worker; worker._end_with(int(sys.argv[1])); print(1, flush=True)"
command = [sys.executable, "-c", child + "; signal.pause()", str(os.getpid())]
process = Popen(command, stdout=PIPE, start_new_session=True)
process.stdout.readline()
print(process.pid, flush=True)
sys.stdin.read()
"""
    with started([sys.executable, "-c", server], stdin=-1, stdout=-1) as process:
        worker = int(process.stdout.readline())
        assert is_running(worker)
        process.kill()
        eventually(lambda: not is_running(worker), "it has ended too")
