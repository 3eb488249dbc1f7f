"""Fetch real focus series of others into a folder of yours, never into the project:

    python tests/bench/fetch_focus_series.py FOLDER [NAME...]
    make bench-families ARGS='--series FOLDER/focusstack/data/scorpion-lapse'

Each is a repository, cloned as it is today without its history; git and a network are needed. Read its licence there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Source:
    """One repository."""

    url: str
    licence: str
    what: str
    pictures: str = "."
    """The folder to look at, inside it."""


SOURCES = {
    "focusstack": Source(
        "https://github.com/la3lma/focusstack", "Apache-2.0", "a z-stack of a scorpion", "data/scorpion-lapse"
    ),
    "SharpnessEvaluationDataset": Source(
        "https://github.com/arnaud-nt2i/SharpnessEvaluationDataset", "Creative Commons", "focus sweeps"
    ),
    "focus-stacking-pipeline": Source(
        "https://github.com/reprahkcin/focus-stacking-pipeline", "MIT", "a bee, taken with the HQ camera"
    ),
}


def fetch(source: Source, folder: Path) -> Path:
    """Clone into `folder`, which must not exist, and give the folder of the pictures.

    Raises ValueError for a folder inside the project; subprocess.CalledProcessError where git cannot.
    """
    if folder.resolve().is_relative_to(PROJECT):
        raise ValueError(f"{folder} is inside the project; choose a folder elsewhere")
    subprocess.run(["git", "clone", "--depth", "1", "--", source.url, str(folder)], check=True)
    return folder / source.pictures


def main() -> None:
    """Fetch what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SOURCES)}; all without any")
    options = parser.parse_args()
    if unknown := set(options.names) - set(SOURCES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(SOURCES)}")
    for name in options.names or SOURCES:
        source = SOURCES[name]
        try:
            pictures = fetch(source, options.folder / name)
        except (ValueError, subprocess.CalledProcessError) as error:
            sys.exit(f"{name}: {error}")
        print(f"{name}: {source.what}, {source.licence}: {pictures}")


if __name__ == "__main__":
    main()
