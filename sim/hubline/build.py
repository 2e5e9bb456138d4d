"""From a hub's configuration to the columns of its line: nothing here decides, it asks those who do.

The plan's rulings come from sorter.waybill.choose and sorter.plan.decide themselves, asked once for every
kind of parcel; the instants of the start from the closed loop itself, run without a parcel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import gcd

from sim.bags import BAG_CHANGE_US, CALL_PERCENT
from sim.belt import BeltMotion
from sim.hubline.misses import UNLOCKED, hear, per_chute
from sim.hubline.rules import MM
from sim.hubline.stream import FLAWS, NO_READS, Rulings
from sim.hubline.tables import BACK, NEVER, RULING, SPAN, Line, Plant, Table
from sim.hubline.traffic import SERVICES, villages
from sim.line import RELEASE_MM
from sim.numbers import sample_number
from sorter.flow import Advised, CodeRead, Direction, Service, Us, Why
from sorter.hub import Hub
from sorter.layout import Belt, Layout
from sorter.plan import Around, Ruled, decide
from sorter.waybill import choose

WHYS = (*Why, Why.CHUTE_FULL)
"""A reason's number is its (first) place here."""

BAGGED_WHY = len(WHYS) - 1
"""The number of "chute full" where only a bag to be changed keeps parcels from every chute of theirs."""

Kind = tuple[Why, tuple[int, ...], int]
"""What a ruling says: the reason, the chutes in order of preference, how many of the first share the load."""

BAG_CHANGE = BAG_CHANGE_US


@dataclass(frozen=True)
class Start:
    """When the belt starts and when the infeed opens, after START was pressed at 0."""

    belt_us: Us
    open_us: Us


@dataclass(frozen=True)
class Closures:
    """Intervals [from, to) per chute id: the controller may not use it, its diverter is out, it says full."""

    locked: Mapping[int, Sequence[tuple[Us, Us]]] = field(default_factory=dict)
    broken: Mapping[int, Sequence[tuple[Us, Us]]] = field(default_factory=dict)
    full: Mapping[int, Sequence[tuple[Us, Us]]] = field(default_factory=dict)


def line_of(
    hub: Hub, open_us: Us, stops: int, ring: int, return_mm: int, laps: int, hearings: int, recalls: int
) -> Line:
    """The line as its layout says; the infeed opens at open_us."""
    layout = hub.layout
    belt, factor = layout.belt, gcd(layout.belt.counts_per_m, 1000 * MM)
    camera = layout.cameras[0]
    number = {why: n for n, why in enumerate(Why)}
    return Line(
        legs=2 + 4 * stops,
        closures=stops,
        ring=ring,
        open_us=open_us,
        speed_mm_s=belt.speed_mm_s,
        release_nm=RELEASE_MM * MM,
        gap_mm=layout.infeed.min_gap_mm,
        pitch_mm=layout.infeed.min_pitch_mm,
        counts=belt.counts_per_m // factor,
        per_nm=1000 * MM // factor,
        camera_counts=layout.counts(camera.position_mm + camera.looks_mm[0]),
        scan_us=layout.scan_us,
        poll_us=hub.link.poll_us,
        end_nm=layout.end_mm * MM,
        return_nm=(layout.end_mm + return_mm) * MM if return_mm else 0,
        laps=laps,
        routed=number[Why.ROUTED],
        alternate=number[Why.ROUTED_ALTERNATE],
        full=number[Why.CHUTE_FULL],
        locked=number[Why.CHUTE_LOCKED],
        held=number[Why.INTERCEPTED],
        late=number[Why.LATE_DELIVERY],
        failed=number[Why.DIVERT_FAILED],
        disabled=number[Why.DIVERTER_FAULT],
        bagged=BAGGED_WHY,
        hearings=hearings,
        recalls=recalls,
    )


