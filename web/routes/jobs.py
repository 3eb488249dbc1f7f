"""The jobs in the background as one resource: list, start, cancel or forget."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request, url_for

from device.captures.capture import StoredFile
from device.captures.developed import shot_of
from device.errors import NotFound
from web.context import jobs, transfers
from web.errors import BadRequest, json_body
from web.transfer.download import send_stored

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


@blueprint.get("/<job_id>/results/<int:number>")
def result(job_id: str, number: int) -> Response:
    """Give a file that a job has made."""
    job = jobs().get(job_id)
    if number >= len(job.results):
        raise NotFound(f"job {job_id} has no result {number}", remedy="take the address from the list of jobs")
    path = Path(job.root) / job.results[number]
    attached = request.args.get("download") == "1"
    return send_stored(StoredFile(path.name, "", path, 0), transfers().digests, attached=attached)


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
        "results": [_result(job, number, path) for number, path in enumerate(job.results)],
        "error": job.error,
    }


def _result(job: Job, number: int, path: str) -> dict[str, Any]:
    name, capture = PurePosixPath(path), None
    if job.kind == "develop":
        capture = shot_of(name.stem)
        url = url_for("capture_files.download", capture_id=capture, name=name.name)
    else:
        url = url_for("jobs.result", job_id=job.id, number=number)
    return {"name": name.name, "url": url, "capture": capture}
