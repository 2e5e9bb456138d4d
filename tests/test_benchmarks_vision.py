"""The benchmark of vision runs, and its bars that do not depend on how busy the machine is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from benchmarks.vision import CASES, OURS, knee_csv
from benchmarks.vision_cases import (
    EMPTY,
    HUB,
    MOVING,
    THREE,
    WIDE,
    Picture,
    Score,
    frames,
    labels,
    printed_frames,
    readers,
    timed_frames,
    tried,
)  # fmt: skip
from benchmarks.vision_corpus import scored
from benchmarks.vision_margins import MARGINS, STRANGE, candidates, table
from benchmarks.vision_plot import curves
from benchmarks.vision_speed import workers_gain
from sorter.app import knee
from tests.shared import shared
from vision.render_scene import Knobs
from vision.zbar import ZbarDecoder, zbar_missing

FRAMES_PER_H = 15_000
"""The hub's three lines. Source: design, "15,000 parcels/h at normal load"."""


def test_labels_at_any_angle_are_read_by_this_reader_and_by_no_library() -> None:
    by = readers()
    scores = tried(labels(12, 7, 1.2), by)
    assert scores[OURS].rate == 1.0
    assert max(one.rate for name, one in scores.items() if name != OURS) <= 0.25
    assert [name for name, one in scores.items() if one.wrong] == []
    assert all(min(one.each_s) > 0 and one.pictures == one.labels == 12 for one in scores.values())


def test_the_table_that_is_written_is_the_one_that_the_product_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = {(px, blur): Score(40, 40 - round(9 * blur)) for px in (1.0, 2.0) for blur in (0.0, 4.0)}
    written = knee_csv(scores, "0123456789")

    class Shipped:
        def __truediv__(self, name: str) -> Shipped:
            return self

        def read_text(self, encoding: str) -> str:
            return written

    monkeypatch.setattr(knee, "files", lambda package: Shipped())
    knee.measured.cache_clear()
    table = knee.measured()
    knee.measured.cache_clear()
    assert (table.commit, table.labels, table.rate(1.5, 4.0)) == ("0123456789", 40, 0.1)


def test_the_plot_has_a_curve_for_each_blur() -> None:
    drawing = curves((1.0, 2.0, 3.0), {"0 px": [0.5, 1, 1], "2 px": [0, 0.5, 1]})
    assert drawing.count("<polyline") == 2 and drawing.startswith("<svg")
    assert "px per module" in drawing and "degrees" in curves((0, 45), {"1 px": [1, 0.5]}, "degrees off")


def test_candidates_are_told_apart_by_margin_and_by_what_else_speaks_for_them() -> None:
    good, strange = candidates("1.5 px/module", 1, 2), candidates(STRANGE, 1, 6)
    assert [one[:1] + one[2:] for one in good] == [(True, True, True)] * 2
    assert strange and not any(one.right or one.believed for one in strange)
    rows = table([*good, *strange]).splitlines()
    assert rows[-1] == "| 40 (no other is told) | 2 | 2 | 2 | 0 | 0 | 0 |" and len(rows) == 2 + len(MARGINS)


@pytest.mark.full
def test_two_workers_do_nearly_twice_the_work_of_one_and_that_of_three_lines(
    report_line: Callable[[str], None],
) -> None:
    one, two = workers_gain()
    gain = two.per_h / one.per_h
    report_line(f"{one.per_h:,.0f} frames/h with one worker, {two.per_h:,.0f} with two: {gain:.2f} times")
    report_line(f"CPU ms a frame: workers {one.cpu_ms:.1f} and {two.cpu_ms:.1f}, the line {two.line_ms:.2f}")
    assert gain >= 1.8
    assert two.per_h >= FRAMES_PER_H


MOST_TIME, MOST_TIME_EMPTY = 0.30, 0.15
"""CPU time of this reader against bare zbar's, Code 128 only: the median frame. Where EAN and QR codes lie
beside the waybills this reader reads them, too; there zbar is asked for the same three."""

EVERY = "zbar for Code 128, EAN and QR"


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_a_frame_takes_a_fraction_of_bare_zbars_time(report_line: Callable[[str], None]) -> None:
    if zbar_missing():
        pytest.skip("zbar is not there to be compared with")
    by, slow = readers(), []
    every = ZbarDecoder(("CODE128", "EAN13", "QR"))
    by[EVERY] = lambda gray: [read.text for read in every.decode(gray)]
    for kind, pictures in timed_frames(30).items():
        scores = tried(pictures, by)
        alone, alike = (scores[OURS].ratio(scores[name]) for name in ("zbar", EVERY))
        zxing = scores["zxing-cpp"].ratio(scores["zbar"])
        report_line(
            f"{kind}: {alone:.3f} of bare zbar's time for Code 128 only, {alike:.3f} for all that is read "
            f"(zxing-cpp, Code 128 only: {zxing:.3f})"
        )
        like = alike if "EAN" in kind else alone
        if like > (MOST_TIME_EMPTY if kind == EMPTY else MOST_TIME):
            slow.append(kind)
    assert slow == []


def told_of(kind: str, pictures: Iterator[Picture], report_line: Callable[[str], None]) -> Score:
    score = tried(pictures, {OURS: readers()[OURS]})[OURS]
    limit = f"{3 / score.labels:.4f}"  # rule of three
    words = f"{score.read} of {score.labels} waybills in {score.pictures} frames, {score.wrong} wrong"
    report_line(f"{kind}: {words}; <= {limit} (95 %)")
    return score


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_three_labels_in_a_wide_frame_are_read(report_line: Callable[[str], None]) -> None:
    score = told_of("2448 x 1200, 1.8 px", frames(200, WIDE, THREE, 13), report_line)
    assert score.labels == 600 and score.rate >= 0.995 and score.wrong == 0, score.texts


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_the_hubs_camera_reads_its_labels_on_the_moving_belt(report_line: Callable[[str], None]) -> None:
    score = told_of("hub, 1.53 px, moved 0.98 px", frames(400, HUB, Knobs(), 14, MOVING), report_line)
    assert score.labels == 400 and score.rate >= 0.99 and score.wrong == 0, score.texts


def test_frames_are_timed_reader_by_reader_and_the_empty_one_is_empty() -> None:
    by = readers()
    kinds = {**timed_frames(1), **printed_frames(1)}
    for kind, pictures in kinds.items():
        scores = tried(pictures, by)
        assert scores[OURS].wrong == 0 and scores[OURS].read == scores[OURS].labels
        assert (scores[OURS].labels == 0) == (kind == EMPTY or "no code" in kind)
        assert all(one.ratio(scores["zxing-cpp"]) > 0 for one in scores.values())


def test_photographs_are_scored_by_the_corpuss_own_rules() -> None:
    shared("corpus", "photos")
    scores = scored(OURS, 6)
    assert set(scores) == {OURS, "zbar", "zxing-cpp", "zxing-cpp, then zbar"}
    assert scores["zbar"].time_ratio == 1.0 and scores[OURS].wrong == 0
    assert scores[OURS].read >= scores["zxing-cpp, then zbar"].read >= scores["zxing-cpp"].read > 0


@pytest.mark.full
def test_every_kind_of_label_is_read_as_often_as_it_must(report_line: Callable[[str], None]) -> None:
    ours = {OURS: readers()[OURS]}
    short = []
    for case in CASES:
        score = tried(labels(400, 11, case.module_px, case.angles, **case.how), ours)[OURS]
        report_line(f"{case.name}: {score.rate:.4f} of {score.labels} read, {score.wrong} wrong")
        if score.rate < case.least or score.wrong:
            short.append(case.name)
    assert short == []
