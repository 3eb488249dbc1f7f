"""The catalogues of the page's words: they have what the page says and what the server tells, and nothing else."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from device.analysis import false_colour
from device.drive.drive import MODES
from web.routes import languages

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "web" / "static"
TEMPLATES = ROOT / "web" / "templates"
LANGUAGES = ("de", "zh")
LETTERS = re.compile(r"[^\W\d_]")


def catalogue(language: str) -> dict[str, dict[str, str]]:
    """One catalogue, without what is in it twice: that is an error."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), f"twice: {sorted(name for name in names if names.count(name) > 1)}"
        return dict(pairs)

    text = (STATIC / "words" / f"{language}.json").read_text()
    read: dict[str, dict[str, str]] = json.loads(text, object_pairs_hook=once)
    return read


def said(module: str) -> Iterator[str]:
    """The key of every say`text` in the source of a module: {0}, {1} in place of its values."""
    code = re.sub(r"/\*.*?\*/", "", module, flags=re.S)
    for start in re.finditer(r"\bsay`", code):
        yield key_at(code, start.end())


def key_at(code: str, at: int) -> str:
    """The key of the template whose text begins there."""
    key, values = "", 0
    while code[at] != "`":
        if code.startswith("${", at):
            key += f"{{{values}}}"
            values += 1
            at = end_of_value(code, at + 2)
        elif code[at] == "\\":
            key += code[at + 1]
            at += 2
        else:
            key += code[at]
            at += 1
    return key


def end_of_value(code: str, at: int) -> int:
    """Behind the brace that ends the value that begins there."""
    depth = 1
    while depth > 0:
        depth += {"{": 1, "}": -1}.get(code[at], 0)
        at += 1
    return at


class DocumentTexts(HTMLParser):
    """What people read of a template: texts and attributes with letters, as document.js finds them."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: set[str] = set()
        self._silent = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style", "noscript", "code")
        for name, value in attributes:
            if name in ("aria-label", "title", "placeholder", "alt"):
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._note(re.sub(r"\s+", " ", data.strip()))

    def _note(self, text: str) -> None:
        if LETTERS.search(text) and "{{" not in text and "{%" not in text:
            self.texts.add(text)


def texts_of_documents() -> set[str]:
    parser = DocumentTexts()
    for name in ("index.html", "access.html"):
        parser.feed((TEMPLATES / name).read_text())
    return parser.texts


def declared() -> set[str]:
    """Labels and choices of settings, titles of modes, names of bands: what the page shows as it was declared."""
    labels = set(re.findall(r'label: "([^"]+)"', (STATIC / "declared" / "settings.js").read_text()))
    for mode in MODES.values():
        labels.add(mode.title)
        for setting in mode.settings:
            labels |= {setting.label, setting.zero, *setting.choices}
    labels |= {name for table in (false_colour.IRE_BANDS, false_colour.STOP_BANDS) for name, _, _ in table}
    return {label for label in labels if LETTERS.search(label)}


def words_of_page() -> set[str]:
    modules = (path.read_text() for path in STATIC.rglob("*.js"))
    return {key for module in modules for key in said(module)} | texts_of_documents() | declared() | said_by_server()


def said_by_server() -> set[str]:
    """What the server itself says in the language of who asks: the help around its articles, the installed page."""
    manifest = json.loads((STATIC / "manifest.webmanifest").read_text())
    around = re.findall(r'\bsay\("([^"]+)"\)', (TEMPLATES / "help.html").read_text())
    return {*around, manifest["name"], manifest["description"]}


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{\d\}", text))


def test_keys_are_found_in_modules_and_documents() -> None:
    assert list(said("say`one ${f({ a: 1 })} two ${b}`; say`\\`c\\``; /* say`no` */")) == ["one {0} two {1}", "`c`"]
    assert list(said("say`outer ${say`inner`}`")) == ["outer {0}", "inner"]
    keys = words_of_page()
    assert {"Take a picture", "Shutter sound", "Bracket", "{0} is saved", "Where the code is"} <= keys


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_every_word_of_the_page_and_no_other(language: str) -> None:
    words, keys = catalogue(language)["words"], words_of_page()
    assert not keys - words.keys(), "missing"
    assert not words.keys() - keys, "left over"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_is_not_empty_and_has_the_values_of_its_key(language: str) -> None:
    read = catalogue(language)
    assert read.keys() == {"words", "sentences"}
    for key, text in read["words"].items():
        assert text.strip() and placeholders(text) == placeholders(key), key
    for key, text in read["sentences"].items():
        # The server's plurals are values, too: a translation may do without.
        assert text.strip() and set(placeholders(text)) <= set(placeholders(key)), key


def sentence(node: ast.AST) -> str | None:
    """A text of the server's source, {0}, {1} in place of its values."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    values = 0
    text = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            text += str(part.value)
        else:
            text += f"{{{values}}}"
            values += 1
    return text


def sentences_of_server() -> set[str]:
    sources = (path for room in ("device", "web") for path in (ROOT / room).rglob("*.py"))
    nodes = (node for source in sources for node in ast.walk(ast.parse(source.read_text())))
    return {text for text in map(sentence, nodes) if text is not None}


