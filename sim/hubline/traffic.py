"""What comes to a hub's infeed, as an engineer says it, and as the columns that a stream is drawn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import sqrt

from sim.draws import below, key, logarithms, word
from sim.hubline.stream import FLAWS, At, Rulings, Stream
from sorter.flow import Direction, Mm, Service, Us
from sorter.hub import Hub
from sorter.layout import Infeed

SERVICES: tuple[tuple[Direction, Service], ...] = (
    (Direction.DOWN, Service.STANDARD),
    (Direction.UP, Service.STANDARD),
    (Direction.RETURN, Service.STANDARD),
    (Direction.DOWN, Service.COLD),
    (Direction.DOWN, Service.EMERGENCY),
)

_SLOTS = 1 << 16
_LENGTHS = 1 << 12
_PURPOSES = ("arrivals", "looks", "luck", "failing", "others", "numbers", "shapes")


@dataclass(frozen=True)
class Flow:
    """Parcels offered at random (Poisson) at a mean rate between two instants; mix = courier -> weight.

    An empty mix is every courier alike.
    services  weights of its own, in place of Traffic.services
    late_us   it comes late by a time drawn anew for each day, even between these two
    """

    from_us: Us
    to_us: Us
    per_hour: float
    mix: Mapping[str, float] = field(default_factory=dict)
    services: Mapping[tuple[Direction, Service], float] = field(default_factory=dict)
    late_us: tuple[Us, Us] = (0, 0)


ORDINARY_FLAWS: Mapping[str, float] = {
    "no-label": 0.010,
    "torn": 0.010,
    "tiny": 0.010,
    "several-waybills": 0.005,
    "not-advised": 0.010,
    "held": 0.005,
}
ORDINARY_SERVICES: Mapping[tuple[Direction, Service], float] = {
    SERVICES[0]: 0.950,
    SERVICES[1]: 0.025,
    SERVICES[2]: 0.010,
    SERVICES[3]: 0.010,
    SERVICES[4]: 0.005,
}


@dataclass(frozen=True)
class Traffic:
    """A stream of parcels. Shares need not add up: services are weights, flaws leave the rest flawless.

    flows           their rates add up where they overlap
    places          weight of each town or village code, empty = every village alike
    flaws           share of each flaw; of_courier: other shares for some couriers
    length_mm       least, most frequent and greatest (triangular)
    vision_us       least and greatest time from picture to answer (even)
    failing         share of diverts that the wheels fail to make
    every_town      the first parcels go to each town in turn, so that a short run has all of them
    """

    flows: tuple[Flow, ...]
    places: Mapping[str, float] = field(default_factory=dict)
    services: Mapping[tuple[Direction, Service], float] = field(default_factory=lambda: ORDINARY_SERVICES)
    flaws: Mapping[str, float] = field(default_factory=lambda: ORDINARY_FLAWS)
    of_courier: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    length_mm: tuple[Mm, Mm, Mm] = (100, 260, 600)
    vision_us: tuple[Us, Us] = (60_000, 180_000)
    failing: float = 0.0
    every_town: bool = False


def usual_lengths(infeed: Infeed) -> tuple[Mm, Mm, Mm]:
    """Least, most frequent and greatest length of ordinary parcels, as far as an infeed takes them."""
    least, most = infeed.shortest_mm, infeed.longest_mm
    return min(max(100, least), most), min(max(260, least), most), max(min(600, most), least)


def slots(weights: Sequence[float], count: int = _SLOTS) -> list[int]:
    """`count` slots dealt to the indices of `weights` in proportion; off by less than one slot each."""
    total, given, rows = sum(weights), 0, []
    so_far = 0.0
    for index, weight in enumerate(weights):
        so_far += weight
        upto = round(so_far / total * count)
        rows += [index] * (upto - given)
        given = upto
    return rows


def stream_of(hub: Hub, traffic: Traffic, rulings: Rulings, seed: int, number: int) -> Stream:
    """Stream `number` of a seed (one per line and replication)."""
    couriers = [courier.key for courier in hub.couriers.couriers]
    pieces, mixes = _pieces(traffic, couriers)
    dealt = slots([traffic.services.get(service, 0.0) for service in SERVICES])
    dealt += slots(_village_weights(hub, traffic.places))
    lengths_at = len(dealt)
    dealt += _lengths(*traffic.length_mm)
    couriers_at = len(dealt)
    dealt += [index for mix in mixes for index in slots(mix)]
    flaws_at = len(dealt)
    dealt += [index for name in couriers for index in slots(_flaw_weights(traffic, name))]
    first = _first_villages(hub, seed) if traffic.every_town else []
    sign = -1 if _is_joint(traffic) else 1
    return Stream(
        at=At(
            pieces=len(pieces),
            firsts=len(first),
            villages=_SLOTS,
            lengths=lengths_at,
            flaws=flaws_at,
            groups=rulings.groups,
            plain_services=dealt[:_SLOTS].count(0),
            flawless=min(dealt[at : at + _SLOTS].count(0) for at in range(flaws_at, len(dealt), _SLOTS)),
            vision_least_us=traffic.vision_us[0],
            vision_span_us=traffic.vision_us[1] - traffic.vision_us[0] + 1,
            fail_below=int(traffic.failing * (1 << 63)),
            **_keys(seed, number),
        ),
        pieces=[word for until, _, mix in pieces for word in (until, sign * (couriers_at + mix * _SLOTS))],
        gaps_us=[gap for _, gap, _ in pieces],
        logs=logarithms(),
        dealt=dealt,
        first=first or [0],
        ruling_of=rulings.ruling_of,
        group_of=rulings.group_of,
    )


def of_number(stream: Stream, seed: int, number: int) -> Stream:
    """Another stream of the same traffic and the same seed, on the same tables."""
    return stream._replace(at=stream.at._replace(**_keys(seed, number)))


def _keys(seed: int, number: int) -> dict[str, int]:
    return {purpose: key(seed, number * 8 + n) for n, purpose in enumerate(_PURPOSES)}


def villages(hub: Hub) -> list[str]:
    """Village codes, town by town: a stream's villages are indices into this list."""
    return [village.code for town in hub.network.towns for village in hub.network.villages(town.code)]


