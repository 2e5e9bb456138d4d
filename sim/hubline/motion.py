"""The belt's motion: constant speeds joined by ramps, as sim.belt has it, over a table of legs; and when the
infeed may put a parcel on it.
"""

from __future__ import annotations

from sim.compiled import quotient
from sim.hubline.tables import AT, FROM, LEG, SPAN, TO, A, Line, Table, V, X


def ceil_to(at_us: int, grid_us: int) -> int:
    """The first instant of the grid not before at_us."""
    return quotient(at_us + grid_us - 1, grid_us) * grid_us


def leg_of(line: Line, legs: Table, field: int, value: int) -> int:
    """Row of the last leg whose AT or X is at most `value`; the first one if none is."""
    high = line.legs - 1
    if value >= legs[high * LEG + field]:
        return high
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        if legs[middle * LEG + field] <= value:
            low = middle
        else:
            high = middle
    return low


def leg_way(legs: Table, leg: int, at_us: int) -> int:
    """Way run until at_us, which lies in this leg, nm."""
    row = leg * LEG
    run = at_us - legs[row + AT]
    return legs[row + X] + legs[row + V] * run + legs[row + A] * run * run // 2_000_000


def way_nm(line: Line, legs: Table, at_us: int) -> int:
    """How far the belt has run at an instant."""
    last = (line.legs - 1) * LEG
    if at_us >= legs[last + AT]:
        return legs[last + X] + legs[last + V] * (at_us - legs[last + AT])
    return leg_way(legs, leg_of(line, legs, AT, at_us), at_us)


def when_us(line: Line, legs: Table, x_nm: int) -> int:
    """The first instant at which the belt has run at least x_nm."""
    last = (line.legs - 1) * LEG
    if x_nm > legs[last + X]:
        return legs[last + AT] + quotient(x_nm - legs[last + X] + legs[last + V] - 1, legs[last + V])
    return when_before(line, legs, x_nm)


def when_before(line: Line, legs: Table, x_nm: int) -> int:
    """The same for a way that is run before the last leg."""
    leg = leg_of(line, legs, X, x_nm - 1)
    low, high = legs[leg * LEG + AT], legs[(leg + 1) * LEG + AT]
    while low < high:
        middle = (low + high) // 2
        if leg_way(legs, leg, middle) >= x_nm:
            high = middle
        else:
            low = middle + 1
    return low


def nose_mm(line: Line, last_mm: int, length_mm: int) -> int:
    """From the last parcel's nose to the next one's, at least: gap and pitch."""
    return max(last_mm + line.gap_mm, line.pitch_mm - (length_mm - last_mm) // 2)


def open_at(line: Line, closed: Table, at_us: int) -> int:
    """The first instant not before at_us at which the infeed is open."""
    at_us = max(at_us, line.open_us)
    for row in range(0, line.closures * SPAN, SPAN):
        if closed[row + FROM] <= at_us < closed[row + TO]:
            at_us = closed[row + TO]
    return at_us


RULES = (ceil_to, leg_of, leg_way, way_nm, when_us, when_before, nose_mm, open_at)
"""What compiled code that asks for the belt's motion must be given."""
