"""When the line must stand, or know that it is alone: promises 19 to 24, 31, 48."""

from __future__ import annotations

from collections.abc import Iterator

from sim.oracle.belt import COMM_US, COUNTS_PER_MM, LONGEST_MM, SCAN_MM, SCAN_US, WINDOW_MM
from sim.oracle.case import STRANGER, Case
from sim.oracle.violation import Violation

MOTION = (1, 2, 5, 7)
"""Reset, Start, Unhold, Unsuspend."""
HALTING = (3, 4)
"""Stop, Hold."""
GOES, HALTS = ("START", "UNHOLD", "UNSUSPEND", "second-master"), ("HOLD", "STOP")
JOG = 256
"""A command from this number on turns a wheel in maintenance."""
FIRST_SLOT, BEHIND_SLOTS, SLOT = 9, 89, 8
"""Orders in the words of a command block."""
FROZEN_US = 5 * 50_000 + SCAN_US
"""The first poll that sees a still image may be a poll late; three more are believed, the next is not."""
JUMP_MIN, JUMP_MAX = -264, 280
"""Counts beyond which no two scans of a belt at full speed can be explained: a window, a quarter of speed."""
STALL_US = 2 * 200_000 + 200_000 + 2 * SCAN_US
"""Two checks of progress, the first of which may begin anywhere in a third, and a scan to act."""


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
        if runs and not closed and at - opened > 2 * SCAN_US and kind != "chain":
            yield Violation(19, f"the belt still runs at {at}, the chain is open since {opened}")
            return


def started_by_people(case: Case) -> Iterator[Violation]:
    """19: whenever the belt starts, a person has asked for it since it stood, or since it was asked to stop.

    What people order waits for a controller that stands or cannot store: it comes late, and in order. What
    was ordered before a stop that nobody ordered counts no more.
    """
    orders, halted = list[str](), False
    for fact in case.facts:
        if fact[1] in ("person", "fault") and fact[2] in GOES + HALTS:
            orders.append(fact[2])
        elif fact[1] == "block":
            halted = halted or fact[2][2] in HALTING
        elif fact[1] == "belt":
            by = [n for n, order in enumerate(orders) if (order in GOES) is fact[2]]
            if fact[2] and not by:
                yield Violation(19, f"the belt started at {fact[0]} and nobody had asked for it")
            ordered = by and (fact[2] or halted)
            del orders[: by[0] + 1 if ordered else None]
            halted = False


def quiet_when_open(case: Case) -> Iterator[Violation]:
    """19: who sees the chain open orders and moves nothing; 13: nothing is ordered of another boot."""
    opened: int | None = None
    for fact in case.facts:
        if fact[1] == "chain":
            opened = None if fact[2] else fact[0]
        if fact[1] != "block":
            continue
        at, _, words, _, fresh = fact[:5]
        pids = [words[at + 1] >> 8 for at in range(FIRST_SLOT, BEHIND_SLOTS, SLOT) if words[at + 1]]
        if any(boot != words[7] & 0xFF for boot in pids):
            yield Violation(13, f"an order for a parcel of another boot went out at {at}")
        seen = fresh and opened is not None and at - opened > 2 * SCAN_US
        if seen and (pids or words[2] in MOTION or words[2] >= JOG):
            yield Violation(19, f"an order or a motion went out at {at}, the chain is open since {opened}")


def infeed_without_pc(case: Case) -> Iterator[Violation]:
    """21, 22: once no block has come for the timeout and two scans, no parcel is let onto the belt."""
    heard, foreign = -1, -1
    came = sorted((fact[5], 0, 0) for fact in case.by_kind["block"])
    came += [(fact[0], 1, fact[2]) for fact in case.by_kind["born"] if fact[2] < STRANGER]
    came += [(fact[0], 2, 0) for fact in case.by_kind["fault"] if fact[2] == "second-master"]
    for at, what, n in sorted(came):
        if what == 0:
            heard = at
        elif what == 2:  # somebody else writes for two seconds, and the PLC may obey him
            foreign = at + 2_100_000
        elif at - max(heard, foreign) > COMM_US + 2 * SCAN_US:
            yield Violation(22, f"parcel {n} came at {at}, the last block of the PC at {heard}")


def frozen_noticed(case: Case) -> Iterator[Violation]:
    """23: a PLC that shows the same image again and again is called lost by a controller that reads it."""
    gone = [f[0] for kind in ("died", "boot", "fault") for f in case.by_kind[kind]]
    for begun, ended in case.spans("frozen"):
        last = begun + FROZEN_US
        if ended < last or any(begun <= at <= last for at in gone):
            continue
        ups = [fact for fact in case.by_kind["link"] if fact[0] <= last]
        if ups and ups[-1][2]:
            yield Violation(23, f"the PLC stood still from {begun}, and the link was called well at {last}")


def encoder_noticed(case: Case) -> Iterator[Violation]:
    """24: an encoder that jumps or stands while the belt is driven stops the line."""
    for at, _, counts in case.by_kind["jump"]:
        if not JUMP_MIN <= counts <= JUMP_MAX and case.way.running(at + 3 * SCAN_US):
            yield Violation(24, f"the encoder jumped by {counts} counts at {at} and the belt ran on")
    for begun, ended in case.spans("encoder", "stall"):
        since = max(begun, case.way.since(begun) + 1_000_000)
        last = since + STALL_US
        driven = case.way.running(last) and case.way.since(last) <= since - 1_000_000
        if ended > last and driven:
            yield Violation(24, f"the encoder stood from {begun} to {ended} and the belt ran on")


def jam_holds(case: Case) -> Iterator[Violation]:
    """31: what sticks under an eye stops the belt: after twice the longest parcel and a window.

    By the counts, which an encoder that stands or is put back does not give.
    """
    limit_mm = 2 * (LONGEST_MM + WINDOW_MM) + 3 * SCAN_MM
    for at, _, n, eye in case.by_kind["held"]:
        lied = [*case.spans("bit", "stuck_on", eye), *case.spans("bit", "stuck_off", eye)]
        gone = case.exits.get(n, (1 << 62, 0))[0]
        stop = min([f[0] for f in case.by_kind["belt"] if f[0] > at and not f[2]], default=1 << 62)
        last = min(gone, stop)
        jumps = [jump[2] for jump in case.by_kind["jump"] if at < jump[0] <= last]
        put_back_mm = sum(max(0, -counts) for counts in jumps) / COUNTS_PER_MM
        counted_mm = case.way.at(last) - case.way.at(at) - case.unseen_mm(at, last) - put_back_mm
        if counted_mm > limit_mm and not case.during(lied, at, last):
            yield Violation(31, f"parcel {n} stuck under eye {eye} at {at}, and the belt ran on until {last}")


def second_refused(case: Case) -> Iterator[Violation]:
    """48: a second controller does not start."""
    for at, _, said in case.by_kind["second-controller"]:
        if not said:
            yield Violation(48, f"a second controller started at {at}")
