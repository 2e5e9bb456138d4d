"""The torture's faults: that they strike where the world says so."""

from __future__ import annotations

import pytest

from sim.torture.coverage import Coverage
from sim.torture.faults import Fault
from sim.torture.trial import Trial, told
from sorter.app.torture_bench import begin


def test_a_step_of_the_date_has_struck_when_a_start_saw_that_day() -> None:
    stepped, later = Fault("date-step", 10_000_000, 2_000_000, 0), Fault("kill", 30_000_000, 0, 0)
    trial, world = told(1, "light", begin, (stepped, later))
    starts = [fact[0] for fact in world.facts if fact[1] == "started"]
    assert len(starts) == 3 and sum(10_000_000 < at < 13_000_000 for at in starts) == 1
    assert trial.fired["date-step"] == 1 and trial.violations == ()


@pytest.mark.parametrize(
    ("line_us", "parcels", "short"), [(60_000_000, 50, []), (59_999_999, 50, [7]), (60_000_000, 49, [7])]
)
def test_a_seed_that_is_shorter_than_promised_is_named(line_us: int, parcels: int, short: list[int]) -> None:
    coverage = Coverage()
    coverage.add(Trial(7, "light", line_us=line_us, parcels=parcels))
    coverage.add(Trial(8, "light", line_us=99_000_000, parcels=99))
    assert coverage.short == short
