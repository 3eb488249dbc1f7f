"""The help, served by the camera itself: `help/*.md` as plain HTML, so that it can be read where there is no internet.

HTML inside the pages is shown as text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, render_template, request

from device.errors import NotFound

blueprint = Blueprint("help", __name__)

FOLDER = Path(__file__).parents[1] / "help"


@blueprint.get("/help")
def contents() -> str:
    """List all pages by title."""
    return render_template("help.html", title="Help", pages=titles(), body="")


@blueprint.get("/help/<name>")
def page(name: str) -> str:
    """Show the page of one tool."""
    if name not in titles():
        raise NotFound(f"there is no help page {name[:40]!r}", expected="one of " + ", ".join(titles()))
    return render_template("help.html", title=titles()[name], pages=titles(), body=_html(name, request.script_root))


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Page names and titles, in alphabetical order of the titles."""
    found = {path.stem: path.read_text("utf-8").split("\n", 1)[0].removeprefix("# ") for path in FOLDER.glob("*.md")}
    return dict(sorted(found.items(), key=lambda item: item[1].lower()))


@lru_cache(maxsize=32)
def _html(name: str, base: str) -> str:
    return render((FOLDER / f"{name}.md").read_text("utf-8"), base)


def render(markdown: str, base: str = "") -> str:
    """Give the HTML of one page (CommonMark and tables), its links changed to the addresses below `base`.

    >>> render("# A & B\\n\\nSee **this**, [that](zebra.md).")
    '<h1>A &amp; B</h1>\\n<p>See <b>this</b>, <a href="/help/zebra">that</a>.</p>'
    """
    from markdown_it import MarkdownIt  # not at module level: nothing on the way to the first frame needs it

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(markdown)
    for table in [token for token in tokens if token.type == "table_open"]:
        table.attrSet("tabindex", "0")  # it scrolls where the screen is narrow, by keys as well
    for token in [inner for block in tokens for inner in block.children or ()]:
        if token.type in ("strong_open", "strong_close"):
            token.tag = "b"
        elif token.type == "link_open":
            token.attrSet("href", re.sub(r"^([\w-]+)\.md$", rf"{base}/help/\1", str(token.attrGet("href"))))
        elif token.type == "image":
            token.attrSet("src", re.sub(r"^\.\./static/", f"{base}/static/", str(token.attrGet("src"))))
    html: str = parser.renderer.render(tokens, parser.options, {})
    return html.strip()
