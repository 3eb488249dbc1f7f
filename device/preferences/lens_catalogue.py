"""The lenses that hqcam knows by public specification: the files of `device/lenses/catalogue`, read once.

An entry repeats what its `source` publishes, entered by hand; what was not certain is left out, so that it says to be
unknown. The owner's own lenses are in another file, and win over an entry of the same id.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from device.lenses.profiles import LensProfile, read_profiles


@lru_cache(maxsize=1)
def catalogue() -> tuple[LensProfile, ...]:
    """Give every lens of the catalogue: the kit's, then by maker, mount, focal length and widest stop."""
    folder = files("device.lenses") / "catalogue"
    texts = [file.read_text("utf-8") for file in folder.iterdir() if file.name.endswith(".toml")]
    return tuple(sorted((profile for text in texts for profile in read_profiles(text)), key=_place))


def _place(profile: LensProfile) -> tuple[bool, str, str, float, float, str]:
    of_kit = profile.maker == "Raspberry Pi"
    return not of_kit, profile.maker, profile.mount, profile.focal_mm, profile.f_stops[0], profile.id


@lru_cache(maxsize=1)
def by_id() -> dict[str, LensProfile]:
    """Give the lenses of the catalogue by their ids."""
    return {profile.id: profile for profile in catalogue()}
