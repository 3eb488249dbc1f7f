"""What `hqcam shoot` was asked for, and what one shot and a series make of it alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from device.captures.shot import Recipe
    from device.captures.storage import Storage
    from device.preferences.owner_lenses import LensBag
    from device.raw.dng_writer import SampleForm
    from device.session.session import Session

SETTLE_S = 6.0  # auto exposure of a real camera takes 1-2 s


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options before a mode's name say."""

    as_json: bool
    output: str | None
    names: str | None
    exposure_us: float | None
    controls: dict[str, Any]
    lens: str | None
    f_number: float | None
    sample_form: SampleForm
    camera: dict[str, Any]


def recipe_of(asked: Asked) -> Recipe:
    """Give what the files are to be like: the lens, and how the DNG keeps its samples."""
    from device.captures.shot import Recipe

    return Recipe(_lenses(asked), asked.sample_form)


def _lenses(asked: Asked) -> LensBag:
    """Give the lenses with the one on the camera that the command line names, or that was chosen before."""
    from device.preferences.owner_lenses import FILE, LensBag
    from device.preferences.store import Preferences, default_path

    path = default_path()
    kept = LensBag(Preferences(path), path.with_name(FILE))
    if asked.lens is None and asked.f_number is None:
        return kept
    chosen = kept.chosen()
    profile = kept.find(asked.lens) if asked.lens is not None else chosen.profile if chosen else None
    for_this_time = LensBag(Preferences(), path.with_name(FILE))
    if profile is not None:
        for_this_time.choose(profile.id, asked.f_number)
    return for_this_time


def settle(session: Session, asked: Asked) -> None:
    """Wait until the camera has what was asked of it."""
    session.wait_settled(SETTLE_S + 3 * (asked.exposure_us or 0) / 1e6)


def shots_left(storage: Storage) -> str:
    """Say how many more shots fit."""
    return f"{storage.shots_left()} shots left"
