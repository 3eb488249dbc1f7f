"""The help, served by the camera itself: `help/*.md` as plain HTML, so that it can be read where there is no internet.

English lies in `help/`, each other language in a folder of its own below it. HTML inside the pages is shown as text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache, partial
from pathlib import Path

from flask import Blueprint, Response, make_response, render_template, request

from device.errors import NotFound
from web.routes.languages import LANGUAGES, TAGS, in_language, mark, wanted_language

blueprint = Blueprint("help", __name__)

FOLDER = Path(__file__).parents[1] / "help"
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_BREAK_IN_CHINESE = re.compile(rf"({_WIDE}\**)\n(\**\[?{_WIDE})")


@blueprint.get("/help")
def contents() -> Response:
    """List all pages by title."""
    return _answer(wanted_language(), None)


@blueprint.get("/help/<name>")
def page(name: str) -> Response:
    """Show the page of one tool."""
    language = wanted_language()
    if name not in titles(language):
        raise NotFound(f"there is no help page {name[:40]!r}", expected="one of " + ", ".join(titles("en")))
    return _answer(language, name)


def _answer(language: str, name: str | None) -> Response:
    """One page, or without a name the contents. Links keep the language where the request named it."""
    query = f"?lang={language}" if "lang" in request.args else ""
    text = render_template(
        "help.html",
        name=name,
        pages=titles(language),
        body=_html(name, request.script_root, language, query) if name else "",
        say=partial(in_language, language=language),
        language=language,
        languages=LANGUAGES,
        tags=TAGS,
        query=query,
    )
    return mark(make_response(text), language)


@lru_cache(maxsize=len(LANGUAGES))
def titles(language: str) -> dict[str, str]:
    """Page names and titles, in alphabetical order of the titles."""
    paths = folder_of(language).glob("*.md")
    found = {path.stem: path.read_text("utf-8").split("\n", 1)[0].removeprefix("# ") for path in paths}
    return dict(sorted(found.items(), key=lambda item: _place(item[1])))


def folder_of(language: str) -> Path:
    """Where the pages of a language lie."""
    return FOLDER if language == "en" else FOLDER / language


def _place(title: str) -> bytes:
    """Where a title stands among others: umlauts as their vowels, Chinese by its sound.

    GB 18030 has the characters of everyday use in the order of their pinyin.
    """
    letters = unicodedata.normalize("NFKD", title.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).encode("gb18030")


@lru_cache(maxsize=128)
def _html(name: str, base: str, language: str, query: str) -> str:
    return render((folder_of(language) / f"{name}.md").read_text("utf-8"), base, query)


def render(markdown: str, base: str = "", query: str = "") -> str:
    """Give the HTML of one page (CommonMark and tables), its links changed to the addresses below `base`.

    >>> render("# A & B\\n\\nSee **this**, [that](zebra.md).", query="?lang=de")
    '<h1>A &amp; B</h1>\\n<p>See <b>this</b>, <a href="/help/zebra?lang=de">that</a>.</p>'
    """
    from markdown_it import MarkdownIt  # not at module level: nothing on the way to the first frame needs it

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(_BREAK_IN_CHINESE.sub(r"\1\2", markdown))  # where a browser would show a space
    for table in [token for token in tokens if token.type == "table_open"]:
        table.attrSet("tabindex", "0")  # it scrolls where the screen is narrow, by keys as well
    for token in [inner for block in tokens for inner in block.children or ()]:
        if token.type in ("strong_open", "strong_close"):
            token.tag = "b"
        elif token.type == "link_open":
            token.attrSet("href", re.sub(r"^([\w-]+)\.md$", rf"{base}/help/\1{query}", str(token.attrGet("href"))))
        elif token.type == "image":
            token.attrSet("src", re.sub(r"^(\.\./)+static/", f"{base}/static/", str(token.attrGet("src"))))
    html: str = parser.renderer.render(tokens, parser.options, {})
    return html.strip()
