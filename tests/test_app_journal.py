from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sorter.app.disk import OsDisk
from sorter.app.journal import UNASKED, JournalWriter, read
from sorter.app.segment_format import HEADER_BYTES
from sorter.errors import StoreError
from sorter.flow import LinkDown
from tests.journals_made import values, write
from tests.shared import ROOT


class Disk:
    """A sync that can be told to be slow or to fail, on top of the real one."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        self.broken = False

    def sync(self, file: int) -> None:
        time.sleep(self.delay_s)
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        os.fdatasync(file)


def test_what_was_committed_is_read_back_in_order(tmp_path: Path) -> None:
    wanted = [*values(50), LinkDown(7, "the cable \x1b[31m\ud800 凤凰镇")]
    write(tmp_path, wanted)
    assert list(read(tmp_path)) == wanted
    assert list(read(tmp_path / "000001.journal")) == wanted


def test_a_second_run_continues_the_first(tmp_path: Path) -> None:
    write(tmp_path, values(3))
    write(tmp_path, values(3, first=4))
    assert list(read(tmp_path)) == values(6)


def test_a_second_writer_is_refused_and_told_whose_the_journal_is(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    with pytest.raises(StoreError, match=f"process {os.getpid()} is writing this journal"):
        JournalWriter(tmp_path)
    writer.close()
    JournalWriter(tmp_path).close()


def test_a_killed_writer_leaves_no_lock_and_loses_nothing_committed(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib\n"
        "from sorter.app.journal import JournalWriter\n"
        "from sorter.flow import Inducted\n"
        "writer = JournalWriter(pathlib.Path(sys.argv[1]))\n"
        "for pid in range(1, 21): writer.append(Inducted(1000 * pid, pid, 300, 0))\n"
        "assert writer.commit(10.0); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, check=False, timeout=60)
    assert done.returncode == -9
    JournalWriter(tmp_path).close()
    assert list(read(tmp_path)) == values(20)


def test_a_slow_disk_is_waited_for_no_longer_than_asked(tmp_path: Path) -> None:
    disk = Disk()
    writer = JournalWriter(tmp_path, disk=OsDisk(disk.sync))
    disk.delay_s = 0.3
    writer.append(values(1)[0])
    before = time.monotonic()
    assert not writer.commit(0.02)
    assert time.monotonic() - before < 0.2
    writer.append(values(1, first=2)[0])
    assert not writer.commit(0.0)
    assert writer.commit(5.0)
    assert list(read(tmp_path)) == values(2)
    writer.close()


def test_one_sync_serves_everything_appended_before_it(tmp_path: Path) -> None:
    syncs: list[int] = []
    writer = JournalWriter(tmp_path, disk=OsDisk(syncs.append))
    born = len(syncs)
    for value in values(500):
        writer.append(value)
    assert writer.commit(5.0)
    assert writer.commit(5.0)
    assert len(syncs) == born + 1
    writer.close()


def test_a_run_that_never_commits_is_written_all_the_same(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    for value in values(5000):
        writer.append(value)
    deadline = time.monotonic() + 10.0
    while (tmp_path / "000001.journal").stat().st_size == HEADER_BYTES and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sum(1 for _ in read(tmp_path)) >= UNASKED
    assert writer.close()
    assert sum(1 for _ in read(tmp_path)) == 5000


def test_after_a_failed_sync_nothing_counts_until_reopened_and_verified(tmp_path: Path) -> None:
    disk = Disk()
    writer = JournalWriter(tmp_path, disk=OsDisk(disk.sync))
    writer.append(values(1)[0])
    assert writer.commit(5.0)
    disk.broken = True
    writer.append(values(1, first=2)[0])
    assert not writer.commit(5.0)
    assert "Input/output error" in writer.failure
    disk.broken = False
    writer.append(values(1, first=3)[0])
    assert not writer.commit(0.1)
    writer.reopen()
    assert writer.commit(5.0)
    assert writer.failure == ""
    writer.close()
    assert list(read(tmp_path)) == values(3)


def test_a_disk_that_takes_only_a_part_of_a_write_loses_nothing(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for value in values(200):
        writer.append(value)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        durable = writer.commit(5.0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not durable
    assert "File too large" in writer.failure
    assert (tmp_path / "000001.journal").stat().st_size == 1000
    writer.reopen()
    assert writer.commit(5.0)
    writer.close()
    assert list(read(tmp_path)) == values(200)


def test_damage_to_what_was_durable_is_found_when_reopened(tmp_path: Path) -> None:
    disk = Disk()
    writer = JournalWriter(tmp_path, disk=OsDisk(disk.sync))
    writer.append(values(1)[0])
    assert writer.commit(5.0)
    disk.broken = True
    writer.append(values(1, first=2)[0])
    assert not writer.commit(5.0)
    os.truncate(tmp_path / "000001.journal", HEADER_BYTES + 5)
    disk.broken = False
    writer.reopen()
    assert not writer.commit(5.0)
    assert "durable before is damaged" in writer.failure
    writer.close()


def test_a_rotation_that_fails_is_made_up_for(tmp_path: Path) -> None:
    disk = Disk()
    writer = JournalWriter(tmp_path, segment_bytes=100, disk=OsDisk(disk.sync))
    for value in values(2):
        writer.append(value)
    assert writer.commit(5.0)
    disk.broken = True
    writer.append(values(1, first=3)[0])
    assert not writer.commit(5.0)
    disk.broken = False
    writer.reopen()
    assert writer.commit(5.0)
    writer.close()
    assert list(read(tmp_path)) == values(3)


def test_a_full_buffer_drops_counts_and_never_calls_anything_durable_again(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, buffer_bytes=100)
    for value in values(10):
        writer.append(value)
    assert writer.dropped == 8
    assert not writer.commit(1.0)
    writer.reopen()
    assert not writer.commit(1.0)
    assert "8 values found no room" in writer.failure
    writer.close()
