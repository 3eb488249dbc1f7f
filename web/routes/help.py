"""The help, served by the camera itself: `help/*.md` as plain HTML, so that it can be read where there is no internet.

Only the Markdown that these pages use: headings, paragraphs, tables, pictures, links, bold, code. Everything else is
text, and all text is escaped.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from pathlib import Path

from flask import Blueprint, render_template

from device.errors import NotFound

blueprint = Blueprint("help", __name__)

FOLDER = Path(__file__).parents[1] / "help"


@blueprint.get("/help")
def contents() -> str:
    """All pages by title."""
    return render_template("help.html", title="Help", pages=titles(), body="")


@blueprint.get("/help/<name>")
def page(name: str) -> str:
    """One tool."""
    if name not in titles():
        raise NotFound(f"there is no help page {name[:40]!r}", expected="one of " + ", ".join(titles()))
    return render_template("help.html", title=titles()[name], pages=titles(), body=_html(name))


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Page names and titles, in alphabetical order of the titles."""
    found = {path.stem: path.read_text("utf-8").split("\n", 1)[0].removeprefix("# ") for path in FOLDER.glob("*.md")}
    return dict(sorted(found.items(), key=lambda item: item[1].lower()))


@lru_cache(maxsize=32)
def _html(name: str) -> str:
    return render((FOLDER / f"{name}.md").read_text("utf-8"))


def render(markdown: str) -> str:
    """Give the HTML of one page.

    >>> render("# A & B\\n\\nSee **this**, [that](zebra.md).")
    '<h1>A &amp; B</h1>\\n<p>See <b>this</b>, <a href="/help/zebra">that</a>.</p>'
    """
    return "\n".join(_block(block) for block in re.split(r"\n\s*\n", markdown.strip()))


def _block(block: str) -> str:
    heading = re.fullmatch(r"(#{1,3}) (.+)", block)
    if heading:
        level = len(heading[1])
        return f"<h{level}>{_inline(heading[2])}</h{level}>"
    if block.startswith("|"):
        return _table(block.splitlines())
    return f"<p>{_inline(' '.join(line.strip() for line in block.splitlines()))}</p>"


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    head = "".join(f"<th>{_inline(cell)}</th>" for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows[2:])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _inline(text: str) -> str:
    text = escape(text, quote=True)
    text = re.sub(r"!\[([^\]]*)\]\(\.\./static/([\w/.-]+)\)", r'<img src="/static/\2" alt="\1">', text)
    text = re.sub(r"\[([^\]]+)\]\(([\w-]+)\.md\)", r'<a href="/help/\2">\1</a>', text)
    text = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text)
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
