"""Reads the assist settings that a session starts with from the preferences."""

from __future__ import annotations

import logging

from device.analysis import settings as assist_rules
from device.analysis.settings import AssistSettings
from device.errors import BadInput
from device.preferences.store import Preferences

log = logging.getLogger(__name__)


def stored_assists(preferences: Preferences) -> AssistSettings:
    """Give the stored settings; a setting that is no longer valid is dropped, with a warning in the log.

    They are set one by one, and what is refused is tried again after the others: whether one end of the zebra's band is
    valid depends on the other end.
    """
    settings, left = AssistSettings(), preferences.get("assists")
    while left:
        refused: dict[str, BadInput] = {}
        for name, value in left.items():
            try:
                settings = assist_rules.merge(settings, {name: value})
            except BadInput as error:
                refused[name] = error
        if len(refused) == len(left):
            for why in refused.values():
                log.warning("a stored assist setting was dropped: %s", why.message)
            break
        left = {name: left[name] for name in refused}
    return settings
