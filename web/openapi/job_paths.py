"""The paths of the jobs in the background, and of what they make of a series."""

from __future__ import annotations

from typing import Any, Final

from web.openapi.parts import INTEGER, answer, in_path, in_query, route

_MADE: Final[dict[str, Any]] = {
    "200": {"description": "the file", "content": {"image/jpeg": {}, "video/mp4": {}}},
    "206": {"description": "the part of the file"},
}


def job_paths() -> dict[str, Any]:
    """Give them."""
    return {
        "/api/jobs": {
            "get": route("The jobs in the background, the one asked for first first", answer("Jobs")),
            "post": route(
                "Develop raw files, lay out a contact sheet, or make a film of a series, as a job in the background",
                answer("Job", "201"),
                body="JobStart",
            ),
        },
        "/api/jobs/{job_id}": {
            "delete": route(
                "Cancel a job, or forget one that has ended; what is whole of it stays",
                answer("Jobs"),
                parameters=[in_path("job_id")],
            )
        },
        "/api/jobs/{job_id}/results/{number}": {
            "get": route(
                "A contact sheet or film that a job has made; developed pictures are files of their captures",
                _MADE,
                parameters=[in_path("job_id"), in_path("number", INTEGER), in_query("download", {"enum": ["1"]})],
            )
        },
        "/api/drive/{run_id}/files": {
            "get": route(
                "The films and contact sheets of a series", answer("SeriesFiles"), parameters=[in_path("run_id")]
            )
        },
        "/api/drive/{run_id}/files/{name}": {
            "get": route(
                "One of them, whole or in part",
                _MADE,
                parameters=[in_path("run_id"), in_path("name"), in_query("download", {"enum": ["1"]})],
            )
        },
    }
