"""Writes a file whole or not at all: temporary name, fsync, rename, fsync of the folder. Any thread may call it."""

from __future__ import annotations

import errno
import os
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from device.errors import StorageError, StorageFull

TEMPORARY_SUFFIX = ".part"
Buffer = bytes | bytearray | memoryview
# The process by its number, when it began (clock ticks since the boot) and the boot: numbers are used again.
_STAGED_BY = re.compile(r"\.(\d+)(?:-(\d+)-([0-9a-f]{8}))?\.[0-9a-f]{8}" + re.escape(TEMPORARY_SUFFIX))
_staged: set[Path] = set()  # of this process, from the first byte until published or discarded


def write_atomically(path: Path, chunks: Iterable[Buffer], *, replace: bool = False, private: bool = False) -> int:
    """Write `chunks` to `path`; give the bytes written. After any failure nothing of it stays.

    `private`: for its owner alone to read. Not by the umask, which is that of all threads.
    Raises StorageFull, StorageError; FileExistsError when `path` exists and `replace` is false.
    """
    temporary = stage(path, chunks, private=private)
    try:
        size = temporary.stat().st_size
        publish(temporary, path, replace=replace)
    except OSError:
        discard(temporary)
        raise
    return size


def stage(path: Path, chunks: Iterable[Buffer], *, private: bool = False) -> Path:
    """Write `chunks` to a hidden temporary file beside `path` and force it to the disk; give its name."""
    mode = 0o600 if private else 0o666  # less the umask
    temporary = temporary_name(path)
    _staged.add(temporary)
    try:
        with open(temporary, "xb", buffering=0, opener=lambda name, flags: os.open(name, flags, mode)) as file:
            for chunk in chunks:
                write_all(file.fileno(), memoryview(chunk).cast("B"))
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


def restage(temporary: Path, path: Path) -> Path:
    """Give a staged file a hidden name that tells which name it is about to get; give that. Raises OSError.

    A kill between the names of files that belong together then leaves what `staged_for` finds.
    """
    renamed = temporary_name(path)
    _staged.add(renamed)
    os.rename(temporary, renamed)
    _staged.discard(temporary)
    return renamed


def staged_for(temporary: Path) -> Path | None:
    """Give the name that a staged file was about to get, by its own; None for the file of another program."""
    found = _STAGED_BY.search(temporary.name)
    return None if found is None else temporary.with_name(temporary.name[1 : found.start()])


def is_left_behind(temporary: Path) -> bool:
    """Whether the process that staged this file has ended (killed, power cut): it will never be published."""
    found = _STAGED_BY.search(temporary.name)
    if found is None:
        return False  # the file of another program
    if int(found[1]) == os.getpid():
        return temporary not in _staged
    began = _began(int(found[1]))
    if began is None:
        return True
    if found[2] is not None:
        return (int(found[2]), found[3]) != (began, _boot())
    return _is_older(temporary, began)  # staged by an older version


def temporary_name(path: Path) -> Path:
    """Give a hidden name beside `path` for a file of this process that gets its own name later."""
    mark = f"{os.getpid()}-{_began(os.getpid()) or 0}-{_boot()}"
    return path.with_name(f".{path.name}.{mark}.{secrets.token_hex(4)}{TEMPORARY_SUFFIX}")


def _began(process: int) -> int | None:
    """Give when a process began, in clock ticks since the boot; None when there is no such process."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return None


def _boot() -> str:
    """Give the beginning of the id of this boot; zeros where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        return "0" * 8


def _is_older(path: Path, began: int) -> bool:
    """Whether a file was written before the process began that has the number of its writer now."""
    try:
        up_s = time.clock_gettime(time.CLOCK_BOOTTIME)
        return path.stat().st_mtime < time.time() - up_s + began / os.sysconf("SC_CLK_TCK")
    except OSError:
        return False


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
    """Give the StorageError for a system error, with a message for people; `what` is "written", "read" or "deleted"."""
    if what == "read":
        return StorageError(
            f"{path.name} could not be read in {path.parent}: {error.strerror or error}",
            remedy="check that its drive is plugged in and healthy; copy your pictures off it, or choose another place",
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(
            f"no space left for {path.name} in {path.parent}",
            remedy="free some space or choose another folder with --output",
        )
    return StorageError(
        f"{path.name} could not be {what} in {path.parent}: {error.strerror or error}",
        remedy="check that the folder exists, is writable and its disk is healthy",
    )


def write_all(handle: int, data: memoryview) -> None:
    """Write all of `data`, in as many pieces as the system takes. Raises OSError."""
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
        with suppress(OSError):  # it has its name; the next start removes the hidden one
            os.unlink(temporary)
