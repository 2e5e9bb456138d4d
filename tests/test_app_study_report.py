from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sim.study.results import Band, PointResult, Replication, StudyResult
from sim.study.summary import Threshold, bands, compared, intervals, verdicts
from sorter.app.study_page import study_page
from sorter.app.study_report import study_table, write_study_csv, write_study_report
from sorter.app.study_sections import MOST_CHUTES, MOST_PICTURED
from sorter.app.study_texts import LOSSES, NOT_ESTIMATED
from sorter.errors import StoreError
from tests.runs_made import HOSTILE

META = {"种子 seed": "7", "命令 command": "sorter sim normal-day.yaml", "日期 date": "2026-11-11"}
DIGEST = "1f" * 32
DAY = {
    "parcels": 60_000.0,
    "throughput_per_h": 5200.0,
    "sorted_share": 97.5,
    "accuracy": 99.99,
    "missorts": 6.0,
}


class Page(HTMLParser):
    """What a browser makes of a page: its elements, their attributes, its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.given: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.given += attrs

    def handle_data(self, data: str) -> None:
        self.text += data


def point(name: str, *days: Mapping[str, float], values: Mapping[str, str | int | float] = {}) -> PointResult:
    """A point of these replications, each with a throughput that rises and stays."""
    steady = tuple(min(bin_, 5) * 1000.0 for bin_ in range(40))
    replications = tuple(Replication(day, {"sorted_per_h": steady}) for day in days)
    return PointResult(name, values, replications, intervals(replications, 0.95), bands(replications, 0.95))


def study(*points: PointResult, thresholds: tuple[Threshold, ...] = (), finished: bool = True) -> StudyResult:
    pairs = tuple(pair for other in points[1:] for pair in compared(points[0], other, 0.95))
    judged = verdicts(points, thresholds)
    return StudyResult("normal-day", points, pairs, judged, finished, DIGEST)


def day(**changed: float) -> dict[str, float]:
    return DAY | changed


def page_of(result: StudyResult) -> Page:
    return Page(study_page(result, META))


def svg(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


# ---------------------------------------------------------------- the page as a whole


def rich() -> StudyResult:
    """Everything that a page can hold: losses, chutes, a comparison, thresholds, sensitivities."""
    losses = dict.fromkeys(LOSSES, 2.0) | {"achieved": 100.0 - 2.0 * len(LOSSES)}
    chutes = {"chute:A01": 60.0, "chute:A02": 40.0}
    full = day() | losses | chutes
    faster, slower = full | {"throughput_per_h": 5720.0}, full | {"throughput_per_h": 4680.0}
    return study(
        point("base", full, full, values={"speed": 1000}),
        point("speed=900", slower, slower, values={"speed": 900}),
        point("speed=1100", faster, faster, values={"speed": 1100}),
        thresholds=(Threshold("accuracy", "least", 99.9),),
    )


def test_a_page_needs_nothing_from_outside() -> None:
    page = study_page(rich(), META)
    seen = Page(page)
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(seen.tags)
    assert not {"src", "href", "srcset", "data", "action", "style"} & {name for name, _ in seen.given}
    assert not re.search(r"\w+://|@import|url\(|//[a-z]", page)


def test_every_text_from_outside_is_shown_as_text() -> None:
    hostile = day() | {HOSTILE: 1.0, f"chute:{HOSTILE}": 100.0}
    odd = point(HOSTILE, hostile, hostile, values={HOSTILE: HOSTILE})
    other = point(f"{HOSTILE} 2", hostile, hostile, values={HOSTILE: 2})
    made = study(odd, other, thresholds=(Threshold(HOSTILE, "least", 0.0),))
    series_too = PointResult("s", {}, (), {}, {HOSTILE: Band((1.0,) * 20, (0.1,) * 20)})
    page = study_page(StudyResult(HOSTILE, (*made.points, series_too), made.comparisons), {HOSTILE: HOSTILE})
    assert "script" not in Page(page).tags
    assert "<script>alert('1')</script>\"&" in Page(page).text
    assert page.replace("\n", "").isprintable()


def test_every_picture_is_well_formed() -> None:
    pictures = re.findall(r"<svg.*?</svg>", study_page(rich(), META), re.DOTALL)
    # Series, cut, waterfall, bottlenecks and chutes of the base, the frontier, four figures' sensitivities.
    assert len([one for one in pictures if 'class="chart"' in one]) == 5 + 1 + 4
    for picture in pictures:
        ElementTree.fromstring(picture)
        assert not re.search(r"\b(nan|inf)\b", picture)


def test_the_page_names_its_digest_and_everything_in_meta() -> None:
    made = rich()
    text = page_of(made).text
    assert DIGEST in text
    assert all(name in text and value in text for name, value in META.items())


# ---------------------------------------------------------------- the answer


def test_the_answer_comes_first_and_says_whether_the_thresholds_are_met() -> None:
    text = page_of(rich()).text
    assert text.index("达标 Met: 全部 3 项门槛") < text.index("各点 Points")


def test_a_threshold_that_only_the_mean_meets_says_that_more_replications_may_decide() -> None:
    wide = point("day", day(accuracy=99.0), day(accuracy=100.0))
    text = page_of(study(wide, thresholds=(Threshold("accuracy", "least", 99.4),))).text
    assert "未达标 Not met: 1 / 1" in text
    assert "more replications may decide" in text


def test_a_page_of_an_unfinished_study_says_so_before_anything_else() -> None:
    unfinished = page_of(study(point("day", day(), day()), finished=False)).text
    assert unfinished.index("Stopped early") < unfinished.index("No thresholds")
    assert "Stopped early" not in page_of(study(point("day", day(), day()))).text


def test_a_study_in_which_nothing_was_finished_still_has_a_page() -> None:
    text = page_of(study(point("day"), finished=False)).text
    assert "0 次重复 replications" in text


def test_a_figure_that_no_replication_could_measure_says_so() -> None:
    unsorted = {"parcels": 10.0, "throughput_per_h": 0.0, "sorted_share": 0.0}
    made = study(point("day", unsorted, unsorted), thresholds=(Threshold("accuracy", "least", 99.0),))
    # Its threshold twice (measured, verdict), its card, the card of mis-sorts, its row.
    assert page_of(made).text.count(NOT_ESTIMATED) == 5


def test_a_figure_that_some_replications_could_not_measure_shows_of_how_many_it_is_the_mean() -> None:
    partly = point("day", day(), day(), {"parcels": 0.0})
    assert "n = 2 / 3" in page_of(study(partly)).text


def test_losses_fall_in_the_catalogues_order_and_their_sum_is_shown() -> None:
    text = page_of(rich()).text
    fall = text[text.index("From nameplate") : text.index("合计 together: 100.00 %")]
    names = [
        "no parcel at the infeed",
        "infeed closed",
        "gaps beyond",
        "no-reads",
        "chute full",
        "达成 achieved",
    ]
    places = [fall.index(name) for name in names]
    assert places == sorted(places)


def test_only_the_first_points_and_the_fullest_chutes_are_drawn_and_the_page_says_so() -> None:
    chutes = {f"chute:{number:03}": float(number) for number in range(1, MOST_CHUTES + 2)}
    many = [point(f"point {number}", day() | chutes, day() | chutes) for number in range(MOST_PICTURED + 1)]
    text = page_of(study(*many)).text
    assert f"只示前 {MOST_PICTURED} / {MOST_PICTURED + 1} 点 points" in text
    assert f"只示前 {MOST_CHUTES} / {MOST_CHUTES + 1} 格口 chutes" in text
    assert "chute 002" in text and "chute 001" not in text


# ---------------------------------------------------------------- comparisons, sensitivities, needed


def test_a_difference_whose_interval_holds_no_0_is_marked_and_another_is_not() -> None:
    base = point("base day", day(sorted_share=97.0, missorts=3.0), day(sorted_share=97.2, missorts=5.0))
    other = point("full", day(sorted_share=96.0, missorts=5.0), day(sorted_share=96.3, missorts=3.0))
    page = study_page(study(base, other), META)
    # The paired differences are -1 and -0.9 for the one, 2 and -2 for the other.
    differs = re.findall(r'class="number differs">([^<]*)<', page)
    assert differs == ["-0.95 ± 0.64 %"]


def test_sensitivities_are_shown_for_steps_around_a_base_only() -> None:
    made = rich()
    # 10 % more speed made 10 % more throughput.
    assert "1.000 ± 0.000" in page_of(made).text
    assert "elasticity" not in page_of(study(*made.points[:2])).text
    named = [point("base", day(), values={"courier": "a"}), point("b", day(), values={"courier": "b"})]
    assert "elasticity" not in page_of(study(*named, point("c", day(), values={"courier": "c"}))).text


def test_the_replications_that_a_figure_needed_are_shown_and_those_that_never_had_enough() -> None:
    one = point("day", day(), day())
    asked = PointResult("day", {}, one.replications, one.figures, {}, {"accuracy": 1234, "missorts": None})
    text = page_of(StudyResult("s", (asked,))).text
    assert "1,234" in text and "未达 never" in text


# ---------------------------------------------------------------- files


def rows_of(result: StudyResult) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(study_table(result))))


def test_the_csv_holds_every_figure_of_every_point_with_all_its_digits() -> None:
    made = study(
        point("a", day(accuracy=100 / 3), day(accuracy=100 / 3), values={"speed": 7}), point("b", day())
    )
    figures = {(row["point"], row["figure"]): row for row in rows_of(made) if row["row"] == "figure"}
    assert len(figures) == 2 * len(DAY)
    assert float(figures["a", "accuracy"]["mean"]) == 100 / 3
    assert figures["a", "accuracy"]["of"] == "sorted to a chute"
    assert figures["a", "accuracy"]["set speed"] == "7"
    assert (figures["b", "accuracy"]["half"], figures["b", "accuracy"]["n"]) == ("", "1")


def test_the_csv_holds_differences_and_thresholds_and_leaves_empty_what_is_not_known() -> None:
    made = study(
        point("a", day()), point("b", day(missorts=8.0)), thresholds=(Threshold("x", "most", 1.0, "a"),)
    )
    rows = rows_of(made)
    (missorts,) = (row for row in rows if row["row"] == "difference" and row["figure"] == "missorts")
    assert (missorts["base"], missorts["point"], missorts["mean"]) == ("a", "b", "2.0")
    (threshold,) = (row for row in rows if row["row"] == "threshold")
    assert (threshold["mean"], threshold["limit"], threshold["holds"]) == ("", "1.0", "no")


def test_a_spreadsheet_takes_no_text_for_a_formula() -> None:
    assert "'=1+1" in study_table(study(point("=1+1", day(), values={"@x": "-y"})))
    assert {row["set @x"] for row in rows_of(study(point("p", day(), values={"@x": "-y"})))} == {"'-y"}


def test_files_are_written_whole_and_excel_finds_their_encoding(tmp_path: Path) -> None:
    made = rich()
    write_study_report(tmp_path / "study.html", made, META)
    write_study_csv(tmp_path / "study.csv", made)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["study.csv", "study.html"]
    assert (tmp_path / "study.html").read_text(encoding="utf-8") == study_page(made, META)
    assert (tmp_path / "study.csv").read_bytes() == ("\ufeff" + study_table(made)).encode()


def test_a_name_that_no_encoding_holds_is_written_as_a_code(tmp_path: Path) -> None:
    write_study_csv(tmp_path / "study.csv", study(point(HOSTILE, day())))
    assert "\\ud800" in (tmp_path / "study.csv").read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        write_study_csv(tmp_path / "none" / "study.csv", rich())
