from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.study.results import Band, Interval
from sorter.app.study_charts import Bar, Dot, Scale, bars, cut_choice, frontier, series, unbeaten, waterfall
from sorter.app.study_texts import shown


def svg(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


# ---------------------------------------------------------------- numbers


def test_a_share_that_is_not_quite_all_is_not_shown_as_all() -> None:
    assert shown("accuracy", Interval(99.999996, 0.0, 5)) == "99.999996 ± 0.000000 %"
    assert shown("accuracy", Interval(100.0, 0.0, 5)) == "100.0000 ± 0.0000 %"


def test_a_small_interval_gets_the_decimals_that_it_needs() -> None:
    assert shown("missorts", Interval(2.13, 0.61, 20)) == "2.1 ± 0.6"
    assert shown("throughput_per_h", Interval(5873.2, 12.4, 20)) == "5,873 ± 12 /h"


def test_a_single_replication_shows_its_value_and_that_it_has_no_interval() -> None:
    assert shown("finish_h", Interval(11.25, math.inf, 1)) == "11.25 (单次，无区间 one run, no interval)"


@given(st.floats(-1e9, 1e9), st.floats(0, 1e9))
def test_what_is_shown_is_within_a_tenth_of_the_half_width(mean: float, half: float) -> None:
    text = shown("throughput_per_h", Interval(mean, half, 9)).replace(",", "")
    found = re.fullmatch(r"(-?[\d.]+) ± ([\d.]+) /h", text)
    assert found is not None
    # Eight decimals at most: what is below 5e-8 may be shown as nothing.
    assert abs(float(found[2]) - half) <= max(half / 10, 5e-8) * 1.001


# ---------------------------------------------------------------- pictures


def test_the_waterfall_ends_where_the_losses_leave_off() -> None:
    losses = [Bar("a", Interval(30.0, 1.0, 9), "30"), Bar("b", Interval(20.0, 1.0, 9), "20")]
    rects = [
        (float(one.attrib["x"]), float(one.attrib["width"]))
        for one in svg(waterfall("whole", losses, Bar("c", Interval(50.0, 1.0, 9), "50"))).iter("rect")
    ]
    (left, whole), first, second, achieved = rects
    assert first == pytest.approx((left + 0.7 * whole, 0.3 * whole), abs=0.11)
    assert second == pytest.approx((left + 0.5 * whole, 0.2 * whole), abs=0.11)
    assert achieved == pytest.approx((left, 0.5 * whole), abs=0.11)


def test_the_warm_up_is_marked_where_the_band_is_cut() -> None:
    picture = series(Band((1.0,) * 40, (0.1,) * 40, warmup=10), 0.5, ("h", "per h"))
    (cut,) = (one for one in svg(picture).iter("line") if one.get("class") == "cut")
    marks = {one.text: float(one.attrib["x"]) for one in svg(picture).iter("text")}
    # 10 bins of half an hour are 5 hours: halfway between the marks of 0 and 10.
    assert float(cut.attrib["x1"]) == pytest.approx((marks["0"] + marks["10"]) / 2, abs=0.11)


def test_mser5_is_drawn_with_a_dot_for_every_cut_it_tried() -> None:
    picture = cut_choice((4.0, 1.0, 2.0), 5.0, 5.0, ("cut", "MSER-5"))
    assert len(list(svg(picture).iter("circle"))) == 3


def test_a_band_of_one_replication_is_drawn_without_width() -> None:
    picture = series(Band((1.0, 2.0), (math.inf, math.inf)), 1.0, ("bin", "x"))
    assert "inf" not in picture and "nan" not in picture


def test_bars_stand_left_of_zero_for_what_falls() -> None:
    rows = [Bar("up", Interval(2.0, 0.1, 9), "2"), Bar("down", Interval(-1.0, 0.1, 9), "-1")]
    up, down = svg(bars(rows)).iter("rect")
    assert float(down.attrib["x"]) + float(down.attrib["width"]) == pytest.approx(
        float(up.attrib["x"]), abs=0.11
    )
    assert float(up.attrib["width"]) == pytest.approx(2 * float(down.attrib["width"]), abs=0.2)


def dot(mark: str, x: float, y: float) -> Dot:
    return Dot(mark, mark, Interval(x, 0.1, 9), Interval(y, 0.1, 9))


def test_the_frontier_holds_what_no_other_point_beats() -> None:
    dots = [
        dot("slow", 1, 9),
        dot("worse", 1, 8),
        dot("fast", 3, 5),
        dot("dominated", 2, 5),
        dot("mid", 2, 7),
    ]
    assert [one.mark for one in unbeaten(dots)] == ["slow", "mid", "fast"]
    assert frontier(dots, ("x", "y")).count("beaten") == 2


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12))
def test_the_frontier_is_the_definition_of_it(places: list[tuple[int, int]]) -> None:
    dots = [dot(str(number), x, y) for number, (x, y) in enumerate(places)]
    wanted = {
        str(n)
        for n, (x, y) in enumerate(places)
        if not any((a >= x and b >= y) and (a, b) != (x, y) for a, b in places)
    }
    assert {one.mark for one in unbeaten(dots)} == wanted


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e7))
def test_marks_are_few_round_and_within(low: float, width: float) -> None:
    scale = Scale(low, low + width, 0.0, 100.0)
    marks = scale.marks(5)
    assert 2 <= len(marks) <= 6
    assert all(-0.1 <= scale.at(value) <= 100.1 for value, _ in marks)
    assert len({text for _, text in marks}) == len(marks)


def test_millions_are_marked_as_such_so_that_they_fit_beside_the_axis() -> None:
    assert [text for _, text in Scale(0.0, 2.4e6, 0.0, 100.0).marks(3)] == ["0 M", "1 M", "2 M"]
