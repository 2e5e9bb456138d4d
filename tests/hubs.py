"""Hubs for tests, built by hand: the default line's geometry with a handful of villages."""

from __future__ import annotations

from dataclasses import replace

from sorter.flow import Direction, Service, Why
from sorter.hub import Hub
from sorter.layout import Belt, Camera, Chute, Diverter, Infeed, Layout, Link
from sorter.network import Network, Place
from sorter.plan import Plan, Rule
from sorter.waybill import Courier, Couriers, Pattern

ON_DATE = "2026-11-23"

_KEYS = ("jt", "sto", "yunda", "zto", "yto", "sf", "post")
_FORMATS = (
    ("jt", "JT[0-9]{13}"),
    ("sto", "(77|43)[0-9]{12,15}"),
    ("yunda", "[34][0-9]{14}"),
    ("zto", "7[3-68][0-9]{12}"),
    ("yto", "YT[0-9]{13}"),
    ("sf", "SF[0-9]{13}"),
    ("post", "[981][0-9]{12}"),
)


def layout(diverters: int = 14, capacity: int = 120) -> Layout:
    """The default line, with as many diverters as wanted."""
    eyes = [4000 + 1200 * n for n in range(diverters)]
    return Layout(
        name="test line",
        belt=Belt(speed_mm_s=1600, ramp_mm_s2=800, counts_per_m=2000),
        infeed=Infeed(shortest_mm=100, longest_mm=600, min_gap_mm=300, min_pitch_mm=600),
        cameras=(Camera(0, 1000, 600, 600, 2448, 2448, (0,)),),
        diverters=tuple(Diverter(n, eye + 850, eye, 300_000) for n, eye in enumerate(eyes)),
        chutes=tuple(
            Chute(c, f"c{c}", f"{c}号格口", f"chute {c}", c // 2, c % 2 * 2 - 1, capacity, 400_000)
            for c in range(2 * diverters)
        ),
        end_mm=eyes[-1] + 850 + 1200,
        scan_us=10_000,
        comm_timeout_us=500_000,
        ring_depth=512,
        window_mm=100,
        hold_mm=40,
    )


def hub(towns: int = 12, diverters: int = 14, capacity: int = 120) -> Hub:
    """Town t goes to chute t; then returns, upstream, cold, emergency, manual coding, security."""
    places = [Place("370305", "临淄区", "district", "")]
    for t in range(towns):
        town = f"3703051{t:02}"
        places.append(Place(town, f"{t}镇", "town", town))
        places += [Place(f"{town}2{v:02}", f"{t}镇{v}村", "village", town) for v in range(5)]
    none: frozenset[str] = frozenset()
    down = frozenset({Direction.DOWN})

    def rule(key: str, chute: int, **parts: object) -> Rule:
        base = Rule(key, none, frozenset(), frozenset(), none, none, (chute,), False)
        return replace(base, **parts)  # type: ignore[arg-type]

    rules = (
        rule("emergency", towns + 3, services=frozenset({Service.EMERGENCY})),
        rule("cold", towns + 2, services=frozenset({Service.COLD})),
        rule("returns", towns, directions=frozenset({Direction.RETURN})),
        rule("upstream", towns + 1, directions=frozenset({Direction.UP})),
        *(rule(f"town-{t}", t, directions=down, towns=frozenset({f"3703051{t:02}"})) for t in range(towns)),
    )
    exceptions = {Why.NO_ADVICE: towns + 4, Why.NO_RULE: towns + 4, Why.INTERCEPTED: towns + 5}
    return Hub(
        name="test",
        layout=layout(diverters, capacity),
        link=Link("127.0.0.1", 0, 1, 50_000, 300_000),
        network=Network(tuple(places)),
        couriers=Couriers(
            tuple(Courier(key, key, key) for key in _KEYS),
            tuple(Pattern(courier, regex, "", "") for courier, regex in _FORMATS),
        ),
        plan=Plan("test@00000001", rules, exceptions),
        files={},
    )
