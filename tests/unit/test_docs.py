"""What the documents claim, held against the code."""

from __future__ import annotations

import ast
import math
import re
from dataclasses import fields
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeGuard

import pytest
from helpers import run

from device.analysis import false_colour, focus_score, histogram, peaking, processing, raw_exposure, scopes
from device.analysis import raw_clipping as clipping
from device.analysis.exposing import AVERAGE_REFLECTANCE, HIGHLIGHT_CEILING
from device.analysis.settings import RANGES, AssistSettings
from device.calibrate import camera_run, flat_run
from device.calibration import cap, fixed_pattern
from device.calibration.flat_field import FLAT_USES
from device.cli import calibrate_flat
from device.controls import CHOICES, EXPOSURE_TOLERANCE, KELVIN_RANGE, PICTURE_RANGES
from device.develop import contact_sheet
from device.develop.settings import DEVELOP_SETTINGS, LEAST_LEFT_PERCENT, DevelopSettings
from device.drive import interval, ramp
from device.drive.drive import MODES
from device.drivers.simulated import LENS_F_RANGE, LENS_FOCAL_RANGE_MM
from device.film import evening
from device.film.timelapse import FILM_SETTINGS, FilmSettings
from device.frame import Controls, RawFrame
from device.jobs.room import WAITING_MOST
from device.lenses.optics import equivalent_focal_mm
from device.meter import exposure_value as light
from device.meter import grey_balance
from device.meter import grey_gains as grey
from device.meter import light_meter as metering
from device.preferences.orientation import ROTATIONS_DEG, Orientation
from device.preferences.owner_calibrations import MOST_KEPT
from device.preferences.presets import NAME_MAX, SLOTS
from device.raw import file_checks as audit
from device.raw.dng_writer import SAMPLE_FORMS
from device.sensors.imx477 import IMX477
from device.session import shot_exposure
from device.settings.declaration import check_value
from device.uploads.destination import Destination
from device.uploads.lane import Pauses

ROOT = Path(__file__).parents[2]
HELP = ROOT / "web" / "help"
README = (ROOT / "README.md").read_text()
DEFAULTS = AssistSettings()


def page(name: str) -> str:
    return (HELP / f"{name}.md").read_text()


def test_the_readme_begins_with_what_it_is_a_picture_and_the_two_commands() -> None:
    first = "\n".join(README.splitlines()[:30])
    assert first.startswith("# hqcam") and "![" in first
    assert "make run " in first and "make test " in first


@pytest.mark.parametrize(
    "document", ["README.md", "CONTRIBUTING.md", *(p.relative_to(ROOT).as_posix() for p in HELP.rglob("*.md"))]
)
def test_every_link_and_picture_exists(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
        assert "://" in target or (path.parent / target).exists(), target


def test_every_command_in_the_readme_exists_and_every_command_is_in_it() -> None:
    commands = {entry.name for entry in entry_points(group="hqcam.commands")}
    assert set(re.findall(r"^hqcam (\w+)", README, re.MULTILINE)) == commands


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in ("README.md", "CONTRIBUTING.md"):
        assert set(re.findall(r"^make ([\w-]+)", (ROOT / document).read_text(), re.MULTILINE)) <= targets


def test_every_make_target_says_what_it_does() -> None:
    told = run(["make", "--no-print-directory", "help"], cwd=ROOT, text=True, check=True).stdout
    phony = re.findall(r"^\.PHONY:(.*)", (ROOT / "Makefile").read_text().replace("\\\n", ""), re.MULTILINE)
    assert sorted(re.findall(r"^make ([\w-]+) +\S", told, re.MULTILINE)) == sorted(" ".join(phony).split())


def test_the_house_in_the_contributing_guide_is_the_house() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    for name in re.findall(r"\b([a-z_]+\.py)\b", text):
        assert name == "picamera2.py" or list(ROOT.glob(f"*/**/{name}")), name


def test_every_hop_of_the_journeys_is_a_function_that_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    journeys = text[text.index("## Two journeys") : text.index("## One word, one meaning")]
    hops = re.findall(r"`([\w/.-]+\.(?:py|js)):([\w.]+)`", journeys)
    assert len(hops) >= 20
    for path, name in hops:
        source = (ROOT / path).read_text()
        names = _python_names(source) if path.endswith(".py") else _javascript_names(source)
        assert name in names, f"{path}:{name}"


def _python_names(source: str) -> set[str]:
    tree = ast.parse(source)
    methods = {
        f"{c.name}.{f.name}" for c in tree.body if isinstance(c, ast.ClassDef) for f in c.body if _is_function(f)
    }
    return methods | {f.name for f in tree.body if _is_function(f)}


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef)


