"""Conservation and durability: promises 1, 2, 3, 14, 15, 36, 40, 52."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from sim.oracle.case import END, Case
from sim.oracle.journal import FIELDS, PLC_KINDS, Entry
from sim.oracle.violation import Violation


def one_outcome(case: Case) -> Iterator[Violation]:
    """1: every parcel with a durable induct record has exactly one record; 15: one decision, one order."""
    inducted = Counter(row["pid"] for row in case.rows["Inducted"])
    ended = Counter(row["pid"] for row in case.rows["ParcelRecord"] if row["pid"])
    for pid, times in inducted.items():
        if times != 1:
            yield Violation(2, f"pid {pid} was inducted {times} times in the journal")
        if ended[pid] != 1:
            yield Violation(1, f"pid {pid} has {ended[pid]} records")
    yield from (Violation(1, f"pid {pid} was never inducted") for pid in ended.keys() - inducted.keys())
    for kind in ("Decision", "Assign"):
        for pid, times in Counter(row["pid"] for row in case.rows[kind] if not _recall(row, kind)).items():
            if times != 1:
                yield Violation(15, f"pid {pid} has {times} x {kind}")
    yield from _recalls(case)


def _recall(row: dict[str, Any], kind: str) -> bool:
    """Called back by an intercept or a lock: the one thing that may follow a decision."""
    to_end = row["chute"] == END
    return bool(to_end and (kind == "Assign" or row["why"] in ("intercepted", "chute-locked")))


def _recalls(case: Case) -> Iterator[Violation]:
    """15: a parcel is called back as often as its waybill was held or its chutes were locked, no more."""
    waybills = {row["pid"]: row["waybill"] for row in case.rows["Decision"]}
    held = Counter(row["waybill"] for row in case.rows["InterceptSet"] if row["held"])
    locks = Counter(row["chute"] for row in case.rows["ChuteLocked"] if row["locked"])
    ways = {
        row["pid"]: {row["chute"], row["alternate"]} for row in case.rows["Assign"] if row["chute"] != END
    }
    for pid, times in Counter(row["pid"] for row in case.rows["Assign"] if _recall(row, "Assign")).items():
        if times > held[waybills.get(pid, "")] + sum(locks[chute] for chute in ways.get(pid, ())):
            yield Violation(15, f"pid {pid} was called back {times} times, intercepts {held}, locks {locks}")


def stored_once(case: Case) -> Iterator[Violation]:
    """2: what the PLC was told is stored is in the journal once, in order; nothing is invented."""
    told = [(boot, number, _plain(event)) for _, _, boot, number, event in case.by_kind["told"]]
    acked: dict[int, int] = {}
    for _, _, boot, tail in case.by_kind["acked"]:
        acked[boot] = tail
    at, stored = 0, dict[tuple[int, int], tuple[str, int]]()
    for boot, entry in _heard(case):
        wanted = (entry.kind, {key: value for key, value in entry.row.items() if key != "at_us"})
        start = at
        while at < len(told) and (told[at][2] != wanted or boot not in (0, told[at][0])):
            at += 1
        if at == len(told):
            yield Violation(2, f"{entry.kind} {entry.row} was told once and is in the journal again")
            return
        yield from _skipped(told[start:at], acked)
        stored[told[at][:2]] = entry.end
        at += 1
    yield from _skipped(told[at:], acked)
    yield from _acknowledged_before_stored(case, stored)


def _heard(case: Case) -> Iterator[tuple[int, Entry]]:
    """The PLC's events in the journal, each with the boot that was linked then; 0 = none was yet.

    Two boots may say the same: a chute that is full, told a moment before a boot and lost with it, is told
    again by the next one.
    """
    boot = 0
    for entry in case.journal:
        if entry.kind in ("LinkUp", "Rebooted"):
            boot = entry.row["boot_id"]
        elif entry.kind in PLC_KINDS:
            yield boot, entry


def _skipped(missing: list[tuple[int, int, Any]], acked: dict[int, int]) -> Iterator[Violation]:
    for boot, number, event in missing:
        if 0 < number <= acked.get(boot, 0):
            yield Violation(2, f"event {number} of boot {boot} {event} was acknowledged and is not stored")


def _acknowledged_before_stored(
    case: Case, stored: dict[tuple[int, int], tuple[str, int]]
) -> Iterator[Violation]:
    boot, told = 0, -1
    for fact in case.facts:
        if fact[1] == "boot":
            boot, told = fact[2], 0
        elif fact[1] == "block" and fact[2][4] != told and fact[2][7] & 0xFF == boot & 0xFF:
            told = fact[2][4]
            end = stored.get((boot, told))
            if end is not None and end > fact[3]:
                yield Violation(2, f"event {told} of boot {boot} was acknowledged before it was durable")


def intent_first(case: Case) -> Iterator[Violation]:
    """3: no order goes out before the decision behind it is durable."""
    ends: dict[tuple[int, int], tuple[str, int]] = {}
    for entry in case.journal:
        if entry.kind == "Assign":  # held and locked: a parcel may be called back twice
            ends.setdefault((entry.row["pid"], entry.row["chute"]), entry.end)
    seen: set[tuple[int, int]] = set()
    last: list[int] = []
    for fact in case.by_kind["block"]:
        if fact[2][9:89] == last:
            continue  # the same orders once more
        last = fact[2][9:89]
        for order in _orders(fact[2]):
            if order not in seen:
                seen.add(order)
                if order not in ends:
                    yield Violation(3, f"an order for pid {order[0]} went out and no decision is stored")
                elif ends[order] > fact[3]:
                    yield Violation(3, f"the order for pid {order[0]} went out before it was durable")


def nothing_old(case: Case) -> Iterator[Violation]:
    """14: no order for a parcel older than the controller's start, neither decided nor sent."""
    yield from _decided_old(case)
    inducted = [(row["pid"], end) for kind, row, end in case.journal if kind == "Inducted"]
    old = set[int]()
    for fact in case.facts:
        if fact[1] == "started":
            old = {pid for pid, end in inducted if end <= fact[2]}
        elif fact[1] == "block" and old:
            for pid, chute in _orders(fact[2]):
                if pid in old and chute != END:
                    yield Violation(14, f"pid {pid} is older than the start and its order went out")