def test_page_and_server_know_the_same_languages_each_with_a_catalogue() -> None:
    source = (STATIC / "words" / "language.js").read_text()
    (listed,) = re.findall(r"LANGUAGES = Object\.freeze\(\{(.*?)\}\)", source)
    assert dict(re.findall(r'(\w+): "(.*?)"', listed)) == languages.LANGUAGES
    assert (
        {path.stem for path in languages.CATALOGUES.glob("*.json")} == {*languages.LANGUAGES} - {"en"} == {*LANGUAGES}
    )


def test_every_sentence_of_the_catalogues_is_one_that_the_server_says() -> None:
    german, chinese = (catalogue(language)["sentences"].keys() for language in LANGUAGES)
    assert german == chinese, "each sentence is in both"
    assert not german - sentences_of_server(), "changed or gone on the server"


# Where errors are made that a photographer meets: while shooting, with lenses and presets, with files that are broken.
TOLD = (
    *("device/drive/*.py", "device/session/*.py", "device/meter/*.py", "device/captures/*.py", "device/lenses/*.py"),
    *("device/library/*.py", "device/preferences/*.py", "device/controls.py", "device/stored.py", "web/transfer/*.py"),
    *("device/drivers/simulated.py", "device/drivers/replay.py", "device/raw/files.py", "device/raw/jpeg.py"),
    *("device/raw/copies.py", "device/raw/decode.py", "device/raw/dng_reader.py", "device/raw/tiff_reader.py"),
    *("device/calibrate/*.py", "device/calibration/*.py"),
    *(
        "device/analysis/edges/*.py",
        "device/analysis/defocus/*.py",
        "device/uploads/*.py",
        "device/raw/limits.py",
        "device/raw/lossless.py",
    ),
    "device/raw/retime.py",
)
NOT_OF_THE_PAGE = {
    "the name pattern {0} cannot be used",
    "the name pattern {0} is not understood: {1}",
    "{0} is relative to a folder that is not there any more",
    "{0} is no verdict",
    "a destination is no object",
    "hqcam upload list shows them",
    "--output usb needs one USB drive; mounted are: {0}",
    "plug it in and mount it, or give its folder",
    "{0} meant by {1}",
    "give the id, or more words; `hqcam lens` lists all",
    "rotation_deg is {0}",
    "0, 90, 180 or 270, clockwise",
    "a time is told in milliseconds",
    "a raw file is not without its metadata",
    "size=2048 or size=1080: of its preview",
}
"""Of the command line, or of requests that the page does not make; so is every BadRequest."""


def told_by_errors() -> Iterator[tuple[str, str]]:
    """Where an error says what, by its message, what it expects, and its remedy.

    A text is given in place, or is a constant of these modules; what is put together elsewhere is not seen here.
    """
    sources = {path: ast.parse(path.read_text()) for pattern in TOLD for path in ROOT.glob(pattern)}
    constants = dict(constant for tree in sources.values() for constant in texts_of_module(tree))
    for path, tree in sources.items():
        raised = {id(node.exc) for node in ast.walk(tree) if isinstance(node, ast.Raise)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or (isinstance(node.func, ast.Name) and node.func.id == "BadRequest"):
                continue
            parts = [keyword.value for keyword in node.keywords if keyword.arg in ("message", "expected", "remedy")]
            for part in [*node.args[:1], *parts] if parts or id(node) in raised else []:
                text = constants.get(part.id) if isinstance(part, ast.Name) else sentence(part)
                if text and re.search("[a-z]{2}", re.sub(r"\{\d\}", "", text)) and not text.startswith('{"'):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", text


def texts_of_module(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            if (text := sentence(node.value)) is not None:
                yield node.target.id, text


def test_errors_that_the_page_shows_are_told_in_every_language() -> None:
    told = list(told_by_errors())
    assert len(told) > 250
    known = catalogue("de")["sentences"]
    assert [(where, text) for where, text in told if text not in known and text not in NOT_OF_THE_PAGE] == []
    assert not NOT_OF_THE_PAGE - {text for _, text in told}, "gone"


def test_what_a_setting_expects_is_told_in_every_language() -> None:
    tree = ast.parse((ROOT / "device" / "settings" / "declaration.py").read_text())
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "_expected")
    told = {text for text in map(sentence, ast.walk(function)) if text and LETTERS.search(text) and " " in text.strip()}
    told -= {text for text in told if text.endswith(" from ")}  # parts of a longer one
    assert len(told) > 8 and told - catalogue("de")["sentences"].keys() == {"one of "}, "the page has a word for lists"


def test_what_a_camera_is_called_is_told_in_every_language() -> None:
    drivers = (path.read_text() for path in (ROOT / "device" / "drivers").rglob("*.py"))
    made = [node for text in drivers for node in ast.walk(ast.parse(text)) if isinstance(node, ast.keyword)]
    named = {sentence(node.value) for node in made if node.arg == "description"} - {None}
    assert len(named) == 2 and not named - catalogue("de")["sentences"].keys()
