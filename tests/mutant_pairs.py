"""Two defences against one harm: each alone suffices, and only without both something is told.

`LAYERS` are mistakes that nothing needs to tell alone, for another layer stands behind each. `PAIRS` says
with which other one a mistake does harm, and where that shows: a seed of the torture, whose mix may be kinds
of faults joined by + or single faults "kind at-second for-seconds choice; ...", or a
probe of `mutant_probes`.
"""

from __future__ import annotations

from pathlib import Path

from sim.torture.faults import Fault
from sim.torture.trial import Trial, run
from sorter.app.torture_bench import begin
from tests.mutant_probes import PROBES, WITH_A_RUN
from tests.mutants import Mutant

Where = tuple[int, str] | str

_PROG, _DIV, _BOX, _PICTURES = "plc.program:LineProgram.", "plc.diverting:Diverting.", "plc.mailbox:", (
    "sorter.pictures:Pictures.")  # fmt: skip
_CARE = "sorter.app.store_care:"

LAYERS = (
    Mutant("fires what must ride to the end", _DIV + "_fire", "job.fate is not None or ", ""),
    Mutant("ignores the deadline of an order", "plc.orders:_too_late", "bool(expired) or ", "False or "),
    Mutant("ignores where an order's parcel is", "plc.orders:_too_late",
           " or ledger.count > job.track.place + layout.decision_counts[order.chute]", ""),
    Mutant("lets codes reach over to the neighbour", "sorter.matching:owners", "// 2", "* 9"),
    Mutant("has no doubt about a code on two parcels", _PICTURES + "_give",
           "parcel.doubtful or len(parcels) > 1", "parcel.doubtful"),
    Mutant("believes in parcels of any length", _PROG + "_induct", "if length > self._longest:", "if False:"),
    Mutant("takes the first of several waybills", "sorter.waybill:choose",
           "if len(found) > 1:", "while len(found) > 1:\n        found.popitem()\n    if False:"),
    Mutant("believes any acknowledgement", _BOX + "EventRing.acknowledge", "if count <= len(self._kept):",
           "if count := min(count, len(self._kept)):"),
    Mutant("fits every rule to a town that none names", "sorter.plan:Plan.ruling",
           "town.get(item.town, any_town)", "town.get(item.town, -1)"),
    Mutant("takes orders for broken diverters", "plc.orders:verdict_on",
           "faults >> layout.chutes[order.chute].diverter & 1", "False"),
    Mutant("fires broken diverters", _DIV + "_usable", " | faults >> self._diverter(chute)", ""),
    Mutant("believes the dock more than the manifest", "sorter.waybill:choose",
           "advised.get(waybill, dock)", "(dock or advised.get(waybill))"),
    Mutant("votes on goods numbers, too", "sorter.rulings:Rulings._choice",
           " if may_be_waybill(sighting.read)", ""),
    Mutant("takes a goods number for a waybill", "sorter.waybill:choose", " if may_be_waybill(read)", ""),
    Mutant("believes every row of the database", "sorter.app.store_rows:proven",
           "_summed(cells) != list(row)", "False"),
    Mutant("does not compare the database with the journal", "sorter.app.store_proof:_check_rows",
           "tables[of_parcels].next() != row", "tables[of_parcels].next() is None"),
    Mutant("copies damaged snapshots", _CARE + "_copy_journal", "if whole(path):", "if True:"),
    Mutant("does not look at a copy's snapshots", _CARE + "verify", "if not whole(path):", "if False:"),
    Mutant("obeys torn blocks", _BOX + "PlcMailbox._legible", "block.hb_pc == block.guard_b and ", ""),
    Mutant("takes orders whose check is wrong", "plc.records:unpack_slot", "words[7] != slot_check(words)",
           "False"),
    Mutant("prunes with a database that is behind", "sorter.app.retention:_may_go",
           "store.catch_up(journal)", "pass"),
    Mutant("prunes what the database lacks", "sorter.app.retention:_kept_by",
           "not store.has(position, record)", "False"),
    Mutant("lets a standing line be in an e-stop", "plc.modes:Modes.step",
           "self.state not in (PackState.ABORTING, PackState.ABORTED)", "self.state is _EXECUTE"),
    Mutant("asks for a jog in an e-stop", "plc.pc_mailbox:PcMailbox.jog", "if self._chain_closed():",
           "if True:"),
    Mutant("jogs in an e-stop", "plc.maintenance:Maintenance._may_jog", " and inputs.safe", ""),
    Mutant("believes any snapshot", "sorter.app.snapshots:_unpacked",
           " and crc32(payload, crc32(data[: _HEADER.size - 4])) == crc", ""),
)  # fmt: skip


