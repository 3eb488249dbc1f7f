"""`hqcam`, which is `python -m device`: ends quietly on Ctrl-C from its first line on, before anything is loaded.

Where a command works, `device.cli.interrupt` takes over. Everywhere else nothing is in hand, and an exception raised in
the middle of an import or of Python's own end would print a traceback.
"""

import os
import signal
from types import FrameType


def main() -> None:
    """Run the command line; the entry point of the script."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # else it is ignored: a job in the background
        signal.signal(signal.SIGINT, _end)
    from device.cli import main as command_line

    command_line()


def _end(_number: int, _frame: FrameType | None) -> None:
    """End at once, with click's word and exit code."""
    try:
        os.write(2, b"\nAborted!\n")
    finally:
        os._exit(1)


if __name__ == "__main__":
    main()
