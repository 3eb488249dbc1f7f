"""Lens profiles and the readable text (TOML) that they are kept in. Pure: text in, profiles out.

format = 1                     # of the file; a file without it is of format 1

[[lens]]
id = "zm-planar-50-2"
maker = "Carl Zeiss"
model = "Planar T* 2/50 ZM"
mount = "M"                    # C, CS, M, M39 ...
focal_mm = 50
f_stops = [2, 2.8, 4, 5.6, 8, 11, 16, 22]   # as engraved, the widest first
closest_m = 0.7                # from the sensor, as on the ring; from here on all may be left out
adapter = "M to C, 10.3 mm"
serial = "15512345"
notes = "from my uncle"
focal_long_mm = 70             # a zoom: the longest; focal_mm is the shortest
f_widest_long = 4.5            # a zoom: the widest stop at the longest, where that is another
narrowest_known = false        # the ring goes further than f_stops tell
six_bit = 33                   # a coded Leica M lens: its six dots as a number
breathing = 1.02               # how the picture grows with nearer focus, as `hqcam calibrate ring` found it
breathing_error = 0.02         # its standard error
source = "Carl Zeiss, data sheets of ZM lenses"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from device.errors import BadInput
from device.lenses.fitted import FittedLens
from device.lenses.ring import GROWTH_RANGE, Ring
from device.settings.declaration import finite

FORMAT: Final = 1
FOCAL_RANGE_MM: Final = (1.0, 2000.0)
F_RANGE: Final = (0.5, 64.0)
CLOSEST_RANGE_M: Final = (0.01, 100.0)
SIX_BITS_MAX: Final = 63
LENSES_MAX: Final = 500
TEXT_MAX: Final = 80
NOTES_MAX: Final = 500
_ID: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_HEADER: Final = re.compile(r"^[ \t]*\[\[[ \t]*lens[ \t]*\]\]", re.MULTILINE)
_EXPECTED: Final = 'for instance id = "zm-planar-50-2", maker, model, mount = "M", focal_mm = 50, f_stops = [2, 2.8, 4]'


@dataclass(frozen=True, slots=True)
class LensProfile:
    """One lens as its maker describes it, and what its owner says of it. Empty and None: not known."""

    id: str
    maker: str
    model: str
    mount: str
    focal_mm: float
    """Of a zoom the shortest."""
    f_stops: tuple[float, ...]
    """Rising: the widest first. A single one: a lens without a ring, or one of which no other is known."""
    focal_long_mm: float | None = None
    f_widest_long: float | None = None
    narrowest_known: bool = True
    """Whether the last of `f_stops` is where the ring ends."""
    closest_m: float | None = None
    adapter: str = ""
    serial: str = ""
    notes: str = ""
    six_bit: int | None = None
    source: str = ""
    """Whose published data a lens of the catalogue repeats."""
    breathing: float | None = None
    """How the picture grows with nearer focus (`device.lenses.ring`), as it was measured."""
    breathing_error: float | None = None
    """Its standard error."""

    @property
    def ring(self) -> Ring | None:
        """How the lens breathes; None where that was not measured."""
        known = self.breathing is not None and self.breathing_error is not None
        return Ring(self.breathing or 0.0, self.breathing_error or 0.0) if known else None

    @property
    def name(self) -> str:
        """Maker and model."""
        return f"{self.maker} {self.model}"

    @property
    def focal_text(self) -> str:
        """`50`, or `35-70` for a zoom: millimetres."""
        return f"{self.focal_mm:g}" + (f"-{self.focal_long_mm:g}" if self.focal_long_mm is not None else "")

    @property
    def aperture_text(self) -> str:
        """`2-16`; `2` where there is one; `2-16...` where the ring goes further than is known."""
        last = f"-{self.f_stops[-1]:g}" if len(self.f_stops) > 1 else ""
        return f"{self.f_stops[0]:g}{last}{'' if self.narrowest_known else '...'}"

    def fitted(self, f_number: float | None, focal_mm: float | None = None) -> FittedLens:
        """Give the lens with its ring at `f_number`, a zoom at `focal_mm`. Raises BadInput for what it cannot be."""
        narrowest = self.f_stops[-1] if self.narrowest_known else F_RANGE[1]
        if f_number is not None and not (self.f_stops[0] <= f_number <= narrowest):
            raise BadInput(
                f"the {self.model} cannot be set to f/{f_number:g}",
                expected=f"f/{self.f_stops[0]:g} to f/{narrowest:g}",
            )
        longest = self.focal_mm if self.focal_long_mm is None else self.focal_long_mm
        if focal_mm is not None and not (self.focal_mm <= focal_mm <= longest):
            raise BadInput(
                f"the {self.model} cannot be set to {focal_mm:g} mm", expected=f"{self.focal_mm:g} to {longest:g} mm"
            )
        zoom = self.focal_long_mm is not None
        return FittedLens(
            self.maker,
            self.model,
            focal_mm if zoom else self.focal_mm,
            self.f_stops[0],
            f_number,
            focal_range_mm=(self.focal_mm, longest) if zoom else None,
            max_aperture_long_f=self.f_widest_long,
            serial=self.serial,
        )


_REQUIRED: Final = ("id", "maker", "model", "mount", "focal_mm", "f_stops")
_ALL: Final = tuple(field.name for field in fields(LensProfile))
_DEFAULTS: Final = {field.name: field.default for field in fields(LensProfile) if field.name not in _REQUIRED}


def read_profiles(text: str) -> tuple[LensProfile, ...]:
    """Read the profiles of a file. Raises BadInput that names the lens and what is wrong with it."""
    try:
        stored = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError is a ValueError
        raise BadInput(f"the lens file is not TOML: {error}", expected=_EXPECTED) from error
    entries = stored.get("lens", [])
    form = stored.get("format", FORMAT)
    if type(form) is int and form > FORMAT:
        raise BadInput(
            f"the lens file is of format {form}, of a newer hqcam",
            expected=f"format = {FORMAT}",
            remedy="update hqcam; until then the file is left alone",
        )
    known = {"lens", "format"} if type(form) is int and form == FORMAT else {"lens"}
    if not isinstance(entries, list) or len(entries) > LENSES_MAX or set(stored) - known:
        raise BadInput("the lens file has something else than lenses", expected=f"at most {LENSES_MAX} times [[lens]]")
    profiles = tuple(_profile(number, entry) for number, entry in enumerate(entries, 1))
    ids = [profile.id for profile in profiles]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice is not None:
        raise BadInput(f"two lenses have the id {twice!r}", expected="an id of its own for each lens")
    return profiles


def write_profile(profile: LensProfile) -> str:
    """Give the text of one profile, as `read_profiles` reads it; what is not known is left out."""
    values = {name: getattr(profile, name) for name in _ALL}
    told = {name: value for name, value in values.items() if name in _REQUIRED or value != _DEFAULTS[name]}
    return "\n[[lens]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in told.items())


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)


def make_profile(maker: str, model: str, mount: str, focal_mm: float, f_stops: list[float]) -> LensProfile:
    """Make a profile from what a person typed, with an id made of maker and model. Raises BadInput."""
    return profile_of(
        {"maker": maker, "model": model, "mount": mount, "focal_mm": focal_mm, "f_stops": sorted(f_stops)}
    )


def profile_of(values: dict[str, Any]) -> LensProfile:
    """Make a profile from values by the fields' names; without an id, of maker and model. Raises BadInput."""
    words = re.sub(r"[^a-z0-9.]+", "-", f"{values.get('maker')} {values.get('model')}".lower()).strip("-.")
    return _profile(1, {"id": words[:64] or "lens", **values})


