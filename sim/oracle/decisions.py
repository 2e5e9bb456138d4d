"""What was decided against plan, advice and orders: 4, 6, 9, 10, 18, 29, 32, 35, 42, 44."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sim.oracle.case import END, TAKEN, Case
from sim.oracle.plans import InForce, plans, where_to
from sim.oracle.violation import Violation

WAYBILL = re.compile("JT[0-9]{13}")
SORTED = ("routed", "routed-to-alternate")
Code = tuple[str, int, int]
"""Text, first column, row of a code in its picture."""
LEAST_READS = {
    "reads-disagree": 2, "several-waybills": 2, "no-waybill-among-codes": 1, "read-fits-two-parcels": 1,
}  # fmt: skip
"""Texts that a parcel must bear to be refused for that."""


def by_the_plan(case: Case) -> Iterator[Violation]:
    """Walks the journal in order, knowing what the controller knew."""
    known, special = plans(case), case.by_kind["special"][0][2:]
    in_force = InForce(next(iter(known)))
    advised: dict[str, dict[str, Any]] = {}
    held: set[str] = set()
    locked: set[int] = set()
    out: set[int] = set()
    broken: set[int] = set()
    pinned: dict[int, str] = {}
    for kind, row, _ in case.journal:
        in_force.note(kind, row)
        if kind == "Advised":
            advised[row["waybill"]] = row
        elif kind == "InterceptSet":
            (held.add if row["held"] else held.discard)(row["waybill"])
        elif kind == "ChuteLocked":
            (locked.add if row["locked"] else locked.discard)(row["chute"])
            out.discard(row["chute"])
        elif kind == "Notice" and row["key"] == "chute-out":
            out.add(int(row["about"]))
        elif kind == "ChuteBroken":
            (broken.add if row["broken"] else broken.discard)(row["chute"])
        elif kind in ("Restarted", "Started", "ConfigChanged"):
            broken.clear()
        elif kind == "Decision":
            # Who is called back keeps the plan he was decided by.
            recalled = row["chute"] == END and row["pid"] in pinned
            version = pinned[row["pid"]] if recalled else in_force.version
            pinned[row["pid"]] = version
            if row["plan_version"] != version:
                yield Violation(4, f"pid {row['pid']} was decided by a plan that was not in force")
            yield from _decision(row, known[in_force.version], special, advised, held, locked)
            if row["chute"] in out:
                yield Violation(29, f"pid {row['pid']} was sent to chute {row['chute']}, out of service")
            if broken & {row["chute"], row["alternate"]}:
                yield Violation(29, f"pid {row['pid']} was sent to a chute of {sorted(broken)}, all broken")


def _decision(
    row: dict[str, Any], places: dict[str, tuple[int, ...]], special: tuple[int, int],
    advised: dict[str, dict[str, Any]], held: set[str], locked: set[int],
) -> Iterator[Violation]:  # fmt: skip
    chute, waybill, who = row["chute"], row["waybill"], f"pid {row['pid']}"
    if not row["plan_version"]:
        yield Violation(18, f"{who} was decided by no plan")
    if chute in locked:
        yield Violation(7, f"{who} was sent to chute {chute}, which was locked")
    if waybill in held and chute not in (END, special[1]):
        yield Violation(6, f"{who} bears the held {waybill} and was sent to chute {chute}")
    if row["why"] in SORTED:
        advice = advised.get(waybill, {"place": "", "service": ""})
        given = set(places.get(where_to(advice), ()))
        if advice["place"] != row["place"] or chute not in given or row["alternate"] not in given | {END}:
            yield Violation(4, f"{who} was sent to chute {chute}, which the plan does not give it")
    elif (chute != END and chute not in special) or row["alternate"] != END:
        yield Violation(35, f"{who} was sent to chute {chute} because {row['why']}")


def never_guessed(case: Case) -> Iterator[Violation]:
    """10: two waybills read on one parcel -> it gets no chute, and both are kept."""
    for row in case.rows["ParcelRecord"]:
        texts = {read[0] for read in row["reads"] if WAYBILL.fullmatch(read[0])}
        if row["why"] in SORTED and len(texts) != 1 and row["waybill"]:
            yield Violation(10, f"pid {row['pid']} was sorted by one of {sorted(texts)}")


def all_kept(case: Case) -> Iterator[Violation]:
    """10: what was read at one place of one picture is kept together or not at all, and nothing else is kept.

    Codes in one row of a picture lie at one place of the belt, hence on the same parcels. Goods numbers are
    alike on many parcels: such a code may be another picture's.
    """
    together = defaultdict[Code, list[set[Code]]](list)
    for picture in case.rows["FrameRead"]:
        rows = defaultdict[int, set[Code]](set)
        for code in map(_code, picture["reads"]):
            rows[code[2]].add(code)
        for row in rows.values():
            for one in row:
                together[one].append(row)
    least = {row["pid"]: LEAST_READS.get(row["why"], 0) for row in case.rows["Decision"]}
    for record in case.rows["ParcelRecord"]:
        kept, who = set(map(_code, record["reads"])), f"pid {record['pid']}"
        if not kept <= together.keys():
            yield Violation(10, f"{who} keeps a read that no picture gave")
        elif not all(any(row <= kept for row in together[one]) for one in kept):
            yield Violation(10, f"{who} keeps {len(kept)} reads and not what lies beside them")
        texts = {code[0] for code in kept}
        if len(texts) < least.get(record["pid"], 0) or (record["waybill"] and record["waybill"] not in texts):
            yield Violation(10, f"{who} was decided by {record['waybill'] or 'its codes'}, kept is {texts}")


def _code(read: list[Any]) -> Code:
    (x, y), _, (_, under), _ = read[2]
    return read[0], x, y + under


def right_parcel(case: Case) -> Iterator[Violation]:
    """9, 42: a record's waybill is printed on that very parcel, or a reader made it of what is.

    What no wheel took may bear its neighbour's when counts were lost on its way, until that was noticed.
    """
    noticed = [fact[0] for fact in case.by_kind["told"] if type(fact[4]).__name__ == "EncoderTrouble"]
    twins = {fact[2]: fact[3] for fact in case.by_kind["twin"]}
    for row in case.rows["ParcelRecord"]:
        n, waybill = case.numbers.get(row["pid"]), row["waybill"]
        if n is None or not waybill or n in case.misread:
            continue
        ride = case.rides[n]
        unknown = ride.chute in (END, TAKEN) and any(
            ride.came_us <= at <= (ride.left_us or at) and case.miscounted(ride.came_us, at) for at in noticed
        )
        if not unknown and waybill not in (case.truths.get(n, ("",))[0], twins.get(n)):
            yield Violation(42, f"pid {row['pid']} is parcel {n} and got the read {waybill}")


def plain_text(case: Case) -> Iterator[Violation]:
    """44: what a decoder says is text: nothing but a waybill of the courier's form becomes one."""
    for row in (*case.rows["ParcelRecord"], *case.rows["Decision"]):
        if row["waybill"] and not WAYBILL.fullmatch(row["waybill"]):
            yield Violation(44, f"pid {row['pid']} has the waybill {row['waybill']!r}")
