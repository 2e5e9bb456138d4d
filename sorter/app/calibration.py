"""What runs in maintenance mode teach of a line: encoder scale, eye distances, pivot to chute eye.

Everything is learned from EyeSeen alone, so that nobody's belief about the line goes into it but the
rough places by which a passing is recognised. Edges are latched by the scan: a single passing is off by
up to a scan's way, evenly, at every eye alike; the mean over passings is not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression, pstdev

from plc.registers import OUTLET
from sorter.flow import EyeSeen, Us, encoder_delta
from sorter.layout import Layout

FEWEST = 5
"""Passings below which nothing is learned."""


@dataclass(frozen=True, slots=True)
class Passing:
    """An object that passed a belt eye: centre in counts since the first edge, and length in counts."""

    centre: float
    length: int


@dataclass(frozen=True, slots=True)
class Course:
    """All that the eyes told. outlets: per chute the instants at which its eye was covered.

    counts, instants  of every edge in order: where the belt was, and when
    """

    belt: dict[int, list[Passing]]
    outlets: dict[int, list[Us]]
    counts: list[int]
    instants: list[Us]

    def at_us(self, count: float) -> float:
        """When the belt was at `count`: between two edges it runs evenly."""
        after = min(max(bisect_left(self.counts, count), 1), len(self.counts) - 1)
        (c0, c1), (t0, t1) = self.counts[after - 1 : after + 1], self.instants[after - 1 : after + 1]
        return t0 + (count - c0) * (t1 - t0) / (c1 - c0) if c1 != c0 else float(t0)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One dimension of line.yaml: before, learned, standard deviation of one passing, how many of them.

    path   where it stands in line.yaml; None = what is shown only
    after  rounded to whole units; None = too little was seen
    """

    path: tuple[str, ...] | None
    zh: str
    en: str
    unit: str
    before: int
    after: int | None
    spread: float
    seen: int


def learn(events: Iterable[EyeSeen], layout: Layout, length_mm: int | None) -> list[Quantity]:
    """All quantities in the order they are shown.

    length_mm  true length of the test parcels, all alike; None = unknown, then the scale is kept
    """
    course = followed(events)
    scale = _scale(course.belt.get(0, []), layout, length_mm)
    per_mm = (scale.after or scale.before) / 1000
    behind = range(1, len(layout.eyes_mm))
    eyes = [_eye(eye, _ways(course.belt, layout, eye), layout, per_mm) for eye in behind]
    fall = _fall(course, layout, per_mm)
    return [scale, *eyes, *_regular(eyes[:-1], layout), _end(eyes, layout), fall]


def followed(events: Iterable[EyeSeen]) -> Course:
    """Passings by belt eye, and the instants at which each chute's eye was covered."""
    course = Course({}, {}, [], [])
    noses: dict[int, int] = {}
    count, last = 0, None
    for event in events:
        count += 0 if last is None else encoder_delta(event.encoder, last)
        last = event.encoder
        course.counts.append(count)
        course.instants.append(event.at_us)
        if event.eye >= OUTLET:
            if event.covered:
                course.outlets.setdefault(event.eye - OUTLET, []).append(event.at_us)
        elif event.covered:
            noses[event.eye] = count
        elif (nose := noses.pop(event.eye, None)) is not None:
            course.belt.setdefault(event.eye, []).append(Passing((nose + count) / 2, count - nose))
    return course


def _scale(inducted: Sequence[Passing], layout: Layout, length_mm: int | None) -> Quantity:
    lengths = [] if length_mm is None else [passing.length * 1000 / length_mm for passing in inducted]
    before = layout.belt.counts_per_m
    return _quantity(("belt", "counts_per_m"), "编码器", "encoder scale", "/m", before, lengths)


def _quantity(
    path: tuple[str, ...] | None, zh: str, en: str, unit: str, before: int, values: Sequence[float]
) -> Quantity:
    enough = len(values) >= FEWEST
    after = round(fmean(values)) if enough else None
    return Quantity(path, zh, en, unit, before, after, pstdev(values) if enough else 0.0, len(values))


def _ways(belt: Mapping[int, Sequence[Passing]], layout: Layout, eye: int) -> list[float]:
    """Counts from the induct eye to this one, of every passing that can be only one inducted object's."""
    expected = layout.counts(layout.eyes_mm[eye])
    reach = layout.counts(layout.infeed.min_pitch_mm) / 3
    ways = []
    for passing in belt.get(eye, ()):
        near = [one for one in belt.get(0, ()) if abs(passing.centre - expected - one.centre) <= reach]
        if len(near) == 1:
            ways.append(passing.centre - near[0].centre)
    return ways


def _eye(eye: int, ways: Sequence[float], layout: Layout, per_mm: float) -> Quantity:
    before = layout.eyes_mm[eye]
    return _quantity(None, f"光电 {eye}", f"eye {eye}", "mm", before, [way / per_mm for way in ways])


def _regular(eyes: Sequence[Quantity], layout: Layout) -> list[Quantity]:
    """First eye and pitch: the straight line nearest to the diverters' eyes, as line.yaml describes them."""
    known = [(number, eye.after) for number, eye in enumerate(eyes) if eye.after is not None]
    first, pitch = layout.diverters[0].eye_mm, _pitch(layout)
    seen = min((eye.seen for eye in eyes if eye.after is not None), default=0)
    if len(known) < 2:
        fit: tuple[int | None, int | None] = (None, None)
        worst = 0.0
    else:
        step, start = linear_regression(*zip(*known, strict=True))
        fit = round(start), round(step)
        worst = max(abs(start + step * number - after) for number, after in known)
    path = "diverters"
    return [
        Quantity((path, "first_eye_mm"), "首个判定光电", "first eye", "mm", first, fit[0], worst, seen),
        Quantity((path, "pitch_mm"), "摆轮间距", "diverter pitch", "mm", pitch, fit[1], worst, seen),
    ]


def _pitch(layout: Layout) -> int:
    return layout.diverters[1].eye_mm - layout.diverters[0].eye_mm if len(layout.diverters) > 1 else 0


def _end(eyes: Sequence[Quantity], layout: Layout) -> Quantity:
    """From the last pivot, which stands a fixed way behind its own eye, to the end eye."""
    last = layout.diverters[-1]
    before, own, end = layout.end_mm - last.pivot_mm, eyes[-2], eyes[-1]
    after = None
    if own.after is not None and end.after is not None:
        after = end.after - own.after - (last.pivot_mm - last.eye_mm)
    spread, seen = max(own.spread, end.spread), min(own.seen, end.seen)
    return Quantity(("end_after_mm",), "末端光电", "last pivot to end eye", "mm", before, after, spread, seen)


def _fall(course: Course, layout: Layout, per_mm: float) -> Quantity:
    """Divert latency: from a centre at its pivot to the chute's eye; all chutes of a line are alike."""
    times = []
    before = layout.chutes[0].fall_us // 1000
    reach_us = layout.infeed.min_pitch_mm * 500_000 // layout.belt.speed_mm_s
    for number, instants in course.outlets.items():
        diverter = layout.diverters[layout.chutes[number].diverter]
        way = (diverter.pivot_mm - diverter.eye_mm) * per_mm
        at_pivot = [course.at_us(passing.centre + way) for passing in course.belt.get(diverter.id + 1, ())]
        for at_us in instants:
            late = [at_us - pivot for pivot in at_pivot if abs(at_us - pivot - before * 1000) <= reach_us]
            if len(late) == 1:
                times.append(late[0] / 1000)
    return _quantity(("every_chute", "fall_ms"), "摆出延时", "pivot to chute eye", "ms", before, times)
