"""The file end of the journal: where records are added, segments begin, torn tails are cut."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sorter.app.disk import Disk
from sorter.app.segment_format import FORMAT, HEADER_BYTES, beginning, last_crc, pack_header
from sorter.app.segments import format_of, good_end, segment_number, segment_path, segment_paths
from sorter.errors import StoreError


class SegmentWriter:
    """The end of a journal's newest segment: durable up to a byte, where the chain stands at `crc`.

    segment_bytes  a segment is not written beyond this size
    path           the segment that is written to
    Continues the folder's journal behind its last good record or begins one. Every method raises OSError
    for the disk and StoreError for damage.
    """

    def __init__(self, folder: Path, segment_bytes: int, disk: Disk) -> None:
        self._folder = folder
        self._segment_bytes = segment_bytes
        self._disk = disk
        self._file = -1
        self._number = self._byte = self.crc = 0
        self.path = segment_path(folder, 0)
        if not self._continue():
            self._create(1)

    def _continue(self) -> bool:
        """Opens the newest segment that has a header; False when there is none."""
        for path in reversed(segment_paths(self._folder, self._disk)):
            self._byte, self.crc = good_end(path, self._disk)
            _cut(path, self._byte, self._disk)
            if self._byte:
                self._number, self.path = segment_number(path), path
                self._open()
                if format_of(path, self._disk) < FORMAT:
                    self._create(self._number + 1)
                return True
        return False

    def _open(self) -> None:
        """What can be read need not be on the platter: a sync may have failed us, or the process before us.

        The kernel calls such pages clean, so only writing them anew makes them durable.
        """
        self._file = self._disk.open(self.path)
        self._disk.cut(self._file, self._byte)
        self._disk.overwrite(self._file, self._disk.read(self.path, 0, self._byte))
        self._disk.sync(self._file)
        self._disk.sync_folder(self._folder)

    def _create(self, number: int) -> None:
        path = segment_path(self._folder, number)
        file = self._disk.create(path)
        self.close()
        self._file = file
        self._write_all(pack_header(number, self.crc))
        self._disk.sync(file)
        self._disk.sync_folder(self._folder)
        self._number, self.path, self._byte = number, path, HEADER_BYTES

    def write(self, frames: Sequence[bytes]) -> None:
        """Make the frames durable in one write and sync. OSError: nothing counts until `repair`."""
        data = b"".join((beginning(frames[0]), *frames[1:]))
        if self._byte + len(data) > self._segment_bytes and self._byte > HEADER_BYTES:
            self._create(self._number + 1)
        self._write_all(data)
        self._disk.sync(self._file)
        self._byte += len(data)
        self.crc = last_crc(frames[-1])

    def _write_all(self, data: bytes) -> None:
        """A disk that is nearly full takes a part; the next call then says why."""
        rest = memoryview(data)
        while rest:
            taken = self._disk.write(self._file, rest)
            rest = rest[taken:]

    def repair(self) -> None:
        """Close, verify what was durable, drop what came after it (the writer still has it), open again.

        After a failed sync the kernel may call lost pages clean: only writing them anew helps.
        """
        self.close()
        for path in segment_paths(self._folder, self._disk):
            if segment_number(path) > self._number:
                self._disk.unlink(path)
        file = self._disk.open(self.path)
        self._disk.cut(file, self._byte)
        self._disk.close(file)
        if good_end(self.path, self._disk) != (self._byte, self.crc):
            raise StoreError(
                f"{self.path}: byte {self._byte}: what was durable before is damaged\n  replace the disk"
            )
        self._open()

    def close(self) -> None:
        """Lets go of the segment, if one is open.

        What was synced stays so, what was not counts for nothing, and the descriptor is gone in any case.
        """
        file, self._file = self._file, -1
        if file >= 0:
            with suppress(OSError):
                self._disk.close(file)


def _cut(path: Path, byte: int, disk: Disk) -> None:
    """Keeps what follows the last good record aside; the segment itself goes when nothing is left."""
    if torn := disk.read(path, byte):
        disk.append(path.with_suffix(".torn"), torn)
    if not byte:
        disk.unlink(path)
