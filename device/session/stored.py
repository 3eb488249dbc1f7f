"""The settings that a session begins with, out of those that were kept."""

from __future__ import annotations

import logging

from device.analysis import settings as assist_rules
from device.analysis.settings import AssistSettings
from device.errors import BadInput
from device.preferences.store import Preferences

log = logging.getLogger(__name__)


def stored_assists(preferences: Preferences) -> AssistSettings:
    """Take the stored settings one by one, so that one that is no longer valid loses only itself.

    What is refused is tried again after the others: the ends of the zebra's band are only valid beside each other.
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