def _javascript_names(source: str) -> set[str]:
    """Functions of a module by name, and `Class.method`, of classes that begin at the line's start."""
    names, current = set(re.findall(r"^(?:export )?(?:async )?function (\w+)", source, re.M)), ""
    for line in source.splitlines():
        if found := re.match(r"(?:export )?class (\w+)", line):
            current = found[1]
        elif found := re.match(r"  (?:async )?(\w+)\(.*\{$", line):
            names.add(f"{current}.{found[1]}")
    return names


def test_the_table_of_words_gives_each_word_once() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    table = text[text.index("## One word, one meaning") : text.index("## The loop")]
    words = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(words) >= 20 and len(set(words)) == len(words)
    for named in re.findall(r"`([\w/]+(?:\.py|/))`", table):
        assert (ROOT / named).exists() or (ROOT / "device" / named).exists(), named


def test_every_tool_has_a_page_that_says_where_and_how_it_misleads() -> None:
    display = {"zebra", "histogram", "waveform", "vectorscope", "false-colour", "spot-meter"}
    raw = {"raw-clip", "raw-shadow", "raw-histogram", "expose-to-the-right"}
    other = {"peaking", "focus-score", "loupe", "guides", "display"}
    set_by_hand = {"exposure-control", "white-balance", "picture-settings", "bright-view", "light-meter", "lens"}
    set_by_hand |= {"presets"}
    shooting = {
        "raw-files",
        "drive-modes",
        "gestures",
        "orientation",
        "sharpness",
        "calibration",
        "other-programs",
        "captures",
        "webdav",
        "uploads",
        "developing",
    }
    assert {p.stem for p in HELP.glob("*.md")} == other | display | raw | set_by_hand | shooting
    for path in HELP.glob("*.md"):
        text = path.read_text()
        assert f"(web/help/{path.name})" in README
        assert path.stem in shooting or f"(../static/help/tool-{path.stem}.jpg)" in text
        assert "**On which pixels.**" in text and "**How it can mislead.**" in text and "default" in text


def test_zebra_levels_and_ranges_are_as_written() -> None:
    text = page("zebra")
    low, high = RANGES["zebra_high_ire"]
    assert f"on, {DEFAULTS.zebra_high_ire:g} IRE | {low:g} to {high:g} IRE" in text
    assert f"off, {DEFAULTS.zebra_band_low_ire:g} to {DEFAULTS.zebra_band_high_ire:g} IRE" in text
    assert f"off, {DEFAULTS.zebra_low_ire:g} IRE | 0 to {RANGES['zebra_low_ire'][1]:g} IRE" in text
    assert DEFAULTS.zebra_high and not DEFAULTS.zebra_band and not DEFAULTS.zebra_low


def test_developing_is_as_written() -> None:
    text, fresh = page("developing"), DevelopSettings()
    assert f"| −{-DEVELOP_SETTINGS['ev'].minimum:g} to +{DEVELOP_SETTINGS['ev'].maximum:g} |" in text
    kelvin, tint, cut = (DEVELOP_SETTINGS[name] for name in ("kelvin", "tint", "cut_top"))
    assert f"| {fresh.kelvin:g} K | {kelvin.minimum:g} to {kelvin.maximum:,.0f} |" in text
    assert f"| {fresh.tint:g} | −{-tint.minimum:g} to +{tint.maximum:g} |" in text
    assert f"| {cut.minimum:g} to {cut.maximum:g} |" in text and "a tenth of each side" in text
    assert LEAST_LEFT_PERCENT == 10 and f"JPEG of quality {fresh.quality}" in text and f"{WAITING_MOST} at most" in text
    assert ", ".join(word for word in DEVELOP_SETTINGS["crop"].choices if word != "none") in text
    film, fps = FilmSettings(), FILM_SETTINGS["fps"]
    assert f"| Frames a second | {film.fps:g} | {fps.minimum:g} to {fps.maximum:g} |" in text
    assert f"| Size | {film.size} lines |" in text and film.deflicker and "| Even out flicker | on |" in text
    assert f"{evening.WINDOW_FRAMES} frames" in text and f"up to {evening.MOST_EV:g} EV" in text
    assert f"{contact_sheet.COLUMNS * contact_sheet.ROWS} to a page" in text


