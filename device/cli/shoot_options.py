"""The options of `hqcam shoot`, and what a single shot and a series derive from them in the same way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from device.captures.shot import Recipe
    from device.captures.storage import Storage
    from device.preferences.owner_lenses import OwnerLenses
    from device.preferences.presets import Preset
    from device.preferences.store import Preferences
    from device.raw.dng_writer import SampleForm
    from device.session.session import Session

NOT_AS_ASKED = 4
"""The exit code when what was taken is saved and something is not as it was asked for, or a planned shot is missing.

Warnings and manifest say what."""
SETTLE_S = 6.0  # auto exposure of a real camera takes 1-2 s


@dataclass(frozen=True, slots=True)
class ShootOptions:
    """The values of the options before a mode's name."""

    as_json: bool
    output: str | None
    names: str | None
    exposure_us: float | None
    controls: dict[str, Any]
    lens: str | None
    f_number: float | None
    sample_form: SampleForm
    camera: dict[str, Any]
    preset: Preset | None = None
    """What the shot starts from; the other options win over it."""

    def drive_settings(self, mode: str) -> dict[str, Any]:
        """The preset's settings of a drive mode; none where it has another, or there is no preset."""
        drive = self.preset.drive if self.preset else {}
        settings = drive.get("settings")
        return settings if drive.get("mode") == mode and isinstance(settings, dict) else {}


def kept_preset(slot: str | None) -> Preset | None:
    """Give the preset of a slot. Raises BadInput where nothing is saved."""
    from device.preferences.presets import OwnerPresets
    from device.preferences.store import Preferences, default_path

    return OwnerPresets(Preferences(default_path())).get(slot) if slot is not None else None


def recipe_of(options: ShootOptions) -> Recipe:
    """Give what the files need: the lens for their metadata, and how the DNG stores its samples."""
    from device.captures.shot import Recipe
    from device.preferences.owner_clock import OwnerClock
    from device.preferences.owner_flats import FILE, OwnerFlats
    from device.preferences.store import Preferences, default_path

    preferences = Preferences(default_path())
    flats = OwnerFlats(default_path().with_name(FILE))
    return Recipe(_lenses(options, preferences), options.sample_form, OwnerClock(preferences), flats=flats)


def _lenses(options: ShootOptions, preferences: Preferences) -> OwnerLenses:
    """Give the lenses; the chosen one is that of the command line, or else the stored choice."""
    from device.preferences.owner_lenses import FILE, OwnerLenses
    from device.preferences.store import Preferences, default_path

    path = default_path()
    stored = OwnerLenses(preferences, path.with_name(FILE))
    if options.lens is None and options.f_number is None:
        return stored
    chosen = stored.chosen()
    profile = stored.find(options.lens) if options.lens is not None else chosen.profile if chosen else None
    temporary = OwnerLenses(Preferences(), path.with_name(FILE))
    if profile is not None:
        stays = chosen is not None and chosen.profile == profile
        temporary.choose(profile.id, options.f_number, chosen.zoomed_mm if chosen and stays else None)
    return temporary


def settle(session: Session, options: ShootOptions) -> None:
    """Recall the preset, and wait until the camera has the requested exposure, or auto exposure has converged.

    Raises BadControl where the camera does not take all of the preset.
    """
    if options.preset is not None:
        session.recall(options.preset.controls, {})
        session.set_controls(options.controls)
    session.wait_settled(SETTLE_S + 3 * (options.exposure_us or 0) / 1e6)


def shots_left(storage: Storage) -> str:
    """Give the text that says how many more shots fit."""
    return f"{storage.shots_left()} shots left"
