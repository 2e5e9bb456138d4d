"""Which destinations to which chutes: even loads and short ways with the bags; greedy, then local search.

With more chutes than destinations the busy ones get several, with fewer the bags are shared by groups. Two
figures are wanted small, each a multiple of a bound that no assignment can beat: the load of the busiest
chute (bound: all chutes alike, or the best division of whole chutes) and the way that full bags are carried
(bound: the nearest chutes take as much as the busiest one does). Local search makes their sum smaller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

MOST_STEPS = 10_000
"""Of the local search; each one is an improvement, so it ends before."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """A chute that may be used. carry_mm: from it to where its bags are loaded; diverter: its number."""

    chute: int
    diverter: int
    carry_mm: int


@dataclass(frozen=True)
class Task:
    """What is to be assigned: parcels an hour by destination, chutes, and parcels in a full bag."""

    volumes: Mapping[str, float]
    outlets: Sequence[Outlet]
    bag: int

    @property
    def least_peak(self) -> float:
        """Parcels an hour that the busiest chute has at least."""
        if len(self.outlets) < len(self.volumes):
            return max(sum(self.volumes.values()) / len(self.outlets), *self.volumes.values())
        return max(self.volumes[one] / parts for one, parts in divided(self).items())


Assigned = Mapping[int, tuple[str, ...]]
"""Chute -> its destinations; one with several chutes is divided evenly."""


@dataclass(frozen=True)
class Figures:
    """peak: parcels an hour of the busiest chute; carried: metres an hour with full bags; with bounds."""

    peak: float
    peak_bound: float
    carried: float
    carried_bound: float

    @property
    def score(self) -> float:
        """The sum of both multiples: 2 = nothing can be better."""
        return _times(self.peak, self.peak_bound) + _times(self.carried, self.carried_bound)

    @property
    def peak_gap(self) -> float:
        """How much above its bound, 0.1 = 10 %."""
        return _times(self.peak, self.peak_bound) - 1

    @property
    def carried_gap(self) -> float:
        """How much above its bound."""
        return _times(self.carried, self.carried_bound) - 1


def suggest(task: Task) -> Assigned:
    """A good assignment of every destination; the same for the same task."""
    return _improved(task, _greedy(task))


def loads_of(task: Task, assigned: Assigned) -> dict[int, float]:
    """Parcels an hour of each chute."""
    parts = _parts(assigned)
    return {chute: sum(task.volumes[d] / parts[d] for d in there) for chute, there in assigned.items()}


def figures_of(task: Task, assigned: Assigned) -> Figures:
    """How good an assignment is."""
    loads = loads_of(task, assigned)
    peak = max(loads.values(), default=0.0)
    carried = sum(loads[one.chute] * one.carry_mm for one in task.outlets if one.chute in loads)
    left, bound = sum(task.volumes.values()), 0.0
    for outlet in sorted(task.outlets, key=lambda one: one.carry_mm):
        taken = min(left, peak)
        bound += taken * outlet.carry_mm
        left -= taken
    metres = 1000 * task.bag
    return Figures(peak, task.least_peak, carried / metres, bound / metres)


def _times(value: float, bound: float) -> float:
    return value / bound if bound else 1.0


def _parts(assigned: Assigned) -> dict[str, int]:
    """How many chutes each destination has."""
    parts: dict[str, int] = {}
    for there in assigned.values():
        for destination in there:
            parts[destination] = parts.get(destination, 0) + 1
    return parts


# ---------------------------------------------------------------- greedy


def _greedy(task: Task) -> Assigned:
    near = sorted(task.outlets, key=lambda one: (one.carry_mm, one.chute))
    busy = sorted(task.volumes, key=lambda one: (-task.volumes[one], one))
    if len(near) < len(busy):
        return _grouped(task, near, busy)
    parts = divided(task)
    loads = sorted(
        ((task.volumes[one] / parts[one], one) for one in busy for _ in range(parts[one])), reverse=True
    )
    return {outlet.chute: (one,) for outlet, (_, one) in zip(near, loads, strict=True)}


def divided(task: Task) -> dict[str, int]:
    """Chutes for each destination, at least one: the busiest part is as small as whole chutes allow."""
    parts = dict.fromkeys(sorted(task.volumes), 1)
    for _ in range(len(task.outlets) - len(parts)):
        parts[max(parts, key=lambda one: task.volumes[one] / parts[one])] += 1
    return parts


def _grouped(task: Task, near: Sequence[Outlet], busy: Sequence[str]) -> Assigned:
    """The busiest destination first, each to the chute with the least load; the nearest among equals."""
    found: dict[int, tuple[str, ...]] = {outlet.chute: () for outlet in near}
    loads = dict.fromkeys(found, 0.0)
    for destination in busy:
        chute = min(loads, key=lambda one: loads[one])
        found[chute] += (destination,)
        loads[chute] += task.volumes[destination]
    return found


# ---------------------------------------------------------------- local search


def _improved(task: Task, assigned: Assigned) -> Assigned:
    """One better neighbour after the other, until there is none."""
    best = figures_of(task, assigned).score + _penalty(task, assigned)
    for _ in range(MOST_STEPS):
        for other in _neighbours(task, assigned):
            score = figures_of(task, other).score + _penalty(task, other)
            if score < best - 1e-9:
                best, assigned = score, other
                break
        else:
            return assigned
    return assigned


def _penalty(task: Task, assigned: Assigned) -> float:
    """Two chutes of one destination at one diverter: neither can be the other's alternate."""
    diverters = {outlet.chute: outlet.diverter for outlet in task.outlets}
    at: set[tuple[str, int]] = set()
    twice = 0
    for chute, there in assigned.items():
        for destination in there:
            twice += (destination, diverters[chute]) in at
            at.add((destination, diverters[chute]))
    return float(twice)


def _neighbours(task: Task, assigned: Assigned) -> Iterator[Assigned]:
    """The busiest chute changes one destination with another chute; two chutes change all they have; one
    destination moves; one chute goes over to another destination.
    """
    parts, loads = _parts(assigned), loads_of(task, assigned)
    peak = max(assigned, key=lambda chute: loads[chute])
    yield from _changed(assigned, peak)
    for one, other in combinations(assigned, 2):
        if assigned[one] != assigned[other]:
            yield {**assigned, one: assigned[other], other: assigned[one]}
    for chute, there in assigned.items():
        for destination in there:
            kept = tuple(one for one in there if one != destination)
            if kept or parts[destination] > 1:
                yield from _moves(assigned, chute, destination, kept)


def _changed(assigned: Assigned, peak: int) -> Iterator[Assigned]:
    for mine in assigned[peak]:
        kept = tuple(one for one in assigned[peak] if one != mine)
        for chute, there in assigned.items():
            for theirs in there if chute != peak and mine not in there else ():
                if theirs not in assigned[peak]:
                    left = tuple(one for one in there if one != theirs)
                    yield {**assigned, peak: (*kept, theirs), chute: (*left, mine)}


def _moves(assigned: Assigned, chute: int, destination: str, kept: tuple[str, ...]) -> Iterator[Assigned]:
    if not kept:
        others = dict.fromkeys(one for there in assigned.values() for one in there if one != destination)
        yield from ({**assigned, chute: (one,)} for one in others)
        return
    for other, there in assigned.items():
        if destination not in there:
            yield {**assigned, chute: kept, other: (*there, destination)}