PAIRS: dict[tuple[str, str], Where] = {
    ("never suspends", "opens the infeed without a PC"): (1, "silent"),
    ("diverts close neighbours", "fires for close parcels"): (1, "close"),
    ("arms what must ride to the end", "fires what must ride to the end"): (2, "close"),
    ("takes late orders", "decides after the deadline"): (2, "vision-late"),
    ("ignores the deadline of an order", "ignores where an order's parcel is"): (1, "busy"),
    ("lets codes reach over to the neighbour", "has no doubt about a code on two parcels"):
        (3, "close 7.67 0.1 30"),
    ("believes in parcels of any length", "takes the first of several waybills"): (1, "touching 18.46 0.1 0"),
    ("obeys blocks for another boot", "believes any acknowledgement"): (3, "reboot+write-late"),
    ("serves every place", "fits every rule to a town that none names"): (1, "advice-wrong"),
    ("unclear means the first town", "serves every place"): "what_has_no_clear_place_gets_no_chute",
    ("takes orders for broken diverters", "fires broken diverters"): "a_broken_diverter_is_not_turned",
    ("starts in an e-stop", "lets a standing line be in an e-stop"): "nothing_moves_in_an_e_stop",
    ("asks for a jog in an e-stop", "jogs in an e-stop"): "nobody_jogs_in_an_e_stop",
    ("believes the dock more than the manifest", "believes another courier's manifest"):
        "a_parcel_is_not_sorted_as_another_couriers",
    ("votes on goods numbers, too", "takes a goods number for a waybill"):
        "a_goods_number_beside_the_waybill_changes_nothing",
    ("believes every row of the database", "does not compare the database with the journal"):
        "a_false_row_of_the_database_is_told",
    ("copies damaged snapshots", "does not look at a copy's snapshots"): "a_backup_has_no_damaged_snapshot",
    ("obeys torn blocks", "takes orders whose check is wrong"): "a_torn_block_orders_nothing",
    ("prunes with a database that is behind", "prunes what the database lacks"):
        "what_is_pruned_is_in_the_database",
    ("believes any snapshot", "believes any position"): "a_snapshot_of_another_journal_begins_nothing",
}  # fmt: skip

FAST = frozenset(list(PAIRS)[:2]) | {
    pair for pair, where in PAIRS.items() if isinstance(where, str) and where not in WITH_A_RUN
}
"""Tried in every run; the others cost half a second each and are tried in the full one."""


def trial(seed: int, mix: str) -> Trial:
    """One seed of the torture; mix as above."""
    return run(seed, mix, begin, single(mix) if " " in mix else None)


def single(text: str) -> tuple[Fault, ...]:
    """The faults that are named one by one."""
    words = [one.split() for one in text.split(";")]
    return tuple(
        Fault(kind, int(float(at_s) * 1e6), int(float(for_s) * 1e6), int(choice))
        for kind, at_s, for_s, choice in words
    )


def told(where: Where, folder: Path) -> str:
    """What is wrong there with the product as it is now; "" = nothing. The probe gets an empty folder."""
    if not isinstance(where, str):
        return "; ".join(map(str, trial(*where).violations[:2]))
    try:
        PROBES[where](folder)
    except Exception as error:  # whatever comes out of it: the harm, or a start that is not possible any more
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return ""
