"""Reference journals, one per shipped configuration: any change of decisions fails, in words.

Accept a wanted change with: pytest tests/test_journals.py --accept-decisions, and commit the journal.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.arrivals import advice, draw
from sim.faultplan import Fault, FaultPlan, Kind
from sim.planned import Planned
from sim.virtual import VirtualLine
from sorter.app.config import load_hub
from sorter.app.lines import read_lines, write_lines
from sorter.app.stage import started
from sorter.codec import Started, Value
from sorter.controller import Controller
from sorter.errors import StoreError
from sorter.flow import Outcome, ParcelRecord
from sorter.replay import replay
from tests.hubs import ON_DATE
from tests.shared import ROOT

CONFIGS = sorted(path.parent for path in (ROOT / "configs").glob("*/line.yaml"))
FAULTS = FaultPlan(
    "everything by chance",
    (
        Fault(Kind.TAKEN_OFF, share_ppm=2000),
        Fault(Kind.BLIND_EYE, share_ppm=2000),
        Fault(Kind.CHATTERING_EYE, share_ppm=2000),
        Fault(Kind.FAILED_DIVERTER, share_ppm=10_000),
        Fault(Kind.NO_READ, share_ppm=20_000),
        Fault(Kind.SLIDING, slide_mm=60),
    ),
)


def reference(config: Path) -> Path:
    return ROOT / "tests" / "journals" / f"{config.name}.jsonl"


def recorded(config: Path) -> list[Value]:
    """A run of 150 parcels with a fault in every corner."""
    hub = load_hub(config)
    drawn = draw(hub, seed=4, count=150, per_hour=6000)
    values: list[Value] = [started(hub, ON_DATE)]
    parcels, faults = [one.parcel for one in drawn], Planned(FAULTS, 3)
    line = VirtualLine(hub, ON_DATE, parcels, 3, values.append, faults)
    line.run(advice(one.truth for one in drawn))
    return values


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.name)
def test_todays_code_and_configuration_decide_as_the_reference_did(
    config: Path, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--accept-decisions"):
        write_lines(reference(config), recorded(config))
    hub = load_hub(config)

    def today(start: Started) -> Controller:
        return Controller(hub, start.on_date)

    differences = [str(difference) for difference in replay(read_lines(reference(config)), today)]
    assert differences == []


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.name)
def test_the_reference_is_worth_keeping(config: Path) -> None:
    records = [value for value in read_lines(reference(config)) if isinstance(value, ParcelRecord)]
    assert len(records) >= 145
    assert len({record.outcome for record in records}) >= 5
    assert Outcome.SORTED in {record.outcome for record in records}


def test_a_line_that_is_no_value_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_text('["Restarted",5]\n["Teleported",1]\n', encoding="utf-8")
    with pytest.raises(StoreError, match=r"broken.jsonl:2:1: .*Teleported"):
        list(read_lines(path))
