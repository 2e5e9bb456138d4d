from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sorter import timing
from tests.hubs import hub

speeds = st.integers(1, 5_000)
ways = st.integers(0, 1_000_000)


def test_the_fire_lead_is_the_switching_way_and_two_scans() -> None:
    # 1600 mm/s: 300 ms is 480 mm, 20 ms is 32 mm.
    assert timing.fire_lead_mm(1600, switch_us=300_000, scan_us=10_000) == 512


def test_ways_are_rounded_up_because_too_far_is_safe() -> None:
    # 1601 mm/s for 300 ms is 480.3 mm.
    assert timing.way_mm(1601, 300_000) == 481
    assert timing.needed_lead_mm(fire_lead=512, longest=601) == 813


def test_travel_time_is_rounded_down() -> None:
    # 1000 mm at 1600 mm/s is 625 ms; 1 mm at 1500 mm/s is 666.67 us.
    assert timing.travel_us(1000, 1600) == 625_000
    assert timing.travel_us(1, 1500) == 666


@given(ways, speeds)
def test_the_belt_never_runs_further_in_the_travel_time_than_the_way(way: int, speed: int) -> None:
    assert timing.way_mm(speed, timing.travel_us(way, speed)) <= way


def test_neighbours_and_pivots_of_the_default_hub_leave_room() -> None:
    assert timing.needed_pitch_mm(fire_lead=512, hold=40) == 552
    assert timing.needed_lead_mm(fire_lead=512, longest=600) == 812
    assert timing.needed_spacing_mm(lead=850, hold=40, longest=600) == 1190


def test_the_camera_stands_where_the_contract_says() -> None:
    # sort-map: 1.6 m/s, 0.4 s budget + 0.25 s, 600 mm view, 600 mm parcel: 1.64 m.
    assert timing.camera_lead_mm(1600, vision_us=400_000, along_mm=600, longest=600) == 1640


def test_an_answer_serves_until_the_first_decision_less_what_its_delivery_takes() -> None:
    layout = hub().layout  # camera at 1000 mm, first eye at 4000 mm, 1600 mm/s: 1875 ms, 250 ms for delivery
    assert timing.answer_us(layout) == 1_625_000
    (camera,) = layout.cameras
    two = replace(layout, cameras=(camera, replace(camera, position_mm=800, looks_mm=(-100, 360))))
    assert timing.answer_us(two) == 1_525_000
