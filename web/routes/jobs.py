"""The jobs in the background as one resource: list, start, cancel or forget."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from flask import Blueprint, url_for

from device.captures.developed import shot_of
from web.context import jobs
from web.errors import BadRequest, json_body

if TYPE_CHECKING:
    from device.jobs.job import Job

blueprint = Blueprint("jobs", __name__, url_prefix="/api/jobs")


@blueprint.get("")
def index() -> dict[str, Any]:
    """List the jobs, the one that was asked for first first."""
    return {"jobs": [_describe(job) for job in jobs().list()]}


@blueprint.post("")
def start() -> tuple[dict[str, Any], int]:
    """Queue a job; answers at once."""
    body = json_body()
    kind = body.pop("kind", None)
    if not isinstance(kind, str):
        raise BadRequest("the body names no kind of job", expected='{"kind": "develop", "ids": ["..."]}')
    return _describe(jobs().start(kind, body)), 201


@blueprint.delete("/<job_id>")
def remove(job_id: str) -> dict[str, Any]:
    """Cancel a job, or forget one that has ended."""
    jobs().remove(job_id)
    return index()


def _describe(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "without": job.without,
        "failed": job.failed,
        "failures": job.failures,
        "results": [_result(path) for path in job.results],
        "error": job.error,
    }


def _result(path: str) -> dict[str, Any]:
    name = PurePosixPath(path)
    capture = shot_of(name.stem)
    url = url_for("capture_files.download", capture_id=capture, name=name.name)
    return {"name": name.name, "url": url, "capture": capture}
