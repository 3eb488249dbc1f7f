"""Declarations as JSON schema, for the description of the API."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, get_args, get_type_hints

from device.settings.declaration import DAILY_WINDOW, PAGE_FIELDS, TIME_OF_DAY, Kind, Setting

_PATTERNS = {"time": TIME_OF_DAY, "window": DAILY_WINDOW}


def object_of(settings: Iterable[Setting]) -> dict[str, Any]:
    """Give the schema of an object that holds any part of `settings` and nothing else."""
    properties = {setting.name: schema_of(setting) for setting in settings}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def schema_of(setting: Setting) -> dict[str, Any]:
    """Give the schema of a setting's value. An end of the range that depends on the camera is left out."""
    unit = f" ({setting.unit})" if setting.unit else ""
    about = (setting.help.rstrip(".") or setting.label) + unit
    schema = {**_value(setting), "description": about}
    return schema if setting.default is None else {**schema, "default": setting.default}


def schema_of_declaration() -> dict[str, Any]:
    """Give the schema of `Setting.as_json`."""
    number, text = {"type": "number"}, {"type": "string"}
    schemas: dict[Any, dict[str, Any]] = {
        str: text,
        float: number,
        Any: {},
        Kind: {"enum": list(get_args(Kind))},
        tuple[str, ...]: {"type": "array", "items": text},
        tuple[float, ...]: {"type": "array", "items": number},
    }
    hints = get_type_hints(Setting)
    properties = {name: schemas[hints[name]] for name in PAGE_FIELDS}
    return {"type": "object", "properties": properties, "required": list(PAGE_FIELDS), "additionalProperties": False}


def _value(setting: Setting) -> dict[str, Any]:
    if setting.kind == "choice":
        return {"enum": list(setting.choices)}
    if setting.kind in _PATTERNS:
        return {"type": "string", "pattern": f"^({_PATTERNS[setting.kind]})?$"}
    if setting.kind == "switch":
        return {"type": "boolean"}
    ends = {"minimum": setting.minimum, "maximum": setting.maximum}
    finite_ends = {name: end for name, end in ends.items() if math.isfinite(end)}
    if setting.kind == "pair":
        number = {"type": "number", **finite_ends}
        return {"type": _or_null("array", setting), "items": number, "minItems": 2, "maxItems": 2}
    return {"type": _or_null("integer" if setting.kind == "whole" else "number", setting), **finite_ends}


def _or_null(kind: str, setting: Setting) -> str | list[str]:
    return [kind, "null"] if setting.optional else kind
