"""Names of captures: a pattern such as `hqcam_{date}_{time}_{ms}` filled in. Pure: it does not read the disk.

`unused_name` chooses a name that no other capture has.

{date}    20261120, the local date      {ms}      123, milliseconds
{time}    214501, the local time        {number}  0007, one more than the last number, never again
"""

from __future__ import annotations

import re
from datetime import datetime
from string import Formatter
from typing import Final

from device.errors import BadInput

DEFAULT_PATTERN: Final = "hqcam_{date}_{time}_{ms}"
FIELDS: Final = ("date", "time", "ms", "number")
NUMBER_MAX: Final = 999_999_999  # chosen: a longer number is none of hqcam's, and the next one would not fit the name
LENGTH_MAX: Final = 64  # leaves room for "-2" and a suffix below every file system's limit
_TEXT: Final = re.compile(r"[A-Za-z0-9_-]*")
_EXPECTED: Final = "letters, digits, - and _ around {date}, {time}, {ms} or {number}: for instance " + DEFAULT_PATTERN


def check_pattern(pattern: str) -> str:
    """Give `pattern` back if every name it makes is safe on any card and in any address. Raises BadInput."""
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        raise BadInput(f"the name pattern {pattern!r} is not understood: {error}", expected=_EXPECTED) from error
    fields = [field for _, field, _, _ in parts if field is not None]
    plain = all(_TEXT.fullmatch(text) and not spec and not conversion for text, _, spec, conversion in parts)
    if not plain or not fields or not set(fields) <= set(FIELDS) or len(_filled(pattern, datetime.min, 0)) > LENGTH_MAX:
        raise BadInput(f"the name pattern {pattern!r} cannot be used", expected=_EXPECTED)
    return pattern


def name_for(pattern: str, taken_at: datetime, *, number: int = 0, attempt: int = 1) -> str:
    """Fill in a pattern. `attempt` counts from 1 where names are in use already: the second ends in `-2`.

    >>> name_for(DEFAULT_PATTERN, datetime(2026, 11, 20, 21, 45, 1, 123_456))
    'hqcam_20261120_214501_123'
    >>> name_for("M10_{number}", datetime(2026, 11, 20), number=7, attempt=2)
    'M10_0007-2'
    """
    name = _filled(pattern, taken_at, number)
    return name if attempt == 1 else f"{name}-{attempt}"


def folder_for(taken_at: datetime) -> str:
    """Give the folder of a day: `2026-11-20`."""
    return f"{taken_at:%Y-%m-%d}"


def uses_number(pattern: str) -> bool:
    """Whether the pattern has a number."""
    return "{number}" in pattern


def number_in(name: str, pattern: str) -> int:
    """Give the number that the pattern wrote into `name`, or 0 where it wrote none."""
    regex = re.escape(_filled(pattern, datetime.min, 0, fields=tuple(f"\0{field}\0" for field in FIELDS)))
    for field in FIELDS:
        regex = regex.replace(re.escape(f"\0{field}\0"), r"(\d{4,9})" if field == "number" else r"\d+")
    found = re.fullmatch(regex + r"(?:-\d+)?", name)
    return int(found[1]) if found and found.groups() else 0


def _filled(pattern: str, taken_at: datetime, number: int, *, fields: tuple[str, ...] | None = None) -> str:
    # Not strftime("%Y"): the C library writes years before 1000 without their zeros.
    date = f"{taken_at.year:04d}{taken_at:%m%d}"
    values = fields or (date, f"{taken_at:%H%M%S}", f"{taken_at.microsecond // 1000:03d}", f"{number:04d}")
    return pattern.format(**dict(zip(FIELDS, values, strict=True)))
