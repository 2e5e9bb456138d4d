from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from sim.study.experiment import Study, run_study
from sim.study.pool import Serial
from sim.study.results import Replication
from sim.study.stopping import fixed
from sim.study.sweep import Value, grid, one_at_a_time, sensitivities
from sorter.errors import SorterError
from tests.study_models import Queue


@dataclass(frozen=True)
class Power:
    """f = speed^2 / gap times a day's luck, which all points share; idle does nothing."""

    speed: float
    gap: float
    idle: float
    key: str = "power"

    def run(self, replication: int) -> Replication:
        luck = 1 + replication % 5
        return Replication({"f": luck * self.speed**2 / self.gap, "nothing": 0.0})


def power(values: Mapping[str, Value]) -> Power:
    return Power(float(values["speed"]), float(values["gap"]), float(values["idle"]))


def queue(values: Mapping[str, Value]) -> Queue:
    return Queue(float(values["load"]), seed=int(values["seed"]))


def test_a_grid_holds_every_combination_the_last_parameter_changing_fastest() -> None:
    points = grid({"load": [0.2, 0.4], "seed": [1, 2, 3]}, queue)
    assert [point.name for point in points[:4]] == [
        "load=0.2 seed=1", "load=0.2 seed=2", "load=0.2 seed=3", "load=0.4 seed=1",
    ]  # fmt: skip
    assert len(points) == 6
    assert points[4].values == {"load": 0.4, "seed": 2}
    assert points[4].model == Queue(0.4, seed=2)


def test_parameters_are_ranked_by_what_the_figure_owes_to_them() -> None:
    points = one_at_a_time({"idle": 5, "gap": 100, "speed": 1.6}, 0.1, power)
    ranking = sensitivities(run_study(Study("s", points, fixed(10)), Serial()), "f")
    # (1.1^2 - 0.9^2) / 0.2 = 2 and (1 / 1.1 - 1 / 0.9) / 0.2 = -1.0101: the same every day, so exactly known.
    assert [one.parameter for one in ranking] == ["speed", "gap", "idle"]
    assert [one.elasticity.mean for one in ranking] == pytest.approx([2.0, -1 / 0.99, 0.0])
    assert [one.elasticity.half for one in ranking] == pytest.approx([0, 0, 0], abs=1e-9)


def test_whole_numbers_stay_whole_and_move_by_one_at_least() -> None:
    points = one_at_a_time({"idle": 3, "gap": 100, "speed": 2.0}, 0.05, power)
    assert [point.name for point in points] == [
        "base", "idle=2", "idle=4", "gap=95", "gap=105", "speed=1.9", "speed=2.1",
    ]  # fmt: skip


def test_a_figure_without_a_mean_has_no_sensitivities() -> None:
    points = one_at_a_time({"idle": 3, "gap": 100, "speed": 2.0}, 0.05, power)
    assert sensitivities(run_study(Study("s", points, fixed(5)), Serial()), "nothing") == ()


def test_a_parameter_that_is_zero_is_refused() -> None:
    with pytest.raises(SorterError, match="the parameter idle is 0"):
        one_at_a_time({"idle": 0, "gap": 100, "speed": 2.0}, 0.05, power)


def test_the_interval_of_a_sensitivity_covers_the_true_one() -> None:
    # Mean wait = rho D / (2 (1 - rho)): its elasticity to the load is 1 / (1 - rho) = 2 at 0.5.
    points = one_at_a_time({"load": 0.5}, 0.02, lambda values: Queue(float(values["load"]), customers=1000))
    (found,) = sensitivities(run_study(Study("s", points, fixed(100)), Serial()), "wait_s", level=0.999)
    assert abs(found.elasticity.mean - 2) < found.elasticity.half < 1
