"""Probes for pairs of mistakes that the torture's world has no place for: each fails when harm is done.

A probe asks for the harm alone, not for the word with which it was kept away: any of the layers may say it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from plc.blocks import EMPTY
from plc.registers import MAINTENANCE
from sorter.app.retention import prune
from sorter.app.segments import read_kind
from sorter.app.snapshots import snapshot_paths, whole
from sorter.app.stage import recover
from sorter.app.store import Store
from sorter.app.store_care import DATABASE, backup, verify
from sorter.errors import StoreError
from sorter.flow import REJECT, Advised, Inducted, PackCommand, ParcelRecord, Why
from sorter.hub import Keeping
from sorter.parcels import OpenParcel
from sorter.rulings import Rulings
from sorter.waybill import choose
from tests.hubs import ON_DATE, hub, layout
from tests.journals_made import record, values, write
from tests.pairs import Pair, joined, order
from tests.test_app_retention import later
from tests.test_app_snapshots import LINZI, made
from tests.test_sorter_plan import ADVISED, ANY, PLAN, ruled
from tests.test_sorter_vote import seen as sighting
from tests.test_sorter_waybill import BOTH, COURIERS, DAY, JT, seen
from tests.walked import Object, Walked

LINE = layout(diverters=4)


def what_has_no_clear_place_gets_no_chute(folder: Path) -> None:
    """Not even by a rule that takes everything."""
    unclear = replace(ADVISED, place="", unclear=True)
    assert ruled(advised=unclear, plan=replace(PLAN, rules=(ANY,))).chutes == ()


def a_broken_diverter_is_not_turned(folder: Path) -> None:
    """The order for a parcel comes after it broke."""
    walked = Walked(LINE, [Object(1000)], {0: (2, REJECT)})
    walked.faults = 1 << 1
    while walked.way_mm < 8000:
        assert not any(walked.scan().wheels)


def nothing_moves_in_an_e_stop(folder: Path) -> None:
    """Whatever commands come while the chain is open."""
    walked = Walked(LINE, [], {})
    walked.safe = False
    walked.scan()
    walked.scan()
    for command in (PackCommand.CLEAR, PackCommand.RESET, PackCommand.START):
        for sent in (command, PackCommand.NONE):
            assert not walked.scan(sent).belt_run, f"{command.name} moved the belt"


def nobody_jogs_in_an_e_stop(folder: Path) -> None:
    """A wish for a jog that comes while the chain is open."""
    pair = Pair()
    pair.pc.mode_wish = MAINTENANCE
    for _ in range(4):
        pair.cycle()
    pair.plc.safe = False
    pair.cycle()
    pair.pc.take(pair.plc.status)
    pair.pc.jog(1)
    pair.plc.mailbox.receive(pair.pc.block(True))
    pair.plc.scan()
    assert not any(any(outputs.wheels) for outputs in pair.plc.outputs)


def a_parcel_is_not_sorted_as_another_couriers(folder: Path) -> None:
    """A number of two couriers' forms, a manifest that names one of them, and the dock of the other."""
    choice = choose(seen(BOTH), COURIERS, {BOTH: "sto"}, DAY, "yunda")
    told = Advised(0, BOTH, "sto", "V1")
    found = ruled(choice=choice, advised=told, plan=replace(PLAN, rules=(ANY,)))
    assert found.courier == "sto" or found.chutes == ()


def a_goods_number_beside_the_waybill_changes_nothing(folder: Path) -> None:
    """An ISBN has the form of a courier's number."""
    rulings = Rulings(hub(), ON_DATE)
    rulings.told(Advised(0, JT, "jt", "370305103201"))
    goods = seen("9781234567897", symbology="EAN13")[0]
    parcel = OpenParcel(Inducted(0, 1, 300, 0), None, None)  # type: ignore[arg-type]
    parcel.seen = [sighting(JT), replace(sighting(JT), read=goods, along_mm=200)]
    found = rulings.rule(parcel)
    assert (found.why, found.waybill) == (Why.ROUTED, JT)


def a_false_row_of_the_database_is_told(folder: Path) -> None:
    """Its page is whole, its content is not what the journal says."""
    write(folder / "journal", [*values(3), *(record(pid) for pid in range(1, 6))])
    with Store(folder / DATABASE) as store:
        store.catch_up(folder / "journal")
    assert verify(folder).rows == 5
    with closing(sqlite3.connect(folder / DATABASE)) as db:
        db.execute("UPDATE parcels SET told = 8 WHERE pid = 3")
        db.commit()
    with suppress(StoreError):
        verify(folder)
        raise AssertionError("nobody noticed")


def a_backup_has_no_damaged_snapshot(folder: Path) -> None:
    """It is made without it, or not at all."""
    made(folder / "run", 60, every=200)
    [*_, snapshot] = snapshot_paths(folder / "run" / "journal")
    snapshot.write_bytes(snapshot.read_bytes()[:-1])
    with suppress(StoreError):
        backup(folder / "run", folder / "copy")
    assert all(map(whole, snapshot_paths(folder / "copy" / "journal")))


def a_torn_block_orders_nothing(folder: Path) -> None:
    """Its second half never came: an order's parcel and chute are of two different orders."""
    pair = joined()
    pair.pc.offer([order(7)])
    words = pair.pc.block(True)
    words[12] = 2  # chute of the first slot
    words[-1] ^= 1  # the guard at its end
    pair.plc.mailbox.receive(words)
    assert [taken.chute for taken in pair.plc.scan().orders if taken.chute == 2] == []
    assert words[9:17] != list(EMPTY), "there is an order in it"


def what_is_pruned_is_in_the_database(folder: Path) -> None:
    """Of every parcel that the journal had, the journal or the database tells still."""
    journal = made(folder / "run", 220)
    before = [one for _, one in read_kind(journal, None, ParcelRecord)]
    done = prune(folder / "run", Keeping(journal_days=1, records_days=10), now_us=later(2))
    after = {one for _, one in read_kind(journal, None, ParcelRecord)}
    with Store(folder / "run" / DATABASE) as store:
        after |= set(store.parcels(limit=len(before)))
    assert after.issuperset(before), f"removed {done.removed}"


def a_snapshot_of_another_journal_begins_nothing(folder: Path) -> None:
    """One that names a record which is not there: a start does without it."""
    journal = made(folder / "run", 60, every=200)
    known = recover(LINZI, journal, ON_DATE).known
    newest = snapshot_paths(journal)[0]
    place, rest = newest.read_bytes().split(b"]", 1)
    before, crc = place.rsplit(b",", 1)
    newest.write_bytes(before + b",%d]" % (int(crc) ^ 1) + rest)
    assert recover(LINZI, journal, ON_DATE).known == known


PROBES: dict[str, Callable[[Path], None]] = {
    probe.__name__: probe
    for probe in (
        what_has_no_clear_place_gets_no_chute, a_broken_diverter_is_not_turned, nothing_moves_in_an_e_stop,
        nobody_jogs_in_an_e_stop, a_parcel_is_not_sorted_as_another_couriers,
        a_goods_number_beside_the_waybill_changes_nothing, a_false_row_of_the_database_is_told,
        a_backup_has_no_damaged_snapshot, a_torn_block_orders_nothing, what_is_pruned_is_in_the_database,
        a_snapshot_of_another_journal_begins_nothing,
    )
}  # fmt: skip
"""By name; each gets an empty folder."""

WITH_A_RUN = (
    "a_backup_has_no_damaged_snapshot", "what_is_pruned_is_in_the_database",
    "a_snapshot_of_another_journal_begins_nothing",
)  # fmt: skip
"""Probes that sort some parcels first, which takes a moment."""
