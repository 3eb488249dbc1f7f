"""Reads what was kept: the assist settings that a session starts with, and what a preset comes to on this camera."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from device import controls as control_rules
from device.analysis import settings as assist_rules
from device.analysis.settings import AssistSettings
from device.errors import BadInput
from device.frame import CameraInfo, Controls
from device.preferences.presets import OF_THE_LENS
from device.preferences.store import Preferences
from device.settings.controls import CONTROLS

log = logging.getLogger(__name__)


def stored_assists(preferences: Preferences) -> AssistSettings:
    """Give the stored settings; a setting that is no longer valid is dropped, with a warning in the log."""
    settings, refused = _assists_of(preferences.get("assists"))
    for why in refused.values():
        log.warning("a stored assist setting was dropped: %s", why.message)
    return settings


def recalled_settings(
    before: Controls, controls: Mapping[str, Any], assists: Mapping[str, Any], info: CameraInfo
) -> tuple[tuple[Controls, AssistSettings], list[str]]:
    """Give the controls and assists of a preset on this camera, and in words what of it the camera does not take."""
    wanted, dropped = control_rules.keep_valid(controls, info)
    wanted = replace(wanted, **{name: getattr(before, name) for name in OF_THE_LENS})
    settings, refused = _assists_of(assists)
    words = [f"{CONTROLS[name].label if name in CONTROLS else name} {controls[name]}" for name in dropped]
    return (wanted, settings), words + [why.message for why in refused.values()]


def _assists_of(values: Mapping[str, Any]) -> tuple[AssistSettings, dict[str, BadInput]]:
    """Give the settings, and what was refused of the values.

    They are set one by one, and what is refused is tried again after the others: whether one end of the zebra's band is
    valid depends on the other end.
    """
    settings, left = AssistSettings(), dict(values)
    while left:
        refused: dict[str, BadInput] = {}
        for name, value in left.items():
            try:
                settings = assist_rules.merge(settings, {name: value})
            except BadInput as error:
                refused[name] = error
        if len(refused) == len(left):
            return settings, refused
        left = {name: left[name] for name in refused}
    return settings, {}
