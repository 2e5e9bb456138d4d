from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from zlib import crc32

import pytest

from sorter.app.journal import JournalWriter, Position, read, read_from
from sorter.app.segment_format import HEADER_BYTES, pack_header
from sorter.app.segments import StalePosition, disk_errors
from sorter.codec import Value
from sorter.errors import PassingError, StoreError
from tests.journals_made import values, write


def copy_of(folder: Path, name: str) -> Path:
    return Path(shutil.copytree(folder, folder.with_name(name), dirs_exist_ok=True))


def record_starts(folder: Path) -> list[int]:
    return [position.byte for position, _ in read_from(folder, None)]


def test_segments_rotate_by_size_and_the_chain_runs_through(tmp_path: Path) -> None:
    write(tmp_path, values(30), segment_bytes=200)
    segments = sorted(tmp_path.glob("*.journal"))
    assert len(segments) > 5
    assert all(path.stat().st_size <= 200 for path in segments)
    assert list(read(tmp_path)) == values(30)
    write(tmp_path, values(5, first=31), segment_bytes=200)
    assert list(read(tmp_path)) == values(35)


def test_a_missing_or_exchanged_segment_is_noticed(tmp_path: Path) -> None:
    write(tmp_path / "a", values(30), segment_bytes=200)
    write(tmp_path / "b", values(30, first=99), segment_bytes=200)
    shutil.copy(tmp_path / "b" / "000003.journal", tmp_path / "a" / "000003.journal")
    with pytest.raises(StoreError, match=r"000003.journal: byte 16: does not continue"):
        list(read(tmp_path / "a"))
    (tmp_path / "a" / "000003.journal").unlink()
    with pytest.raises(StoreError, match=r"no segment between 000002.journal and 000004.journal"):
        list(read(tmp_path / "a"))


def test_a_write_torn_at_any_byte_is_cut_at_the_last_good_record(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    write(whole, values(3))
    size = (whole / "000001.journal").stat().st_size
    for cut in range(record_starts(whole)[-1], size):
        folder = copy_of(whole, f"cut{cut}")
        os.truncate(folder / "000001.journal", cut)
        assert list(read(folder)) == values(2)
        write(folder, values(1, first=9))
        assert list(read(folder)) == values(2) + values(1, first=9)
        torn = folder / "000001.torn"
        kept = torn.read_bytes() if torn.exists() else b""
        assert kept == (whole / "000001.journal").read_bytes()[:cut][record_starts(whole)[-1] :]


def test_a_header_torn_at_any_byte_leaves_the_segments_before_it(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    write(whole, values(8), segment_bytes=200)
    newest = max(whole.glob("*.journal"))
    kept = sum(1 for position, _ in read_from(whole, None) if position.segment < int(newest.stem))
    for cut in range(HEADER_BYTES):
        folder = copy_of(whole, f"cut{cut}")
        os.truncate(folder / newest.name, cut)
        assert list(read(folder)) == values(kept)
        write(folder, values(1, first=9), segment_bytes=200)
        assert list(read(folder)) == values(kept) + values(1, first=9)


def test_zeros_that_a_power_cut_left_behind_are_a_torn_tail(tmp_path: Path) -> None:
    write(tmp_path, values(3))
    with (tmp_path / "000001.journal").open("ab") as file:
        file.write(bytes(5000))
    write(tmp_path, values(1, first=4))
    assert list(read(tmp_path)) == values(4)


def test_every_single_bit_flip_is_detected(tmp_path: Path) -> None:
    write(tmp_path, values(4))
    path = tmp_path / "000001.journal"
    good, last = path.read_bytes(), record_starts(tmp_path)[-1]
    for bit in range(8 * len(good)):
        damaged = bytearray(good)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        if bit // 8 >= last:
            assert list(read(tmp_path)) == values(3), bit
            continue
        with pytest.raises(StoreError, match=r"000001.journal: byte \d+: "):
            list(read(tmp_path))


def test_a_bad_record_before_good_ones_stops_the_writer_and_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, values(4))
    path = tmp_path / "000001.journal"
    damaged = bytearray(path.read_bytes())
    second = record_starts(tmp_path)[1]
    damaged[second + 20] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(StoreError, match=rf"000001.journal: byte {second}: a damaged record before good"):
        JournalWriter(tmp_path)
    assert path.read_bytes() == damaged


def test_a_record_cut_out_of_the_middle_is_noticed(tmp_path: Path) -> None:
    write(tmp_path, values(4))
    path, starts = tmp_path / "000001.journal", record_starts(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: starts[1]] + data[starts[2] :])
    with pytest.raises(StoreError, match=f"byte {starts[1]}"):
        list(read(tmp_path))


def test_a_newer_format_is_refused_with_the_remedy(tmp_path: Path) -> None:
    words = b"PSLJRNL\n" + bytes([0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0])
    (tmp_path / "000001.journal").write_bytes(words + crc32(words).to_bytes(4, "big"))
    with pytest.raises(StoreError, match=r"format 3 is newer than 2.*\n  use the version that wrote it"):
        list(read(tmp_path))


def test_a_value_of_a_newer_version_is_named_by_file_and_byte(tmp_path: Path) -> None:
    payload = b'["Teleported",1]'
    lengths_and_crcs = (len(payload), 0, crc32(payload))
    record = b"".join(number.to_bytes(4, "big") for number in lengths_and_crcs) + payload
    (tmp_path / "000001.journal").write_bytes(pack_header(1, 0) + record)
    with pytest.raises(StoreError, match=r"000001.journal: byte 24: 'Teleported' is no kind"):
        list(read(tmp_path))


