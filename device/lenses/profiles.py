"""Lens profiles and the readable text (TOML) that they are kept in. Pure: text in, profiles out.

[[lens]]
id = "zm-planar-50-2"
maker = "Carl Zeiss"
model = "Planar T* 2/50 ZM"
mount = "M"                    # C, CS, M, M39 ...
focal_mm = 50
f_stops = [2, 2.8, 4, 5.6, 8, 11, 16, 22]   # as engraved, the widest first
"""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from device.errors import BadInput
from device.lenses.fitted import FittedLens
from device.settings.declaration import finite

FOCAL_RANGE_MM: Final = (1.0, 2000.0)
F_RANGE: Final = (0.5, 64.0)
LENSES_MAX: Final = 500
TEXT_MAX: Final = 80
_ID: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*lens[ \t]*\]\]", re.MULTILINE)
_FIELDS: Final = ("id", "maker", "model", "mount", "focal_mm", "f_stops")
_EXPECTED: Final = 'for instance id = "zm-planar-50-2", maker, model, mount = "M", focal_mm = 50, f_stops = [2, 2.8, 4]'


@dataclass(frozen=True, slots=True)
class LensProfile:
    """One lens as its maker describes it."""

    id: str
    maker: str
    model: str
    mount: str
    focal_mm: float
    f_stops: tuple[float, ...]
    """Rising: the widest first; empty for a lens without a ring that can be read."""

    def fitted(self, f_number: float | None) -> FittedLens:
        """Give the lens with its aperture ring at `f_number`. Raises BadInput for one that it cannot be set to."""
        if f_number is not None and not (self.f_stops[0] <= f_number <= self.f_stops[-1]):
            raise BadInput(
                f"the {self.model} cannot be set to f/{f_number:g}",
                expected=f"f/{self.f_stops[0]:g} to f/{self.f_stops[-1]:g}",
            )
        return FittedLens(self.maker, self.model, self.focal_mm, self.f_stops[0], f_number)


def read_profiles(text: str) -> tuple[LensProfile, ...]:
    """Read the profiles of a file. Raises BadInput that names the lens and what is wrong with it."""
    try:
        stored = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        raise BadInput(f"the lens file is not TOML: {error}", expected=_EXPECTED) from error
    entries = stored.get("lens", [])
    if not isinstance(entries, list) or len(entries) > LENSES_MAX or set(stored) - {"lens"}:
        raise BadInput("the lens file has something else than lenses", expected=f"at most {LENSES_MAX} times [[lens]]")
    profiles = tuple(_profile(number, entry) for number, entry in enumerate(entries, 1))
    ids = [profile.id for profile in profiles]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice is not None:
        raise BadInput(f"two lenses have the id {twice!r}", expected="an id of its own for each lens")
    return profiles


def write_profile(profile: LensProfile) -> str:
    """Give the text of one profile, as `read_profiles` reads it."""
    stops = ", ".join(f"{stop:g}" for stop in profile.f_stops)
    return (
        f"\n[[lens]]\nid = {_quoted(profile.id)}\nmaker = {_quoted(profile.maker)}\nmodel = {_quoted(profile.model)}\n"
        f"mount = {_quoted(profile.mount)}\nfocal_mm = {profile.focal_mm:g}\nf_stops = [{stops}]\n"
    )


def make_profile(maker: str, model: str, mount: str, focal_mm: float, f_stops: list[float]) -> LensProfile:
    """Make a profile from what a person typed, with an id made of maker and model. Raises BadInput."""
    return profile_of(
        {"maker": maker, "model": model, "mount": mount, "focal_mm": focal_mm, "f_stops": sorted(f_stops)}
    )


def profile_of(values: dict[str, Any]) -> LensProfile:
    """Make a profile from values by the fields' names; without an id, of maker and model. Raises BadInput."""
    words = re.sub(r"[^a-z0-9.]+", "-", f"{values.get('maker')} {values.get('model')}".lower()).strip("-.")
    return _profile(1, {"id": words[:64] or "lens", **values})