def test_the_orientation_is_as_written() -> None:
    text, fresh = page("orientation"), Orientation()
    assert f"| {fresh.rotation_deg} | {', '.join(map(str, ROTATIONS_DEG))} degrees clockwise |" in text
    assert "mirrored (camera) | off |" in text and not fresh.mirrored
    assert Orientation(ROTATIONS_DEG[1]).exif == 6, "Exif: turned 90 degrees clockwise, as written"


def test_peaking_is_as_written() -> None:
    text = page("peaking")
    assert f"{processing.LEAST_OVER_NOISE:g} times above" in text
    assert f"| {DEFAULTS.peaking_sensitivity} |" in text and f"sharpest {100 * peaking.AUTO_SHARE:g} %" in text
    assert [name for name in peaking.LEVELS if f"{name}:" not in text] == []


def test_the_focus_score_is_as_written() -> None:
    text = page("focus-score")
    assert f"{focus_score.SCALE:g} x" in text and f"+ {focus_score.COARSE_SHARE:g} x" in text
    assert (DEFAULTS.focus_x, DEFAULTS.focus_y, DEFAULTS.focus_size) == (0.5, 0.5, 0.5) and "central half" in text
    assert f"{100 * RANGES['focus_size'][0]:g} % to {100 * RANGES['focus_size'][1]:g} %" in text


def test_the_lens_is_as_written() -> None:
    (shortest, longest), (widest, narrowest) = LENS_FOCAL_RANGE_MM, LENS_F_RANGE
    text = " ".join(page("lens").split())
    assert f"from {shortest:g} to {longest:g} mm and from f/{widest:g} to f/{narrowest:g}" in text
    whole = max(IMX477.modes, key=lambda mode: mode.crop.width * mode.crop.height)
    assert f"50 mm ({equivalent_focal_mm(50, whole, IMX477.pixel_pitch_um):.0f})" in text


def test_presets_are_as_written() -> None:
    text = page("presets")
    assert f"at most {NAME_MAX} characters" in text and ", ".join(SLOTS[:2]) + f" and {SLOTS[2]} keep" in text


def test_raw_files_are_as_written() -> None:
    text = page("raw-files")
    assert all(f"`{form}`" in text for form in SAMPLE_FORMS) and "`packed` (the default)" in text
    assert f"more than {audit.ALONE_MAX:.0%}".replace("%", " %") in text
    assert f"more than {EXPOSURE_TOLERANCE:.0%} from what you asked for".replace("%", " %") in text
    assert f"half a line of the sensor ({IMX477.modes[3].line_us / 2:.0f} us at full size)" in text
    packed_mb, words_mb = (4056 * 3040 * bytes_a_sample / 1e6 + 0.1 for bytes_a_sample in (1.5, 2))
    assert f"{packed_mb:.1f} MB" in text and f"{words_mb:.1f} MB" in text


def test_the_histogram_samples_as_written() -> None:
    assert histogram.steps_for(1520, 2028) == (8, 8) and "every 8th row and column" in page("histogram")


def test_the_clip_level_is_as_written() -> None:
    import numpy as np

    raw = RawFrame(np.zeros((2, 2), np.uint16), "RGGB", 12, (IMX477.black_dn,) * 4, IMX477.white_dn)
    assert f"{clipping.clip_level(raw)} of {IMX477.white_dn}" in page("raw-clip")


