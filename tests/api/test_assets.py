"""The files of the page: kept by a browser as long as they are the same, and named before they are needed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.routes import assets

MAIN = """import { a } from "./page/a.js";
import {
  b,
  c,
} from "./page/b.js";
/** @import { D } from "./d.js" */
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "main.js": MAIN,
        "page/a.js": 'import "../e.js";\nexport const a = 1;\n',
        "page/b.js": 'export { e } from "../e.js";\n',
        "e.js": 'import { a } from "./page/a.js";\n',
        "d.js": "",
        "page/base.css": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_page_names_every_module_that_it_will_ask_for_once(client: FlaskClient) -> None:
    page = client.get("/").get_data(as_text=True)
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)">', page)
    assert f'<script type="module" src="{next(n for n in named if n.endswith("/main.js"))}"></script>' in page
    assert len(named) == len(set(named)) > 50
    for path in named:
        with client.get(path) as answer:
            assert answer.status_code == 200 and answer.headers["Cache-Control"] == "max-age=31536000, immutable"
    assert "page/access.js" not in page  # of another page


def test_modules_are_found_through_modules_but_types_are_none(folder: Path) -> None:
    found = assets.Assets(folder)
    found.look()
    assert found.modules == ("e.js", "main.js", "page/a.js", "page/b.js")


def test_another_file_is_another_version(folder: Path) -> None:
    found = assets.Assets(folder)
    first = found.look()
    assert found.look() == first == found.version and re.fullmatch("[0-9a-f]{12}", first)
    os.utime(folder / "page/base.css", ns=(0, 1))
    second = found.look()
    (folder / "page/base.css").write_text("a")
    assert len({first, second, found.look()}) == 3


def test_only_the_files_of_this_version_are_kept(folder: Path) -> None:
    app = Flask(__name__, static_folder=str(folder), static_url_path="/static")
    assets.install(app)
    client = app.test_client()
    with app.test_request_context():
        app.update_template_context(context := {})  # what a template that is drawn gets
    where = context["assets"]
    kept = "max-age=31536000, immutable"
    for path, cached in ((where, kept), ("/static/v-000000000000", "no-cache"), ("/static", "no-cache")):
        with client.get(f"{path}/page/base.css") as answer:
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, cached)
    for path in (f"{where}/nothing.css", f"{where}/../../app.py", f"{where}/%2e%2e/app.py", "/static/v-/main.js"):
        assert client.get(path).status_code == 404
