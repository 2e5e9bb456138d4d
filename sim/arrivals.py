"""Seeded parcel streams: what a hub's infeed gets, parcel by parcel, with its label and its truth.

Parcel n of a stream is always the same, however many are drawn: its random numbers are counted, not
drawn in turn (sim.draws). The compiled engines draw the same parcels from the same stream.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from sim.draws import below, unit, word
from sim.hubline.recorded import DRAWN, Recorded
from sim.hubline.stream import COURIERS, FLAWS, PIECE, Rulings, Stream, flaw_of, look, next_arrival
from sim.hubline.traffic import SERVICES, Flow, Traffic, stream_of, usual_lengths, villages
from sim.numbers import sample_number
from sim.parcel import PhysicalParcel
from sim.truth import Truth
from sorter.flow import Advised, Direction, InterceptSet, Mm, Us
from sorter.hub import Hub
from vision.scene import Label, Print

READABLE_MODULE_UM = 375
"""Module width of a well printed label: 1.53 px under the default camera (600 mm at 2448 px)."""

_TINY_MODULE_UM = 120
_BAR_MM: Mm = 25
_LABEL_MM: tuple[Mm, Mm] = (130, 76)
_RIM_MM: Mm = 25
"""Free cardboard around a label, both sides together."""

_ANY_ANGLE_MM: Mm = 180
"""Least length of a parcel on which a label lies at any angle: its diagonal and the rim."""

_REACH_MM: Mm = 275
"""A label's corner lies at most this far from the parcel's centre: inside the camera's view."""

_UNREADABLE = frozenset({"no-label", "torn", "tiny"})
_SHAPE_WORDS = 12
"""Random words that a parcel's shape and label may use."""

_AN_AGE_US = 1 << 50
_GOODS = ("EAN", "UPC", "ISB")
"""A shop's own code, whatever follows: no waybill."""

NO_RULINGS = Rulings([], [], [], [], 0)
"""Whoever draws labels asks no plan."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A parcel and what is true of it; they part company here. latency_us = vision's time for it."""

    parcel: PhysicalParcel
    truth: Truth
    latency_us: Us


class Luck:
    """The random words of one parcel, one after the other."""

    def __init__(self, key: int, parcel: int, words: int) -> None:
        self._key = key
        self._next = parcel * words

    def word(self) -> int:
        """63 bits."""
        self._next += 1
        return word(self._key, self._next - 1)

    def share(self) -> float:
        """Even in [0, 1)."""
        return unit(self.word())

    def between(self, least: int, most: int) -> int:
        """An integer, both ends included."""
        return least + below(self.word(), most - least + 1)


def draw(hub: Hub, seed: int, count: int, per_hour: int) -> list[Drawn]:
    """`count` parcels offered to the infeed at random (Poisson), on average per_hour, instants rounded down.

    The first parcels go to each town in turn, so that a short run has all of them.
    """
    lengths = usual_lengths(hub.layout.infeed)
    traffic = Traffic((Flow(0, _AN_AGE_US, per_hour),), length_mm=lengths, every_town=True)
    return draw_traffic(hub, traffic, seed, 0, count)


def draw_traffic(hub: Hub, traffic: Traffic, seed: int, number: int, count: int) -> list[Drawn]:
    """The first `count` parcels (fewer when no more come) of stream `number` of a seed."""
    stream = stream_of(hub, traffic, NO_RULINGS, seed, number)
    return [_drawn(hub, stream, n, arr_us, piece) for n, arr_us, piece in _arrivals(stream, count)]


def replayed(hub: Hub, parcels: Sequence[Recorded], seed: int) -> list[Drawn]:
    """Recorded parcels as they lie on the belt, each with labels that are read as it was read."""
    at = stream_of(hub, Traffic((Flow(0, 1, 0),)), NO_RULINGS, seed, 0).at
    rows = []
    for n, one in enumerate(parcels):
        truth, shape = _recorded_truth(n, one), Luck(at.shapes, n, _SHAPE_WORDS)
        parcel = _parcel(n, one.arr_us, one.length_mm, truth, shape)
        latency_us = at.vision_least_us + below(word(at.luck, n), at.vision_span_us)
        rows.append(Drawn(parcel, truth, latency_us if one.latency_us == DRAWN else one.latency_us))
    return rows


def told_latency(drawn: Sequence[Drawn]) -> Callable[[int, int, int], Us]:
    """Vision's time for the n-th picture of a camera: that of the n-th parcel (see sim.virtual.Latency)."""
    return lambda camera, frame, encoder: drawn[(frame - 1) % len(drawn)].latency_us


def _recorded_truth(n: int, one: Recorded) -> Truth:
    """Nobody recorded what a parcel truly is: it is taken for what it was read as."""
    labels = (read.text for read in one.reads if read.symbology[:3].upper() not in _GOODS)
    codes = tuple(dict.fromkeys(labels))
    advised = one.advised or Advised(0, codes[0] if codes else "", "", "")
    return Truth(
        n=n,
        waybill=advised.waybill,
        courier=advised.courier,
        place=advised.place,
        direction=advised.direction,
        service=advised.service,
        readable=bool(codes),
        advised=one.advised is not None,
        held=one.held,
        waybills=codes,
        flaw="" if codes else "unread",
        length_mm=one.length_mm,
    )


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


