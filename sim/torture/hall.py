"""The small hub of the torture: four diverters, eight chutes, every kind of rule the plan knows.

Chutes 0..3 are towns, 4 and 5 share one town, 0 has 6 as its second choice; 6 is manual coding, 7 security.
Emergency supplies of any town have 3, else 5.
"""

from __future__ import annotations

from functools import cache

from sorter.flow import Direction, Service, Us, Why
from sorter.hub import Hub
from sorter.layout import Belt, Camera, Chute, Diverter, Infeed, Layout, Link
from sorter.network import Network, Place
from sorter.plan import Plan, Rule
from sorter.waybill import Courier, Couriers, Pattern

ON_DATE = "2026-11-23"
TOWNS = 5
MANUAL, SECURITY = 6, 7
CHUTES_OF: tuple[tuple[int, ...], ...] = ((0, 6), (1,), (2,), (3,), (4, 5))
"""By town: chutes its parcels may leave by."""
URGENT, URGENT_CHUTES = "urgent", (3, 5)
"""What goes before every town: the rule's name, and its chutes by either plan."""
OTHER_CHUTES_OF: tuple[tuple[int, ...], ...] = ((1,), (0, 6), (3,), (2,), (4, 5))
"""The same by a plan that people change to while parcels ride."""
POLL_US: Us = 50_000
COMM_TIMEOUT_US: Us = 500_000
EYES_MM = (0, 2600, 3800, 5000, 6200)
END_MM = 8200
SPEED_MM_S, RAMP_MM_S2 = 1600, 800
WINDOW_MM = 100
LEAD_MM = 850

_NONE: frozenset[str] = frozenset()
_DOWN = frozenset({Direction.DOWN})


def town(number: int) -> str:
    """Code of a town."""
    return f"3703051{number:02}"


def layout(ring_depth: int) -> Layout:
    """Induct eye, camera at 700 mm, four diverters; the end eye at END_MM."""
    return Layout(
        name="torture",
        belt=Belt(SPEED_MM_S, RAMP_MM_S2, 2000),
        infeed=Infeed(100, 600, 300, 600),
        cameras=(Camera(0, 700, 600, 600, 1200, 1200, (0,)),),
        diverters=tuple(Diverter(n, eye + LEAD_MM, eye, 300_000) for n, eye in enumerate(EYES_MM[1:])),
        chutes=tuple(
            Chute(c, f"c{c}", f"{c}号", f"chute {c}", c // 2, c % 2 * 2 - 1, 1000, 400_000) for c in range(8)
        ),
        end_mm=END_MM,
        scan_us=10_000,
        comm_timeout_us=COMM_TIMEOUT_US,
        ring_depth=ring_depth,
        window_mm=WINDOW_MM,
        hold_mm=40,
    )


def sort_plan(version: str, chutes_of: tuple[tuple[int, ...], ...]) -> Plan:
    """Emergency supplies first, then a rule for each town; the last one's chutes take turns."""
    urgent = Rule(URGENT, _NONE, _DOWN, frozenset({Service.EMERGENCY}), _NONE, _NONE, URGENT_CHUTES,
                  balance=False)  # fmt: skip
    towns = tuple(
        Rule(f"town-{t}", _NONE, _DOWN, frozenset({Service.STANDARD}), frozenset({town(t)}), _NONE,
             chutes, balance=t == TOWNS - 1)
        for t, chutes in enumerate(chutes_of)
    )  # fmt: skip
    exceptions = {Why.NO_ADVICE: MANUAL, Why.NO_RULE: MANUAL, Why.INTERCEPTED: SECURITY}
    return Plan(version, (urgent, *towns), exceptions)


OTHER_PLAN = sort_plan("torture@00000002", OTHER_CHUTES_OF)


@cache
def hall(ring_depth: int) -> Hub:
    """The whole hub. Its waybills are of a form that ends with this day: by a stepped clock there is none."""
    places = [Place(town(t), f"{t}镇", "town", town(t)) for t in range(TOWNS)]
    return Hub(
        name="torture",
        layout=layout(ring_depth),
        link=Link("127.0.0.1", 0, 1, POLL_US, 300_000),
        network=Network(tuple(places)),
        couriers=Couriers((Courier("jt", "极兔", "J&T"),), (Pattern("jt", "JT[0-9]{13}", "", ON_DATE),)),
        plan=sort_plan("torture@00000001", CHUTES_OF),
        files={},
    )
