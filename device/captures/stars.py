"""The star of a capture: a rating in an XMP file beside it (`<id>.xmp`), as raw developers read it.

The files of the capture stay as they were taken. A file that another program wrote there keeps all else that it says.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from device.atomic import as_storage_error, write_atomically
from device.captures.capture import SIDECAR_SUFFIX
from device.errors import BadFile, StorageError
from device.stored import read_bounded

BYTES_MAX: Final = 2**20  # chosen: an editor's whole history of a picture
STARRED: Final = 1
"""The rating that a star is. XMP (part 1, 8.4) has -1 (rejected), 0 (none) and 1 to 5; editors raise it later."""
_RATING: Final = re.compile(rb'(xmp:Rating\s*=\s*["\']|<xmp:Rating>)\s*(-?\d{1,3})')
_OURS: Final = f"""\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="{STARRED}"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
""".encode()


def sidecar_path(file: Path) -> Path:
    """Where the XMP file of the capture that `file` belongs to is."""
    return file.with_suffix(SIDECAR_SUFFIX)


def is_starred(file: Path) -> bool:
    """Whether the capture that `file` belongs to has a rating above 0; False where there is none that can be read."""
    try:
        found = _RATING.search(read_bounded(sidecar_path(file), BYTES_MAX))
    except (OSError, ValueError):
        return False
    return found is not None and int(found[2]) > 0


def set_star(file: Path, starred: bool) -> None:
    """Star the capture that `file` belongs to, or take its star.

    Raises BadFile for an XMP file of somebody else that has no place for a rating; StorageError, StorageFull.
    """
    if is_starred(file) == starred:
        return
    path = sidecar_path(file)
    try:
        if not os.path.lexists(path):
            write_atomically(path, [_OURS], replace=True)
            return
        there = read_bounded(path, BYTES_MAX)
        if not starred and there == _OURS:
            path.unlink()
            return
        rating = str(STARRED if starred else 0).encode()
        changed, places = _RATING.subn(lambda found: found[1] + rating, there)
        if places:
            write_atomically(path, [changed], replace=True)
            return
    except ValueError:
        pass  # no file, or far too long
    except StorageError:
        raise
    except OSError as error:
        raise as_storage_error(error, path) from error
    raise BadFile(
        f"{path.name} is no XMP file with a rating",
        expected="a rating in it, or no such file",
        remedy="rate the picture in the program that wrote the file",
    )
