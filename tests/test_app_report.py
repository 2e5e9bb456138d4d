from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sorter.app.charts import LINES, chute_loads, space_time
from sorter.app.report import report_page, write_report
from sorter.app.tally import Tally
from sorter.errors import StoreError
from sorter.flow import REJECT, Outcome, ParcelRecord, Why
from tests.hubs import hub
from tests.runs_made import HOSTILE, code, record, simulated, tally_of

HUB = hub()
META = {"种子 seed": "7", "配置 config": "configs/linzi"}


class Page(HTMLParser):
    """What a browser makes of a page: its elements, its addresses and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.classes: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.classes += (given.get("class") or "").split()
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "data", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(records: Sequence[ParcelRecord]) -> Page:
    return Page(report_page(HUB, tally_of(records), None, META))


def svg(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)


def ways(records: Sequence[ParcelRecord]) -> list[ElementTree.Element]:
    return [one for one in svg(space_time(HUB.layout, records)).iter() if one.get("class") == "way"]


def test_a_page_shows_a_hostile_barcode_as_text_and_never_obeys_it() -> None:
    hostile = record(1, Why.NO_WAYBILL, waybill=HOSTILE, courier=HOSTILE, reads=(code(HOSTILE),))
    page = report_page(HUB, tally_of([hostile]), None, {HOSTILE: HOSTILE})
    seen = Page(page)
    assert "script" not in seen.tags
    assert "<script>alert('1')</script>\"&" in seen.text
    assert "\\x1b[31m\\u202e\\ud800\\n凤凰镇" in seen.text
    assert page.replace("\n", "").isprintable()


def test_a_page_needs_nothing_from_outside() -> None:
    made, tally, judgement = simulated()
    page = report_page(made, tally, judgement, META)
    assert Page(page).addresses == []
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", page)
    assert not {"script", "link", "img", "iframe"} & set(Page(page).tags)


def test_a_page_holds_figures_exceptions_and_conditions() -> None:
    made, tally, judgement = simulated()
    page = Page(report_page(made, tally, judgement, META))
    exceptions = sum(one.outcome is not Outcome.SORTED for one in tally.records)
    assert exceptions > 0
    assert page.classes.count("exception") == exceptions
    assert "是 yes: 60 = 60" in page.text
    for condition in ("种子 seed", "configs/linzi", "test@00000001"):
        assert condition in page.text


def test_each_parcel_of_a_run_is_one_line() -> None:
    made, tally, _ = simulated()
    drawn = svg(space_time(made.layout, tally.records))
    lines = [one for one in drawn.iter() if one.get("class") == "way"]
    assert len(lines) == len(tally.records) == 60
    named = [one.findtext("title", "") for one in lines]
    assert all(any(one.waybill in name for name in named) for one in tally.records)


def test_a_parcel_is_drawn_from_its_induction_to_the_diverter_of_the_chute_it_left_by() -> None:
    # The plane is 14..584 high for 21650 mm; chute 4 is on diverter 2, pivot at 7250 mm.
    far = record(3, Why.NO_CODE, told=REJECT)
    (sorted_, rejected) = ways([record(1, told=4, left=4), far])
    assert float(sorted_.get("y1", "")) == 14.0
    assert float(sorted_.get("y2", "")) == pytest.approx(14 + 570 * 7250 / 21650, abs=0.1)
    assert float(rejected.get("y2", "")) == 584.0
    assert float(rejected.get("x1", "")) > float(sorted_.get("x1", ""))


def test_a_lost_parcel_is_not_drawn_into_a_chute() -> None:
    # Lost 2 s after its induction at 1600 mm/s: 3200 mm down the belt.
    lost = record(1, Why.LOST, left_us=3_000_000)
    (line,) = ways([lost])
    assert float(line.get("y2", "")) == pytest.approx(14 + 570 * 3200 / 21650, abs=0.1)


def test_a_stray_is_a_dot_where_it_came_out() -> None:
    (dot,) = [one for one in ways([record(0, Why.STRAY, seen_us=-1, left=27)]) if one.tag == "circle"]
    assert float(dot.get("cy", "")) == pytest.approx(14 + 570 * 20450 / 21650, abs=0.1)


def test_every_outcome_has_a_line_of_its_own_and_only_sorted_is_grey() -> None:
    assert set(LINES) == set(Outcome)
    assert len(set(LINES.values())) == len(LINES)
    dashes = {outcome: dash for outcome, (_, dash) in LINES.items()}
    assert all(dash for outcome, dash in dashes.items() if outcome not in (Outcome.SORTED, Outcome.STRAY))


def test_of_a_long_run_the_first_minutes_are_drawn_and_the_page_says_so() -> None:
    # One parcel a second from 1 s on, 400 of them: those up to 181 s are drawn.
    records = [record(n) for n in range(1, 401)]
    assert len(ways(records)) == 181
    text = page_of(records).text
    assert "only the first 3:00 of 6:44: 181 of 400 parcels" in text
    assert "全部 all 10 件" in page_of(records[:10]).text


def test_the_bars_add_up_to_the_records() -> None:
    made, tally, _ = simulated()
    records = [*tally.records, record(900, Why.LOST), record(901, Why.RESTARTED, left=3)]
    texts = [one.text or "" for one in svg(chute_loads(made.layout, records)).iter("text")]
    names, numbers = texts[::2], [int(number) for number in texts[1::2]]
    assert len(names) == 28 + 2
    assert sum(numbers) == len(records)
    assert (names[-1], numbers[-1]) == ("? 去向不明 nobody saw where", 2)


def test_a_run_without_parcels_still_makes_a_page() -> None:
    assert "没有包裹" in page_of([]).text


def test_a_page_that_lists_not_every_exception_says_so() -> None:
    page = page_of([record(n, Why.NO_CODE) for n in range(1, 1003)])
    assert page.classes.count("exception") == 1000
    assert "Exceptions (1,002)" in page.text
    assert "Only the first 1,000 are listed" in page.text


def test_a_report_replaces_the_one_before_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    write_report(path, HUB, tally_of([record(1)]), None, META)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_a_report_that_cannot_be_written_names_the_file_and_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "report.html"
    with pytest.raises(
        StoreError, match=r"absent/report\.html: the report cannot be written: .*\n  make room"
    ):
        write_report(path, HUB, Tally(HUB.layout), None, META)
