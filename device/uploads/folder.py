"""A folder on this computer: another disk, or a share that the system has mounted (SMB, NFS, sshfs)."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from device.atomic import discard, publish, stage
from device.errors import StorageError, StorageFull
from device.uploads.errors import Ended, NeedsOwner, Unreachable, UploadError
from device.uploads.outgoing import BLOCK_BYTES, Arrival, Outgoing, all_names_taken, names_for

SYSTEM: Final = Path("/")


class Folder:
    """Copies into a folder; days are folders in it."""

    def __init__(self, root: Path, *, other_disk: bool) -> None:
        """`other_disk`: it is on another disk than the system, or not there; what is below it then is not meant."""
        self._root, self._other_disk = root, other_disk
        self._ended = threading.Event()

    def check(self) -> None:
        """Write a small file and delete it."""
        self._check_there()
        try:
            discard(stage(self._root / "hqcam-can-write", [b"hqcam\n"]))
        except StorageError as error:
            raise NeedsOwner(error.message, remedy=error.remedy) from error

    def send(self, file: Outgoing, progress: Callable[[int], None]) -> Arrival:
        """Copy a file; see Sender."""
        self._check_there()
        folder = self._root / file.day if file.day else self._root
        try:
            folder.mkdir(exist_ok=True)
            for name in names_for(file):
                target = folder / name
                if not os.path.lexists(target) and self._copied(file, target, progress):
                    return "sent"
                if target.is_file() and target.stat().st_size == file.size_bytes and self._sum(target) == file.sha256:
                    return "was there"
        except StorageFull as error:
            raise Unreachable(error.message, remedy="free some space there") from error
        except OSError as error:
            said = error.message if isinstance(error, StorageError) else f"{folder}: {error.strerror or error}"
            raise Unreachable(said, remedy="check that the folder is there and writable") from error
        raise all_names_taken(file)

    def end(self) -> None:
        """End what is on its way."""
        self._ended.set()

    def close(self) -> None:
        """There is nothing to give back."""

    def _copied(self, file: Outgoing, target: Path, progress: Callable[[int], None]) -> bool:
        """Copy, compare, name; give whether the name was free."""

        def blocks() -> Iterator[bytes]:
            for block in file.blocks(progress):
                self._check_ended()
                yield block

        staged = stage(target, blocks())
        try:
            if self._sum(staged) != file.sha256:
                raise UploadError(f"{file.name} arrived with other bytes than it was sent", remedy="check that disk")
            os.utime(staged, (file.modified, file.modified))
            publish(staged, target)
        except FileExistsError:
            discard(staged)
            return False
        except BaseException:
            discard(staged)
            raise
        return True

    def _sum(self, path: Path) -> bytes:
        """Give the SHA-256 of what the disk holds, not of what the system remembers of writing it."""
        digest = hashlib.sha256()
        with open(path, "rb", buffering=0) as opened:
            with suppress(OSError):
                os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while block := opened.read(BLOCK_BYTES):
                self._check_ended()
                digest.update(block)
        return digest.digest()

    def _check_there(self) -> None:
        self._check_ended()
        if not self._root.is_dir() or (self._other_disk and not is_on_other_disk(self._root)):
            raise Unreachable(f"the folder {self._root} is not there", remedy="plug its disk in, or mount the share")

    def _check_ended(self) -> None:
        if self._ended.is_set():
            raise Ended


def is_on_other_disk(folder: Path) -> bool:
    """Whether a folder is on another file system than the system's. False where it cannot be told."""
    try:
        return folder.stat().st_dev != SYSTEM.stat().st_dev
    except OSError:
        return False
