"""What the steel did with what it was told: promises 5, 7, 11, 12, 13, 27, 50, 51."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import Any

from sim.oracle.belt import (
    BACK_MM,
    EYES_MM,
    FULL_WAY_MM,
    LONGEST_MM,
    PIVOTS_MM,
    RAMP_US,
    RELEASE_MM,
    SCAN_MM,
    SCAN_US,
    SLIP_MM,
    SPEED_MM_S,
    SWEPT_MM,
    SWITCH_US,
    WINDOW_MM,
)
from sim.oracle.case import END, STRANGER, TAKEN, Case, Ride
from sim.oracle.plans import chutes_by_plan
from sim.oracle.violation import Violation

COMES_US = 900_000
"""The last parcels come so far apart."""
SORTED = ("routed", "routed-to-alternate")


def diverted(case: Case) -> Iterator[tuple[int, Ride]]:
    """Objects that left by a chute whose wheel was well."""
    for n, ride in case.rides.items():
        out = ride.chute not in (END, TAKEN) and ride.left_us is not None
        if out and not case.wheel_bad(ride.chute, ride.left_us or 0):
            yield n, ride


def commanded(case: Case) -> Iterator[Violation]:
    """5, 13: what left by a chute was told that chute or has it as alternate, by this boot of the PLC.

    A boot counts when the wheels have had the time to stand straight since. 19: Clear voids every order, for
    whatever lies on the belt that was aborted is purged; its wheels stand straight and nothing moves.
    """
    taken = _taken(case)
    cleared = _cleared(case)
    boots = [(fact[0], fact[2]) for fact in case.by_kind["boot"]]
    for n, ride in diverted(case):
        at, pid, chute = ride.left_us or 0, case.pids.get(n), ride.chute
        boot = max(boot for since, boot in boots if since <= max(at - SWITCH_US - SCAN_US, 0))
        ordered = taken.get((boot, pid)) if pid is not None and n < STRANGER else None
        void = any(ordered is not None and ordered[2] < clear < at for clear in cleared)
        if (void or chute not in (ordered or ())[:2]) and not _swept(case, n, ride):
            number, when = (19, "before Clear") if void else (5, "")
            yield Violation(
                number, f"parcel {n} (pid {pid}) left by chute {chute} at {at}, ordered {ordered} {when}"
            )


def in_time(case: Case) -> Iterator[Violation]:
    """12: the machine takes no order for a parcel that is beyond the eye before that chute's diverter.

    A place may be off by a window, by what the encoder was put back unnoticed, by the way on which it stood.
    """
    slack_mm = WINDOW_MM + 2 * SCAN_MM + BACK_MM * len(case.by_kind["jump"])
    for at, _, _, _, event in case.by_kind["told"]:
        if type(event).__name__ != "Answered" or event.verdict != 1 or event.chute == END:
            continue
        n = case.numbers.get(event.pid)
        if n is None:
            continue
        beyond = case.way.at(at) - case.rides[n].centre_mm - EYES_MM[1 + event.chute // 2]
        if beyond > slack_mm + case.unseen_mm(case.rides[n].came_us, at):
            yield Violation(12, f"parcel {n}'s order was taken at {at}, {beyond:.0f} mm beyond the eye")


def _cleared(case: Case) -> list[int]:
    """Instants at which a person cleared the aborted line while the chain was closed."""
    found, closed = list[int](), True
    for fact in sorted([*case.by_kind["chain"], *case.by_kind["person"]], key=lambda fact: int(fact[0])):
        if fact[1] == "chain":
            closed = fact[2]
        elif fact[2] == "CLEAR" and closed:
            found.append(fact[0])
    return found


def _taken(case: Case) -> dict[tuple[int, int | None], tuple[int, int, int]]:
    """(boot, pid) -> chute and alternate that the PLC took, and when."""
    ways = {(row["pid"], row["chute"]): row["alternate"] for row in case.rows["Assign"]}
    answers = [(fact[0], fact[2], fact[-1]) for kind in ("told", "dropped") for fact in case.by_kind[kind]]
    return {
        (boot, event.pid): (event.chute, ways.get((event.pid, event.chute), END), at)
        for at, boot, event in answers
        if type(event).__name__ == "Answered" and event.verdict == 1
    }


def _swept(case: Case, n: int, ride: Ride) -> bool:
    """The wheels took it with another, or in its place: a person or the infeed put one of them there.

    Touching ones are one object to every eye. What was laid on the belt by hand may lie where the wheels
    are turned for another, or where one was that the line still waits for: within the way on which they are
    turned, a window, and what an encoder that slips or jumps makes of it.
    """
    reach_mm = SWEPT_MM + WINDOW_MM + (SLIP_MM if case.by_kind["encoder"] or case.by_kind["jump"] else 0)
    for m, other in case.rides.items():
        apart = abs(other.centre_mm - ride.centre_mm)
        touching = apart - (other.length_mm + ride.length_mm) / 2 <= SCAN_MM
        by_hand = max(m, n) >= STRANGER and apart <= reach_mm
        meant = other.chute == ride.chute or ride.chute in _ordered(case, m)
        if m != n and meant and (touching or by_hand):
            return True
    return False


def _ordered(case: Case, n: int) -> set[int]:
    """Chutes that were ever ordered for it."""
    pid = case.pids.get(n)
    rows = [row for row in case.rows["Assign"] if row["pid"] == pid]
    return {row[way] for row in rows for way in ("chute", "alternate")}


def right_chute(case: Case) -> Iterator[Violation]:
    """51: a parcel leaves by a chute that is right for it, or for what was misread or printed on it."""
    special, ways = case.by_kind["special"][0][2:], chutes_by_plan(case)
    twins = {fact[2]: fact[4] for fact in case.by_kind["twin"]}
    by_waybill = {truth[0]: truth[1] for truth in case.truths.values()}
    read = {case.numbers.get(row["pid"]): row["waybill"] for row in case.rows["ParcelRecord"]}
    for n, ride in diverted(case):
        if n not in case.truths:
            continue
        misread = by_waybill.get(read.get(n, ""), ()) if n in case.misread else ()
        now = ways.get(n, {})
        meant = [now.get(chutes, chutes) for chutes in (case.truths[n][1], twins.get(n, ()), misread)]
        right = (*chain.from_iterable(meant), *special)
        unsure = n in case.misread and n not in read
        if ride.chute not in right and not unsure and not _swept(case, n, ride):
            yield Violation(51, f"parcel {n} left by chute {ride.chute} at {ride.left_us}, right are {right}")


def neighbours(case: Case) -> Iterator[Violation]:
    """11: of two parcels closer than two windows neither is diverted by an order; 27: nor of two that touch.

    Each edge is seen up to a scan late: a gap is sure to be seen above one scan's way, and sure to be
    measured below two windows one scan's way below them. Touching ones are sure to be too long for one
    parcel when they are so by both edges' scans.
    """
    born = [n for n in case.rides if n < STRANGER]
    sure = set(case.numbers.values())
    for a, b in pairwise(born):
        one, two = case.rides[a], case.rides[b]
        both = one.length_mm + two.length_mm
        gap = abs(two.centre_mm - one.centre_mm) - both / 2
        close = SCAN_MM < gap < 2 * WINDOW_MM - SCAN_MM and sure.issuperset((a, b))
        whole = not (_induct_eye_lied(case, two) or any(_half_seen(case, ride) for ride in (one, two)))
        merged = gap < 1 and both > LONGEST_MM + WINDOW_MM + 2 * SCAN_MM and whole
        for ride in (one, two):
            out = ride.chute not in (END, TAKEN) and not case.wheel_bad(ride.chute, ride.left_us or 0)
            if out and (ride.left_us or 0) > two.came_us and (close or merged):
                number = 11 if close else 27
                yield Violation(
                    number, f"parcels {a} and {b} lay {gap:.0f} mm apart, one left by {ride.chute}"
                )


def _induct_eye_lied(case: Case, ride: Ride) -> bool:
    # From its release 200 mm before the eye until a joined tail has passed, at the slowest ramp.
    lied = [*case.spans("bit", "stuck_on", 0), *case.spans("bit", "stuck_off", 0)]
    return case.during(lied, ride.came_us - 4_000_000, ride.came_us + 4_000_000)


def _half_seen(case: Case, ride: Ride) -> bool:
    """Hands took it, or the PLC began anew, before its tail had passed the induct eye."""
    taken = [ride.left_us or 0] if ride.chute == TAKEN else []
    until = ride.centre_mm + ride.length_mm / 2 + SCAN_MM
    begun = [fact[0] for fact in case.by_kind["boot"] if fact[0] >= ride.came_us]
    return any(case.way.at(at) <= until for at in (*taken, *begun))


def not_into_full(case: Case) -> Iterator[Violation]:
    """7: nothing is diverted into a chute that was full when its parcel passed the eye before it."""
    for n, ride in diverted(case):
        since = next(
            (a for a, b in case.spans("bit", "full", ride.chute) if a <= (ride.left_us or 0) <= b), None
        )
        if since is None or _swept(case, n, ride):
            continue
        way_mm = case.way.at(ride.left_us or 0) - case.way.at(since)
        if way_mm > FULL_WAY_MM + 2 * SCAN_MM:
            yield Violation(7, f"parcel {n} left by chute {ride.chute} at {ride.left_us}, full since {since}")


def lively(case: Case) -> Iterator[Violation]:
    """50: all is well again, so all is sorted again, and as fast as it comes: see `_late`."""
    coda = case.by_kind["coda"]
    records = {row["waybill"]: row for row in case.rows["ParcelRecord"] if row["waybill"]}
    if case.by_kind["end"][0][2]:
        yield Violation(50, case.by_kind["end"][0][2])
        return
    since = coda[0][0]
    coda_first = min((fact[2] for fact in case.by_kind["truth"] if fact[0] >= since), default=0)
    for fact in case.by_kind["truth"]:
        if fact[0] >= since:
            _, _, n, waybill, chutes, _, _ = fact
            why = records.get(waybill, {}).get("why", "no record")
            if case.exits.get(n, (0, END))[1] not in chutes or why not in SORTED:
                yield Violation(50, f"parcel {n} came after all was well: {why}, left by {case.exits.get(n)}")
            elif late := _late(case, n, since + (n - coda_first) * COMES_US):
                yield Violation(50, f"parcel {n} came after all was well and left {late} us late")


def _late(case: Case, n: int, came_us: int) -> int:
    """By how much a parcel of the calm line left too late: it waits for nothing but the belt's own travel.

    99 % of the pace is promised; an eye is looked at a scan late, and a belt may still be on its ramp.
    """
    ride, left_us = case.rides[n], case.exits[n][0]
    way_mm = RELEASE_MM + ride.length_mm / 2 + PIVOTS_MM[ride.chute // 2]
    most_us = way_mm * 1000 / SPEED_MM_S * 1000 / 0.99 + SCAN_US
    most_us += max(0, case.way.since(came_us) + RAMP_US - came_us) / 2
    return max(0, int(left_us - came_us - most_us))


def sorted_share(case: Case) -> tuple[int, int]:
    """(sorted, readable): of the readable and advised parcels that were on the belt, the sorted ones."""
    done: Counter[str] = Counter(row["waybill"] for row in case.rows["ParcelRecord"] if row["why"] in SORTED)
    good = [t for n, t in case.truths.items() if n in case.rides and t[2] and t[3]]
    return sum(bool(done[t[0]]) for t in good), len(good)


def outcomes(case: Case) -> Counter[str]:
    """How parcels ended."""
    rows: list[dict[str, Any]] = case.rows["ParcelRecord"]
    return Counter(row["outcome"] for row in rows)
