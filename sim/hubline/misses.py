"""Chutes out of service: one that missed three in a row gets no more until a person unlocks it.

What sorter.chutes.ChuteBoard makes of what the PLC tells, as integers. Parcels are told of in belt order
while the controller hears of them in order of time, so that what is still to be heard of a chute waits in a
short list. Where nothing can be missed (Line.hearings = 0) none of this is asked.
"""

from __future__ import annotations

from sim.hubline.tables import Line, Table
from sorter.chutes import MISSES_BEFORE_OUT

MISSED, GOT, UNLOCKED = range(3)
"""What is heard of a chute; of one instant in this order: the eye at the end of the belt, the chute's own, a
person."""

HEAD, HEARING = 3, 2
IN_A_ROW, OUT, DUE = range(HEAD)
"""Before a chute's rows: misses in a row, 1 = out of service, how many rows wait. A row: when (us), what."""


def per_chute(hearings: int) -> int:
    """Places that one chute takes in the table."""
    return HEAD + HEARING * hearings


def hear(line: Line, missed: Table, chute: int, at_us: int, what: int) -> None:
    """The controller will hear this of a chute."""
    base = chute * per_chute(line.hearings)
    first, due = base + HEAD, missed[base + DUE]
    assert due < line.hearings
    place = first + due * HEARING
    while place > first and (
        missed[place - HEARING] > at_us
        or (missed[place - HEARING] == at_us and missed[place - HEARING + 1] > what)
    ):
        missed[place], missed[place + 1] = missed[place - HEARING], missed[place - HEARING + 1]
        place -= HEARING
    missed[place], missed[place + 1], missed[base + DUE] = at_us, what, due + 1


def is_out(line: Line, missed: Table, chute: int, known_us: int) -> bool:
    """Whether a chute is out of service by what was heard until an instant; instants never go back."""
    if line.hearings == 0:
        return False
    base = chute * per_chute(line.hearings)
    first, due, heard = base + HEAD, missed[base + DUE], 0
    while heard < due and missed[first + heard * HEARING] <= known_us:
        learn(missed, base, missed[first + heard * HEARING + 1])
        heard += 1
    if heard > 0:
        missed[base + DUE] = due - heard
        for place in range(first, first + (due - heard) * HEARING):
            missed[place] = missed[place + heard * HEARING]
    return missed[base + OUT] > 0


def learn(missed: Table, base: int, what: int) -> None:
    """As ChuteBoard.left and .unlock: a parcel that still gets there does not bring it back into service."""
    if what == MISSED:
        if missed[base + OUT] == 0:
            missed[base + IN_A_ROW] += 1
            missed[base + OUT] = int(missed[base + IN_A_ROW] >= MISSES_BEFORE_OUT)
        return
    missed[base + IN_A_ROW] = 0
    if what == UNLOCKED:
        missed[base + OUT] = 0


RULES = (per_chute, hear, is_out, learn)
"""What compiled code that asks for these must be given."""
