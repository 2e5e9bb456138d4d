"""The hub's line as integers: what the recursions read and write, plain or compiled.

Scalars stand in named tuples. A table is one flat sequence, a list for the interpreter and an int64 array
for compiled code, of rows of fixed size: field F of row r of a table of N fields is table[r * N + F].
"""

from __future__ import annotations

from typing import NamedTuple

NEVER = 1 << 61
"""An instant after every other, us."""

Table = list[int]


class Line(NamedTuple):
    """Belt, infeed and camera of one line, and the numbers of reasons that arise on it.

    legs, closures, ring  rows of Plant.legs, .closed and .back
    counts, per_nm   the encoder makes `counts` steps in `per_nm` nm (a reduced fraction)
    camera_counts    steps from the induct eye to the picture
    end_nm           way from the induct eye until a nose is at the last eye
    return_nm        a parcel that missed its chute is at the infeed again after this way; 0 = it leaves
    bagged           as `full`, where only a bag to be changed keeps parcels from every chute
    laps             most laps; the last one ends at the exception end
    hearings         rows for each chute in Plant.missed, 0 = no divert can fail
    recalls          rows of Plant.chutes where one of them is ever locked, 0 = none is
    """

    legs: int
    closures: int
    ring: int
    open_us: int
    speed_mm_s: int
    release_nm: int
    gap_mm: int
    pitch_mm: int
    counts: int
    per_nm: int
    camera_counts: int
    scan_us: int
    poll_us: int
    end_nm: int
    return_nm: int
    laps: int
    routed: int
    alternate: int
    full: int
    locked: int
    held: int
    late: int
    failed: int
    disabled: int
    bagged: int
    hearings: int
    recalls: int


LEG = 4
AT, X, V, A = range(LEG)
"""One leg of the belt's motion: from instant (us) and way (nm) on, speed mm/s and ramp mm/s^2 (see sim.belt).
The last leg has a constant speed above 0."""

SPAN = 2
FROM, TO = range(SPAN)
"""An interval [from, to), us. The infeed is closed in each row of its table."""

CHUTE = 19
(
    EYE, PIVOT, DIVERTER, FALL, CAPACITY, CALL, CHANGE,
    BROKEN, BROKENS, LOCKED, LOCKEDS, SHUT, SHUTS,
    LEVEL, RESET, ON, OFF, ON_BEFORE, OFF_BEFORE,
) = range(CHUTE)  # fmt: skip
"""A chute. Eye that arms its diverter and pivot (nm from the induct eye), diverter, fall to its eye (us),
capacity, level at which its crew is called, time they take (us); first row and number of rows among the spans
in which its diverter is out of order, a person keeps the controller from it, it says full whatever is in it.
Then its state: parcels in the bag, when the bag will be changed, when it last was and before that full.
"""

RULING = 4
WHY, FIRST, COUNT, SHARES = range(RULING)
"""What the plan says of a kind of parcel: number of the reason, rows of the options, how many of the first of
them share the load."""

OFFER = 7
ARR, LENGTH, RULED, RIGHT, LATENCY, FAILS, COURIER = range(OFFER)
"""A parcel as offered to the infeed: instant (us), length (mm), the ruling on what is read on it and on the
truth, time from picture to answer (us), 1 = its diverter's wheels do not take it, whose it is (a courier's
place in the hub's list)."""

END = 13
(
    N, ARRIVED, FREE, RELEASED, DECIDED, LEFT, TOLD, CHUTE_LEFT, REASON, TRULY, LONG, LAPS, ALTERNATE,
) = range(END)  # fmt: skip
"""A parcel whose way is known: number, instants (us; FREE = when the belt was free for it), chute told
and chute left by (-1 = exception end), number of the reason, ruling on the truth, length (mm), laps."""

BACK = END + 3
ROUND, ITS_RULING, ITS_FAILS = END, END + 1, END + 2
"""A parcel on its way back to the infeed: its row as above, the way (nm) at which it is there, and more."""


WAY, NOSE_LENGTH, HEAD, SIZE = range(4)
"""Where a run stands (the cursor): way of the last nose put on the belt (nm) and its parcel's length, head
and size of the ring of parcels that return."""


class Plant(NamedTuple):
    """A line's tables, each a flat list or array; `line` holds the scalars.

    sent, changes  per chute: parcels told to go there (the balance), bags changed
    missed         what the controller has still to hear of each chute, see sim.hubline.misses
    """

    line: Line
    legs: Table
    closed: Table
    chutes: Table
    spans: Table
    rulings: Table
    options: Table
    sent: Table
    changes: Table
    cursor: Table
    back: Table
    missed: Table
