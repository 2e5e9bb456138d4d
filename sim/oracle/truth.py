"""Whether a record says where its parcel left: promises 8, 28, 29, 30. Vague needs a reason, too.

A word that is not true is forgiven only where no eye of the line can tell the difference: the eye itself
lied as the parcel was due there, or another object was where it should have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.oracle.belt import (
    CONFIRM_US,
    EYES_MM,
    FALL_US,
    LONGEST_MM,
    PIVOTS_MM,
    SCAN_MM,
    SCAN_US,
    SLIP_MM,
    WINDOW_MM,
)
from sim.oracle.case import END, TAKEN, Case, Ride
from sim.oracle.violation import Violation

_VAGUE = ("unknown-after-restart", "lost", "purged", "merged")


def told_truly(case: Case) -> Iterator[Violation]:
    """8: the record says where the parcel left, or that it does not know, and then there is a reason."""
    for row in case.rows["ParcelRecord"]:
        if row["outcome"] == "sorted" and row["left"] not in (row["told"], row["alternate"]):
            yield Violation(8, f"pid {row['pid']} is called sorted, told {row['told']}, left {row['left']}")
        n = case.numbers.get(row["pid"])
        if n is None or n not in case.exits:
            continue
        ride, outcome = case.rides[n], row["outcome"]
        if outcome in _VAGUE:
            if not _REASONS[outcome](case, row["pid"], ride):
                yield Violation(8, f"pid {row['pid']} is parcel {n}, ended {outcome} for no reason")
        elif row["left"] == END and _taken_at_end(case, n, ride):
            continue
        elif row["left"] != ride.chute and not _no_eye_could_tell(case, ride, row["left"]):
            yield Violation(
                8, f"pid {row['pid']} is parcel {n}, left by {ride.chute} at {ride.left_us}; the record "
                f"says {row['left']} {outcome}")  # fmt: skip


# ---------------------------------------------------------------- a false word


def _no_eye_could_tell(case: Case, ride: Ride, said: int) -> bool:
    if _eye_lied(case, ride):
        return True
    if said == END:
        return any(other.chute == END and _in_place_of(case, other, ride) for other in _others(case, ride))
    return _fell_instead(case, ride, said)


def _taken_at_end(case: Case, n: int, ride: Ride) -> bool:
    """Hands took it from under the last eye: that is the exception end."""
    stuck = [fact[3] for fact in case.by_kind["held"] if fact[2] == n]
    place = case.way.at(ride.left_us or 0) - ride.centre_mm - EYES_MM[-1]
    under = stuck[-1] == len(EYES_MM) - 1 if stuck else abs(place) <= ride.length_mm / 2 + SCAN_MM
    return ride.chute == TAKEN and under


def _others(case: Case, ride: Ride) -> Iterator[Ride]:
    return (other for other in case.rides.values() if other is not ride)


def _slack_mm(case: Case) -> int:
    return WINDOW_MM + SCAN_MM + (SLIP_MM if case.by_kind["encoder"] or case.by_kind["jump"] else 0)


def _in_place_of(case: Case, other: Ride, ride: Ride) -> bool:
    """It lay where the other was expected."""
    return abs(other.centre_mm - ride.centre_mm) <= _slack_mm(case)


def _eye_lied(case: Case, ride: Ride) -> bool:
    """A belt eye was covered or blinded by a fault when this parcel was due under it."""
    reach = _slack_mm(case) + LONGEST_MM // 2
    for eye, mm in enumerate(EYES_MM):
        for name in ("stuck_on", "stuck_off"):
            for begun, ended in case.spans("bit", name, eye):
                first, last = case.way.at(begun) - reach, case.way.at(ended) + reach
                if first <= ride.centre_mm + mm <= last:
                    return True
    return False


def _fell_instead(case: Case, ride: Ride, chute: int) -> bool:
    """Something else fell past the chute's eye when this parcel should have."""
    pivot = ride.centre_mm + PIVOTS_MM[chute // 2]
    strays = [fact[0] - FALL_US for fact in case.by_kind["outlet-stray"] if fact[2] == chute]
    falls = [other.left_us for other in _others(case, ride) if other.chute == chute and other.left_us]
    reach = _slack_mm(case)
    return any(
        case.way.at(at - CONFIRM_US - SCAN_US) - reach
        <= pivot
        <= case.way.at(at + CONFIRM_US + SCAN_US) + reach
        for at in (*strays, *falls)
    )


# ---------------------------------------------------------------- a vague word


def _purged(case: Case, pid: int, ride: Ride) -> bool:
    """Clear was pressed, and took effect in the scan in which the PLC said so."""
    told = case.told_left.get(pid, 0)
    return any(f[2] == "CLEAR" and 0 <= told - f[0] <= 2 * SCAN_US for f in case.by_kind["person"])


def _restarted(case: Case, pid: int, ride: Ride) -> bool:
    """Since it came and before its end was stored controller or PLC began anew, or words were lost."""
    heard = case.heard_left(pid)
    begun = [*case.by_kind["boot"], *case.by_kind["started"], *case.by_kind["dropped"]]
    foreign = [fact for fact in case.by_kind["fault"] if fact[2] == "second-master"]
    return any(ride.came_us <= fact[0] <= heard for fact in (*begun, *foreign))


def _merged(case: Case, pid: int, ride: Ride) -> bool:
    """Another lay so close that an eye saw one, the line held them up, an eye or the encoder lied.

    What is off its place by more than a window is an unknown one beside itself, and the next eye sees one.
    """
    lied = _eye_lied(case, ride) or _shaken(case, ride)
    return lied or _close(case, ride, SCAN_MM) or _held_up(case, ride)


def _lost(case: Case, pid: int, ride: Ride) -> bool:
    """Hands took it, an eye failed, a wheel did what it was not told, or nobody knew where the belt was."""
    assert ride.left_us is not None
    if ride.chute == TAKEN or _eye_lied(case, ride) or _held_up(case, ride) or _shaken(case, ride):
        return True
    if _close(case, ride, 2 * WINDOW_MM + SCAN_MM):
        return True
    if ride.chute == END:
        return False
    blind = case.spans("bit", "blind_outlets", ride.chute)
    fell = ride.left_us + FALL_US
    return case.wheel_bad(ride.chute, ride.left_us) or case.during(blind, ride.left_us, fell)


def _close(case: Case, ride: Ride, gap_mm: int) -> bool:
    """An object lay no further away than that, tail to nose."""
    return any(
        abs(other.centre_mm - ride.centre_mm) - (other.length_mm + ride.length_mm) / 2
        <= gap_mm + (SLIP_MM if case.by_kind["encoder"] else 0)
        for other in _others(case, ride)
    )


def _held_up(case: Case, ride: Ride) -> bool:
    """Something stuck on the belt while it was there: what comes behind runs up."""
    return any(ride.came_us <= fact[0] <= (ride.left_us or 0) for fact in case.by_kind["held"])


def _shaken(case: Case, ride: Ride) -> bool:
    """The encoder did not tell what the belt did while it was there."""
    return case.miscounted(ride.came_us, ride.left_us or 0, ("slip", "stall"))


_REASONS: dict[str, Any] = {
    "purged": _purged, "unknown-after-restart": _restarted, "merged": _merged, "lost": _lost,
}  # fmt: skip
