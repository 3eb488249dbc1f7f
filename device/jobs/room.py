"""The queue of jobs of one server: they run one after the other, each in a process of its own.

The queue and what came of it are kept in a small file, so that they survive a restart. A job that was running then is
told as interrupted, and is not begun again by itself: pictures that it has made already would be made twice, and it may
be what brought the machine down. Those that waited go on.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from device.atomic import write_atomically
from device.captures.day_folders import remove_leftovers
from device.captures.storage import Storage
from device.errors import HqcamError, JobsFull, NotFound, StorageError
from device.jobs.job import ENDED, FAILURES_MOST, Job
from device.jobs.kinds import find
from device.stored import parse_json, read_json, set_aside

log = logging.getLogger(__name__)

WAITING_MOST: Final = 20
"""Chosen: more than anybody oversees."""
KEPT_MOST: Final = 20
"""Chosen: jobs that have ended; older ones are forgotten, their files stay."""
END_S: Final = 2.0
"""How long the end of the room waits for its thread, which waits for a process that was killed."""
_BYTES_MAX: Final = 4 * 2**20
_NICE: Final = 15  # chosen: of 19; a viewfinder that draws on both cores still leaves it some
_WORKER: Final = "device.jobs.worker"


class Jobs:
    """The jobs of one server. Any thread may call it; a thread of its own waits for the processes."""

    def __init__(
        self,
        storage: Storage,
        path: Path | None = None,
        *,
        made: Callable[[], object] = lambda: None,
        program: Sequence[str] | None = None,
    ) -> None:
        """`path` keeps them; without it they last as long as the server. `program` is what runs one, for tests.

        `made` is called on the thread of the room after each job that has made files.
        """
        self._storage, self._path, self._made = storage, path, made
        self._program = tuple(program or (sys.executable, "-P", "-m", _WORKER))
        self._changed = threading.Condition()
        self._jobs: dict[str, Job] = {}
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._running: Job | None = None
        self._ending = False

    def resume(self) -> None:
        """Take up what the file has: those that waited go on, one that was running is told as interrupted."""
        with self._changed:
            if self._path is None or not self._path.exists():
                return
            try:
                stored = read_json(self._path, _BYTES_MAX)
                jobs = [Job.of(value) for value in (stored if isinstance(stored, list) else [None])]
            except (OSError, ValueError) as error:
                aside = set_aside(self._path)
                kept = f"it is {aside.name} now" if aside else "it could not be set aside"
                self._storage.notices.say("jobs", f"the list of jobs cannot be read ({error}): {kept}")
                return
            for job in jobs:
                if job.state == "running":
                    _interrupt(job)
                self._jobs[job.id] = job
            self._keep()
            self._begin()

    def start(self, kind: str, arguments: Mapping[str, Any]) -> Job:
        """Check what is asked for, and queue it. Raises BadInput, NotFound, ExtraMissing, StorageError, JobsFull."""
        plan = find(kind).check(self._storage, arguments)
        job = Job(kind, str(self._storage.root), plan.arguments, plan.total, plan.without)
        with self._changed:
            if sum(other.state == "waiting" for other in self._jobs.values()) >= WAITING_MOST:
                raise JobsFull(f"{WAITING_MOST} jobs are waiting", remedy="wait for one to end, or cancel one")
            self._jobs[job.id] = job
            self._forget_oldest()
            self._keep()
            self._begin()
            return replace(job)

    def list(self) -> list[Job]:
        """Give all jobs, the one that was asked for first first."""
        with self._changed:
            return [replace(job, results=list(job.results)) for job in self._jobs.values()]

    def get(self, job_id: str) -> Job:
        """Give one. Raises NotFound."""
        with self._changed:
            return replace(self._find(job_id))

    def remove(self, job_id: str) -> None:
        """Cancel a job that has not ended, and keep what is whole of it; forget one that has. Raises NotFound."""
        with self._changed:
            job = self._find(job_id)
            if job.state in ENDED:
                del self._jobs[job_id]
            else:
                job.state = "cancelled"
                if self._running is job:
                    self._kill()
            self._keep()

    def close(self) -> None:
        """End what runs. What waits is taken up by the next start. A second call does nothing."""
        with self._changed:
            self._ending = True
            if self._running is not None and self._running.state == "running":
                _interrupt(self._running)
            self._kill()
            self._keep()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(END_S)

    def _find(self, job_id: str) -> Job:
        if job_id not in self._jobs:
            raise NotFound(f"there is no job {job_id[:40]!r}", remedy="list the jobs and take an id from there")
        return self._jobs[job_id]

    def _begin(self) -> None:
        """Have the thread look for work; it is started with the first."""
        if self._thread is None and not self._ending and self._next() is not None:
            self._thread = threading.Thread(target=self._work, name="hqcam-jobs", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _next(self) -> Job | None:
        return next((job for job in self._jobs.values() if job.state == "waiting"), None)

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ending or self._next() is not None)
                job = self._next()
                if self._ending or job is None:
                    return
                job.state, self._running = "running", job
                self._keep()
            try:
                self._run(job)
            except Exception as error:  # the boundary of the thread: the other jobs go on
                if not isinstance(error, HqcamError | OSError):
                    log.exception("a job failed")
                known = error if isinstance(error, HqcamError) else HqcamError(f"the job could not be run: {error}")
                with self._changed:
                    if job.state == "running":
                        job.state, job.error = "failed", known.as_json()
            with self._changed:
                self._running = self._process = None
                self._forget_oldest()
                self._keep()
            if job.results:
                self._made()

    def _run(self, job: Job) -> None:
        """Run one job to its end. On the thread of the room. Raises HqcamError, OSError."""
        storage = Storage(Path(job.root))
        told = {"parent": os.getpid(), "kind": job.kind, "root": job.root, "arguments": job.arguments}
        storage.free_bytes()  # raises where its drive is gone
        command = [*_lowest_priority(), *self._program]
        with self._changed:
            if job.state != "running":  # cancelled, or the end
                return
            self._process = process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        with process:
            assert process.stdin is not None and process.stdout is not None
            with suppress(BrokenPipeError):
                process.stdin.write(json.dumps(told).encode())
                process.stdin.close()
            for line in process.stdout:
                with self._changed:
                    self._note(job, line)
        code = process.returncode
        with suppress(OSError):
            remove_leftovers(storage.root)  # of a process that was killed
        with self._changed:
            if job.state == "running":
                if code == 0 and job.error is None:
                    job.state = "done" if job.failed < job.total or not job.failed else "failed"
                    job.error = job.failures[0]["error"] if job.state == "failed" else None
                else:
                    job.state, job.error = "failed", job.error or _unexpected_end(code).as_json()

    def _note(self, job: Job, line: bytes) -> None:
        """Take what the process of a job says of it."""
        try:
            said = parse_json(line)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            log.warning("a job said %r", line[:200])
            return
        job.done, job.total = said.get("done", job.done), said.get("total", job.total)
        job.error = said.get("error", job.error)
        if "failure" in said:
            job.failed += 1
            job.failures = [*job.failures, said["failure"]][:FAILURES_MOST]
        if "result" in said:
            job.results.append(said["result"])
            self._keep()

    def _kill(self) -> None:
        """End the process of the job that runs, with what it has started. Its half-written files are removed then."""
        if self._process is not None and self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _forget_oldest(self) -> None:
        ended = [job.id for job in self._jobs.values() if job.state in ENDED]
        for job_id in ended[: max(0, len(ended) - KEPT_MOST)]:
            del self._jobs[job_id]

    def _keep(self) -> None:
        if self._path is None:
            return
        text = json.dumps([job.as_json() for job in self._jobs.values()], indent=1) + "\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, [text.encode()], replace=True)
            self._storage.notices.withdraw("jobs")
        except OSError as error:  # StorageError is one; the jobs go on
            why = error.message if isinstance(error, StorageError) else str(error)
            self._storage.notices.say("jobs", f"the list of jobs cannot be kept: {why}")


@lru_cache(maxsize=1)
def _lowest_priority() -> tuple[str, ...]:
    """Give the programs that lower the priority of the one behind them: processor, and disk where that is there."""
    nice, ionice = shutil.which("nice"), shutil.which("ionice")
    return (*((nice, "-n", str(_NICE)) if nice else ()), *((ionice, "-c", "3") if ionice else ()))


def _interrupt(job: Job) -> None:
    job.state = "failed"
    job.error = HqcamError(
        "it was interrupted: the camera was ended while it ran", remedy="ask for it again; what is whole is kept"
    ).as_json()


def _unexpected_end(code: int) -> HqcamError:
    if code == -signal.SIGKILL:
        return HqcamError(
            "the system ended it, most likely because memory was short",
            remedy="end other programs, or work on fewer or smaller files",
        )
    return HqcamError(f"its process ended with {code}", remedy="the log has the details; please report it")
