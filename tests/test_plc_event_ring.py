"""The PLC's ring of events: nothing goes before it is stored, nothing is lost without being counted."""

from __future__ import annotations

import pytest

from plc.event_ring import EventRing
from plc.records import unpack_event
from sorter.flow import Inducted

DEPTH = 8


def inducted(pid: int) -> Inducted:
    return Inducted(0, pid, 300, 0)


@pytest.fixture
def ring() -> EventRing:
    made = EventRing(DEPTH)
    for pid in range(1, 5):
        made.push(inducted(pid))
    return made


def shown(ring: EventRing) -> list[int]:
    """Parcels of the window's events."""
    events = [unpack_event(row, 0) for row in ring.window(0) if any(row)]
    return [event.pid for event in events if isinstance(event, Inducted)]


def test_it_waits_until_the_last_event_is_acknowledged(ring: EventRing) -> None:
    waits = [EventRing(DEPTH).waits, ring.waits]
    for tail in (3, 4):
        ring.acknowledge(tail)
        waits.append(ring.waits)
    assert waits == [False, True, True, False]


def test_a_full_one_drops_the_newest_and_counts_it_and_no_number_is_missing(ring: EventRing) -> None:
    for pid in range(5, DEPTH + 3):
        ring.push(inducted(pid))
    assert (ring.lost, ring.head, ring.high) == (2, DEPTH, True)
    ring.acknowledge(DEPTH)
    ring.push(inducted(99))
    assert (ring.head, shown(ring)) == (DEPTH + 1, [99])


@pytest.mark.parametrize("tail", [5, 0xFFFF])
def test_a_number_that_was_never_given_acknowledges_nothing(ring: EventRing, tail: int) -> None:
    ring.acknowledge(tail)
    assert (ring.tail, ring.head, shown(ring)) == (0, 4, [1, 2, 3, 4])


def test_its_numbers_go_on_from_0_behind_65535() -> None:
    ring = EventRing(DEPTH)
    for number in range(1, 0x10002):
        ring.push(inducted(number))
        ring.acknowledge(number & 0xFFFF)
    ring.push(inducted(7))
    assert (ring.tail, ring.head, ring.lost, shown(ring)) == (1, 2, 0, [7])