def with_id(profile: LensProfile, used: set[str]) -> LensProfile:
    """Give the profile with an id that is not used yet."""
    ids = (profile.id if n == 1 else f"{profile.id[:60]}-{n}" for n in range(1, LENSES_MAX + 2))
    return replace(profile, id=next(id for id in ids if id not in used))


def replaced(text: str, profile: LensProfile) -> str:
    """Give the text of a file with `profile` in the place of the lens of its id; all else stays. Raises BadInput."""
    profiles = read_profiles(text)
    start, end = _span(text, profiles, profile.id)
    lines = write_profile(profile).lstrip("\n")
    return _checked(text[:start] + lines + text[end:], tuple(profile if p.id == profile.id else p for p in profiles))


def removed(text: str, lens_id: str) -> str:
    """Give the text of a file without that lens; what the owner wrote beside it stays. Raises BadInput."""
    profiles = read_profiles(text)
    start, end = _span(text, profiles, lens_id)
    return _checked(text[:start].rstrip("\n") + "\n" + text[end:], tuple(p for p in profiles if p.id != lens_id))


def _span(text: str, profiles: tuple[LensProfile, ...], lens_id: str) -> tuple[int, int]:
    """Where the lens begins and ends in the text: from its `[[lens]]` to its last value, without comments after it."""
    starts = [match.start() for match in _HEADER.finditer(text)]
    number = next((n for n, profile in enumerate(profiles) if profile.id == lens_id), None)
    if number is None or len(starts) != len(profiles):
        raise _not_from_here()
    start, end = starts[number], (starts + [len(text)])[number + 1]
    lines = text[start:end].splitlines(keepends=True)
    while lines[-1].strip() == "" or lines[-1].lstrip().startswith("#"):
        lines.pop()
    return start, start + len("".join(lines))


def _checked(text: str, wanted: tuple[LensProfile, ...]) -> str:
    """Give the text if it says what is wanted: an owner may write TOML in more ways than `_span` knows."""
    with suppress(BadInput):
        if read_profiles(text) == wanted:
            return text
    raise _not_from_here()


def _not_from_here() -> BadInput:
    return BadInput(
        "the lens file is written in a way that hqcam cannot change",
        expected=_EXPECTED,
        remedy="change it by hand; `hqcam lens --file` tells where it is",
    )


def _profile(number: int, entry: Any) -> LensProfile:
    name = entry.get("id", number) if isinstance(entry, dict) else number
    try:
        if set(entry) != set(_FIELDS):
            odd = min(set(entry) ^ set(_FIELDS))
            raise ValueError(f"{odd} is missing" if odd in _FIELDS else f"{odd} is not known")
        texts = {field: _text(field, entry[field]) for field in ("id", "maker", "model", "mount")}
        if not _ID.fullmatch(texts["id"]):
            raise ValueError("its id is not made of small letters, digits, dots and hyphens")
        if not isinstance(entry["f_stops"], list) or not 1 <= len(entry["f_stops"]) <= 40:
            raise ValueError("f_stops is not a list of 1 to 40 f-numbers")
        stops = tuple(_number("f_stops", stop, F_RANGE) for stop in entry["f_stops"])
        if list(stops) != sorted(set(stops)):
            raise ValueError("f_stops do not rise from the widest")
        return LensProfile(focal_mm=_number("focal_mm", entry["focal_mm"], FOCAL_RANGE_MM), f_stops=stops, **texts)
    except (ValueError, TypeError) as error:
        raise BadInput(f"lens {name}: {error}", expected=_EXPECTED) from error


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= TEXT_MAX or not value.isprintable():
        raise ValueError(f"{name} is not a text of 1 to {TEXT_MAX} characters")
    return value.strip()


def _number(name: str, value: Any, limits: tuple[float, float]) -> float:
    number = finite(value)
    if number is None:
        raise ValueError(f"{name} is {value!r}, not a number")
    if not limits[0] <= number <= limits[1]:
        raise ValueError(f"{name} is {number:g}, not from {limits[0]:g} to {limits[1]:g}")
    return number


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
