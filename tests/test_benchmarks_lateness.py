"""How late the control loop turns on a busy machine, by its place in the queue of processes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.lateness import FIFO, NICE, PERIOD_US, USUAL, contestant, measure, table


def test_a_contestant_turns_in_its_period_and_the_table_names_its_baseline(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = contestant(USUAL, 0.5)
    late = found["late_us"]
    assert isinstance(late, list) and 2 < len(late) <= 500_000 // PERIOD_US
    slow = {"late_us": [1000 * us for us in range(1, 1001)], "late_commits": 7}
    fast = {"late_us": list(range(1, 1001)), "late_commits": 0}
    assert table({USUAL: slow, NICE: fast, FIFO: {"refused": True}}) == {USUAL: 1.0, NICE: 0.001}
    said = capsys.readouterr().out
    assert "SCHED_FIFO   refused on this machine" in said and "999000" in said


@pytest.mark.full
def test_the_real_time_class_keeps_the_loop_in_time_beside_four_busy_processes(
    report_line: Callable[[str], None],
) -> None:
    ratios = table(measure(30.0))
    report_line(f"loop lateness p99.9 by class, as shares of the usual one's: {ratios}")
    if FIFO not in ratios:
        pytest.skip("the real-time class is refused here")
    assert ratios[FIFO] <= 0.2
