"""How good the codes of a run looked: medians per camera and courier.

A falling median tells of a dying lamp, lens or printer days before the read rate falls.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median_low
from typing import NamedTuple

from sorter.app.texts import Text
from sorter.flow import UNGRADED, FrameRead, Grade, ParcelRecord

MEASURES: Mapping[str, Text] = {
    "contrast_pm": Text("对比度", "contrast"),
    "edge_pm": Text("最小边缘", "least edge"),
    "modulation_pm": Text("调制", "modulation"),
    "decodability_pm": Text("可译性", "decodability"),
}
"""What is shown of a grade, by its fields."""

KEPT = 1000
"""Reads of one camera and courier that a median is taken of, the latest ones."""

_WAITING = 256


class Median(NamedTuple):
    """Each measure's median over the graded reads of one camera and courier."""

    camera: int
    courier: str
    reads: int
    grade: Grade


def percents(grade: Grade) -> tuple[str, ...]:
    """Contrast, edge contrast, modulation and decodability as `68 %`, rounded down."""
    return tuple(f"{getattr(grade, name) // 10} %" for name in MEASURES)


class GradeBook:
    """Collects the grades of waybills as records come; holds KEPT of each camera and courier."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[int, Grade]]] = {}
        self._kept: defaultdict[tuple[int, str], list[Grade]] = defaultdict(list)

    def pictured(self, event: FrameRead) -> None:
        """Remember which camera gave which graded text, until its parcel's record tells the courier."""
        for read in event.reads:
            if read.grade != UNGRADED:
                self._waiting.setdefault(read.text, []).append((event.tag.camera, read.grade))
                if len(self._waiting) > _WAITING:
                    del self._waiting[next(iter(self._waiting))]

    def recorded(self, record: ParcelRecord) -> None:
        """A parcel has ended: the grades of its waybill count for its courier."""
        for camera, grade in self._waiting.pop(record.waybill, ()):
            kept = self._kept[camera, record.courier]
            kept.append(grade)
            del kept[:-KEPT]

    def medians(self) -> list[Median]:
        """One row for each camera and courier, in that order."""
        return [_median(*key, grades) for key, grades in sorted(self._kept.items())]


def _median(camera: int, courier: str, grades: Sequence[Grade]) -> Median:
    columns = zip(*(tuple(getattr(grade, name) for name in Grade.__slots__) for grade in grades), strict=True)
    grade = Grade(*(median_low(column) for column in columns))
    return Median(camera, courier, len(grades), grade)


def as_rows(medians: Iterable[Median]) -> list[dict[str, object]]:
    """The same for a program: one row each, its measures by name."""
    return [
        {"camera": one.camera, "courier": one.courier, "reads": one.reads}
        | {name: getattr(one.grade, name) for name in Grade.__slots__}
        for one in medians
    ]
