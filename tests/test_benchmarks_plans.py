"""The benchmark of plans runs, and the bars hold that do not depend on the machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.aho_corasick import AhoCorasick
from benchmarks.plans import Measured, measure
from benchmarks.villages import SIZES

SMALL, _, LARGE = SIZES
SLOWEST_DECISION_US = 20


def measured(villages: int) -> Measured:
    return measure(villages, decisions=2_000, asked=100)


def test_a_districts_table_is_about_as_fast_as_a_dict_and_its_addresses_are_understood() -> None:
    small = measured(SMALL)
    assert small.table_us <= 5 * small.dict_us
    assert small.right == 1


@pytest.mark.full
def test_a_decision_is_as_fast_for_the_whole_country(report_line: Callable[[str], None]) -> None:
    small, large = measured(SMALL), measured(LARGE)
    assert large.table_us <= 5 * large.dict_us
    assert max(small.decide_us, large.decide_us) <= SLOWEST_DECISION_US
    assert large.right == 1
    assert large.decide_us <= 2 * small.decide_us
    assert large.compile_s <= 10 * large.csv_s
    for one in (small, large):
        report_line(one.row())


def test_the_naive_way_takes_the_longest_name_wherever_it_stands() -> None:
    words = AhoCorasick([("刘家", "1"), ("刘家终", "2"), ("东刘家", "3"), ("家", "4")])
    found = [words.longest(text) for text in ("某镇刘家终村", "东刘家终", "东刘", "刘家", "家")]
    assert found == ["2", "3", "", "1", "4"]
