"""What comes: parcels with labels and the truth about them, from a seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from sim.torture.hall import CHUTES_OF, TOWNS, URGENT_CHUTES, town
from sim.torture.line import Parcel
from sorter.flow import Advised, Service, Us

LEAST = 52
GAP_US: Us = 900_000
FIRST_US: Us = 1_500_000
URGENT_EVERY = 4


@dataclass(frozen=True, slots=True)
class Truth:
    """chutes = by which it may leave when all is known of it."""

    n: int
    waybill: str
    place: str
    chutes: tuple[int, ...]
    readable: bool
    advised: bool
    service: Service = Service.STANDARD

    def advice(self, at_us: Us) -> Advised:
        """What its courier's system says."""
        return Advised(at_us, self.waybill, "jt", self.place, service=self.service)


Drawn = tuple[Parcel, Truth]


def parcels(seed: int, coda: int) -> tuple[list[Drawn], list[Drawn]]:
    """A seed's parcels: those of the main part, and the coda's, whose arr_us counts from its beginning."""
    random = Random(f"{seed}/traffic")
    at_us, drawn = FIRST_US, []
    for n in range(LEAST + random.randint(0, 6)):
        drawn.append(_parcel(random, n, at_us, flawless=False))
        at_us += int(random.expovariate(1.0) * GAP_US * 0.9)
    last = [_parcel(random, len(drawn) + n, n * GAP_US, flawless=True) for n in range(coda)]
    return drawn, last


def with_urgent(drawn: list[Drawn]) -> list[Drawn]:
    """The same parcels; one of URGENT_EVERY brings emergency supplies, whose chutes are not its town's."""
    return [(parcel, truth if truth.n % URGENT_EVERY else _urgent(truth)) for parcel, truth in drawn]


def _urgent(truth: Truth) -> Truth:
    return replace(truth, service=Service.EMERGENCY, chutes=URGENT_CHUTES)


def _parcel(random: Random, n: int, at_us: Us, flawless: bool) -> Drawn:
    to = random.randrange(TOWNS)
    readable = flawless or random.random() < 0.97
    advised = flawless or random.random() < 0.95
    waybill = f"JT{n:03}{random.randrange(10**10):010}"
    codes = (waybill, "6901234567892") if random.random() < 0.03 else (waybill,)
    parcel = Parcel(n, at_us, random.randint(100, 600), codes, readable)
    return parcel, Truth(n, waybill, town(to), CHUTES_OF[to], readable, advised)