def test_the_raw_tools_are_as_written() -> None:
    assert raw_exposure.steps_for(760, 1014, raw_exposure.MAX_CELLS) == (4, 8)
    assert "every 4th row and 8th column" in page("raw-histogram") and f"{190 * 127:,}".replace(",", " ") in page(
        "raw-histogram"
    )
    assert f"{raw_exposure.RANGE_EV} EV" in page("raw-histogram") and raw_exposure.BINS_PER_EV == 8
    low, high = RANGES["ettr_tolerance_percent"]
    assert f"| {DEFAULTS.ettr_tolerance_percent:g} % | {low:g} to {high:g} %" in page("expose-to-the-right")
    low, high = RANGES["raw_shadow_ev"]
    assert f"| {DEFAULTS.raw_shadow_ev:g} EV | {low:g} to {high:g} EV" in page("raw-shadow")


def test_the_scopes_and_the_spot_are_as_written() -> None:
    assert f"{scopes.LEVELS} levels" in page("waveform") and f"{scopes.COLUMNS} columns" in page("waveform")
    assert f"{scopes.PARADE_COLUMNS} for each" in page("waveform") and DEFAULTS.waveform == "off"
    assert f"{scopes.SKIN_LINE_DEGREES:g} degrees" in page("vectorscope")
    assert ", ".join(f"{ire:g}" for _, ire, _ in false_colour.IRE_BANDS) + " IRE" in page("false-colour")
    low, high = RANGES["spot_size"]
    assert f"{100 * DEFAULTS.spot_size:g} % of the sides | {100 * low:g} % to {100 * high:g} %" in page("spot-meter")


def test_what_can_be_set_is_as_written() -> None:
    text = page("picture-settings")
    for name, (low, high) in PICTURE_RANGES.items():
        assert re.search(rf"\| {name} \(.*\| 1 \| {low:g}.* to {high:g}, both ends in", text), name
    assert Controls().noise_reduction == "best" and ", ".join(CHOICES["noise_reduction"]) in text
    text = page("white-balance")
    assert (
        f"{KELVIN_RANGE[0]:g} to {KELVIN_RANGE[1]:g} K" in text
        and f"{100 * grey_balance.GREY_SIZE:g} % of the sides" in text
    )
    assert (
        f"when {100 * grey.MOST_CLIPPED:g} % of" in text and f"outside {grey.GAINS[0]:g} to {grey.GAINS[1]:g}" in text
    )
    assert f"more than {-math.log2(grey.LEAST_SHARE):g} EV" in text
    text = page("exposure-control")
    assert f"{100 * HIGHLIGHT_CEILING:g} % of the display's white" in text
    assert f"100 to {100 * IMX477.gain_max:.0f}" in text
    defaults = Controls()
    assert f"| {defaults.slowest_us / 1e6:g} s |" in text and f"{100 * shot_exposure.DARK:g} % of white" in text
    longest_us, gain = IMX477.auto_exposure.stages[-1]
    assert f"at 1/{1e6 / longest_us:.0f} s, and then at ISO {100 * gain:.0f}" in text
    assert (defaults.metering, defaults.constraint, defaults.anti_flicker) == ("centre", "normal", "off")


def test_the_light_meter_is_as_written() -> None:
    text = page("light-meter")
    assert f"{light.REFLECTED_K / 100:g} x 2^EV100" in text and f"{light.INCIDENT_C / 100:g} x 2^EV100" in text
    assert f"log2({2**-light.MIDDLE_TONE_EV:g})" in text
    assert f"reflects {AVERAGE_REFLECTANCE:.0%}".replace("%", " %") in text
    assert f"{metering.EV100[0]:g} to {metering.EV100[1]:g} EV" in text
    assert f"above {metering.MOST_CLIPPED_PERCENT:g} %" in text


def test_the_calibration_is_as_written() -> None:
    text = page("calibration")
    assert f"the {MOST_KEPT - 1} calibrations before it" in text and f"{cap.HOT_SIGMA:g} standard errors" in text
    stills = camera_run.CAP_STILLS + camera_run.WHITE_STILLS
    assert 36 <= stills <= 44 and "some 40 stills" in text
    assert ", ".join(f"{gain:g}" for gain in camera_run.DARK_GAINS) + " and the highest" in text
    assert [f"{us / 1e6:g} s" for us in camera_run.HOT_US] == ["2 s", "6 s"] and camera_run.HOT_GAIN == 4
    assert camera_run.WHITE_GAINS == (1, 4, 16) and camera_run.WHITE_SHARES == (0.1, 0.3, 0.6)
    assert f"evenly lit within {100 * flat_run.SIDES:g} %" in text and calibrate_flat.USES == FLAT_USES
    assert f"at least {fixed_pattern.DUST_LEAST:.0%}".replace("%", " %") in text