def _arrivals(stream: Stream, count: int) -> Iterator[tuple[int, Us, int]]:
    """(parcel, instant, piece of the stream)."""
    clock = [0.0, 0.0]
    for n in range(count):
        arr_us = next_arrival(stream.at, stream.pieces, stream.gaps_us, stream.logs, clock, n)
        if arr_us < 0:
            return
        yield n, arr_us, int(clock[1])


def _drawn(hub: Hub, stream: Stream, n: int, arr_us: Us, piece: int) -> Drawn:
    at = stream.at
    couriers_at = stream.pieces[piece * PIECE + COURIERS]
    courier, service, village, length = look(stream.dealt, at, couriers_at, word(at.looks, n))
    if n < at.firsts:
        village = stream.first[n]
    bits = word(at.luck, n)
    flaw = flaw_of(stream.dealt, at, courier, bits)
    latency_us = at.vision_least_us + below(bits, at.vision_span_us)
    truth = replace(_truth(hub, n, (courier, service, village, flaw), at.numbers), length_mm=length)
    shape = Luck(at.shapes, n, _SHAPE_WORDS)
    return Drawn(_parcel(n, arr_us, length, truth, shape), truth, latency_us)


def _truth(hub: Hub, n: int, looks: tuple[int, int, int, int], key: int) -> Truth:
    courier = hub.couriers.couriers[looks[0]].key
    direction, service = SERVICES[looks[1]]
    flaw = FLAWS[looks[3]]
    numbers = Luck(key, n, 2)
    waybill = sample_number(courier, numbers.word())
    printed: tuple[str, ...] = () if flaw == "no-label" else (waybill,)
    if flaw == "several-waybills":
        printed = (waybill, sample_number(courier, numbers.word()))
    return Truth(
        n=n,
        waybill=waybill,
        courier=courier,
        place="" if direction is not Direction.DOWN else villages(hub)[looks[2]],
        direction=direction,
        service=service,
        readable=flaw not in _UNREADABLE,
        advised=flaw != "not-advised",
        held=flaw == "held",
        waybills=printed,
        flaw=flaw,
    )


def _parcel(n: int, arr_us: Us, length: Mm, truth: Truth, shape: Luck) -> PhysicalParcel:
    width = shape.between(180, 400)
    across = shape.between(-((600 - width) // 4), (600 - width) // 4)
    label = _label(length, width, truth, shape) if truth.waybills else None
    return PhysicalParcel(n, arr_us, length, width, across, label)


def _label(length: Mm, width: Mm, truth: Truth, shape: Luck) -> Label:
    """A label at any angle, wholly on the parcel's face; on a short parcel it lies across the belt."""
    long_mm, short_mm = _LABEL_MM
    turn = 360 * shape.share()
    if length < _ANY_ANGLE_MM:
        turn = (180 if turn < 180 else 0) + turn % 180 / 9 - 10
    cosine, sine = abs(math.cos(math.radians(turn))), abs(math.sin(math.radians(turn)))
    along, across = (
        math.ceil(long_mm * sine + short_mm * cosine),
        math.ceil(long_mm * cosine + short_mm * sine),
    )
    return Label(
        centre_across_mm=_offset(width, across + _RIM_MM, 10**6, shape),
        centre_along_mm=_offset(length, along + _RIM_MM, 2 * _REACH_MM, shape),
        angle_deg=turn,
        width_mm=long_mm,
        height_mm=short_mm,
        prints=tuple(_prints(truth, shape)),
        torn=0.6 if truth.flaw == "torn" else 0.0,
    )


def _offset(face: Mm, label: Mm, view: Mm, shape: Luck) -> Mm:
    room = max(0, (min(face, view) - label) // 2)
    return shape.between(-room, room)


def _prints(truth: Truth, shape: Luck) -> list[Print]:
    module = _TINY_MODULE_UM if truth.flaw == "tiny" else READABLE_MODULE_UM
    if len(truth.waybills) > 1:
        return [
            Print("CODE128", text, module, 22, y_mm=y)
            for text, y in zip(truth.waybills, (-19, 19), strict=False)
        ]  # fmt: skip
    prints = [Print("CODE128", text, module, _BAR_MM, y_mm=-16) for text in truth.waybills]
    # What is printed too small to be read is so altogether: a parcel of this flaw shows no code at all.
    if shape.share() < 0.2 and truth.flaw != "tiny":
        prints.append(Print("EAN13", _ean(shape), 400, 12, x_mm=-30, y_mm=24))
    return prints


def _ean(shape: Luck) -> str:
    digits = f"69{shape.word() % 10**10:010}"
    total = sum(int(digit) * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return digits + str(-total % 10)
