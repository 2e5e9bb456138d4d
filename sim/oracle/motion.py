"""What the steel did: promises 5, 7, 8, 11, 13, 19, 21, 50, 51."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from sim.oracle.case import END, TAKEN, Case, Violation

SECOND = 1_000_000
SORTED = ("routed", "routed-to-alternate")
VAGUE = ("unknown-after-restart", "lost", "purged", "merged")
FULL_US = 1_200_000
"""From the decision position to the pivot at full speed, half a parcel more, and a scan."""


def commanded(case: Case) -> Iterator[Violation]:
    """5, 13: what left by a chute was told that chute or has it as alternate, by this boot of the PLC."""
    taken = _taken(case)
    boots = [(fact[0], fact[2]) for fact in case.by_kind["boot"]]
    for n, (at, chute) in case.exits.items():
        pid = case.pids.get(n)
        if chute in (END, TAKEN) or n >= 1000 or _wheel_bad(case, at, chute):
            continue
        boot = max(boot for since, boot in boots if since <= at - 160_000)
        if pid is None or (boot, pid) not in taken:
            if not _swept(case, n, at, chute):
                yield Violation(5, f"parcel {n} (pid {pid}) left by chute {chute} at {at} and had no order")
        elif chute not in taken[boot, pid] and not _swept(case, n, at, chute):
            yield Violation(5, f"parcel {n} (pid {pid}) left by chute {chute}, ordered {taken[boot, pid]}")


def _taken(case: Case) -> dict[tuple[int, int], tuple[int, int]]:
    """(boot, pid) -> chute and alternate that the PLC took."""
    ways = {(row["pid"], row["chute"]): (row["chute"], row["alternate"]) for row in case.rows["Assign"]}
    return {
        (fact[2], fact[4].pid): ways.get((fact[4].pid, fact[4].chute), (fact[4].chute, END))
        for fact in case.by_kind["told"]
        if type(fact[4]).__name__ == "Answered" and fact[4].verdict == 1
    }


def _wheel_bad(case: Case, at: int, chute: int) -> bool:
    return case.during("wheel-bad", (chute // 2,), at, SECOND)


def _swept(case: Case, n: int, at: int, chute: int) -> bool:
    """It lay so close to one that was rightly diverted that the wheels took both: a person put it there."""
    near = [other for other, (when, _) in case.exits.items() if other != n and abs(when - at) < 360_000]
    strange = {fact[2] for fact in case.by_kind["pushed"]} | {m for m in case.exits if m >= 1000}
    return any(case.exits[m][1] == chute and ({m, n, m + 1, n + 1} & strange) for m in near)


def right_chute(case: Case) -> Iterator[Violation]:
    """51: a parcel leaves by a chute that is right for it, but for bad wheels and valid misreads."""
    if case.kinds & {"vision-misread", "vision-conflict"}:
        return
    plan = case.by_kind["plan"][0]
    twins = {fact[2]: fact[4] for fact in case.by_kind["twin"]}
    for n, (at, chute) in case.exits.items():
        if chute in (END, TAKEN) or n not in case.truths or _wheel_bad(case, at, chute):
            continue
        right = (*case.truths[n][1], *twins.get(n, ()), *plan[3:5])
        if chute not in right and not _swept(case, n, at, chute):
            yield Violation(51, f"parcel {n} left by chute {chute} at {at}, right are {right}")


def told_truly(case: Case) -> Iterator[Violation]:
    """8: the record says where the parcel left, or that it does not know."""
    for row in case.rows["ParcelRecord"]:
        n = case.numbers.get(row["pid"])
        if n is None or row["outcome"] in VAGUE or n not in case.exits:
            continue
        at, chute = case.exits[n]
        if row["left"] != chute and not (_eyes_lied(case, at, row["left"], chute) or _decoy(case, at)):
            yield Violation(
                8, f"pid {row['pid']} is parcel {n}, left by {chute} at {at}; the record says {row['left']} "
                f"{row['outcome']}")  # fmt: skip


def _decoy(case: Case, at: int) -> bool:
    """Somebody laid an object on the belt about when this one left it: no eye can tell them apart."""
    return any(n >= 1000 and abs(when - at) < 2 * SECOND for when, _, n, _, _ in case.by_kind["born"])


def _eyes_lied(case: Case, at: int, said: int, was: int) -> bool:
    """An eye that a fault covered or blinded spoke for the parcel."""
    strays = any(f[2] == said and abs(f[0] - at) < 4 * SECOND for f in case.by_kind["outlet-stray"])
    bits = [("stuck_on",), ("stuck_off",), ("blind_outlets",)]
    return strays or any(
        case.during("bit", (*name, place), at, 6 * SECOND, 6 * SECOND) for name in bits for place in range(8)
    )


def neighbours(case: Case) -> Iterator[Violation]:
    """11: of two parcels closer than two windows neither is diverted by an order. Touching ones are one."""
    born = [fact for fact in case.by_kind["born"] if fact[2] < 1000]
    sure = set(case.numbers.values())
    for (_, _, a, zero_a, length), (at, _, b, zero_b, _) in pairwise(born):
        gap_mm = (zero_b - zero_a) // 1_000_000 - length
        if not 15 < gap_mm < 185 or not sure.issuperset((a, b)):
            continue
        for one in (a, b):
            when, chute = case.exits.get(one, (0, END))
            if chute not in (END, TAKEN) and not _wheel_bad(case, when, chute) and when > at:
                yield Violation(11, f"parcel {one} left by chute {chute}, its neighbour lay {gap_mm} mm away")


def not_into_full(case: Case) -> Iterator[Violation]:
    """7: nothing is diverted into a chute that has been full for longer than T_full."""
    stops = [fact[0] for fact in case.by_kind["belt"] if not fact[2]]
    for n, (at, chute) in case.exits.items():
        if chute in (END, TAKEN) or _wheel_bad(case, at, chute) or _swept(case, n, at, chute):
            continue
        since = _full_since(case, chute, at)
        stood = any(since is not None and since - 2 * SECOND <= stop <= at for stop in stops)
        if since is not None and at - since > FULL_US and not stood:
            yield Violation(7, f"parcel {n} left by chute {chute} at {at}, full since {since}")


def _full_since(case: Case, chute: int, at: int) -> int | None:
    since = None
    for when, _, name, place, on in case.by_kind["bit"]:
        if name == "full" and place == chute and when <= at:
            since = when if on else None
    return since


def stands_when_told(case: Case) -> Iterator[Violation]:
    """19: an open chain stops the belt within two scans, and only a person's Clear lets it run again."""
    closed, cleared, opened = True, True, 0
    runs = False
    for fact in case.facts:
        at, kind = fact[:2]
        if kind == "chain":
            closed = fact[2]
            if not closed:
                cleared, opened = False, at
        elif (kind == "person" and fact[2] == "CLEAR" and closed) or kind == "boot":
            cleared = True
        elif kind == "belt":
            runs = fact[2]
            if runs and not (closed and cleared):
                yield Violation(19, f"the belt started at {at} after an e-stop nobody cleared")
        if runs and not closed and at - opened > 60_000 and kind != "chain":
            yield Violation(19, f"the belt still runs at {at}, the chain is open since {opened}")
            return


