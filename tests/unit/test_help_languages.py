"""The help in every language says what it says in English: the same parts, figures, commands, pictures and links."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from web.routes.help import FOLDER, folder_of
from web.routes.languages import CATALOGUES, LANGUAGES

ENGLISH = sorted(path.name for path in FOLDER.glob("*.md"))
OTHERS = sorted(set(LANGUAGES) - {"en"})
WORDS: dict[str, dict[str, str]] = {
    language: json.loads((CATALOGUES / f"{language}.json").read_text())["words"] for language in OTHERS
}

TYPED = {"sunrise..sunset"}
"""What is a label of the page, and is typed in English in every language."""


class Article:
    """What of an article has to be the same in every language."""

    def __init__(self, markdown: str) -> None:
        tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
        inner = [token for token in tokens for token in token.children or ()]
        self.blocks = [block_of(token) for token in tokens if not token.type.endswith("_close")]
        self.code = Counter(token.content for token in inner if token.type == "code_inline")
        self.bold = Counter(texts_in_bold(inner))
        said = re.sub(r"\s+", " ", " ".join(token.content for token in inner if token.type == "text"))
        self.quoted = Counter(re.findall(r"[\"„“]([^\"„“”]+)[\"“”]", said))
        self.links = Counter(str(token.attrGet("href")) for token in inner if token.type == "link_open")
        self.images = Counter(str(token.attrGet("src")) for token in inner if token.type == "image")
        text = " ".join(token.content for token in inner if token.type in ("text", "image"))
        self.numbers = Counter(re.findall(r"\d+", text))


def block_of(token: Token) -> tuple[str, ...]:
    """A heading by its level, a paragraph, a row or cell of a table, an item of a list, code to the byte."""
    return (token.type, token.tag, token.info, token.content if token.type in ("fence", "code_block") else "")


def texts_in_bold(inner: list[Token]) -> Iterator[str]:
    text: str | None = None
    for token in inner:
        if token.type == "strong_open":
            text = ""
        elif token.type == "strong_close":
            yield text or ""
            text = None
        elif text is not None:
            text += " " if token.type == "softbreak" else token.content


def differences(english: Article, other: Article, words: dict[str, str]) -> dict[str, object]:
    """What the other lacks or has on top. A label of the page is the page's word of the other's language."""

    def uneven(wanted: Counter[str], found: Counter[str]) -> object:
        return (dict(wanted - found), dict(found - wanted)) if wanted != found else None

    def labels(texts: Counter[str]) -> Counter[str]:
        return sum((Counter({words[text]: n}) for text, n in texts.items() if text in words), Counter())

    named, told = labels(english.bold), labels(english.quoted)
    said = {text: text if text in TYPED else words.get(text, text) for text in english.code}
    code = sum((Counter({said[text]: n}) for text, n in english.code.items()), Counter[str]())
    found = {
        "blocks": first_difference(english.blocks, other.blocks),
        "code": uneven(code, other.code),
        "bold": english.bold.total() - other.bold.total(),
        "labels": dict(named - other.bold) | dict(told - other.quoted),
        "links": uneven(english.links, other.links),
        "images": uneven(Counter({f"../{source}": n for source, n in english.images.items()}), other.images),
        "numbers": uneven(english.numbers, other.numbers),
    }
    return {name: what for name, what in found.items() if what}


def first_difference(wanted: list[tuple[str, ...]], found: list[tuple[str, ...]]) -> object:
    for one, other in zip(wanted, found, strict=False):
        if one != other:
            return one, other
    return (len(wanted), len(found)) if len(wanted) != len(found) else None


@pytest.mark.parametrize("language", OTHERS)
def test_every_article_is_there_and_no_other(language: str) -> None:
    assert sorted(path.name for path in folder_of(language).iterdir()) == ENGLISH


@pytest.mark.parametrize("name", ENGLISH)
@pytest.mark.parametrize("language", OTHERS)
def test_an_article_says_what_the_english_one_says(language: str, name: str) -> None:
    english, other = (Article((folder_of(place) / name).read_text()) for place in ("en", language))
    assert differences(english, other, WORDS[language]) == {}


SMALL = """# Title

**Select** the [zebra](zebra.md), `--raw`, at 0.1 %, see `too dark`, "Undo".

![Alt](../static/help/a.jpg)

| setting | default |
|---|---|
| on | 95 IRE |

```sh
hqcam token add
```
"""
GERMAN = (
    SMALL.replace("Select", "Auswählen")
    .replace("../static", "../../static")
    .replace("0.1 %", "0,1 %")
    .replace("too dark", "zu dunkel")
    .replace('"Undo"', "„Rückgängig“")
)


@pytest.mark.parametrize(
    ("part", "wrong", "told"),
    [
        ("# Title", "## Title", "blocks"),
        ("| on | 95 IRE |", "| on | 95 IRE |\n| off | |", "blocks"),
        ("hqcam token add", "hqcam token  add", "blocks"),
        ("\n![Alt]", "* Alt\n\n![Alt]", "blocks"),
        ("`--raw`", "`--roh`", "code"),
        ("`zu dunkel`", "`too dark`", "code"),
        ("**Auswählen**", "**Wählen**", "labels"),
        ("**Auswählen**", "Auswählen", "bold"),
        ("„Rückgängig“", "„Zurück“", "labels"),
        ("zebra.md", "loupe.md", "links"),
        ("../../static", "../static", "images"),
        ("0,1 %", "0,2 %", "numbers"),
    ],
)
def test_a_difference_is_found(part: str, wrong: str, told: str) -> None:
    english, words = Article(SMALL), {"Select": "Auswählen", "too dark": "zu dunkel", "Undo": "Rückgängig"}
    assert differences(english, Article(GERMAN), words) == {}
    assert part in GERMAN and told in differences(english, Article(GERMAN.replace(part, wrong)), words)
