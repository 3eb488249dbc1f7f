"""The path of the guide to the right back focus, and what it answers."""

from __future__ import annotations

from typing import Any, get_args

from device.analysis.defocus.spectrum import Why
from device.meter.back_focus_run import MOVED, SETUP, Where
from device.settings.schema import object_of, schema_of
from web.openapi.parts import BOOLEAN, INTEGER, NUMBER, STRING, Schema, answer, nullable, or_null, route, whole


def back_focus_paths() -> dict[str, Any]:
    """Give it."""
    return {
        "/api/backfocus": {
            "get": route("The back focus that is being set, and what the lens is to be moved", answer("BackFocus")),
            "post": route("Begin, with the first measurement", answer("BackFocus", "202"), body="BackFocusSetup"),
            "put": route("Measure again, after a move", answer("BackFocus", "202"), body="BackFocusMove"),
            "delete": route("End it", answer("BackFocus")),
        }
    }


def back_focus_schemas() -> dict[str, Schema]:
    """Give what it takes and answers."""
    setup = whole({name: schema_of(setting) for name, setting in SETUP.items()})
    place = whole({"um": NUMBER, "sigma_um": NUMBER})
    advice = whole(
        {
            "turns": INTEGER,
            "place": or_null(place),
            "move_um": nullable(NUMBER),
            "right": BOOLEAN,
            "scale": NUMBER,
            "degrees": NUMBER,
        }
    )
    why = {"enum": [*get_args(Why), ""]}
    error = whole({**dict.fromkeys(("code", "message", "expected", "remedy"), STRING), "why": why})
    return {
        "BackFocusSetup": object_of(SETUP.values()),
        "BackFocusMove": object_of(MOVED.values()),
        "BackFocus": whole(
            {
                "possible": BOOLEAN,
                "by_itself": BOOLEAN,
                "known_f_number": nullable(NUMBER),
                "state": {"enum": list(get_args(Where))},
                "setup": or_null(setup),
                "done": INTEGER,
                "of": INTEGER,
                "what": STRING,
                "turns_most": INTEGER,
                "advice": or_null(advice),
                "tilt": or_null(whole({"right": place, "bottom": place})),
                "error": or_null(error),
            }
        ),
    }