def _village_weights(hub: Hub, places: Mapping[str, float]) -> list[float]:
    """A town's weight is shared by its villages; without weights every village has the same."""
    rows = []
    for town in hub.network.towns:
        inside = hub.network.villages(town.code)
        share = places.get(town.code, 0.0 if places else float(len(inside))) / max(1, len(inside))
        rows += [places.get(village.code, share) for village in inside]
    return rows


def _first_villages(hub: Hub, seed: int) -> list[int]:
    """One village of each town, in the order of the towns."""
    rows, first = [], 0
    for n, town in enumerate(hub.network.towns):
        count = len(hub.network.villages(town.code))
        rows.append(first + below(word(key(seed, 0), n), count))
        first += count
    return rows


def _flaw_weights(traffic: Traffic, courier: str) -> list[float]:
    shares = {**traffic.flaws, **traffic.of_courier.get(courier, {})}
    flawed = [shares.get(name, 0.0) for name in FLAWS[1:]]
    return [max(0.0, 1.0 - sum(flawed)), *flawed]


def _lengths(least: Mm, mode: Mm, most: Mm) -> list[int]:
    """The quantiles of a triangular distribution, rounded to whole mm."""
    rows, span = [], most - least
    for n in range(_LENGTHS):
        u = (n + 0.5) / _LENGTHS
        if u * span < mode - least:
            rows.append(round(least + sqrt(u * span * (mode - least))))
        else:
            rows.append(round(most - sqrt((1 - u) * span * (most - mode))))
    return rows


def of_day(traffic: Traffic, seed: int, number: int) -> Traffic:
    """The traffic with its lateness drawn; number = the day's first stream, so that all its lines agree."""
    own = key(seed, number * 8 + len(_PURPOSES))

    def come(n: int, flow: Flow) -> Flow:
        least, most = flow.late_us
        # In whole ms: `below` takes no limit beyond 2^31.
        late_us = least + 1000 * below(word(own, n), (most - least) // 1000 + 1)
        return replace(flow, from_us=flow.from_us + late_us, to_us=flow.to_us + late_us, late_us=(0, 0))

    flows = (come(n, flow) if any(flow.late_us) else flow for n, flow in enumerate(traffic.flows))
    return replace(traffic, flows=tuple(flows))


def _pieces(
    traffic: Traffic, couriers: Sequence[str]
) -> tuple[list[tuple[int, float, int]], list[list[float]]]:
    """Overlapping flows as pieces of constant rate (end, mean gap us, mix), and the mixes' weights.

    A mix is of couriers; of couriers and services where flows differ in these.
    """
    flows = traffic.flows
    ends = sorted({0, *(flow.from_us for flow in flows), *(flow.to_us for flow in flows)})
    mixes: list[list[float]] = []
    rows = []
    for begin, end in pairwise(ends):
        now = [flow for flow in flows if flow.from_us <= begin and end <= flow.to_us]
        rate = sum(flow.per_hour for flow in now)
        weights = [_weights(flow, traffic, couriers) for flow in now]
        mix = [sum(column) for column in zip(*weights, strict=True)]
        if rate and mix not in mixes:
            mixes.append(mix)
        rows.append((end, 3_600_000_000 / rate if rate else 0.0, mixes.index(mix) if rate else 0))
    return rows, mixes or [[1.0] * len(couriers)]


def _is_joint(traffic: Traffic) -> bool:
    return any(flow.services for flow in traffic.flows)


def _weights(flow: Flow, traffic: Traffic, couriers: Sequence[str]) -> list[float]:
    """Parcels of each courier per hour in a flow; of each courier and service where flows differ in these."""
    own = [_weight(flow, name, couriers) for name in couriers]
    if not _is_joint(traffic):
        return own
    weights = flow.services or traffic.services
    whole = sum(weights.values())
    return [one * weights.get(service, 0.0) / whole for one in own for service in SERVICES]


def _weight(flow: Flow, courier: str, couriers: Sequence[str]) -> float:
    """Parcels of a courier per hour in a flow."""
    mix = flow.mix or dict.fromkeys(couriers, 1.0)
    return flow.per_hour * mix.get(courier, 0.0) / sum(mix.values())