def legs_of(belt: Belt, start_us: Us, stops: Sequence[tuple[Us, Us]] = ()) -> Table:
    """The belt's motion: it starts at start_us and stands in each stop [from, to), ramps beside them.

    A stop begins to brake at its first instant and to start again at its last; stops lie after the start-up
    and further apart than their ramps.
    """
    motion = BeltMotion(belt.ramp_mm_s2, belt.counts_per_m)
    ramp_us = belt.speed_mm_s * 1_000_000 // belt.ramp_mm_s2
    orders = [(start_us, belt.speed_mm_s)]
    for begin, end in stops:
        orders += [(begin, 0), (end, belt.speed_mm_s)]
    rows = []
    for at_us, speed in orders:
        here = motion.speed_mm_s(at_us)
        rows += [at_us, motion.x_nm(at_us), here, belt.ramp_mm_s2 if speed else -belt.ramp_mm_s2]
        motion.aim(at_us, speed)
        rows += [at_us + ramp_us, motion.x_nm(at_us + ramp_us), speed, 0]
    return rows


def chutes_of(layout: Layout, change_us: Us, call_percent: int, closures: Closures) -> tuple[Table, Table]:
    """(chutes, spans): one row per chute, each with a crew of its own, its bag empty."""
    chutes: Table = []
    spans: Table = []
    for chute in layout.chutes:
        diverter = layout.diverters[chute.diverter]
        call = -(-chute.capacity * call_percent // 100)
        chutes += [diverter.eye_mm * MM, diverter.pivot_mm * MM, chute.diverter, chute.fall_us]
        chutes += [chute.capacity, call, change_us]
        # A diverter that is out of order keeps parcels from the chutes on both its sides.
        beside = [other.id for other in layout.chutes if other.diverter == chute.diverter]
        broken = sorted({span for other in beside for span in closures.broken.get(other, ())})
        for mine in (broken, closures.locked.get(chute.id, ()), closures.full.get(chute.id, ())):
            chutes += [len(spans) // SPAN, len(mine)]
            spans += [instant for interval in mine for instant in interval]
        chutes += [0, NEVER, 0, 0, 0, 0]
    return chutes, spans


def plant_of(
    hub: Hub,
    rulings: Rulings,
    start: Start,
    change_us: Us = BAG_CHANGE_US,
    closures: Closures = Closures(),  # frozen
    stops: Sequence[tuple[Us, Us]] = (),
    return_mm: int = 0,
    laps: int = 1,
    misses: bool = True,
) -> Plant:
    """A line with nothing on it. misses = False: no divert ever fails."""
    layout = hub.layout
    chutes, spans = chutes_of(layout, change_us, CALL_PERCENT, closures)
    # Those in the air beside the belt too: the heap of events keeps them until they are in their bags.
    falling = max(chute.fall_us for chute in layout.chutes) * layout.belt.speed_mm_s // 1_000_000
    longest_way = layout.end_mm + return_mm + 2 * layout.infeed.longest_mm + falling
    many = len(layout.chutes)
    ring = 2 + longest_way // layout.infeed.min_pitch_mm
    # No more can wait to be heard of a chute than is on the line, and its unlockings.
    hearings = 2 * ring + max(map(len, closures.locked.values()), default=0) if misses else 0
    recalls = many if any(closures.locked.values()) else 0
    line = line_of(hub, start.open_us, len(stops), ring, return_mm, laps, hearings, recalls)
    return Plant(
        line=line,
        legs=legs_of(layout.belt, start.belt_us, stops),
        # The PLC is in Execute, with its infeed open, a scan after it has the belt running again.
        closed=[at for begin, end in stops for at in (begin, end + layout.scan_us)] or [NEVER, NEVER],
        chutes=chutes,
        spans=spans or [NEVER, NEVER],
        rulings=rulings.rows,
        options=rulings.options or [0],
        sent=[0] * many,
        changes=[0] * many,
        cursor=[0] * 4,
        back=[0] * (BACK * ring),
        missed=missed_of(line, many, closures),
    )


def missed_of(line: Line, chutes: int, closures: Closures) -> Table:
    """Nothing has been missed; when persons will unlock is known."""
    if line.hearings == 0:
        return [0]
    missed = [0] * (per_chute(line.hearings) * chutes)
    for chute, spans in closures.locked.items():
        for _, until_us in spans:
            hear(line, missed, chute, max(0, until_us), UNLOCKED)
    return missed


def rulings_of(hub: Hub, on_date: str) -> Rulings:
    """Every kind of parcel with its ruling; kinds with equal rulings share one."""
    groups, group_of = _groups(hub, on_date)
    numbers: dict[Kind, int] = {}
    number_of: dict[tuple[object, ...], int] = {}
    ruling_of = []
    for courier, service, place, flaw in product(hub.couriers.couriers, SERVICES, groups, FLAWS):
        kind = (courier.key, service, place if _asks_where(service, flaw) else groups[0], flaw)
        if kind not in number_of:
            ruled = _ruled(hub, on_date, *kind)
            number_of[kind] = numbers.setdefault(kind_of_ruling(ruled), len(numbers))
        ruling_of.append(number_of[kind])
    return Rulings(*tables_of(numbers), ruling_of, group_of, len(groups))


def kind_of_ruling(ruled: Ruled) -> Kind:
    """What of a ruling decides where a parcel goes."""
    return ruled.why, ruled.chutes, (ruled.shares or len(ruled.chutes)) if ruled.balance else 0


def tables_of(kinds: Iterable[Kind]) -> tuple[Table, Table]:
    """(rows, options) of the rulings on these kinds of parcels."""
    rows: Table = []
    options: Table = []
    for why, chutes, shares in kinds:
        rows += [WHYS.index(why), len(options), len(chutes), shares]
        options += chutes
    return rows, options


def right_of(hub: Hub, rulings: Rulings) -> Table:
    """Ruling * chutes + chute -> 1 where a parcel with this true ruling may leave."""
    allowed = [
        set(rulings.options[row[1] : row[1] + row[2]])
        for row in (rulings.rows[at : at + RULING] for at in range(0, len(rulings.rows), RULING))
    ]
    return [int(chute.id in chutes) for chutes in allowed for chute in hub.layout.chutes]


def _groups(hub: Hub, on_date: str) -> tuple[list[str], list[int]]:
    """A village that stands for each group that every rule treats alike, and each village's group."""
    naming = [rule for rule in hub.plan.rules if rule.villages]
    of: dict[tuple[object, ...], int] = {}
    stands: list[str] = []
    group_of: list[int] = []
    for village in villages(hub):
        own = frozenset(rule.id for rule in naming if village in rule.villages)
        operator, served = hub.network.operator(village, on_date), hub.network.serves(village, on_date)
        mark = (hub.network.town_of(village), own, operator, served)
        if mark not in of:
            of[mark] = len(stands)
            stands.append(village)
        group_of.append(of[mark])
    return stands, group_of


def _asks_where(service: tuple[Direction, Service], flaw: str) -> bool:
    """Whether a ruling may depend on the place: only of what is read, announced, not held and goes down."""
    return flaw in ("", "misread") and service[0] is Direction.DOWN


def _ruled(
    hub: Hub, on_date: str, courier: str, service: tuple[Direction, Service], place: str, flaw: str
) -> Ruled:
    """What controller and plan make of one parcel of this kind."""
    waybill = sample_number(courier, 1)
    texts = [] if flaw in NO_READS else [waybill]
    if flaw == "several-waybills":
        texts = [waybill, sample_number(courier, 2)]
    advised = None
    if flaw != "not-advised":
        place = place if service[0] is Direction.DOWN else ""
        advised = Advised(0, waybill, courier, place, *service)
    reads = [CodeRead(text, "CODE128", ((0, 0),) * 4, "table") for text in texts]
    choice = choose(reads, hub.couriers, {waybill: courier} if advised else {}, on_date)
    return decide(choice, advised, flaw == "held", hub.plan, hub.network, Around(on_date))
