"""Writes a file whole or not at all: temporary name, fsync, rename, fsync of the folder. Any thread may call it."""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from device.errors import StorageError, StorageFull

TEMPORARY_SUFFIX = ".part"
Buffer = bytes | bytearray | memoryview
_STAGED_BY = re.compile(r"\.(\d+)\.[0-9a-f]{8}" + re.escape(TEMPORARY_SUFFIX))
_staged: set[Path] = set()  # of this process, from the first byte until published or discarded


def write_atomically(path: Path, chunks: Iterable[Buffer], *, replace: bool = False) -> int:
    """Write `chunks` to `path`; give the bytes written. After any failure nothing of it stays.

    Raises StorageFull, StorageError; FileExistsError when `path` exists and `replace` is false.
    """
    temporary = stage(path, chunks)
    try:
        size = temporary.stat().st_size
        publish(temporary, path, replace=replace)
    except OSError:
        discard(temporary)
        raise
    return size


def stage(path: Path, chunks: Iterable[Buffer]) -> Path:
    """Write `chunks` to a hidden temporary file beside `path` and force it to the disk; give its name."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}{TEMPORARY_SUFFIX}")
    _staged.add(temporary)
    try:
        with temporary.open("xb", buffering=0) as file:
            for chunk in chunks:
                _write_all(file.fileno(), memoryview(chunk).cast("B"))
            os.fsync(file.fileno())
    except OSError as error:
        discard(temporary)
        raise as_storage_error(error, path) from error
    except BaseException:
        discard(temporary)
        raise
    return temporary


def publish(temporary: Path, path: Path, *, replace: bool = False) -> None:
    """Give a staged file its final name. Without `replace` an existing file is never touched (FileExistsError)."""
    try:
        if replace:
            os.replace(temporary, path)
        else:
            _rename_to_new_name(temporary, path)
        _staged.discard(temporary)
    except FileExistsError:
        raise
    except OSError as error:
        raise as_storage_error(error, path) from error
    try:
        sync_folder(path.parent)
    except OSError as error:
        if not replace:
            discard(path)  # its name may not be on the disk: it was not saved, so it must not look as if it was
        raise as_storage_error(error, path) from error


def is_left_behind(temporary: Path) -> bool:
    """Whether the process that staged this file has ended (killed, power cut): it will never be published."""
    found = _STAGED_BY.search(temporary.name)
    if found is None:
        return False  # the file of another program
    if int(found[1]) == os.getpid():  # process ids are used again after a restart
        return temporary not in _staged
    return not Path(f"/proc/{found[1]}").exists()


def discard(path: Path) -> None:
    """Remove a file that must not stay. A failure is ignored: an earlier error is reported already."""
    _staged.discard(path)
    with suppress(OSError):
        path.unlink()


def sync_folder(folder: Path) -> None:
    """Force a folder's names to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def as_storage_error(error: OSError, path: Path, what: str = "written") -> StorageError:
    """Give the StorageError for a system error, with a message for people; `what` is "written" or "deleted"."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            f"no space left for {path.name} in {path.parent}",
            remedy="free some space or choose another folder with --output",
        )
    return StorageError(
        f"{path.name} could not be {what} in {path.parent}: {error.strerror or error}",
        remedy="check that the folder exists, is writable and its disk is healthy",
    )


def _write_all(handle: int, data: memoryview) -> None:
    while data:
        data = data[os.write(handle, data) :]


def _rename_to_new_name(temporary: Path, path: Path) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:
        # FAT and exFAT have no links. One process at a time chooses names, under a lock, so this check is enough.
        if path.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(temporary, path)
    else:
        os.unlink(temporary)
