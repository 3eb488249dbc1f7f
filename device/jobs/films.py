"""The job `timelapse`: the shots of a series to a film beside its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from device.captures.storage import Storage
from device.errors import BadInput
from device.film.encoder import check_ffmpeg_there
from device.film.timelapse import FILM_SETTINGS, LEAST_FRAMES, FilmSettings, Size, make_film
from device.jobs.made import publish_unused
from device.jobs.plan import Plan, Report, check_names
from device.library.series_shots import SeriesIndex
from device.settings.declaration import check as check_settings

FRAME_BYTES: Final[dict[Size, int]] = {"1080": 400_000, "2160": 1_500_000, "original": 3_000_000}
"""What a frame takes at most, chosen: leaves in the wind; a quiet scene takes a tenth."""


def check(storage: Storage, arguments: Mapping[str, Any]) -> Plan:
    """Check the place of a series and how its film is to be. Raises BadInput, NotFound, ExtraMissing, StorageError."""
    check_names(arguments, ("series", "settings"))
    place, values = arguments.get("series"), arguments.get("settings", {})
    if not isinstance(place, str) or not isinstance(values, dict):
        raise BadInput("no series is named", expected='"series": the place of a series, "settings": {"fps": 25}')
    settings = FilmSettings(**check_settings(FILM_SETTINGS.values(), values))
    check_ffmpeg_there()
    frames = len(_pictures(storage, place))
    if frames < LEAST_FRAMES:
        raise BadInput(f"{frames} shots of this series are there", expected=f"at least {LEAST_FRAMES} for a film")
    storage.check_room(frames * FRAME_BYTES[settings.size])
    told = {"fps": settings.fps, "size": settings.size, "deflicker": settings.deflicker}
    return Plan({"series": place, "settings": told}, frames * (2 if settings.deflicker else 1))


def work(root: Path, arguments: dict[str, Any], report: Report) -> None:
    """Make the film; it gets its name when it is whole. Raises HqcamError."""
    storage, place = Storage(root), arguments["series"]
    target = root / f"{place}.mp4"
    made = make_film(_pictures(storage, place), target, FilmSettings(**arguments["settings"]), report.step)
    assert made is not None  # nobody ends it but by ending the process
    for path, error in made.left_out:
        report.failure(path.name, error.as_json())
    for path in publish_unused(root, [made.temporary], target):
        report.result(path)


def _pictures(storage: Storage, place: str) -> list[Path]:
    """Give the pictures of the shots that are there, in the order in which they were taken."""
    index = SeriesIndex(storage)
    series = index.at(place)
    present = set(index.present(series))
    found = []
    for capture_id, day in series.in_order():
        if capture_id in present:
            jpeg = storage.root / day / f"{capture_id}.jpg"
            found.append(jpeg if jpeg.is_file() else jpeg.with_suffix(".dng"))
    return found
