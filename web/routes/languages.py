"""The languages of what the server itself writes for people to read: the help, and the name of the installed page.

The page translates everything else in the browser (static/words), from the same catalogues.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Response, request

from device.errors import NotFound

LANGUAGES = {"en": "English", "de": "Deutsch", "zh": "中文"}
"""Each in its own name, as in static/words/language.js."""

TAGS = {"en": "en", "de": "de", "zh": "zh-Hans"}
"""What a document says of its language (BCP 47)."""

CATALOGUES = Path(__file__).parents[1] / "static" / "words"


def wanted_language() -> str:
    """The language that the request names (`?lang=de`), else the browser's first that there is, else English.

    Raises NotFound for a name that no language has.
    """
    named = request.args.get("lang")
    if named is None:
        accepted = (tag.partition("-")[0].lower() for tag, quality in request.accept_languages if quality > 0)
        return next((language for language in accepted if language in LANGUAGES), "en")
    if named not in LANGUAGES:
        raise NotFound(f"there is nothing in the language {named[:40]!r}", expected="one of " + ", ".join(LANGUAGES))
    return named


def in_language(text: str, language: str) -> str:
    """A text of the catalogues in a language, by its English; English where a catalogue lacks it."""
    return text if language == "en" else _words(language).get(text, text)


def mark(response: Response, language: str) -> Response:
    """Say in which language an answer is, and that another browser may get another."""
    response.content_language.add(TAGS[language])
    response.vary.add("Accept-Language")
    return response


@lru_cache(maxsize=len(LANGUAGES))
def _words(language: str) -> dict[str, str]:
    words: dict[str, str] = json.loads((CATALOGUES / f"{language}.json").read_text("utf-8"))["words"]
    return words
