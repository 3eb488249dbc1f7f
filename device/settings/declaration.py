"""The declaration of one setting, and the check of a value against it: the same for the API, the command line, the
settings file and every request that holds a number."""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from device.errors import BadInput

T = TypeVar("T")

Kind = Literal["number", "whole", "choice", "switch", "time", "window", "pair"]
TIME_OF_DAY = r"([01]?\d|2[0-3]):[0-5]\d"
_EDGE = rf"({TIME_OF_DAY}|(sunrise|sunset)([+-]([0-9]h([0-5]?\d)m|[0-9]h|\d{{1,3}}m))?)"
DAILY_WINDOW = rf"{_EDGE}\.\.{_EDGE}"
_TEXTS = {"time": re.compile(TIME_OF_DAY), "window": re.compile(DAILY_WINDOW)}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `minimum` and `maximum` are included in the range, and are for numbers and pairs of numbers; an
    infinite one depends on the camera (`CameraInfo.limits`). `choices` are for a choice; a time is "" or "21:45", a
    window "" or two times of every day: "06:00..20:00", "sunrise-30m..sunset+1h"."""

    name: str
    label: str
    """Its name on the page, under the heading of its group."""
    kind: Kind
    default: Any
    unit: str = ""
    minimum: float = 0.0
    maximum: float = 0.0
    choices: tuple[str, ...] = ()
    steps: tuple[float, ...] = ()
    """The values that the page offers."""
    zero: str = ""
    """The text for 0, where it has a special meaning."""
    step: float = 0.0
    """The step of a slider."""
    optional: bool = False
    """Whether it may be None: automatic, or not set."""
    help: str = ""
    """What it does, in a sentence."""

    def as_json(self) -> dict[str, Any]:
        """Give in plain values what a page needs to offer it: the fields in `PAGE_FIELDS`."""
        values = {name: getattr(self, name) for name in PAGE_FIELDS}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


PAGE_FIELDS = ("name", "label", "kind", "default", "unit", "minimum", "maximum", "choices", "steps", "zero")
"""The fields of a drive mode's setting that the page gets."""


def setting(
    default: T,
    label: str = "",
    *,
    unit: str = "",
    minimum: float = -math.inf,
    maximum: float = math.inf,
    step: float = 0.0,
    help: str = "",
) -> T:
    """Declare a field of a frozen dataclass of settings; `declared` reads it. The field's type gives the kind."""
    metadata = {"label": label, "unit": unit, "minimum": minimum, "maximum": maximum, "step": step, "help": help}
    made: T = field(default=default, metadata=metadata)
    return made


def same_as(other: Setting) -> Any:
    """Declare a field that is a setting which stands elsewhere: its default, range, step and help."""
    return setting(
        other.default,
        other.label,
        unit=other.unit,
        minimum=other.minimum,
        maximum=other.maximum,
        step=other.step,
        help=other.help,
    )


def declared(settings: type) -> dict[str, Setting]:
    """Give the settings of a dataclass by name, in its order. Every field is made by `setting`.

    `bool` is a switch, `float` a number, `int` a whole number, `Literal` a choice, `tuple[float, float]` a pair; with
    `| None` it is optional.
    """
    hints = get_type_hints(settings)
    return {f.name: _declared(f.name, hints[f.name], f.default, f.metadata) for f in fields(settings)}


def _declared(name: str, hint: Any, default: Any, metadata: Mapping[str, Any]) -> Setting:
    optional = NoneType in get_args(hint)
    if optional:
        (hint,) = set(get_args(hint)) - {NoneType}
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    kinds: dict[Any, Kind] = {bool: "switch", float: "number", int: "whole", tuple[float, float]: "pair"}
    kind: Kind = "choice" if choices else kinds[hint]
    if kind in ("choice", "switch"):
        metadata = {**metadata, "minimum": 0.0, "maximum": 0.0}
    return Setting(name, kind=kind, default=default, choices=choices, optional=optional, **metadata)


def finite(value: object) -> float | None:
    """Give `value` as a float when it is a finite number, else None: for what came as JSON or was stored.

    True, text, NaN, infinity and whole numbers beyond what a float can hold are none.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def find(settings: Mapping[str, Setting], name: str, *, what: str = "setting", error: type[BadInput]) -> Setting:
    """Give the setting of that name. Raises `error` when there is none; `what` is what its message calls one."""
    if name not in settings:
        raise error(f"unknown {what} {name[:40]!r}", expected=("one of " + ", ".join(settings)) if settings else "none")
    return settings[name]


def check_value(setting: Setting, value: Any, *, error: type[BadInput] = BadInput) -> Any:
    """Give `value` as it is kept: a number as float, a whole number as int, a pair as tuple, the rest unchanged.

    Raises `error`. Nothing is clamped or rounded; both ends of a range are in it.
    """
    if value is None and setting.optional:
        return None
    if setting.kind in ("number", "whole"):
        return _number(setting, value, error)
    if setting.kind == "pair" and isinstance(value, list | tuple) and len(value) == 2:
        return tuple(_number(setting, part, error) for part in value)
    if setting.kind == "switch":
        good = isinstance(value, bool)
    elif setting.kind == "choice":
        good = isinstance(value, str) and value in setting.choices
    else:
        good = setting.kind in _TEXTS and isinstance(value, str)
        good = good and (value == "" or _TEXTS[setting.kind].fullmatch(value) is not None)
    if not good:
        raise error(f"{setting.name} is {reprlib.repr(value)}, not understood", expected=_expected(setting))
    return value


def check(settings: Iterable[Setting], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give a value for every setting: the given one, checked, or the default. Raises BadInput."""
    known = {setting.name: setting for setting in settings}
    given = {name: check_value(find(known, name, error=BadInput), value) for name, value in values.items()}
    return {name: given.get(name, setting.default) for name, setting in known.items()}


def _number(setting: Setting, value: Any, error: type[BadInput]) -> float:
    number, whole = finite(value), setting.kind == "whole"
    if number is None or (whole and not number.is_integer()):
        what = "a whole number" if whole else "a number"
        raise error(f"{setting.name} is {reprlib.repr(value)}, not {what}", expected=_expected(setting))
    if not setting.minimum <= number <= setting.maximum:
        raise error(f"{setting.name} is {number:.10g}, out of range", expected=_expected(setting))
    return int(number) if whole else number


def _expected(setting: Setting) -> str:
    if setting.kind == "choice":
        text = "one of " + ", ".join(setting.choices)
    elif setting.kind == "switch":
        text = "true or false"
    elif setting.kind == "time":
        text = 'a time of day such as "21:45", or "" for none'
    elif setting.kind == "window":
        text = 'two times such as "06:00..20:00" or "sunrise-30m..sunset+1h", or "" for none'
    elif math.isfinite(setting.maximum):
        low, high = f"{setting.minimum:g}", f"{setting.maximum:g} {setting.unit}".rstrip()
        kinds = {"whole": f"a whole number from {low} to {high}", "pair": f"two numbers from {low} to {high}"}
        text = kinds.get(setting.kind, f"a number from {low} to {high}")
    else:
        kinds = {"whole": "a whole number", "pair": "two numbers"}
        text = f"{kinds.get(setting.kind, 'a number')} {setting.unit}".rstrip()
    return text + (", or null" if setting.optional else "")
