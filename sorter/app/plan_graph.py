"""A picture of a plan: destinations left, chutes right, bands as wide as the parcels between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from colorsys import hls_to_rgb
from html import escape

from sorter.app.plan_day import Travelled
from sorter.app.texts import text
from sorter.flow import Direction, Service
from sorter.hub import Hub
from sorter.plan import Item

Flows = Mapping[tuple[str, int], float]
"""(Destination's name, chute) -> how much."""

WIDTH, LEFT, RIGHT, TOP, ROW = 960, 250, 660, 60, 26
BAND = 20.0
"""Width of the widest band."""


def planned_flows(hub: Hub, volumes: Mapping[str, float] | None = None) -> dict[tuple[str, int], float]:
    """What goes down where, by town. volumes: parcels an hour by place; None: villages are counted."""
    if volumes is None:
        volumes = {v.code: 1.0 for town in hub.network.towns for v in hub.network.villages(town.code)}
    found: dict[tuple[str, int], float] = defaultdict(float)
    for place, volume in volumes.items():
        town, village = hub.network.town_of(place), hub.network.village_of(place)
        named = hub.network.find(town)
        for courier in hub.couriers.couriers:
            rule = hub.plan.ruling(Item(courier.key, Direction.DOWN, Service.STANDARD, town, village))
            for chute in rule.sharing if rule else ():
                share = volume / len(hub.couriers.couriers) / len(rule.sharing if rule else ())
                found[named.name if named else place, chute] += share
    return found


def recorded_flows(hub: Hub, day: Iterable[Travelled]) -> dict[tuple[str, int], float]:
    """What was decided on a day: by town, and by rule for what needs no place."""
    found: dict[tuple[str, int], float] = defaultdict(float)
    for parcel in day:
        decision = parcel.decision
        town = hub.network.find(hub.network.town_of(decision.place))
        down = parcel.advised is not None and parcel.advised.direction is Direction.DOWN
        name = town.name if town and down else decision.rule or text(decision.why, "zh")
        found[name, decision.chute] += 1
    return found


def graph(hub: Hub, flows: Flows, unit: str) -> str:
    """The picture as one SVG that needs nothing else. unit: what the numbers count, in both languages."""
    # In the order of their busiest chutes, so that few bands cross.
    most_of = {name: (much, chute) for (name, chute), much in sorted(flows.items(), key=lambda one: one[1])}
    names = sorted(most_of, key=lambda name: (most_of[name][1], name))
    chutes = sorted({chute for _, chute in flows})
    left = {name: TOP + ROW * n + ROW / 2 for n, name in enumerate(names)}
    right = {chute: TOP + ROW * n + ROW / 2 for n, chute in enumerate(chutes)}
    most = max(flows.values(), default=1.0)
    title = f"{hub.plan.version} · {unit}"
    body = [_text(20, 32, title, "start", 16)]
    for (name, chute), much in sorted(flows.items(), key=lambda one: -one[1]):
        hue = names.index(name) / len(names)
        body.append(_band(left[name], right[chute], max(1.0, much / most * BAND), hue, f"{name}: {much:.0f}"))
    for name, y in left.items():
        total = sum(much for (one, _), much in flows.items() if one == name)
        body.append(_text(LEFT - 10, y + 5, f"{name} · {total:.0f}", "end"))
    for chute, y in right.items():
        total = sum(much for (_, one), much in flows.items() if one == chute)
        body.append(_text(RIGHT + 10, y + 5, f"{_outlet(hub, chute)} · {total:.0f}", "start"))
    height = TOP + ROW * max(len(names), len(chutes)) + 20
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" role="img" font-family="Noto Sans CJK SC, Microsoft YaHei, sans-serif">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _outlet(hub: Hub, chute: int) -> str:
    if chute >= len(hub.layout.chutes):
        return "异常口 exception end"
    one = hub.layout.chutes[chute]
    return f"{one.id} {one.name_zh} {one.name_en}"


def _band(y1: float, y2: float, width: float, hue: float, about: str) -> str:
    middle = (LEFT + RIGHT) / 2
    path = f"M {LEFT} {y1:.1f} C {middle} {y1:.1f}, {middle} {y2:.1f}, {RIGHT} {y2:.1f}"
    red, green, blue = (round(255 * part) for part in hls_to_rgb(hue, 0.55, 0.35))
    colour = f"#{red:02x}{green:02x}{blue:02x}"
    style = f'fill="none" stroke="{colour}" stroke-opacity="0.6" stroke-width="{width:.1f}"'
    return f'<path d="{path}" {style}><title>{escape(about)}</title></path>'


def _text(x: float, y: float, words: str, anchor: str, size: int = 13) -> str:
    style = f'text-anchor="{anchor}" font-size="{size}" fill="#222222"'
    return f'<text x="{x}" y="{y:.0f}" {style}>{escape(words)}</text>'
