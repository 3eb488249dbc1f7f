"""Finds lenses by words that may be mistyped: one search for the page and the command line. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from device.lenses.profiles import LensProfile

_NEAR: Final = 0.7  # chosen: finds one wrong letter in a word of three, and does not take Nikkor for Nokton
_SHORTEST: Final = 3  # letters from which a word that is still being typed is compared with the beginnings of others
_MOST_NEAR: Final = 6
_MOST_WORDS: Final = 8

Matcher = tuple[int, "difflib.SequenceMatcher[str]"]
"""The letters of a typed word, and what compares others with it."""


def words_of(text: str) -> list[str]:
    """Give the words of what was typed: small letters without accents, at most eight."""
    return _folded(text).split()[:_MOST_WORDS]


def meant(profiles: Sequence[LensProfile], text: str) -> list[LensProfile]:
    """Give the lenses that have every word of `text`, in their order; none where nothing was typed.

    A number is the beginning of one that the lens has (3 finds 35, but not 1.3); other words may be parts of its words.
    """
    words = words_of(text)
    return [profile for profile in profiles if words and _has_all(profile, words)]


def nearest(profiles: Sequence[LensProfile], text: str) -> list[LensProfile]:
    """Give the few lenses whose words are most alike to mistyped ones, the nearest first; none where nothing is."""
    words = words_of(text)
    if not words:
        return []
    matchers = [(len(word), difflib.SequenceMatcher(b=word, autojunk=False)) for word in words]
    alike = {profile.id: _likeness(profile, matchers) for profile in profiles}
    near = [profile for profile in profiles if alike[profile.id] >= _NEAR]
    return sorted(near, key=lambda profile: -alike[profile.id])[:_MOST_NEAR]


def _folded(text: str) -> str:
    """Give small letters without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def _text_of(profile: LensProfile) -> str:
    numbers = f"{profile.focal_mm:g}mm f/{profile.f_stops[0]:g} f{profile.f_stops[0]:g}"
    return _folded(f"{profile.id} {profile.maker} {profile.model} {numbers} {profile.mount}")


def _tokens(text: str) -> list[str]:
    return [token for token in re.split(r"[\s*/:-]+", text) if token]


def _has_all(profile: LensProfile, words: list[str]) -> bool:
    text = _text_of(profile)
    tokens = _tokens(text)
    return all(any(t.startswith(word) for t in tokens) if word[0].isdigit() else word in text for word in words)


def _likeness(profile: LensProfile, matchers: Sequence[Matcher]) -> float:
    """Give how alike, 0 to 1: of each word the most alike word of the lens, or its beginning, on average."""
    tokens = _tokens(_text_of(profile))
    return sum(max(_ratio(token, matcher) for token in tokens) for matcher in matchers) / len(matchers)


def _ratio(token: str, matcher: Matcher) -> float:
    letters, compare = matcher
    begun = {token, token[: letters + 1]} if letters >= _SHORTEST else {token}
    return max(_quick_ratio(own, compare) for own in begun)


def _quick_ratio(own: str, compare: difflib.SequenceMatcher[str]) -> float:
    compare.set_seq1(own)
    least = _NEAR / 2  # a word below that counts as nothing: the exact figure takes long
    if compare.real_quick_ratio() < least or compare.quick_ratio() < least:
        return 0.0
    return compare.ratio()