def with_id(profile: LensProfile, used: Collection[str]) -> LensProfile:
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
        for odd in [*sorted(set(_REQUIRED) - set(entry)), *sorted(set(entry) - set(_ALL))]:
            raise ValueError(f"{odd} is missing" if odd in _REQUIRED else f"{odd} is not known")
        return LensProfile(
            id=_id(entry["id"]),
            maker=_text("maker", entry["maker"]),
            model=_text("model", entry["model"]),
            mount=_text("mount", entry["mount"]),
            focal_mm=_number("focal_mm", entry["focal_mm"], FOCAL_RANGE_MM),
            f_stops=_stops(entry["f_stops"]),
            **_optional(entry),
        )
    except (ValueError, TypeError) as error:
        raise BadInput(f"lens {name}: {error}", expected=_EXPECTED) from error


def _id(value: Any) -> str:
    text = _text("id", value)
    if not _ID.fullmatch(text):
        raise ValueError("its id is not made of small letters, digits, dots and hyphens")
    return text


def _stops(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= 40:
        raise ValueError("f_stops is not a list of 1 to 40 f-numbers")
    stops = tuple(_number("f_stops", stop, F_RANGE) for stop in value)
    if list(stops) != sorted(set(stops)):
        raise ValueError("f_stops do not rise from the widest")
    return stops


def _optional(entry: dict[str, Any]) -> dict[str, Any]:
    """Check what may be left out. None and an empty text say so too. Raises ValueError."""
    given = {name: entry[name] for name in _DEFAULTS if name in entry and entry[name] not in (None, "")}
    numbers = {"focal_long_mm": FOCAL_RANGE_MM, "f_widest_long": F_RANGE, "closest_m": CLOSEST_RANGE_M}
    numbers |= {"breathing": GROWTH_RANGE, "breathing_error": (0.0, 1.0)}
    for name, value in given.items():
        if name in numbers:
            given[name] = _number(name, value, numbers[name])
        elif name == "narrowest_known":
            if not isinstance(value, bool):
                raise ValueError(f"narrowest_known is {value!r}, neither true nor false")
        elif name == "six_bit":
            if type(value) is not int or not 0 <= value <= SIX_BITS_MAX:
                raise ValueError(f"six_bit is {value!r}, not a whole number from 0 to {SIX_BITS_MAX}")
        else:
            given[name] = _text(name, value, NOTES_MAX if name == "notes" else TEXT_MAX)
    longest = given.get("focal_long_mm")
    if longest is not None and not longest > entry["focal_mm"]:
        raise ValueError(f"focal_long_mm is {longest:g}, not above focal_mm")
    if "f_widest_long" in given and longest is None:
        raise ValueError("f_widest_long is for a zoom, which has focal_long_mm")
    if ("breathing" in given) != ("breathing_error" in given):
        raise ValueError("breathing and breathing_error go together")
    return given


def _text(name: str, value: Any, longest: int = TEXT_MAX) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= longest or not value.isprintable():
        raise ValueError(f"{name} is not a text of 1 to {longest} characters")
    return value.strip()


def _number(name: str, value: Any, limits: tuple[float, float]) -> float:
    number = finite(value)
    if number is None:
        raise ValueError(f"{name} is {value!r}, not a number")
    if not limits[0] <= number <= limits[1]:
        raise ValueError(f"{name} is {number:g}, not from {limits[0]:g} to {limits[1]:g}")
    return number
