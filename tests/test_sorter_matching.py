from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorter.flow import CodeRead, FrameTag
from sorter.matching import Span, code_place, nearest, owners, picture_place
from tests.hubs import layout

LAYOUT = layout()
CAMERA = LAYOUT.cameras[0]
SPAN = 1 << 32


def at_row(row: int) -> CodeRead:
    return CodeRead("x", "CODE128", ((0, row), (9, row), (9, row), (0, row)), "table")


def test_a_code_on_the_centre_line_has_the_place_of_the_parcel_under_it() -> None:
    tag = FrameTag(0, 1, 50_000)
    assert code_place(LAYOUT, CAMERA, tag, at_row(1224).corners) == 50_000 - LAYOUT.counts(1000)
    assert picture_place(LAYOUT, CAMERA, tag, 0) == 50_000 - LAYOUT.counts(1000)


def test_a_code_in_a_lower_row_lies_upstream() -> None:
    # 408 rows at 4.08 px/mm are 100 mm: its parcel passes the induct eye 200 counts later.
    tag = FrameTag(0, 1, 50_000)
    assert code_place(LAYOUT, CAMERA, tag, at_row(1224 + 408).corners) == 48_000 + 200


def test_slack_ends_half_way_to_the_neighbour() -> None:
    row = [Span(1, 0, 300), Span(2, 700, 300)]
    assert owners(349, row, slack=200) == [1]
    assert owners(351, row, slack=200) == [2]


def test_a_code_on_the_edge_of_touching_parcels_has_two_owners() -> None:
    assert owners(300, [Span(1, 0, 300), Span(2, 600, 300)], slack=200) == [1, 2]


def test_a_code_beside_every_parcel_has_no_owner() -> None:
    assert owners(1000, [Span(1, 0, 300)], slack=200) == []


def test_two_parcels_in_the_window_are_none() -> None:
    row = [Span(1, 0, 50), Span(2, 150, 50)]
    assert nearest(70, row, window=200) is None
    assert nearest(-150, row, window=200) == 1


gaps = st.lists(st.tuples(st.integers(100, 600), st.integers(1, 2000)), min_size=1, max_size=10)


@given(gaps, st.integers(0, SPAN - 1), st.data())
def test_a_code_on_a_parcel_has_that_owner_wherever_the_encoder_stands(
    rows: list[tuple[int, int]], start: int, data: st.DataObject
) -> None:
    spans, edge = [], 0
    for pid, (half, gap) in enumerate(rows, start=1):
        spans.append(Span(pid, (start + edge + half) % SPAN, half))
        edge += 2 * half + gap
    chosen = data.draw(st.sampled_from(spans))
    offset = data.draw(st.integers(-chosen.half, chosen.half))
    assert owners(chosen.place + offset, spans, slack=200) == [chosen.pid]
