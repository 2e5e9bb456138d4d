"""A disk whose power fails as badly as the rules of a disk allow: nothing that was not synced has an order.

Of what was not synced each sector may be old, new or torn, in any combination; a file may have its old
length, its new one or one between, with zeros or somebody else's bytes where nothing was written; each name
that was made, changed or removed since the folder was synced may be so, or not yet. What was synced stays.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from sim.torture.disk import ModelDisk

SECTOR = 512


class PowerDisk(ModelDisk):
    """A `ModelDisk` that remembers in which order names changed, and forgets them in none."""

    def __init__(self, on_call: Callable[[str], None]) -> None:
        super().__init__(on_call, lambda kind: None)
        self._synced = dict(self.files)
        self._changes: list[tuple[str, str, str]] = []

    def create(self, path: Path) -> int:
        """A new file, its name not yet durable."""
        file = super().create(path)
        self._changes.append(("made", path.name, ""))
        return file

    def unlink(self, path: Path) -> None:
        """Gone for who looks now."""
        self._changes.append(("removed", path.name, ""))
        super().unlink(path)

    def rename(self, old: Path, new: Path) -> None:
        """Moved for who looks now."""
        super().rename(old, new)
        self._changes.append(("moved", old.name, new.name))

    def append(self, path: Path, data: bytes) -> None:
        """Synced, but for its name."""
        if path.name not in self.files:
            self._changes.append(("made", path.name, ""))
        super().append(path, data)

    def sync_folder(self, folder: Path) -> None:
        """All names are durable."""
        super().sync_folder(folder)
        self._synced = dict(self.files)
        self._changes.clear()

    def power_cut(self, random: Random) -> None:
        """Everything that was not synced is left to chance."""
        self.process_gone()
        after, self.files = self.files, dict(self._synced)
        known = {**self._synced, **after}
        for kind, name, other in self._changes:
            if random.random() < 0.5:
                continue
            found = self.files.pop(name, known.get(other or name))
            if kind != "removed" and found is not None:
                self.files[other or name] = found
        self._synced, self._changes = dict(self.files), []
        for file in self.files.values():
            data = _torn(bytes(file.safe), bytes(file.seen), random)
            file.seen, file.safe = bytearray(data), bytearray(data)
            file.dirty = file.sound = len(data)
            file.linked = True


def _torn(old: bytes, new: bytes, random: Random) -> bytes:
    """What the platter may hold of a file: `old` when it was synced, `new` when the power failed."""
    if old == new:
        return old
    least, most = sorted((len(old), len(new)))
    size = random.choice((len(old), len(new), random.randint(least, most)))
    stale = random.randbytes(most) if random.random() < 0.3 else bytes(most)
    before = (old + stale[len(old) :])[:most]
    after = (new + before[len(new) :])[:most]
    found = bytearray()
    for start in range(0, most, SECTOR):
        cut = random.choice((start, start + SECTOR, random.randint(start, start + SECTOR)))
        found += after[start:cut] + before[cut : start + SECTOR]
    return bytes(found[:size])
