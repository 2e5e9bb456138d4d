"""Seeded parcel streams: what a hub's infeed gets in an ordinary hour, parcel by parcel.

Parcel n of a seed is always the same, however many are drawn: each has its own random numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from sim.parcel import PhysicalParcel
from sim.truth import Truth
from sorter.flow import Advised, Direction, InterceptSet, Mm, Service, Us
from sorter.hub import Hub
from sorter.network import Place
from vision.scene import Label, Print

READABLE_MODULE_UM = 625
"""Module width of a well printed label: 2.55 px under the default camera (600 mm at 2448 px)."""

_TINY_MODULE_UM = 200
_BAR_MM: Mm = 25
_LABEL_MM: tuple[Mm, Mm] = (130, 76)
_REACH_MM: Mm = 275
"""A label's corner lies at most this far from the parcel's centre: inside the camera's view."""

_FLAWS: tuple[tuple[str, float], ...] = (
    ("no-label", 0.010),
    ("torn", 0.010),
    ("tiny", 0.010),
    ("several-waybills", 0.005),
    ("not-advised", 0.010),
    ("held", 0.005),
)
"""Share of parcels with each flaw; the first three are unreadable."""

_UNREADABLE = frozenset({"no-label", "torn", "tiny"})
_KINDS: tuple[tuple[Direction, Service, float], ...] = (
    (Direction.UP, Service.STANDARD, 0.025),
    (Direction.RETURN, Service.STANDARD, 0.010),
    (Direction.DOWN, Service.COLD, 0.010),
    (Direction.DOWN, Service.EMERGENCY, 0.005),
)
_FORMATS: dict[str, tuple[str, int]] = {
    "jt": ("JT", 13),
    "sto": ("77", 13),
    "yunda": ("43", 13),
    "zto": ("75", 12),
    "yto": ("YT", 13),
    "sf": ("SF", 13),
    "post": ("98", 11),
}
"""Prefix and number of further digits; Yunda's fit STO's format too, so that the manifest must decide."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A parcel and what is true of it; they part company here."""

    parcel: PhysicalParcel
    truth: Truth


def draw(hub: Hub, seed: int, count: int, per_hour: int) -> list[Drawn]:
    """`count` parcels offered to the infeed at random (Poisson), on average per_hour, instants rounded down.

    The first parcels go to each town in turn, so that a short run has all of them.
    """
    drawn = []
    arr_us: Us = 0
    for n in range(count):
        random = Random(f"{seed}/{n}")
        arr_us += int(random.expovariate(per_hour / 3_600_000_000))
        truth = _truth(hub, n, random)
        drawn.append(Drawn(_parcel(n, arr_us, truth, random), truth))
    return drawn


def advice(truths: Iterable[Truth]) -> list[Advised | InterceptSet]:
    """What the couriers' systems say beforehand: the manifest and the intercept list."""
    words: list[Advised | InterceptSet] = []
    for truth in truths:
        if truth.advised:
            words.append(
                Advised(0, truth.waybill, truth.courier, truth.place, truth.direction, truth.service)
            )  # fmt: skip
        if truth.held:
            words.append(InterceptSet(0, truth.waybill, held=True))
    return words


def _truth(hub: Hub, n: int, random: Random) -> Truth:
    courier = random.choice(hub.couriers.couriers).key
    direction, service = _kind(random)
    waybill = _number(courier, random)
    flaw = _flaw(random)
    printed: tuple[str, ...] = () if flaw == "no-label" else (waybill,)
    if flaw == "several-waybills":
        printed = (waybill, _number(courier, random))
    return Truth(
        n=n,
        waybill=waybill,
        courier=courier,
        place="" if direction is not Direction.DOWN else _village(hub, n, random).code,
        direction=direction,
        service=service,
        readable=flaw not in _UNREADABLE,
        advised=flaw != "not-advised",
        held=flaw == "held",
        waybills=printed,
        flaw=flaw,
    )


def _village(hub: Hub, n: int, random: Random) -> Place:
    towns = hub.network.towns
    if n < len(towns):
        return random.choice(hub.network.villages(towns[n].code))
    return random.choice([village for town in towns for village in hub.network.villages(town.code)])


def _kind(random: Random) -> tuple[Direction, Service]:
    chance = random.random()
    for direction, service, share in _KINDS:
        chance -= share
        if chance < 0:
            return direction, service
    return Direction.DOWN, Service.STANDARD


def _flaw(random: Random) -> str:
    chance = random.random()
    for flaw, share in _FLAWS:
        chance -= share
        if chance < 0:
            return flaw
    return ""


def _number(courier: str, random: Random) -> str:
    prefix, digits = _FORMATS[courier]
    return prefix + "".join(random.choices("0123456789", k=digits))


def _parcel(n: int, arr_us: Us, truth: Truth, random: Random) -> PhysicalParcel:
    length = min(600, max(100, round(random.triangular(100, 600, 260))))
    width = random.randint(180, 400)
    across = random.randint(-(600 - width) // 4, (600 - width) // 4)
    label = _label(length, width, truth, random) if truth.waybills else None
    return PhysicalParcel(n, arr_us, length, width, across, label)


def _label(length: Mm, width: Mm, truth: Truth, random: Random) -> Label:
    """A label within 10 degrees of an axis, wholly on the parcel's face."""
    along_belt = length >= 170 and random.random() < 0.5
    turn = (90 if along_belt else 0) + (180 if random.random() < 0.5 else 0)
    long_mm, short_mm = _LABEL_MM
    half_along, half_across = (long_mm, short_mm) if along_belt else (short_mm, long_mm)
    return Label(
        centre_across_mm=_offset(width, half_across + 25, 10**6, random),
        centre_along_mm=_offset(length, half_along + 25, 2 * _REACH_MM, random),
        angle_deg=turn + random.uniform(-10, 10),
        width_mm=long_mm,
        height_mm=short_mm,
        prints=tuple(_prints(truth, random)),
        torn=0.6 if truth.flaw == "torn" else 0.0,
    )


def _offset(face: Mm, label: Mm, view: Mm, random: Random) -> Mm:
    room = max(0, (min(face, view) - label) // 2)
    return random.randint(-room, room)


def _prints(truth: Truth, random: Random) -> list[Print]:
    module = _TINY_MODULE_UM if truth.flaw == "tiny" else READABLE_MODULE_UM
    if len(truth.waybills) > 1:
        return [
            Print("CODE128", text, module, 22, y_mm=y)
            for text, y in zip(truth.waybills, (-19, 19), strict=True)
        ]  # fmt: skip
    prints = [Print("CODE128", text, module, _BAR_MM, y_mm=-16) for text in truth.waybills]
    if random.random() < 0.2:
        prints.append(Print("EAN13", _ean(random), 400, 12, x_mm=-30, y_mm=24))
    return prints


def _ean(random: Random) -> str:
    digits = "69" + "".join(random.choices("0123456789", k=10))
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return digits + str(-total % 10)