def test_the_constants_of_the_page_are_those_of_the_device() -> None:
    static = ROOT / "web" / "static"
    raw = (static / "tools" / "raw-histogram.js").read_text()
    assert f"RANGE_EV = {raw_exposure.RANGE_EV};" in raw and f"BINS_PER_EV = {raw_exposure.BINS_PER_EV};" in raw
    assert f"SKIN_DEGREES = {scopes.SKIN_LINE_DEGREES:g};" in (static / "tools" / "vectorscope.js").read_text()
    assert "GAMMA = 2.2;" in (static / "tools" / "bright-view.js").read_text() and "2^(EV / 2.2)" in page("bright-view")
    assert "LEVEL_DEGREES = 0.5;" in (static / "tools" / "level.js").read_text() and "0.5 degrees" in page("guides")


def test_what_is_on_from_the_start_is_as_written() -> None:
    on = {field.name for field in fields(AssistSettings) if getattr(DEFAULTS, field.name) is True}
    assert on == {"peaking", "zebra_high", "clipping", "raw_histogram", "histogram", "focus_score"}


def test_the_settings_of_drive_modes_are_as_written() -> None:
    rows = [[c.strip() for c in row.strip("|").split("|")] for row in page("drive-modes").splitlines() if "|" in row]
    told = {(mode, label.partition(",")[0].lower()): (default, values) for mode, label, default, values in rows[2:]}
    for mode in MODES.values():
        for s in mode.settings:
            if s.kind in ("time", "switch"):
                continue
            default, values = told.pop((mode.name, s.label.lower()))
            if s.kind == "window":
                assert default == "none" and [check_value(s, text) for text in re.findall(r"`(.*?)`", values)]
            elif s.kind == "choice":
                assert (default, values) == (s.default, ", ".join(s.choices))
            else:
                assert default.partition(" ")[0] == f"{s.default:g}" and (s.zero in default), s.label
                assert values.partition(",")[0] == f"{s.minimum:g} to {s.maximum:.10g}", s.label
    assert set(told) == {("interval", "start at"), ("interval", "follow the light")}
    text = page("drive-modes")
    assert f"{interval.SHARE_OF_INTERVAL:.0%}".replace("%", " %") in text and "a\nthird of a stop" in text
    assert ramp.STEP_MOST_EV == 1 / 3


def test_the_help_uses_only_what_the_camera_can_show() -> None:
    for path in HELP.rglob("*.md"):
        assert not re.search(r"^\s*([-*+]|\d+\.) |(?<!\*)\*[^*\s][^*]*\*(?!\*)", path.read_text(), re.MULTILINE), path


def test_the_drive_modes_in_the_readme_are_those_there_are() -> None:
    from device.cli.shoot import MODES as COMMANDS

    table = README[README.index("## Taking pictures") : README.index("## The command line")]
    assert set(re.findall(r"^\| \*\*(\w+)\*\*", table, re.MULTILINE)) == set(COMMANDS) == set(MODES) - {"single"}
    assert max(mode.exposure_max_us for mode in IMX477.modes) / 60e6 > 11 and "eleven minutes" in table


def test_sending_to_other_places() -> None:
    text, pauses = " ".join(page("uploads").split()), Pauses()
    assert f"tried again after {pauses.first_s:.0f} s, then after twice as long each time" in text
    assert [pauses.after(failures) for failures in (1, 2, 3)] == [10.0, 20.0, 40.0]
    assert f"up to {pauses.longest_s / 60:.0f} minutes" in text and pauses.after(100) == pauses.longest_s
    assert pauses.refused_s == 3600 and "tried again after an hour" in text
    new = Destination(name="a", kind="webdav", address="http://a/")
    assert (new.files, new.only_starred, new.networks) == ("all", False, ())
