"""Prints how many of each room's statements the tests have run; `make coverage` calls it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Read the combined data file of this folder, and print a line a room."""
    measured = Coverage()
    measured.load()
    statements, missed = Counter[str](), Counter[str]()
    for name in sorted(measured.get_data().measured_files()):
        room = Path(name).relative_to(ROOT).parent.as_posix()
        _, lines, _, unseen, _ = measured.analysis2(name)
        statements[room] += len(lines)
        missed[room] += len(unseen)
    for room, count in [*sorted(statements.items()), ("all", statements.total())]:
        unseen_here = missed.total() if room == "all" else missed[room]
        print(f"{room:32} {count:6} statements {100 * (1 - unseen_here / count):6.1f} %")


if __name__ == "__main__":
    main()
