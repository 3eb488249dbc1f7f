"""`hqcam lens show`, `table`, `edit`, `duplicate`, `remove`, `import`, `export`, `code`."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as xml
from collections.abc import Callable
from pathlib import Path

import pytest
import segno
from click.testing import CliRunner, Result
from PIL import Image

from device.cli import lens_optics
from device.cli.lens import lens
from device.errors import BadInput
from device.lenses.profiles import read_profiles
from device.sensors import known

PLANAR = "zeiss-planar-50-2-zm"
Lens = Callable[..., Result]


@pytest.fixture
def run_lens(tmp_path: Path) -> Lens:
    """Run it in this process; errors are raised, as `hqcam` itself would tell them."""

    def run(*arguments: str) -> Result:
        settings = ["--settings", str(tmp_path / "settings.json")]
        return CliRunner().invoke(lens, [*arguments, *settings], catch_exceptions=False)

    return run


def test_a_lens_is_shown_at_a_distance(run_lens: Lens) -> None:
    asked = ("planar", "2/50", "--distance", "2", "--f-number", "4")
    text = run_lens("show", *asked).output
    for part in ("Planar T* 2/50 ZM", "275 mm on 36 x 24 mm", "5.24 um (print)", "1.97 m to 2.03 m", "0.07 EV"):
        assert part in text
    told = json.loads(run_lens("show", *asked, "--coc", "pixel", "--json").output)
    assert (told["lens"]["id"], told["circle_um"], told["distance_m"]) == (PLANAR, 3.1, 2)
    assert told["sensor"] == "imx477" and 1.9 < told["near_m"] < 2 < told["far_m"] < 2.1
    assert json.loads(run_lens("show", "planar", "2/50", "--json").output)["far_m"] is None
    run_lens(PLANAR, "--f", "5.6")
    assert json.loads(run_lens("show", "--json").output)["f_number"] == 5.6, "of the lens on the camera, as it stands"
    assert "nearer than it focuses" in run_lens("show", "--distance", "0.5").output


@pytest.mark.parametrize(("model", "equivalent"), [("imx477", 275), ("imx283", 137), ("imx219", 471)])
def test_the_optics_are_those_of_the_sensor_that_is_named(run_lens: Lens, model: str, equivalent: int) -> None:
    told = json.loads(run_lens("show", "planar", "2/50", "--sensor", model, "--json").output)
    assert told["sensor"] == model and round(told["equivalent_mm"]) == equivalent
    assert tuple(known.SENSORS) == lens_optics.SENSORS


def test_the_adapter_of_a_lens_is_told_and_one_is_judged(run_lens: Lens) -> None:
    text = run_lens("mount", "planar", "2/50", "--adapter", "10.374").output
    for part in ("27.8 mm", "10.274 mm on the C-CS ring, 15.274 mm without", "0.100 mm too long: focuses no farther"):
        assert part in text
    assert "farther than 25.1 m" in text and "at the mark of 25.1 m" in text
    told = json.loads(run_lens("mount", "planar", "2/50", "--adapter", "15.274", "--no-ring", "--json").output)
    assert told["given"]["error_mm"] == 0 and told["lens"]["id"] == PLANAR
    assert "none but the C-CS ring" in run_lens("mount", "rpi-16-1.4-c").output
    assert "yours             right" in run_lens("mount", "planar", "2/50", "--adapter", "10.274").output
    assert "adapter           10.274 mm" in run_lens("show", "planar", "2/50").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("mount",), "no lens is chosen"),
        (("mount", PLANAR, "--adapter", "nan"), "an adapter of nan mm is none"),
        (("show",), "no lens is chosen"),
        (("show", "planar", "50"), "3 lenses are meant"),
        (("show", PLANAR, "--f-number", "1"), "cannot be set to f/1"),
        (("show", PLANAR, "--distance", "0.04"), "makes no image"),
        (("show", PLANAR, "--distance", "nan"), "distance_m cannot be nan"),
        (("show", PLANAR, "--coc", "small"), "is no circle of confusion"),
        (("table",), "no lens is yours"),
        (("table", "--all", "--output", "table.gif"), "cannot be drawn as .gif"),
        (("edit", PLANAR, "--set", "focal_mm=0"), "focal_mm is 0"),
        (("edit", PLANAR, "--set", "focal_mm=long"), "focal_mm is 'long', not a number"),
        (("edit", PLANAR, "--set", "weight=3"), "weight is not known"),
        (("remove", PLANAR), "of the catalogue"),
        (("export", "nikkor"), "there is no lens 'nikkor'"),
        (("import", "nothing.toml"), "cannot be read"),
        (("code", "10000"), "are not six dots"),
    ],
)
def test_what_cannot_be_is_one_clear_error(run_lens: Lens, arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(BadInput, match=says) as caught:
        run_lens(*arguments)
    assert caught.value.expected


def test_the_owners_lenses_are_copied_changed_exported_imported_and_removed(run_lens: Lens, tmp_path: Path) -> None:
    assert run_lens("duplicate", "planar", "2/50").output == f"added {PLANAR}-2\n"
    changes = ("serial=155", "f_stops=2,4,8", "closest_m=0.65", "adapter=M to C", "narrowest_known=false", "source=")
    assert run_lens("edit", "planar", "50", *(part for c in changes for part in ("--set", c))).exit_code == 0
    exported = run_lens("export").output
    (mine,) = read_profiles(exported)
    assert (mine.id, mine.serial, mine.f_stops, mine.closest_m) == (f"{PLANAR}-2", "155", (2, 4, 8), 0.65)
    assert (mine.adapter, mine.narrowest_known, mine.source) == ("M to C", False, "")
    assert (
        run_lens("remove", "planar", "50").output == f"removed {PLANAR}-2\n" and "id =" not in run_lens("export").output
    )
    (tmp_path / "other.toml").write_text(
        exported + run_lens("export", "rpi-16-1.4-c").output.removeprefix("format = 1\n")
    )
    assert run_lens("import", str(tmp_path / "other.toml")).output == f"added {PLANAR}-2\n"
    assert run_lens("import", str(tmp_path / "other.toml")).output == "all of them are here already\n"
    assert json.loads(run_lens("import", str(tmp_path / "other.toml"), "--json").output) == {"added": []}
    refused = run_lens("edit", PLANAR, "--set", "serial")
    assert refused.exit_code == 2 and "there is no =" in refused.output


def test_the_table_is_text_json_and_a_picture(run_lens: Lens, tmp_path: Path) -> None:
    for words in ("planar 2/50", "rpi-16-1.4-c", "voigtlander-ultron-28-mm-f2-vm"):
        run_lens("duplicate", *words.split())
    assert "Ultron" in run_lens("table").output
    rows = json.loads(run_lens("table", "--distance", "3", "--json").output)["lenses"]
    assert [row["lens"]["focal_mm"] for row in rows] == [50, 16, 28] and all(row["near_m"] < 3 for row in rows)
    assert len(json.loads(run_lens("table", "--all", "--json").output)["lenses"]) > 120
    svg, png = tmp_path / "lenses.svg", tmp_path / "lenses.png"
    for path in (svg, png):
        assert run_lens("table", "--output", str(path)).output == f"{path}\n"
    texts = [element.text for element in xml.fromstring(svg.read_text()).iter() if element.tag.endswith("text")]
    assert "Carl Zeiss Planar T* 2/50 ZM" in texts and "275 mm" in texts and "\N{INFINITY}" in texts
    with Image.open(io.BytesIO(png.read_bytes())) as picture:
        assert picture.format == "PNG" and picture.width > 500 and len(picture.getcolors(1 << 16) or []) > 3


def test_a_coded_lens_is_found_by_its_dots(run_lens: Lens) -> None:
    assert "leica-summicron-m-50-2" in run_lens("code", "100001").output
    other = run_lens("code", "100000").output
    assert "Summilux-M" in other and "from the other end: Leica Elmarit-M 1:2.8/21" in other
    assert json.loads(run_lens("code", "111111", "--json").output) == {"code": 63, "lenses": [], "from_other_end": []}
    assert "no lens is known of code 63" in run_lens("code", "111111").output


def test_words_that_are_no_command_choose_a_lens_and_help_tells_both(run_lens: Lens) -> None:
    assert "on the camera: Carl Zeiss Planar T* 2/50 ZM at f/4" in run_lens("planar", "2/50", "--f", "4").output
    assert "at 50 mm at f/4" in run_lens("choose", "vario-sonnar", "--mm", "50", "--f", "4").output
    assert "at 60 mm at f/4" in run_lens("--mm", "60").output, "the stop stays"
    help_text = CliRunner().invoke(lens, ["--help"]).output
    assert all(
        name in help_text for name in ("choose", "show", "table", "edit", "duplicate", "import", "export", "code")
    )
    assert "planar 2/50" in help_text


def test_a_label_opens_the_page_with_the_lens(run_lens: Lens, tmp_path: Path) -> None:
    address = f"https://cam.example/hq/?lens={PLANAR}"
    shown = run_lens("label", "planar", "2/50", "--url", "https://cam.example/hq/").output
    assert shown.splitlines()[:2] == ["Carl Zeiss Planar T* 2/50 ZM", address] and "\N{FULL BLOCK}" in shown
    assert f".local:8000/?lens={PLANAR}" in run_lens("label", PLANAR).output
    for name in ("cap.svg", "cap.png"):
        assert (
            address
            in run_lens("label", PLANAR, "--url", "https://cam.example/hq", "--output", str(tmp_path / name)).output
        )
    assert "Planar" in (tmp_path / "cap.svg").read_text()
    with Image.open(tmp_path / "cap.png") as picture:
        assert picture.width == picture.height > 200
        dark = [[picture.convert("L").getpixel((x + 4, y + 4)) for x in range(0, picture.width, 8)]
                for y in range(0, picture.height, 8)]  # fmt: skip
    squares = [tuple(value < 128 for value in row) for row in dark]  # type: ignore[operator]
    expected = segno.make(address, micro=False, error="m").matrix_iter(border=4)
    assert squares == [tuple(bool(square) for square in row) for row in expected]
    for arguments, says in (
        (("label", PLANAR, "--url", "cam.local"), "is no address of a viewfinder"),
        (("label", PLANAR, "--output", str(tmp_path / "cap.gif")), "cannot be drawn as .gif"),
    ):
        with pytest.raises(BadInput, match=says):
            run_lens(*arguments)
    assert sorted(path.name for path in tmp_path.glob("cap*")) == ["cap.png", "cap.svg"]
