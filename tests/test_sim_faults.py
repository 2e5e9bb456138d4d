"""The laws of the line under faults by chance: what is unsure is an exception, never a mis-sort."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest
import simpy

from plc.jobs import line_tracker
from plc.program import LineProgram
from sim.arrivals import Drawn, advice, draw
from sim.faultplan import Fault, FaultPlan, Kind
from sim.faults import Faults
from sim.judge import Judgement, judge
from sim.planned import Planned
from sim.virtual import VirtualLine
from sorter.app.config import load_hub
from sorter.flow import Outcome
from sorter.tracking import Sighting, Track, Tracker
from tests.hubs import ON_DATE
from tests.shared import ROOT

FIELD = FaultPlan(
    "field rates",
    (
        Fault(Kind.TAKEN_OFF, share_ppm=500),
        Fault(Kind.BLIND_EYE, share_ppm=500),
        Fault(Kind.CHATTERING_EYE, share_ppm=500),
        Fault(Kind.FAILED_DIVERTER, share_ppm=1000),
        Fault(Kind.NO_READ, share_ppm=10_000),
    ),
)
SLIDE = FaultPlan("slide", (Fault(Kind.SLIDING, slide_mm=100),))


HUB = load_hub(ROOT / "configs" / "linzi")


@dataclass(frozen=True)
class Outturn:
    judgement: Judgement
    sortable: int

    def __str__(self) -> str:
        wrong, ends = len(self.judgement.missorts), self.judgement.outcomes
        spoilt = ", ".join(f"{key.value} {count}" for key, count in ends.items() if key is not Outcome.SORTED)
        return f"{wrong} mis-sorts, {self.judgement.sorted} of {self.sortable} flawless sorted ({spoilt})"


def run(count: int, faults: Faults) -> Outturn:
    drawn = draw(HUB, seed=11, count=count, per_hour=6000)
    line = VirtualLine(HUB, ON_DATE, [one.parcel for one in drawn], 1, faults=faults)
    done = line.run(advice(one.truth for one in drawn))
    verdict = judge(HUB, [one.truth for one in drawn], done.left, done.records)
    sortable = [one for one in drawn if one.truth.flaw == ""]
    return Outturn(verdict, len(sortable))


class FirstInFirstOut(Tracker):
    """What other systems do: whoever is expected next at an eye is taken for what comes next."""

    def seen(self, eye: int, centre: int, length: int) -> Sighting:
        for track in self.tracks:
            if track.eye <= eye:
                track.place, track.eye, track.missed = centre - self.eyes[eye], eye + 1, 0
                return Sighting(track)
        return super().seen(eye, centre, length)

    def overdue_at(self, track: Track) -> int:
        return super().overdue_at(track) + self.eyes[-1]

    def separation(self, index: int) -> int:
        return self.eyes[-1]

    def index(self, track: Track) -> int:
        return self.tracks.index(track)

    def near(self, place: int, reach: int) -> list[Track]:
        return []


LONG = [pytest.mark.full, pytest.mark.timeout(3000)]
SIZES = [pytest.param(1000), pytest.param(100_000, marks=LONG)]


@pytest.mark.parametrize("count", SIZES)
def test_a_line_on_which_parcels_slide_sorts_all_that_can_be_sorted(
    count: int, report_line: Callable[[str], None]
) -> None:
    # A third of the minimum gap of 300 mm.
    out = run(count, Planned(SLIDE, 7))
    report_line(f"slide up to 100 mm: {out}")
    assert out.judgement.missorts == ()
    assert out.judgement.sorted >= 0.999 * out.sortable


@pytest.mark.parametrize("count", SIZES)
def test_faults_at_field_rates_missort_nothing_and_most_is_sorted(
    count: int, report_line: Callable[[str], None]
) -> None:
    out = run(count, Planned(FIELD, 7))
    report_line(f"faults at field rates: {out}")
    assert out.judgement.missorts == ()
    assert out.judgement.sorted >= 0.97 * out.sortable


def test_first_in_first_out_tracking_missorts_under_the_same_faults() -> None:
    drawn = draw(HUB, seed=11, count=600, per_hour=6000)
    line = VirtualLine(HUB, ON_DATE, [one.parcel for one in drawn], 1, faults=Planned(FIELD, 7))
    line.plant.program = LineProgram(HUB.layout, 1, line_tracker(HUB.layout, FirstInFirstOut))
    with suppress(simpy.core.EmptySchedule):  # it also leaves parcels open for ever
        line.run(advice(one.truth for one in drawn))
    left = {n: chute for _, n, chute in line.plant.line.left}
    verdict = judge(HUB, [one.truth for one in drawn], left, ())
    assert len(verdict.missorts) > 0.01 * verdict.inducted


def test_the_same_seed_has_the_same_faults() -> None:
    def fates(drawn: list[Drawn]) -> dict[int, int]:
        line = VirtualLine(HUB, ON_DATE, [one.parcel for one in drawn], 1, faults=Planned(FIELD, 7))
        return line.run(advice(one.truth for one in drawn)).left

    drawn = draw(HUB, seed=12, count=150, per_hour=6000)
    assert fates(drawn) == fates(drawn)
