"""What the journal asks of a disk: the operating system's, or one that a test can break at any call."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sorter.errors import PassingError, StoreError

PASSING = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EAGAIN, errno.EBUSY, errno.ENOMEM,
     errno.ENFILE, errno.EMFILE, errno.ESTALE, errno.ETIMEDOUT)
)  # fmt: skip
"""A disk that says so may say otherwise when somebody has made room or the machine has come to itself."""


def disk_error(path: Path, error: OSError) -> StoreError:
    """What the disk said of this path, for a person; a PassingError when it may pass."""
    kind = PassingError if error.errno in PASSING else StoreError
    return kind(f"{path}: {error.strerror}\n  check the disk, the path and its permissions")


class Disk(Protocol):
    """Files by path. Every method raises OSError as the system call of the same purpose does."""

    def make_folder(self, folder: Path) -> None:
        """The folder is there now, its parents too."""
        ...

    def lock(self, folder: Path) -> int:
        """The folder's lock, held until closed. StoreError, naming the owner, when another holds it."""
        ...

    def names(self, folder: Path) -> list[str]:
        """Names in a folder, in any order."""
        ...

    def read(self, path: Path, byte: int = 0, most: int = -1) -> bytes:
        """Bytes of a file from `byte` on, at most so many."""
        ...

    def create(self, path: Path) -> int:
        """A new file, open for writing; it must not be there yet."""
        ...

    def open(self, path: Path) -> int:
        """An existing file, open for writing."""
        ...

    def cut(self, file: int, byte: int) -> None:
        """The file ends at `byte`, and that is where is written next."""
        ...

    def write(self, file: int, data: memoryview) -> int:
        """Write, perhaps only a part; how many bytes."""
        ...

    def overwrite(self, file: int, data: bytes) -> None:
        """Write these bytes over the file's beginning; where is written next stays."""
        ...

    def sync(self, file: int) -> None:
        """What was written is durable."""
        ...

    def sync_folder(self, folder: Path) -> None:
        """Which files there are is durable."""
        ...

    def close(self, file: int) -> None:
        """Let go of a file or a lock."""
        ...

    def unlink(self, path: Path) -> None:
        """The file is gone."""
        ...

    def rename(self, old: Path, new: Path) -> None:
        """The file has another name, in the same folder; what was called so before is gone."""
        ...

    def append(self, path: Path, data: bytes) -> None:
        """Add to a file, made when absent, and make that durable."""
        ...


class OsDisk:
    """The operating system's disk. sync makes a file descriptor's data durable."""

    def __init__(self, sync: Callable[[int], None] = os.fdatasync) -> None:
        self.sync = sync
        self.write = os.write
        self.close = os.close

    def make_folder(self, folder: Path) -> None:
        """With its parents."""
        folder.mkdir(parents=True, exist_ok=True)

    def lock(self, folder: Path) -> int:
        """A file lock, gone with the process; the file holds the process id."""
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(lock, 0)
            os.pwrite(lock, str(os.getpid()).encode(), 0)
        except BlockingIOError as error:
            owner = os.read(lock, 20).decode("ascii", "replace")
            os.close(lock)
            raise in_use(folder, owner) from error
        except OSError:
            os.close(lock)
            raise
        return lock

    def names(self, folder: Path) -> list[str]:
        """As the system lists them."""
        return os.listdir(folder)

    def read(self, path: Path, byte: int = 0, most: int = -1) -> bytes:
        """Through a file of its own."""
        with path.open("rb") as file:
            file.seek(byte)
            return file.read(most)

    def create(self, path: Path) -> int:
        """Readable for everybody."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)

    def open(self, path: Path) -> int:
        """At its beginning."""
        return os.open(path, os.O_WRONLY)

    def cut(self, file: int, byte: int) -> None:
        """Truncate and seek."""
        os.ftruncate(file, byte)
        os.lseek(file, byte, os.SEEK_SET)

    def overwrite(self, file: int, data: bytes) -> None:
        """As often as it takes."""
        at = 0
        while at < len(data):
            at += os.pwrite(file, data[at : at + (1 << 20)], at)

    def sync_folder(self, folder: Path) -> None:
        """Through a descriptor of the folder."""
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)

    def unlink(self, path: Path) -> None:
        """At once; durable with the folder."""
        path.unlink()

    def rename(self, old: Path, new: Path) -> None:
        """At once; durable with the folder."""
        os.replace(old, new)

    def append(self, path: Path, data: bytes) -> None:
        """Written and synced before it returns."""
        with path.open("ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


OS_DISK = OsDisk()


def in_use(folder: Path, owner: str) -> StoreError:
    """Another process writes there."""
    return StoreError(
        f"{folder}: process {owner} is writing this journal\n  stop it first, or use another folder"
    )
