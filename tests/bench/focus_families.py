"""The bench of renderings that nobody tuned for: each family of `rendering_families`, the mean, and the worst.

    make bench-families ARGS='[PICTURE...] [--family TEXT] [--unknown-gain] [--series FOLDER] [--own-files]'

Pictures given should be sharp all over; they are halved, so that they are sharp to the pixel, and taken as linear
light. Without any, generated leaves of all colours are used. What the columns are is in `family_figures.Figures`; below
the table are the figures of `family_subjects.Subjects`, of all families together.
`--series` prints the focus score of each picture of a folder, in the order of their names, and does nothing else.
`--own-files` judges the files of shots instead (see `own_files`).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from bench.family_figures import NAMES, Figures, Material, judge, mean, take, worst
from bench.family_scenes import coloured_leaves, photograph
from bench.family_subjects import NAMES as SUBJECT_NAMES
from bench.family_subjects import judge_subjects, mean_subjects, worst_subjects
from bench.focus_series import print_series
from bench.own_files import print_table
from bench.rendering_families import FAMILIES, PARTS, part_of
from bench.renderings import Rendering

from device.frame import F64

GAINS = (1.0, 4.0, 16.0)
SWEEP = (
    ("disc", 0.0),
    ("Gauss", 0.5),
    ("disc", 1.0),
    ("disc", 2.0),
    ("Gauss", 2.0),
    ("disc", 3.0),
    ("Gauss", 3.0),
    ("disc", 4.0),
    ("disc", 6.0),
    ("disc", 8.0),
)
HEADINGS = {
    "ratio": "F:D",
    "grey_worst": "worst",
    "colours": "colour",
    "colour_worst": "worst",
    "plain_worst": "worst",
}
Results = dict[Rendering, dict[float, Figures]]
"""By rendering and gain."""


def leaves_close_and_apart() -> list[F64]:
    """Give a scene that is full of edges, and one that leaves flat places between them."""
    return [coloured_leaves((320, 400), seed=seed, count=count) for seed, count in ((1, 4000), (2, 1000))]


def full(scenes: Iterable[F64]) -> Material:
    """Give what the long form takes pictures of."""
    return Material(
        scenes=tuple(scenes), blurs=SWEEP, grey_rows=16, colour_levels=6, side=64, plain=(160, 160), sky=(256, 384)
    )


def measure(
    material: Material, families: Iterable[Rendering], *, told_gains: tuple[bool, ...] = (True,)
) -> list[Results]:
    """Give the results of all families: for each of `told_gains`, True where the assists are told the gain."""
    results: list[Results] = [{} for _ in told_gains]
    for family in families:
        for gain in GAINS:
            pictures = take(material, family, gain)
            for result, told in zip(results, told_gains, strict=True):
                result.setdefault(family, {})[gain] = judge(pictures, gain if told else None)
    return results


def table(results: Results) -> str:
    """Give the rows of each part, then its mean and its worst, then those of all."""
    heads = " ".join(f"{HEADINGS.get(name, name):>7}" for name in NAMES)
    lines = [f"{'':44} {'gain':>4} {heads}"]
    for part in PARTS:
        rows = {family: row for family, row in results.items() if part_of(family) == part}
        if rows:
            lines += [part, *(_line(family.name, gain, row[gain]) for family, row in rows.items() for gain in GAINS)]
            lines += _summary(part, rows)
    return "\n".join([*lines, "all", *_summary("all", results)])


def _summary(of: str, results: Results) -> list[str]:
    by_gain = {gain: [row[gain] for row in results.values()] for gain in GAINS}
    named = (("mean", mean), ("worst", worst))
    return [_line(f"{of}: {name}", gain, find(rows)) for name, find in named for gain, rows in by_gain.items()]


def _line(name: str, gain: float, row: Figures) -> str:
    return f"{name:44} {gain:4g} " + " ".join(f"{getattr(row, column):7.2f}" for column in NAMES)


def table_of_subjects(families: Iterable[Rendering]) -> str:
    """Give the mean and the worst of all families at each gain."""
    lines = [f"{'':8} {'gain':>4} " + " ".join(f"{name:>13}" for name in SUBJECT_NAMES)]
    for gain in GAINS:
        rows = [judge_subjects(family, gain) for family in families]
        for name, row in (("mean", mean_subjects(rows)), ("worst", worst_subjects(rows))):
            lines.append(f"{name:8} {gain:4g} " + " ".join(f"{getattr(row, column):13.3f}" for column in SUBJECT_NAMES))
    return "\n".join(lines)


def main() -> None:
    """Run the bench and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE")
    parser.add_argument("--family", default="", metavar="TEXT", help="only those whose name has this in it")
    parser.add_argument("--unknown-gain", action="store_true", help="a second table: the gain is not told")
    parser.add_argument("--series", type=Path, metavar="FOLDER", help="score a folder of others' pictures instead")
    parser.add_argument("--own-files", action="store_true", help="judge the files of shots of the simulated camera")
    options = parser.parse_args()
    if options.own_files:
        print_table(options.pictures[0] if options.pictures else None, GAINS)
        return
    if options.series:
        print_series(options.series)
        return
    families = [family for family in FAMILIES if options.family in family.name]
    if not families:
        parser.error(f"no family has {options.family!r} in its name")
    scenes = [photograph(p) for p in options.pictures] or leaves_close_and_apart()
    gains_told = (True, False) if options.unknown_gain else (True,)
    for told, results in zip(gains_told, measure(full(scenes), families, told_gains=gains_told), strict=True):
        print(f"nothing declared, the gain {'known' if told else 'unknown'}\n{table(results)}\n", flush=True)
    print(table_of_subjects(families))


if __name__ == "__main__":
    main()
