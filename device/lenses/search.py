"""Finds lenses by words that may be mistyped: one search for the page and the command line. Pure."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from device.lenses.profiles import LensProfile

_NEAR: Final = 0.7  # chosen: finds one wrong letter in a word of three, and does not take Nikkor for Nokton
_SHORTEST: Final = 3  # letters from which a word that is still being typed is compared with the beginnings of others
_MOST_NEAR: Final = 6
_MOST_WORDS: Final = 8
_KEPT: Final = 1024  # lenses whose words are kept: the catalogue and a full file of the owner

Matcher = tuple[int, "difflib.SequenceMatcher[str]"]
"""The letters of a typed word, and what compares others with it."""


def words_of(text: str) -> list[str]:
    """Give the words of what was typed: small letters without accents, at most eight. `2/50` is two of them."""
    return [word for word in re.split(r"[\s/:]+", _folded(text)) if word][:_MOST_WORDS]


def meant(profiles: Sequence[LensProfile], text: str) -> list[LensProfile]:
    """Give the lenses that have every word of `text`; none where nothing was typed.

    A number is the beginning of one that the lens has (3 finds 35, but not 1.3); other words may be parts of its words.
    Lenses that have more of the words whole come first, then the plainest, which have the fewest words.
    """
    words = words_of(text)
    found = [profile for profile in profiles if words and _has_all(profile, words)]
    return sorted(found, key=lambda profile: (sum(w not in _tokens(profile) for w in words), _length(profile)))


def nearest(profiles: Sequence[LensProfile], text: str) -> list[LensProfile]:
    """Give the few lenses whose words are most alike to mistyped ones, the nearest first; none where nothing is."""
    words = words_of(text)
    if not words:
        return []
    matchers = [(len(word), difflib.SequenceMatcher(b=word, autojunk=False)) for word in words]
    known: dict[str, list[float]] = {}
    alike = {profile.id: _likeness(profile, matchers, known) for profile in profiles}
    near = [profile for profile in profiles if alike[profile.id] >= _NEAR]
    return sorted(near, key=lambda profile: (-alike[profile.id], _length(profile)))[:_MOST_NEAR]


def _folded(text: str) -> str:
    """Give small letters without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


@lru_cache(maxsize=_KEPT)
def _text_of(profile: LensProfile) -> str:
    numbers = f"{profile.focal_text.replace('-', 'mm ')}mm f/{profile.f_stops[0]:g} f{profile.f_stops[0]:g}"
    told = f"{profile.id} {profile.name} {numbers} {profile.mount} {profile.adapter} {profile.notes} {profile.serial}"
    return _folded(told)


@lru_cache(maxsize=_KEPT)
def _tokens(profile: LensProfile) -> frozenset[str]:
    return frozenset(token for token in re.split(r"[\s*/:,-]+", _text_of(profile)) if token)


def _length(profile: LensProfile) -> int:
    return len(_tokens(profile))


def _has_all(profile: LensProfile, words: list[str]) -> bool:
    text, tokens = _text_of(profile), _tokens(profile)
    return all(any(t.startswith(word) for t in tokens) if word[0].isdigit() else word in text for word in words)


def _likeness(profile: LensProfile, matchers: Sequence[Matcher], known: dict[str, list[float]]) -> float:
    """Give how alike, 0 to 1: of each word the most alike word of the lens, or its beginning, on average."""
    ratios: list[list[float]] = []
    for token in _tokens(profile):
        if token not in known:  # most words of a catalogue are those of many lenses
            known[token] = [_ratio(token, matcher) for matcher in matchers]
        ratios.append(known[token])
    best: list[float] = [max(of_word) for of_word in zip(*ratios, strict=True)]
    return sum(best) / len(matchers)


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
