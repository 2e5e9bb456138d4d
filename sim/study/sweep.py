"""Parameter sweeps: a grid of values as points, and what a figure owes to each parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from sim.study.experiment import Point
from sim.study.results import Interval, Model, PointResult, StudyResult
from sim.study.statistics import ratio
from sorter.errors import SorterError

Value = str | int | float
Make = Callable[[Mapping[str, Value]], Model]

BASE = "base"
"""The point from which the sensitivities' steps are taken."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Relative change of a figure per relative change of a parameter around the base point (its elasticity).

    1 = the figure grows like the parameter, 0 = it does not care, -1 = it falls as the parameter grows.
    """

    parameter: str
    figure: str
    elasticity: Interval


def grid(parameters: Mapping[str, Sequence[Value]], make: Make) -> tuple[Point, ...]:
    """Every combination of the values, the last parameter changing fastest; named "speed=1600 gap=50"."""
    return tuple(
        point(dict(zip(parameters, values, strict=True)), make) for values in product(*parameters.values())
    )


def point(values: Mapping[str, Value], make: Make) -> Point:
    """The point of these values, named after them."""
    name = " ".join(f"{key}={value}" for key, value in values.items())
    return Point(name, dict(values), make(values))


def one_at_a_time(base: Mapping[str, int | float], relative: float, make: Make) -> tuple[Point, ...]:
    """The base point and, for each parameter, one point below and one above it by the relative step.

    A whole number stays one: its step is rounded, and is 1 at least. Raises SorterError for a parameter that
    is 0, from which no relative step leads anywhere.
    """
    assert 0 < relative < 1, relative
    points = [Point(BASE, dict(base), make(base))]
    for name, value in base.items():
        if value == 0:
            raise SorterError(
                f"the parameter {name} is 0: a relative step from 0 is no step\n  leave it out, or sweep it"
            )
        step = max(1, round(abs(value) * relative)) if isinstance(value, int) else abs(value) * relative
        for changed in (value - step, value + step):
            points.append(Point(f"{name}={changed}", {**base, name: changed}, make({**base, name: changed})))
    return tuple(points)


def sensitivities(result: StudyResult, figure: str, level: float = 0.95) -> tuple[Sensitivity, ...]:
    """How much the figure owes to each parameter, most first; `result` is of one_at_a_time's points.

    From the paired replications of the points above, below and at the base. A parameter whose points have no
    replication in common, and a figure whose mean is 0, say nothing and are left out.
    """
    base = next(one for one in result.points if one.name == BASE)
    found = []
    for parameter in base.values:
        changed = [one for one in result.points if one.values[parameter] != base.values[parameter]]
        below, above = sorted(changed, key=lambda one: one.values[parameter])
        elasticity = _elasticity(parameter, figure, (below, base, above), level)
        if elasticity is not None:
            found.append(Sensitivity(parameter, figure, elasticity))
    return tuple(sorted(found, key=lambda one: -abs(one.elasticity.mean)))


def _elasticity(
    parameter: str, figure: str, points: tuple[PointResult, PointResult, PointResult], level: float
) -> Interval | None:
    low, middle, high = (float(one.values[parameter]) for one in points)
    rows = [
        tuple(one.figures[figure] for one in row)
        for row in zip(*(one.replications for one in points), strict=False)
        if all(figure in one.figures for one in row)
    ]
    if not rows:
        return None
    changes = [(above - below) / (high - low) * middle for below, _, above in rows]
    return ratio(changes, [at for _, at, _ in rows], level)


def is_around_a_base(result: StudyResult) -> bool:
    """Whether these are the points of `one_at_a_time`: a base, one below and one above for each parameter."""
    base = next((point.values for point in result.points if point.name == BASE), {})
    others = [point.values for point in result.points if point.name != BASE]
    if any(values.keys() != base.keys() for values in others):
        return False
    changed = [(key, values[key]) for values in others for key in base if values[key] != base[key]]
    return len(changed) == len(others) == 2 * len(base) > 0 and all(
        _is_between(value, [to for key, to in changed if key == name]) for name, value in base.items()
    )


def _is_between(value: Value, changed: list[Value]) -> bool:
    numbers = [float(one) for one in (value, *changed) if not isinstance(one, str)]
    return len(numbers) == 3 and min(numbers[1:]) < numbers[0] < max(numbers[1:])
