"""The line clock: calls, alarms and SimPy's own processes in one order of time."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
import simpy

from sim.clock import BELT, POLL, SCAN, LineClock


def test_calls_alarms_and_processes_of_simpy_happen_in_one_order() -> None:
    clock, told = LineClock(), list[tuple[int, str]]()

    def process() -> Generator[simpy.Event, Any, None]:
        for _ in range(2):
            yield clock.simpy.timeout(10)
            told.append((int(clock.simpy.now), "process"))

    clock.alarm(lambda at_us: told.append((at_us, "poll")), POLL).at_us = 10
    clock.alarm(lambda at_us: told.append((at_us, "scan")), SCAN).at_us = 10
    clock.call_at(15, lambda call: told.append((clock.now_us, "call")))
    clock.simpy.process(process())
    clock.run(until=21)
    assert told == [(10, "process"), (10, "scan"), (10, "poll"), (15, "call"), (20, "process")]
    assert clock.now_us == clock.simpy.now == 21


def test_of_one_instant_and_turn_calls_come_in_the_order_in_which_they_were_asked_for() -> None:
    clock, told = LineClock(), list[str]()
    clock.call_at(5, lambda call: told.append("second turn"), SCAN)
    for word in ("first", "second"):
        clock.call_at(5, lambda call, word=word: told.append(word), BELT)  # type: ignore[misc]
    clock.run(until=6)
    assert told == ["first", "second", "second turn"]


def test_an_alarm_is_called_once_at_the_instant_to_which_it_was_moved_last() -> None:
    clock, told = LineClock(), list[int]()
    alarm = clock.alarm(told.append, SCAN)
    alarm.at_us = 30
    alarm.at_us = 20
    clock.run(until=100)
    assert told == [20]


def test_time_passes_only_as_far_as_nobody_is_to_be_called() -> None:
    clock = LineClock()
    clock.alarm(lambda at_us: None, POLL).at_us = 50
    assert clock.passes_to(49) and clock.now_us == 49
    assert not clock.passes_to(50) and clock.now_us == 49


def test_a_clock_with_nothing_to_come_says_so() -> None:
    with pytest.raises(simpy.core.EmptySchedule):
        LineClock().step()
