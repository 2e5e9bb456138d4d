"""What a run may forget, and that it never forgets what somebody needs."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sorter.app import cli
from sorter.app.caretaker import Caretaker
from sorter.app.config import load_hub
from sorter.app.console.asked import _story
from sorter.app.desk import Desk
from sorter.app.disk_guard import LOOK_US, DiskGuard, free_mb
from sorter.app.plan_desk import plans_of
from sorter.app.retention import DAY_US, prune
from sorter.app.segments import segment_number, segment_paths
from sorter.app.snapshots import snapshot_paths
from sorter.app.stage import recover
from sorter.app.store import Store
from sorter.app.store_care import DATABASE, backup, verify
from sorter.app.tended import tended
from sorter.errors import StoreError
from sorter.flow import DiskSpace, Room
from sorter.hub import Keeping
from tests.hubs import ON_DATE
from tests.linzi import FOLDER, edited
from tests.test_app_config import problems
from tests.test_app_snapshots import LINZI, made, same

SHORT = Keeping(journal_days=1, records_days=10)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    made(folder, 400)
    return folder


@pytest.fixture
def run(original: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(original, tmp_path / "run"))


def numbers(run: Path) -> list[int]:
    return [segment_number(path) for path in segment_paths(run / "journal")]


def later(days: int) -> int:
    return time.time_ns() // 1000 + days * DAY_US


def test_what_is_young_and_small_stays(run: Path) -> None:
    before = numbers(run)
    assert prune(run, Keeping()).removed == () and numbers(run) == before


def test_old_segments_go_up_to_the_older_snapshot_and_a_restart_is_the_same(run: Path) -> None:
    before, past = numbers(run), recover(LINZI, run / "journal", ON_DATE)
    done = prune(run, SHORT, now_us=later(2))
    oldest_needed = min(int(path.name[9:15]) for path in snapshot_paths(run / "journal"))
    assert done.due == tuple(before[:-1]) and done.removed == tuple(range(1, oldest_needed))
    assert "a restart begins there" in done.why or not done.why
    assert len(done.removed) >= 2 and numbers(run) == list(range(oldest_needed, before[-1] + 1))
    same(recover(LINZI, run / "journal", ON_DATE), past)
    proof = verify(run)
    assert (proof.rows or 0) > proof.records, "the database remembers the parcels of what is gone"
    with Store(run / DATABASE) as store:
        assert store.counts() and store.catch_up(run / "journal") == 0
        assert sum(store.counts().values()) == proof.rows


def test_beyond_a_size_the_oldest_go_and_no_more_than_must(run: Path) -> None:
    sizes = [path.stat().st_size for path in segment_paths(run / "journal")]
    keeping = Keeping(journal_mb=1)
    padding = 1_000_000 - sum(sizes[1:])
    newest = segment_paths(run / "journal")[-1]
    assert padding > 0
    with newest.open("ab") as file:
        file.write(bytes(padding))
    done = prune(run, keeping, dry=True)
    assert done.due == (1,) and done.removed == (1,) and numbers(run)[0] == 1, "a dry run removes nothing"
    assert prune(run, keeping).removed == (1,) and numbers(run)[0] == 2


def test_without_two_good_snapshots_nothing_goes(run: Path) -> None:
    newest = snapshot_paths(run / "journal")[0]
    newest.write_bytes(newest.read_bytes()[:-1])
    done = prune(run, SHORT, now_us=later(2))
    assert done.removed == () and "1 of 2 snapshots" in done.why and numbers(run)[0] == 1


def test_what_the_backup_lacks_or_has_otherwise_stays(run: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    backup(run, copy)
    second = segment_paths(copy / "journal")[1]
    second.write_bytes(second.read_bytes()[:-1] + b"!")
    done = prune(run, SHORT, backup=copy, now_us=later(2))
    assert done.removed == (1,) and "the backup has no such copy" in done.why


def test_what_the_database_has_otherwise_stays(run: Path) -> None:
    with Store(run / DATABASE) as store:
        store.catch_up(run / "journal")
    with sqlite3.connect(run / DATABASE) as db:
        last = "SELECT max(byte) FROM parcels WHERE segment = 2"
        db.execute(f"DELETE FROM parcels WHERE segment = 2 AND byte = ({last})")
    db.close()
    done = prune(run, SHORT, now_us=later(2))
    assert done.removed == (1,) and done.why.startswith("000002.journal: ")
    assert "the database lacks the parcel" in done.why


def test_a_damaged_segment_is_never_removed(run: Path) -> None:
    path = segment_paths(run / "journal")[1]
    data = bytearray(path.read_bytes())
    data[-3] ^= 4
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"000002.journal|000003.journal"):
        prune(run, SHORT, now_us=later(2))
    assert 2 in numbers(run)


def test_rows_go_when_their_time_is_over_too(run: Path) -> None:
    first = prune(run, SHORT, now_us=later(2))
    assert first.removed and first.rows == 0
    with Store(run / DATABASE) as store:
        had = sum(store.counts().values())
    done = prune(run, SHORT, now_us=later(12))
    assert done.rows > 0
    with Store(run / DATABASE) as store:
        assert sum(store.counts().values()) == had - done.rows
    assert verify(run).rows == had - done.rows


def test_a_database_that_lost_its_end_keeps_the_rows_of_removed_segments(run: Path) -> None:
    prune(run, SHORT, now_us=later(2))
    with sqlite3.connect(run / DATABASE) as db:
        rows = db.execute("SELECT count(*) FROM parcels").fetchone()[0]
        db.execute("UPDATE parcels SET crc = crc + 1 WHERE segment = (SELECT max(segment) FROM parcels)")
    db.close()
    with Store(run / DATABASE) as store:
        store.catch_up(run / "journal")
        assert sum(store.counts().values()) == rows


def test_plans_are_known_after_the_journals_beginning_and_the_database_are_gone(run: Path) -> None:
    version = plans_of(run).plan.version
    prune(run, SHORT, now_us=later(2))
    assert plans_of(run).plan.version == version
    assert plans_of(run).history, "the database remembers"
    for path in run.glob(f"{DATABASE}*"):
        path.unlink()
    assert plans_of(run).plan.version == version


def test_the_story_of_a_parcel_whose_journal_is_gone_says_so(run: Path) -> None:
    prune(run, SHORT, now_us=later(2))
    desk = SimpleNamespace(follower=SimpleNamespace(folder=run), hub=LINZI)
    request: Any = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(desk=desk)))
    with Store(run / DATABASE) as store:
        newest, *_, old = store.parcels(limit=380)
        assert _story(request, store, [old], old.waybill, "en") == [
            "its journal has been removed; its record stands"
        ]
        assert len(_story(request, store, [newest], newest.waybill, "en")) > 3


def test_the_command_says_what_would_go_and_what_keeps_the_rest(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = time.time() - 3 * 86_400
    for path in segment_paths(run / "journal"):
        os.utime(path, (old, old))
    for folder in (run, run / "journal"):
        assert cli.main(["store", "prune", str(folder), "--dry-run"]) == 0
        assert "may go: 0 段 segments" in capsys.readouterr().out
    cli.main(["store", "prune", str(run), "--days", "1", "--dry-run"])
    assert numbers(run)[0] == 1 and "may go: 0" not in capsys.readouterr().out
    cli.main(["store", "prune", str(run), "--days", "1"])
    assert numbers(run)[0] > 1 and "removed: " in capsys.readouterr().out


# ------------------------------------------------------------ the caretaker


def test_a_caretaker_keeps_snapshots_and_says_each_trouble_once(run: Path) -> None:
    said: list[str] = []
    for path in snapshot_paths(run / "journal"):
        path.unlink()
    caretaker = Caretaker(run, said.append)
    caretaker.look()
    assert said == []
    path = segment_paths(run / "journal")[0]
    path.write_bytes(b"no journal" * 9)
    caretaker = Caretaker(run, said.append)
    waits = [caretaker.look() for _ in range(3)]
    assert len(said) == 1 and "no journal" in said[0] and min(waits) > 5


def test_a_caretaker_runs_beside_and_ends_with_the_run(original: Path, tmp_path: Path) -> None:
    shutil.copytree(original, tmp_path / "run")
    with tended(tmp_path / "run"), tended(tmp_path / "run"):
        deadline = time.monotonic() + 30
        lock = tmp_path / "run" / "caretaker.lock"
        while not lock.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert lock.exists()


# ------------------------------------------------------------ room on the disk


class Disk:
    """A disk whose free room and clock a test sets."""

    def __init__(self, free: int) -> None:
        self.free, self.now_us = free, 0

    def look(self, guard: DiskGuard) -> list[tuple[Room, int]]:
        self.now_us += LOOK_US
        return [
            (event.room, event.free_mb) for told in guard.told() if isinstance(event := told(7), DiskSpace)
        ]


def told(levels: Sequence[int], known: Room = Room.ENOUGH) -> list[tuple[Room, int]]:
    disk = Disk(0)
    guard = DiskGuard(
        Path("/"), Keeping(alarm_mb=1000, stop_mb=100), known, lambda folder: disk.free, lambda: disk.now_us
    )
    found = []
    for disk.free in levels:
        found += disk.look(guard)
    return found


def test_a_disk_that_fills_up_is_told_at_each_limit_once_and_again_when_there_is_room() -> None:
    assert told([5000, 999, 998, 99, 98, 105, 111, 1050, 1101]) == [
        (Room.LITTLE, 999),
        (Room.NONE, 99),
        (Room.LITTLE, 111),
        (Room.ENOUGH, 1101),
    ]


def test_a_new_start_tells_what_differs_from_what_its_predecessor_knew() -> None:
    assert told([5000], known=Room.NONE) == [(Room.ENOUGH, 5000)]
    assert told([5], known=Room.NONE) == []


def test_the_disk_is_looked_at_now_and_then_and_one_that_does_not_answer_says_nothing(tmp_path: Path) -> None:
    looks: list[Path] = []

    def broken(folder: Path) -> int:
        looks.append(folder)
        raise OSError("no answer")

    clock = iter(range(0, 10 * LOOK_US, LOOK_US // 10))
    guard = DiskGuard(tmp_path, Keeping(), Room.ENOUGH, broken, lambda: next(clock))
    assert [guard.told() for _ in range(100)] == [[]] * 100
    assert len(looks) == 10
    assert free_mb(tmp_path) > 0


def test_the_desk_hands_the_guards_word_to_the_loop(tmp_path: Path) -> None:
    guard = DiskGuard(tmp_path, Keeping(alarm_mb=10, stop_mb=5), free=lambda folder: 7)
    desk = Desk(tmp_path, guard=guard)
    assert [order(3) for order in desk.orders()] == [DiskSpace(3, Room.LITTLE, 7)]


def test_limits_that_contradict_each_other_are_told_at_their_place() -> None:
    assert "stop_mb: 1000" in (FOLDER / "store.yaml").read_text(encoding="utf-8")
    (found,) = problems(edited("store.yaml", "stop_mb: 1000", "stop_mb: 9000"))
    assert "linzi/store.yaml:14:12: new parcels stop at 9000 MB" in found
    (found,) = problems(edited("store.yaml", "records_days: 800", "records_days: 8"))
    assert "rows go after 8 days" in found
    (found,) = problems(edited("store.yaml", "segment_mb: 16", "segment_mb: 0"))
    assert "write a whole number from 1 to 64" in found
    assert load_hub(FOLDER).keeping == Keeping(), "the shipped file says the defaults"