MOTION = (1, 2, 5, 7)
"""Reset, Start, Unhold, Unsuspend."""


def quiet_when_open(case: Case) -> Iterator[Violation]:
    """19: who sees the chain open orders and moves nothing; 13: nothing is ordered of another boot."""
    opened: int | None = None
    for fact in case.facts:
        if fact[1] == "chain":
            opened = None if fact[2] else fact[0]
        if fact[1] != "block":
            continue
        at, _, words, _, fresh = fact
        pids = [words[slot + 1] >> 8 for slot in range(9, 89, 8) if words[slot + 1]]
        if any(boot != words[7] & 0xFF for boot in pids):
            yield Violation(13, f"an order for a parcel of another boot went out at {at}")
        if fresh and opened is not None and at - opened > 30_000 and (pids or words[2] in MOTION):
            yield Violation(19, f"an order or a motion went out at {at}, the chain is open since {opened}")


def infeed_without_pc(case: Case) -> Iterator[Violation]:
    """21-23: without a controller the infeed closes within the timeout, and stays closed."""
    dead, open_ = None, False
    for fact in case.facts:
        at, kind = fact[:2]
        if kind == "infeed":
            open_ = fact[2]
        elif kind == "died":
            dead = at
        elif kind == "started":
            dead = None
        late = dead is not None and at - dead > 600_000
        if open_ and late and kind in ("born",) and fact[2] < 1000:
            yield Violation(22, f"a parcel came at {at}, the controller is dead since {dead}")


def second_refused(case: Case) -> Iterator[Violation]:
    """48: a second controller does not start."""
    for at, _, said in case.by_kind["second-controller"]:
        if not said:
            yield Violation(48, f"a second controller started at {at}")


def lively(case: Case) -> Iterator[Violation]:
    """50: all is well again, so all is sorted again."""
    coda = case.by_kind["coda"]
    records = {row["waybill"]: row for row in case.rows["ParcelRecord"] if row["waybill"]}
    if case.by_kind["end"][0][2]:
        yield Violation(50, case.by_kind["end"][0][2])
        return
    since = coda[0][0]
    for fact in case.by_kind["truth"]:
        if fact[0] >= since:
            _, _, n, waybill, chutes, _, _ = fact
            why = records.get(waybill, {}).get("why", "no record")
            if case.exits.get(n, (0, END))[1] not in chutes or why not in SORTED:
                yield Violation(50, f"parcel {n} came after all was well: {why}, left by {case.exits.get(n)}")


def sorted_share(case: Case) -> tuple[int, int]:
    """(sorted, readable): of the readable and advised parcels that were on the belt, the sorted ones."""
    done: Counter[str] = Counter(row["waybill"] for row in case.rows["ParcelRecord"] if row["why"] in SORTED)
    born = {fact[2] for fact in case.by_kind["born"]}
    good = [t for n, t in case.truths.items() if n in born and t[2] and t[3]]
    return sum(bool(done[t[0]]) for t in good), len(good)


def outcomes(case: Case) -> Counter[str]:
    """How parcels ended."""
    rows: list[dict[str, Any]] = case.rows["ParcelRecord"]
    return Counter(row["outcome"] for row in rows)
