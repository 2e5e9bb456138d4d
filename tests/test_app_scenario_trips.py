"""Scenario files: trips that come late, flows with shares of their own, steps around a base."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.hubline.traffic import ORDINARY_SERVICES, SERVICES
from tests.test_app_scenario_file import HEAD, HOUR, MIN, WAVE, plan


def test_a_trip_comes_late_by_a_set_or_a_drawn_time_and_may_have_shares_of_its_own(tmp_path: Path) -> None:
    text = """
trucks:
  - {at: "04:30", courier: jt, parcels: 600, per_hour: 600, late_min: 20}
  - {at: "04:30", courier: sf, parcels: 600, per_hour: 600, late_min: [10, 30]}
buses:
  - {at: "06:00", parcels: 60, per_hour: 60, shares: {upstream: 90%, cold: 0%}}
shares: {return: 4%}
"""
    flows = plan(tmp_path, HEAD + text).scenario.traffic.flows
    assert [(flow.from_us, flow.late_us) for flow in flows] == [
        (20 * MIN, (0, 0)), (0, (10 * MIN, 30 * MIN)), (90 * MIN, (0, 0))
    ]  # fmt: skip
    assert [bool(flow.services) for flow in flows] == [False, False, True]
    own = [flows[2].services[service] for service in SERVICES]
    assert own == pytest.approx([0.055, 0.9, 0.04, 0.0, ORDINARY_SERVICES[SERVICES[4]]])
    assert plan(tmp_path, HEAD + text).scenario.until_us == 90 * MIN + HOUR


def test_sensitivities_are_steps_from_what_the_scenario_has(tmp_path: Path) -> None:
    text = "lines: 4\nfailing: 2%\n"
    text += "sensitivity: {of: [load, lines, failing_percent, bag_change_s], step: 25%}\n"
    found = plan(tmp_path, HEAD + WAVE + text + "thresholds: {missorts: {most: 0}}")
    assert (found.steps, found.step) == (
        {"load": 1.0, "lines": 4, "failing_percent": 2.0, "bag_change_s": 15}, 0.25
    )  # fmt: skip
    assert [threshold.point for threshold in found.thresholds] == ["base"]
