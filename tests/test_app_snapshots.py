"""Where a restart begins: at a good snapshot if there is one, and always in the journal's state."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from sorter.app.config import load_hub
from sorter.app.journal import JournalWriter, read
from sorter.app.shadow import Shadow
from sorter.app.snapshots import snapshot_paths, snapshots, write_snapshot
from sorter.app.stage import Past, recover, recovered
from sorter.errors import StoreError
from sorter.flow import Decision, PlanOrdered, WaveBegan
from sorter.hub import Hub
from tests.fed import steady
from tests.first_decision import quickest
from tests.hubs import ON_DATE
from tests.linzi import FOLDER
from tests.runs_fed import FedRun
from tests.test_sorter_snapshot import alike, trimmed

LINZI = load_hub(FOLDER)


def made(
    folder: Path, parcels: int, hub: Hub = LINZI, every: int = 500, segment_bytes: int = 150_000
) -> Path:
    """The journal of so many parcels, the last of them still on the belt, with its snapshots."""
    run = FedRun(hub, folder, islice(steady(6000), parcels), segment_bytes=segment_bytes)
    run.to(parcels * 600_000)
    run.runner.cycle()
    assert run.journal.close(30.0)
    Shadow(run.journal_folder, every).follow()
    return run.journal_folder


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("run"), 300)


def from_the_first(folder: Path, hub: Hub = LINZI) -> Past:
    return recovered(hub, read(folder), ON_DATE)


def same(one: Past, other: Past) -> None:
    assert (one.known, one.tail, one.missing) == (other.known, other.tail, other.missing)
    alike(trimmed(one.controller), trimmed(other.controller))


def test_a_restart_from_a_snapshot_is_the_restart_from_the_first_record(journal: Path) -> None:
    assert len(snapshot_paths(journal)) == 2
    past = recover(LINZI, journal, ON_DATE)
    assert past.controller.open_parcels > 3
    same(past, from_the_first(journal))


def test_a_snapshot_may_be_missing_damaged_or_torn_and_only_costs_time(journal: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(journal, tmp_path / "journal"))
    newest, older = snapshot_paths(folder)
    whole = from_the_first(folder)
    good = newest.read_bytes()
    for damaged in (good[:-1], good[:10], b"", good + b" ", good[:50] + b"\0" + good[51:]):
        newest.write_bytes(damaged)
        assert [kept.position.byte for kept in snapshots(folder)] == [int(older.name[-12:])]
        same(recover(LINZI, folder, ON_DATE), whole)
    newest.unlink()
    older.unlink()
    same(recover(LINZI, folder, ON_DATE), whole)


def test_every_flipped_bit_of_a_snapshot_is_refused(
    journal: Path, tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    folder = Path(shutil.copytree(journal, tmp_path / "journal"))
    newest, older = snapshot_paths(folder)
    older.unlink()
    good, chance = newest.read_bytes(), Random(7)
    bits = [*range(8 * 20), *(chance.randrange(8 * len(good)) for _ in range(340))]
    for bit in bits:
        data = bytearray(good)
        data[bit // 8] ^= 1 << bit % 8
        newest.write_bytes(data)
        assert list(snapshots(folder)) == [], bit
    report_line(f"{len(bits)} of {len(bits)} bit flips in a snapshot refused")


def test_a_snapshot_of_another_journal_is_not_used(journal: Path, tmp_path: Path) -> None:
    other = made(tmp_path, 200, every=300)
    for path in snapshot_paths(other):
        path.unlink()
    for path in snapshot_paths(journal):
        shutil.copy(path, other)
    same(recover(LINZI, other, ON_DATE), from_the_first(other))


def test_a_snapshot_ahead_of_what_a_power_cut_left_is_not_used(journal: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(journal, tmp_path / "journal"))
    newest = next(snapshots(folder)).position
    for path in folder.glob("*.journal"):
        if int(path.stem) > newest.segment:
            path.unlink()
    with (folder / f"{newest.segment:06d}.journal").open("r+b") as file:
        file.truncate(newest.byte + 5)
    past = recover(LINZI, folder, ON_DATE)
    same(past, from_the_first(folder))
    assert past.controller.open_parcels > 3


def test_with_another_configuration_the_parcels_of_the_snapshot_end_as_unknown(journal: Path) -> None:
    other = replace(LINZI, files={**LINZI.files, "waves.yaml": "waves: {}"})
    same(recover(other, journal, ON_DATE), from_the_first(journal, other))


def ordered(journal: Path, folder: Path) -> PlanOrdered:
    """What a person orders behind the newest snapshot, in a copy of the journal; a wave begins, too."""
    shutil.copytree(journal, folder)
    order = PlanOrdered(181_000_000, replace(LINZI.plan.data, version="by-hand"), "", "li")
    writer = JournalWriter(folder)
    writer.append(order)
    writer.append(WaveBegan(182_000_000, "wave-1"))
    assert writer.close(30.0)
    return order


def test_a_plan_ordered_behind_a_snapshot_is_in_force_after_a_restart(journal: Path, tmp_path: Path) -> None:
    ordered(journal, tmp_path / "journal")
    past = recover(LINZI, tmp_path / "journal", ON_DATE)
    same(past, from_the_first(tmp_path / "journal"))
    assert past.controller._rulings.version == "by-hand" and past.plans == ()


@pytest.mark.parametrize("snapshot_behind", [False, True])
def test_it_is_told_again_when_another_file_has_changed(
    snapshot_behind: bool, journal: Path, tmp_path: Path
) -> None:
    order = ordered(journal, tmp_path / "journal")
    if snapshot_behind:
        Shadow(tmp_path / "journal", 1).follow()
    other = replace(LINZI, files={**LINZI.files, "waves.yaml": "waves: {}"})
    told = recover(other, tmp_path / "journal", ON_DATE).plans
    assert [one.plan for one in told] == [order.plan]
    assert told == from_the_first(tmp_path / "journal", other).plans


def test_a_journal_without_its_beginning_needs_a_snapshot(journal: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(journal, tmp_path / "journal"))
    whole = from_the_first(folder)
    (folder / "000001.journal").rename(folder / "gone")
    assert any(folder.glob("*.journal")), "the journal of this test has several segments"
    same(recover(LINZI, folder, ON_DATE), whole)
    for path in snapshot_paths(folder):
        path.unlink()
    with pytest.raises(StoreError, match="does not begin with a start"):
        recover(LINZI, folder, ON_DATE)


def test_the_shadow_tells_of_a_journal_that_we_would_not_write(journal: Path, tmp_path: Path) -> None:
    values = list(read(journal))
    at, decision = next((n, value) for n, value in enumerate(values) if isinstance(value, Decision))
    values[at] = replace(decision, chute=3)
    writer = JournalWriter(tmp_path / "journal")
    for value in values:
        writer.append(value)
    assert writer.close(30.0)
    shadow = Shadow(tmp_path / "journal", 500)
    shadow.follow()
    assert shadow.differences == 1 and "chute=3" in shadow.first
    assert Shadow(journal, 500).follow() == 0


def test_the_shadow_follows_over_restarts_and_goes_on_where_it_stood(
    tmp_path: Path,
) -> None:
    shadow: Shadow | None = None
    written = 0
    for n in range(1, 5):
        made_one = FedRun(LINZI, tmp_path, islice(steady(6000, 1000 * n), 60))
        made_one.to(1000 * n * 600_000 + 20_000_000)
        assert made_one.journal.close(30.0)
        shadow = Shadow(made_one.journal_folder, 150) if shadow is None or n == 3 else shadow
        written += shadow.follow()
        assert shadow.differences == 0, shadow.first
        same(recover(LINZI, made_one.journal_folder, ON_DATE), from_the_first(made_one.journal_folder))
    assert written >= 6
    assert len(snapshot_paths(tmp_path / "journal")) == 2


def test_a_part_that_a_dead_writer_left_is_in_nobodys_way(journal: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(journal, tmp_path / "journal"))
    (folder / "snapshot.part").write_bytes(b"half")
    write_snapshot(folder, next(snapshots(folder)))
    assert not (folder / "snapshot.part").exists()
    assert len(list(snapshots(folder))) == 2


# ------------------------------------------------------------ from a start to its first decision


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_after_1_000_000_records_a_start_decides_within_two_seconds(
    tmp_path: Path, report_line: Callable[[str], None]
) -> None:
    run = FedRun(LINZI, tmp_path / "run", islice(steady(6000), 107_000))
    run.end()
    Shadow(run.journal_folder).follow()
    records = sum(1 for _ in read(run.journal_folder))
    took = quickest(tmp_path / "run", LINZI.files)
    report_line(f"after {records} records {took.words}")
    assert records >= 1_000_000 and took.in_time
