"""The laws of planned faults: pure answers, true shares, timelines, misreadings that are never right."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.faultplan import (
    FOREVER,
    HOUR_US,
    MISREAD_CAUSES,
    NO_READ_CAUSES,
    Cause,
    Fault,
    FaultPlan,
    Kind,
    Timeline,
    timeline,
)
from sim.faults import CALM, Conditions
from sim.planned import Marked, Planned
from sorter.flow import Us
from vision.scene import Label, Print

S: Us = 1_000_000
PRINTS = (Print("CODE128", "JT1234567890123", 625, 25), Print("EAN13", "6901", 400, 12))
LABEL = Label(0, 0, 0.0, 130, 76, PRINTS)
STREAM = [Marked("sf" if n % 3 else "sto", f"75{n:012}") for n in range(300)]


def planned(*faults: Fault, seed: int = 1) -> Planned:
    return Planned(FaultPlan("test", faults), seed, STREAM)


def spans(*seconds: tuple[int, int]) -> tuple[tuple[Us, Us], ...]:
    return tuple((begins * S, ends * S) for begins, ends in seconds)


@pytest.mark.parametrize("share_ppm", [0, 100, 20_000, 500_000, 1_000_000])
def test_a_share_is_struck_as_often_as_it_says(share_ppm: int) -> None:
    faults = planned(Fault(Kind.FAILED_DIVERTER, share_ppm=share_ppm))
    struck, share = sum(faults.wheel_dead(n, n % 14, 0) for n in range(20_000)), share_ppm / 1e6
    assert abs(struck - 20_000 * share) <= 4 * math.sqrt(20_000 * share * (1 - share))


def test_answers_do_not_hang_on_who_asks_when_or_how_often() -> None:
    fault = Fault(Kind.BLIND_EYE, share_ppm=300_000)
    there, back = planned(fault), planned(fault)
    forth = [there.eye_blind(n, n % 16) for n in range(500)]
    assert [back.eye_blind(n, n % 16) for n in reversed(range(500)) for _ in range(2)][::-2] == forth


def test_faults_of_one_kind_strike_independently() -> None:
    faults = [Fault(Kind.FAILED_DIVERTER, share_ppm=100_000, place=place) for place in (0, 1)]
    lines = planned(*faults), planned(faults[0]), planned(replace(faults[1], place=0))
    both, first, same = ([one.wheel_dead(n, 0, 0) for n in range(2000)] for one in lines)
    assert both == first == same  # the n-th of a kind has one stream, whatever it is aimed at
    assert [lines[0].wheel_dead(n, 1, 0) for n in range(2000)] != first


def test_a_place_is_the_only_one_that_is_struck() -> None:
    faults = planned(Fault(Kind.TAKEN_OFF, place=4))
    assert [eye for eye in range(16) if faults.taken_off(7, eye, 0)] == [4]


def test_a_share_in_a_span_strikes_only_there() -> None:
    faults = planned(Fault(Kind.FAILED_DIVERTER, spans=spans((10, 20), (30, 31))))
    struck = [at for at in range(40) if faults.wheel_dead(at, 0, at * S)]
    assert struck == [*range(10, 20), 30]


@given(st.lists(st.integers(0, 40), max_size=12).map(sorted), st.integers(0, 45))
def test_a_timeline_covers_what_lies_in_its_spans(edges: list[int], at: int) -> None:
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    line = Timeline(pairs)
    assert line.covers(at) == any(begins <= at < ends for begins, ends in pairs)
    assert line.begun(at) == sum(begins <= at for begins, _ in pairs)
    later = [edge for pair in pairs for edge in pair if edge > at]
    assert line.next_edge(at) == (min(later) if later else None)


def test_random_spans_come_as_often_and_last_as_long_as_they_say() -> None:
    fault = Fault(Kind.BELT_STOP, per_hour_milli=2000, lasts_us=(10 * S, 30 * S))
    line, at_us = timeline(fault, stream=5), 0
    edges: list[Us] = []
    while len(edges) < 4000:
        at_us = line.next_edge(at_us) or FOREVER
        edges.append(at_us)
    lasts = [ends - begins for begins, ends in zip(edges[::2], edges[1::2], strict=True)]
    gaps = [begins - ends for ends, begins in zip([0, *edges[1::2]], edges[::2], strict=False)]
    assert min(lasts) >= 10 * S and max(lasts) <= 30 * S
    assert abs(sum(lasts) / 2000 - 20 * S) < 4 * 20 * S / math.sqrt(12 * 2000)
    assert abs(sum(gaps) / 2000 - HOUR_US / 2) < 4 * HOUR_US / 2 / math.sqrt(2000)


def test_lasting_faults_are_in_force_together_until_each_ends() -> None:
    faults = planned(
        Fault(Kind.STUCK_EYE, place=3, spans=spans((10, 30))),
        Fault(Kind.STUCK_EYE, place=4, covered=False, spans=spans((20, 40))),
        Fault(Kind.STUCK_DIVERTER, place=2, side=-1, told=True, spans=spans((10, 20))),
        Fault(Kind.BELT_SLIP, slip_ppm=7, spans=spans((10, 20))),
        Fault(Kind.CHUTE_FULL, place=9, spans=spans((10, 20))),
        Fault(Kind.BELT_STOP, spans=spans((10, 20))),
        Fault(Kind.PLC_SILENCE, spans=spans((10, 20))),
    )
    assert faults.conditions(0) == faults.conditions(40 * S) == CALM
    assert faults.conditions(10 * S) == Conditions(True, 7, 1 << 3, 0, 1 << 9, 1 << 2, ((2, -1),), True)
    assert faults.conditions(25 * S) == Conditions(covered=1 << 3, clear=1 << 4)
    changes, at_us = [], 0
    while (at := faults.next_change_us(at_us)) is not None:
        changes.append(at_us := at)
    assert changes == [10 * S, 20 * S, 30 * S, 40 * S]


def test_an_operator_comes_when_every_absence_is_over() -> None:
    faults = planned(
        Fault(Kind.ABSENT_OPERATOR, spans=spans((10, 20), (60, 61))),
        Fault(Kind.ABSENT_OPERATOR, spans=spans((15, 40))),
    )
    assert [faults.operator_from_us(at * S) // S for at in (9, 10, 20, 40, 60)] == [9, 40, 40, 40, 61]


def test_a_jam_that_is_due_befalls_the_first_parcel_that_comes_to_its_eye() -> None:
    faults = planned(Fault(Kind.JAM, place=3, spans=spans((10, 10), (20, 20)), lasts_us=(5 * S, 9 * S)))
    met = [(at, eye) for at in range(8, 30, 4) for eye in (2, 3)]
    stuck = [(at, eye) for at, eye in met if faults.hands_us(at, eye, at * S) is not None]
    assert stuck == [(12, 3), (20, 3)]


@pytest.mark.parametrize("cause", NO_READ_CAUSES)
def test_a_label_that_is_not_read_shows_no_legible_waybill(cause: Cause) -> None:
    seen = planned(Fault(Kind.NO_READ, cause=cause)).label(0, LABEL, 0)
    assert seen is None or seen.torn > 0 or all(one.module_um < 300 for one in seen.prints)


@pytest.mark.parametrize("cause", MISREAD_CAUSES)
def test_a_misread_waybill_is_another_one_of_the_same_form_and_the_judge_can_know_it(cause: Cause) -> None:
    faults = planned(Fault(Kind.MISREAD, cause=cause, share_ppm=500_000))
    known = faults.misreadings()
    assert 100 < len(known) < 200
    for n, marked in enumerate(STREAM):
        label = replace(LABEL, prints=(replace(LABEL.prints[0], text=marked.waybill), LABEL.prints[1]))
        seen = faults.label(n, label, 0)
        assert seen is not None
        assert seen.prints[1] == LABEL.prints[1]
        assert seen.prints[0].text == known.get(n, marked.waybill)
        assert (seen.prints[0].text != marked.waybill) == (n in known)
        assert len(seen.prints[0].text) == 14 and seen.prints[0].text.startswith("75")


def test_a_courier_is_the_only_one_whose_parcels_are_struck() -> None:
    late = Fault(Kind.SLOW_UPSTREAM, courier="sf", delay_us=(S, S))
    faults = planned(Fault(Kind.NO_READ, courier="sto"), late)
    assert [faults.label(n, LABEL, 0) == LABEL for n in range(3)] == [False, True, True]
    assert [faults.advice_late_us(n, 0) for n in range(3)] == [None, S, S]


def test_delays_lie_in_their_range_and_add_up() -> None:
    slow = Fault(Kind.SLOW_VISION, delay_us=(S, 2 * S))
    once = [planned(slow).vision_late_us(0, n, 0) for n in range(200)]
    assert min(once) >= S and max(once) <= 2 * S and len(set(once)) > 100
    assert all(planned(slow, slow).vision_late_us(0, n, 0) >= 2 * S for n in range(20))
    assert planned(Fault(Kind.LATE_CREW, place=3, delay_us=(S, S))).crew_late_us(3, 1, 0) == S
    assert planned(Fault(Kind.LATE_CREW, place=3, delay_us=(S, S))).crew_late_us(4, 1, 0) == 0


def test_pulses_are_short_and_follow_the_nose() -> None:
    faults = planned(Fault(Kind.CHATTERING_EYE, place=2))
    pulses = [pulse for n in range(200) for pulse in faults.pulses(n, 2, 0)]
    assert 200 <= len(pulses) <= 600
    assert all(after >= 100_000 and 15_000 <= lasts <= 60_000 for after, lasts in pulses)
    assert faults.pulses(0, 3, 0) == ()


def test_a_parcel_slides_evenly_and_never_further_than_it_says() -> None:
    faults = planned(Fault(Kind.SLIDING, slide_mm=60))
    ways = [[faults.slid_nm(n, mark) for mark in range(60)] for n in range(100)]
    assert all(way == sorted(way) and way[-1] <= 60_000_000 for way in ways)
    assert max(way[-1] for way in ways) > 50_000_000
