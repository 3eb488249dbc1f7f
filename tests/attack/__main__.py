"""`make attack`: every kind of attack on a running hqcam, on loopback only. `python -m attack [--short] [KIND ...]`"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Iterator

from attack import bombs, clocks, disks, endings, fuzz, held, kills, memory, mutants, smuggling
from attack.report import Length, Row, table

KINDS: dict[str, Callable[[Length], Iterator[Row]]] = {
    "requests": fuzz.attack,
    "smuggling": smuggling.attack,
    "held": held.attack,
    "memory": memory.attack,
    "kills": kills.attack,
    "disks": disks.attack,
    "clocks": clocks.attack,
    "bombs": bombs.attack,
    "mutants": mutants.attack,
    "endings": endings.attack,
}


def main() -> int:
    """Print the table; give 1 if anything was lost, leaked or stopped."""
    parser = argparse.ArgumentParser(prog="python -m attack", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"one of {', '.join(KINDS)}; without any: all")
    parser.add_argument("--short", action="store_true", help="what the tests run")
    given = parser.parse_args()
    if unknown := set(given.kinds) - set(KINDS):
        parser.error(f"there is no attack {', '.join(sorted(unknown))}")
    length: Length = "short" if given.short else "long"
    rows: list[Row] = []
    logging.getLogger().addHandler(logging.NullHandler())  # what hqcam says of each broken file is not the table

    def attacked() -> Iterator[Row]:
        for kind in given.kinds or KINDS:
            for row in KINDS[kind](length):
                rows.append(row)
                yield row

    for line in table(attacked()):
        print(line, flush=True)
    return int(not all(row.withstood for row in rows))


if __name__ == "__main__":
    sys.exit(main())