def _orders(words: list[int]) -> Iterator[tuple[int, int]]:
    """(pid, chute) of the orders in a command block."""
    for slot in range(9, 89, 8) if any(words[9:89]) else ():
        if pid := words[slot + 1] << 16 | words[slot + 2]:
            yield pid, words[slot + 3]


def _decided_old(case: Case) -> Iterator[Violation]:
    old: set[int] = set()
    open_pids: set[int] = set()
    for entry in case.journal:
        if entry.kind == "Inducted":
            open_pids.add(entry.row["pid"])
        elif entry.kind in ("Restarted", "Rebooted"):
            old |= open_pids
        elif entry.kind == "Assign" and entry.row["pid"] in old and entry.row["chute"] != END:
            yield Violation(14, f"pid {entry.row['pid']} is older than the start and got an order")


def _plain(event: Any) -> tuple[str, dict[str, Any]]:
    kind = type(event).__name__
    return kind, {name: getattr(event, name) for name in FIELDS.get(kind, ()) if name != "at_us"}


def losses_counted(case: Case) -> Iterator[Violation]:
    """36: what the PLC had no room for is counted in the journal, as far as the PLC still knows it."""
    boot = max(fact[2] for fact in case.by_kind["boot"])
    dropped = sum(fact[2] == boot for fact in case.by_kind["dropped"])
    counted, now = 0, 0
    for kind, row, _ in case.journal:
        if kind in ("LinkUp", "Rebooted"):
            now = row["boot_id"]
        elif kind == "EventsLost" and now == boot:
            counted += row["count"]
    foreign = "second-master" in case.kinds  # acknowledges what we never saw: lost to us, and counted
    if counted < dropped or (counted > dropped and not foreign):
        yield Violation(36, f"the PLC dropped {dropped} events in its last boot, {counted} are counted")


def alarms_told(case: Case) -> Iterator[Violation]:
    """52: whatever the machine or the link complains of is in the journal as a notice for people."""
    wanted, told = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for kind, row, _ in case.journal:
        if kind in _ALARMS:
            wanted[_ALARMS[kind](row)] += 1
        elif kind == "Notice":
            told[row["key"], row["about"]] += 1
    for (key, about), times in (wanted - told).items():
        yield Violation(52, f"{times} x {key} {about} and nobody was told")


_ALARMS: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
    "Jammed": lambda row: ("diverter-turned" if row["code"] == 2 else "jam", str(row["place"])),
    "EncoderTrouble": lambda row: ("belt-slip" if row["code"] in (3, 4) else "encoder", str(row["code"])),
    "CommChanged": lambda row: (f"comm-{row['code']}", str(row["session"])),
    "LinkDown": lambda row: ("link-down", row["reason"]),
    "EventsLost": lambda row: ("events-lost", str(row["count"])),
}
