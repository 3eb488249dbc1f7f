"""The tuning file of the real camera: how libcamera balances, exposes and renders. Values and files; no camera needed.

libcamera reads it when it first looks for cameras. It takes the one of the sensor's name unless it is told another.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from device.errors import BadInput

STOCK: Final = "stock"
NAMED: Final = {"scientific": "imx477_scientific.json", "noir": "imx477_noir.json"}
"""The other files that libcamera ships for the sensor; noir: without the filter against infrared."""
FOLDERS: Final = (Path("/usr/local/share/libcamera/ipa/rpi"), Path("/usr/share/libcamera/ipa/rpi"))
VARIABLE: Final = "LIBCAMERA_RPI_TUNING_FILE"
_REMEDY: Final = "`--tuning stock` needs no file"


def check_tuning(choice: str) -> None:
    """Check a choice before a camera is made; a file must be a tuning file of a Raspberry Pi. Raises BadInput."""
    if choice != STOCK and choice not in NAMED:
        _check_file(Path(choice))


def tuning_file(choice: str, platform: str, *, folders: Sequence[Path] = FOLDERS) -> str | None:
    """Give the path of the file, None for the stock one. `platform` is vc4 or pisp (Pi 5). Raises BadInput."""
    if choice == STOCK:
        return None
    places = [folder / platform / NAMED[choice] for folder in folders] if choice in NAMED else [Path(choice).absolute()]
    file = next((place for place in places if place.is_file()), None)
    if file is None:
        raise BadInput(
            f"there is no tuning file {places[-1]}",
            expected="a file that libcamera installs" if choice in NAMED else "the path of a tuning file",
            remedy=f"update the system (sudo apt full-upgrade); {_REMEDY}" if choice in NAMED else _REMEDY,
        )
    _check_file(file)
    return str(file)


def use_tuning(choice: str, platform: str) -> str | None:
    """Tell libcamera, before it looks for cameras, which file to read, and give its path. Raises BadInput."""
    file = tuning_file(choice, platform)
    if file is not None:
        os.environ[VARIABLE] = file
    return file


def tuning_name(choice: str) -> str:
    """Give what files and page call it: the word, or the name of the file without its folder; plain ASCII, no ";"."""
    return Path(choice).name.encode("ascii", "replace").decode("ascii").replace(";", "?")


def _check_file(path: Path) -> None:
    expected = "stock, " + ", ".join(NAMED) + ", or the path of a tuning file"
    if not path.is_file():
        raise BadInput(f"there is no tuning file {path}", expected=expected, remedy=_REMEDY)
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"the tuning file {path} cannot be read: {error}", expected=expected, remedy=_REMEDY) from error
    if not isinstance(content, dict) or "algorithms" not in content:
        raise BadInput(f"{path} is no tuning file: it has no algorithms", expected=expected, remedy=_REMEDY)