NO_JOURNALS = [b"name: linzi\nline: main.yaml\n", b"\x89PNG\r\n\x1a\n" + bytes(90), b"PSLJRNL\n" * 9]


@pytest.mark.parametrize("data", NO_JOURNALS)
def test_a_file_that_is_no_journal_is_a_store_error(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "000001.journal"
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"000001.journal: byte 0: .*no journal"):
        list(read(path))
    with pytest.raises(StoreError, match="no journal"):
        JournalWriter(tmp_path)
    assert path.read_bytes() == data


def test_no_folder_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nowhere: No such file"):
        list(read(tmp_path / "nowhere"))


def test_a_reader_follows_a_writer_at_work(tmp_path: Path) -> None:
    writer = JournalWriter(tmp_path, segment_bytes=200)
    seen: list[Value] = []
    position: Position | None = None
    for value in values(30):
        writer.append(value)
        assert writer.commit(5.0)
        news = list(read_from(tmp_path, position))
        position = news[-1][0]
        seen += [new for _, new in news]
    writer.close()
    assert seen == values(30)


def test_a_position_of_another_journal_is_stale(tmp_path: Path) -> None:
    write(tmp_path / "a", values(3))
    write(tmp_path / "b", values(2, first=7))
    for position, _ in read_from(tmp_path / "a", None):
        with pytest.raises(StalePosition):
            list(read_from(tmp_path / "b", position))
    with pytest.raises(StalePosition, match="no segment 5"):
        list(read_from(tmp_path / "b", Position(5, HEADER_BYTES, 0)))


def in_writes(folder: Path, *batches: int) -> Path:
    """A journal of so many values each write; its one segment."""
    writer = JournalWriter(folder)
    for batch in batches:
        for value in values(batch):
            writer.append(value)
        assert writer.commit(5.0)
    assert writer.close()
    return folder / "000001.journal"


def test_a_hole_in_the_last_write_is_torn_though_its_end_reached_the_disk(tmp_path: Path) -> None:
    path = in_writes(tmp_path, 3, 4)
    starts, data = record_starts(tmp_path), bytearray(path.read_bytes())
    data[starts[4] + 2 : starts[5] + 7] = bytes(starts[5] + 5 - starts[4])
    path.write_bytes(data)
    assert list(read(tmp_path)) == [*values(3), *values(1)]
    write(tmp_path, values(1, first=9))
    assert list(read(tmp_path)) == [*values(3), *values(1), *values(1, first=9)]
    assert path.with_suffix(".torn").read_bytes() == data[starts[4] :]


def test_the_same_hole_before_a_later_write_is_damage(tmp_path: Path) -> None:
    path = in_writes(tmp_path, 3, 4, 1)
    starts, data = record_starts(tmp_path), bytearray(path.read_bytes())
    data[starts[4] + 2 : starts[5] + 7] = bytes(starts[5] + 5 - starts[4])
    path.write_bytes(data)
    with pytest.raises(StoreError, match=f"byte {starts[4]}: a damaged record before good ones"):
        list(read(tmp_path))
    with pytest.raises(StoreError, match="a damaged record"):
        JournalWriter(tmp_path)


def as_format_1(path: Path) -> None:
    """The segment as the program before wrote it: no mark at the beginning of a write."""
    data = path.read_bytes()
    words = data[:8] + (1).to_bytes(4, "big") + data[12:20]
    old, at, chain = words + crc32(words).to_bytes(4, "big"), HEADER_BYTES, int.from_bytes(data[16:20], "big")
    while at < len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        old += data[at : at + 4] + chain.to_bytes(4, "big") + data[at + 8 : end]
        chain, at = int.from_bytes(data[at + 8 : at + 12], "big"), end
    path.write_bytes(old)


def test_a_journal_of_format_1_is_read_and_continued_in_a_segment_of_its_own(tmp_path: Path) -> None:
    path = in_writes(tmp_path, 3, 2)
    as_format_1(path)
    old = path.read_bytes()
    assert list(read(tmp_path)) == [*values(3), *values(2)]
    write(tmp_path, values(2, first=9))
    assert path.read_bytes() == old and sorted(p.name for p in tmp_path.glob("*.journal"))[1:] == [
        "000002.journal"
    ]
    assert list(read(tmp_path)) == [*values(3), *values(2), *values(2, first=9)]


def test_in_format_1_any_good_record_behind_a_bad_one_tells_of_damage(tmp_path: Path) -> None:
    path = in_writes(tmp_path, 4)
    starts = record_starts(tmp_path)
    as_format_1(path)
    data = bytearray(path.read_bytes())
    data[starts[1] + 20] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreError, match=f"byte {starts[1]}: a damaged record before good ones"):
        list(read(tmp_path))


def test_a_header_of_garbage_with_nothing_behind_it_was_torn_at_birth(tmp_path: Path) -> None:
    write(tmp_path, values(3))
    (tmp_path / "000002.journal").write_bytes(b"PSLJRNL\n" + b"\x55" * 16)
    assert list(read(tmp_path)) == values(3)
    write(tmp_path, values(1, first=4))
    assert list(read(tmp_path)) == values(4)


@pytest.mark.parametrize(
    ("number", "passes"), [(errno.ENOSPC, True), (errno.EIO, True), (errno.EACCES, False)]
)
def test_a_disk_that_may_come_to_itself_is_told_from_one_that_somebody_must_see_to(
    tmp_path: Path, number: int, passes: bool
) -> None:
    with pytest.raises(StoreError, match="check the disk") as told, disk_errors(tmp_path):
        raise OSError(number, "no")
    assert isinstance(told.value, PassingError) is passes
