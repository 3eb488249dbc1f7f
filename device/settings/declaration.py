"""What a mode can be told: its settings with ranges and defaults, from which the page builds its sheet and the command
line its options."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from device.errors import BadInput

Kind = Literal["number", "whole", "choice", "switch", "time"]
_TIME_OF_DAY = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `minimum` and `maximum` are for numbers, `choices` for a choice; a time is "" or "21:45"."""

    name: str
    label: str
    kind: Kind
    default: Any
    unit: str = ""
    minimum: float = 0.0
    maximum: float = 0.0
    choices: tuple[str, ...] = ()
    steps: tuple[float, ...] = ()
    """Values worth offering, for a page."""
    zero: str = ""
    """What 0 means, where it means something else than none."""


def check(settings: tuple[Setting, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give a value for every setting: the given one, checked, or the default. Raises BadInput."""
    known = {setting.name: setting for setting in settings}
    for name in values:
        if name not in known:
            raise BadInput(
                f"unknown setting {name[:40]!r}", expected=("one of " + ", ".join(known)) if known else "none"
            )
    return {
        setting.name: _checked(setting, values[setting.name]) if setting.name in values else setting.default
        for setting in settings
    }


def _checked(setting: Setting, value: Any) -> Any:
    expected = _expected(setting)
    if setting.kind == "switch":
        good = isinstance(value, bool)
    elif setting.kind == "choice":
        good = isinstance(value, str) and value in setting.choices
    elif setting.kind == "time":
        good = isinstance(value, str) and (value == "" or _TIME_OF_DAY.fullmatch(value) is not None)
    else:
        number = not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
        good = number and setting.minimum <= value <= setting.maximum
        if good and setting.kind == "whole":
            good = value == int(value)
            value = int(value) if good else value
    if not good:
        raise BadInput(f"{setting.name} is {value!r}", expected=expected)
    return value


def _expected(setting: Setting) -> str:
    if setting.kind == "switch":
        return "true or false"
    if setting.kind == "choice":
        return "one of " + ", ".join(setting.choices)
    if setting.kind == "time":
        return 'a time of day such as "21:45", or "" for none'
    whole = "a whole number" if setting.kind == "whole" else "a number"
    return f"{whole} from {setting.minimum:g} to {setting.maximum:g} {setting.unit}".rstrip()
