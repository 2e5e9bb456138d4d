"""Maintenance in mid-flow: what may not move, and when the mode may change: promise 19."""

from __future__ import annotations

from collections.abc import Iterator

from sim.oracle.belt import SCAN_US
from sim.oracle.case import Case
from sim.oracle.stops import JOG
from sim.oracle.violation import Violation

WHEELS = 4
_WATCHED = frozenset({"wheels", "mode", "chain", "block"})
JOG_US = 500_000
"""A jogged wheel stands straight again after this long."""
COAST_US = 2_300_000
"""So long after its drive has ended a belt may not stand yet, and parcels on it are diverted."""


def entered_at_rest(case: Case) -> Iterator[Violation]:
    """19: maintenance is entered and left while the belt stands."""
    for at, _, on in case.by_kind["mode"]:
        if case.way.running(at):
            yield Violation(19, f"maintenance mode {'began' if on else 'ended'} at {at} while the belt ran")


def jogged_at_rest(case: Case) -> Iterator[Violation]:
    """19: while the belt stands one wheel turns at a time, in maintenance, for half a second.

    None is turned once the chain is open. What had turned before the belt stopped, or while it might have
    coasted, stands turned.
    """
    serviced, closed, opened, since, asked = False, True, 0, 0, 0
    if not case.by_kind["wheels"]:
        return
    own, jogged, wheels = (0,) * WHEELS, False, (0,) * WHEELS
    for at, kind, now, *more in (fact for fact in case.facts if fact[1] in _WATCHED):
        stands = not case.way.running(at)
        if not closed and at - opened > 2 * SCAN_US and any(wheels):
            yield Violation(19, f"wheels stand turned at {at}, the chain is open since {opened}: {wheels}")
            return
        if jogged and stands and at - since > JOG_US + 2 * SCAN_US:
            yield Violation(19, f"a wheel that was jogged at {since} was still turned at {at}")
        if kind == "block":  # one more jog of the same wheel
            since = max(since, more[2]) if _again(now[2], wheels) else since
            asked = more[2] if now[2] >= JOG else asked  # when it comes there
        elif kind == "mode":
            serviced = now
        elif kind == "chain":
            closed, opened = now, at
        elif not stands or (closed and at - asked > 2 * SCAN_US and at - case.way.since(at) <= COAST_US):
            own = wheels = now
            jogged = False
        else:
            wheels, since = now, at
            moved = [side for side, before in zip(now, own, strict=True) if side != before]
            if jogged := any(moved):
                if len(moved) > 1 or not (serviced and (closed or at - opened <= 2 * SCAN_US)):
                    yield Violation(19, f"{len(moved)} wheels moved at {at} while the belt stood: {now}")
            else:
                own = now


def _again(command: int, wheels: tuple[int, ...]) -> bool:
    """One more jog of a wheel that is turned so already."""
    chute = command - JOG
    return chute >= 0 and wheels[chute // 2] == chute % 2 * 2 - 1
