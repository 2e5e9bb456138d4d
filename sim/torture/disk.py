"""A disk made of dictionaries: what is written, what is durable, and every way in which it can fail.

A sync that failed leaves its pages clean (as Linux does): what it should have made durable is readable
until the power fails and gone afterwards, unless it is written anew.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

from sorter.errors import StoreError


class PowerGoneError(BaseException):
    """The process that made this call is dead: no handler of it runs on."""


class _File:
    """seen = what processes read; safe = what the platter holds, equal to seen up to `sound`.

    dirty  first byte not handed to the platter yet; behind a failed sync it lies beyond `sound`
    """

    def __init__(self) -> None:
        self.seen = bytearray()
        self.safe = bytearray()
        self.dirty = self.sound = 0
        self.linked = False


class ModelDisk:
    """One folder's files. trouble = "" | enospc | eio-write | eio-sync | short-write.

    on_call  may kill the caller
    hit      told the kind of each trouble that really struck
    """

    def __init__(self, on_call: Callable[[str], None], hit: Callable[[str], None]) -> None:
        self.files: dict[str, _File] = {}
        self.trouble = ""
        self.locked = False
        self._on_call = on_call
        self._hit = hit
        self._open: dict[int, tuple[str, _File]] = {}
        self._where: dict[int, int] = {}
        self._next = 3
        self._newest: str | None = None

    # ------------------------------------------------------------ the port

    def make_folder(self, folder: Path) -> None:
        """There is but one."""

    def lock(self, folder: Path) -> int:
        """One holder at a time."""
        if self.locked:
            raise StoreError(f"{folder}: another process is writing this journal")
        self.locked = True
        return 0

    def names(self, folder: Path) -> list[str]:
        """Every file's name."""
        return list(self.files)

    def read(self, path: Path, byte: int = 0, most: int = -1) -> bytes:
        """What processes see."""
        self._on_call("read")
        file = self._named(path)
        return bytes(file.seen[byte:] if most < 0 else file.seen[byte : byte + most])

    def create(self, path: Path) -> int:
        """A new file, its name not yet durable."""
        self._on_call("create")
        self._may_write()
        if path.name in self.files:
            raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
        self.files[path.name] = _File()
        return self.open(path)

    def open(self, path: Path) -> int:
        """At its beginning."""
        self._next += 1
        self._open[self._next] = (path.name, self._named(path))
        self._where[self._next] = 0
        return self._next

    def cut(self, file: int, byte: int) -> None:
        """Truncated in memory; durable with the next sync."""
        self._on_call("cut")
        one = self._open[file][1]
        del one.seen[byte:]
        one.dirty, one.sound = min(one.dirty, byte), min(one.sound, byte)
        self._where[file] = byte

    def write(self, file: int, data: memoryview) -> int:
        """Into memory."""
        self._on_call("write")
        self._may_write()
        one, at = self._open[file][1], self._where[file]
        take = len(data)
        if self.trouble == "short-write" and take > 1:
            self._hit(self.trouble)
            take //= 2
        one.seen[at : at + take] = data[:take]
        one.dirty, one.sound = min(one.dirty, at), min(one.sound, at)
        self._where[file] = at + take
        return take

    def overwrite(self, file: int, data: bytes) -> None:
        """The same bytes again: all of them are dirty."""
        self._on_call("overwrite")
        self._may_write()
        one = self._open[file][1]
        one.seen[: len(data)] = data
        one.dirty = 0

    def sync(self, file: int) -> None:
        """Memory to platter."""
        self._on_call("sync")
        one = self._open[file][1]
        if self.trouble == "eio-sync":
            self._hit("eio-sync")
            one.dirty = len(one.seen)
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        _store(one, len(one.seen))

    def sync_folder(self, folder: Path) -> None:
        """Names to platter."""
        self._on_call("sync-folder")
        self._newest = None
        for file in self.files.values():
            file.linked = True

    def close(self, file: int) -> None:
        """0 is the lock."""
        if file == 0:
            self.locked = False
        self._open.pop(file, None)

    def unlink(self, path: Path) -> None:
        """At once (a power cut that brings it back is not modelled: its content is verified anyway)."""
        self._on_call("unlink")
        self._newest = None
        del self.files[path.name]

    def rename(self, old: Path, new: Path) -> None:
        """At once, as `unlink`."""
        self._on_call("rename")
        self.files[new.name] = self.files.pop(old.name)

    def append(self, path: Path, data: bytes) -> None:
        """Written and synced."""
        self._on_call("append")
        self._may_write()
        one = self.files.setdefault(path.name, _File())
        one.seen += data
        _store(one, len(one.seen))
        one.linked = True

    # ------------------------------------------------------------ what the world does

    def process_gone(self) -> None:
        """Its descriptors and its lock go with it."""
        self._open.clear()
        self.locked = False

    def power_cut(self, random: Random) -> None:
        """Of what was not synced some bytes may have reached the platter, cut anywhere, or as zeros."""
        self.process_gone()
        self._newest = None
        for name, file in list(self.files.items()):
            if not file.linked and random.random() < 0.5:
                del self.files[name]
                continue
            self._tear(file, random)

    def _tear(self, file: _File, random: Random) -> None:
        unsynced = len(file.seen) - file.dirty
        kept = random.randint(0, unsynced) if unsynced > 0 else 0
        if kept and kept < unsynced:
            self._hit("torn-tail")
        if random.random() < 0.3 and kept:
            file.safe = file.safe[: file.dirty] + bytes(kept)
        elif kept or len(file.safe) > len(file.seen):
            _store(file, file.dirty + kept)
        file.seen = bytearray(file.safe)
        file.dirty = file.sound = len(file.seen)
        file.linked = True

    def durable(self) -> tuple[str, int]:
        """(newest segment, bytes of it that are safe): how far the journal would survive a power cut now."""
        if self._newest is None:
            names = [name for name, file in self.files.items() if file.linked and name[-1] == "l"]
            self._newest = max(names, default="")
        return self._newest, self.files[self._newest].sound if self._newest else 0

    def segments(self) -> list[tuple[str, bytes]]:
        """The journal's files as they are read now."""
        return [(name, bytes(self.files[name].seen)) for name in sorted(self.files) if name[-1] == "l"]

    def _named(self, path: Path) -> _File:
        file = self.files.get(path.name)
        if file is None:
            raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
        return file

    def _may_write(self) -> None:
        if self.trouble in ("enospc", "eio-write"):
            self._hit(self.trouble)
            code = errno.ENOSPC if self.trouble == "enospc" else errno.EIO
            raise OSError(code, os.strerror(code))


def _store(file: _File, upto: int) -> None:
    """What is dirty below `upto` reaches the platter; clean pages that never did leave zeros there."""
    start = min(file.dirty, upto)
    if len(file.safe) < start:
        file.safe += bytes(start - len(file.safe))
    file.safe[start:] = file.seen[start:upto]
    file.dirty = upto
    if start <= file.sound:
        file.sound = upto
