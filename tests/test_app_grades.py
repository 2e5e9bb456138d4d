"""How good the codes of a run looked, by camera and courier."""

from __future__ import annotations

from dataclasses import replace

from sorter.app.grades import KEPT, GradeBook, as_rows, percents
from sorter.flow import UNGRADED, FrameRead, FrameTag, Grade
from tests.journals_made import READ, RECORD


def pictured(book: GradeBook, text: str, contrast_pm: int, camera: int = 0) -> None:
    grade = Grade(contrast_pm, 300, 500, 700, 153, 0)
    book.pictured(FrameRead(1, FrameTag(camera, 1, 1), (replace(READ, text=text, grade=grade),)))


def test_the_median_is_taken_per_camera_and_courier() -> None:
    book = GradeBook()
    for number, contrast_pm in enumerate((900, 500, 600)):
        pictured(book, f"A{number}", contrast_pm)
        book.recorded(replace(RECORD, waybill=f"A{number}", courier="sto"))
    pictured(book, "B", 100, camera=1)
    book.recorded(replace(RECORD, waybill="B", courier="sf"))
    rows = [(one.camera, one.courier, one.reads, one.grade.contrast_pm) for one in book.medians()]
    assert rows == [(0, "sto", 3, 600), (1, "sf", 1, 100)]
    assert percents(book.medians()[0].grade) == ("60 %", "30 %", "50 %", "70 %")
    assert as_rows(book.medians())[1]["contrast_pm"] == 100


def test_reads_that_nobody_graded_or_that_are_no_waybill_do_not_count() -> None:
    book = GradeBook()
    book.pictured(FrameRead(1, FrameTag(0, 1, 1), (replace(READ, text="C", grade=UNGRADED),)))
    pictured(book, "6901234567892", 800)
    book.recorded(replace(RECORD, waybill="C"))
    assert book.medians() == []


def test_a_median_is_of_the_latest_reads_so_that_a_falling_one_shows() -> None:
    book = GradeBook()
    for contrast_pm in (900, 300):
        for number in range(KEPT):
            pictured(book, f"A{number}", contrast_pm)
            book.recorded(replace(RECORD, waybill=f"A{number}"))
    assert book.medians()[0].grade.contrast_pm == 300
