"""What one look at a belt frame gives: the codes, how good they looked, and what was not read and why."""

from __future__ import annotations

from dataclasses import replace

from sorter.flow import CodeRead, Grade, NoRead, Unread
from vision.answer import TIME_OVER, Sight
from vision.belt import BeltReader
from vision.beside import like_waybills, rivals
from vision.budget import Budget
from vision.causes import cause_by, cause_of, corners_of, glare_in, signs_of
from vision.faint import faint_label
from vision.frame import Gray
from vision.linear import LinearRead
from vision.look import Look
from vision.places import inside
from vision.quality import Quality
from vision.ready import warm_up
from vision.region import Region

MOST_UNREAD = 4
"""Regions of one frame whose cause is looked for, the likeliest first; what may be a waybill always is."""


class BeltSight:
    """The line's look at a frame."""

    def __init__(self) -> None:
        warm_up()
        self._reader = BeltReader()

    def look(self, gray: Gray, budget: Budget | None = None) -> Sight:
        """Everything in the frame uint8[H, W] that the time is enough for; ValueError for any other array."""
        return sight_of(gray, self._reader.look(gray, budget))


def sight_of(gray: Gray, look: Look) -> Sight:
    """What a look at these pixels means for the record.

    Where time was over nobody is told what is not there. Then codes count only when no bars are left: those
    may be another waybill, and which of two is meant nobody may guess. Texts in dispute are passed on, for no
    other picture may settle that by itself: the vote refuses them.
    """
    reads = graded(look)
    left = _unread(look)
    beside = list(rivals(look.reads, left))
    if look.late:
        whole = reads and not beside and not any(region.kind == "bars" for region in look.left)
        return Sight(reads + look.disputed) if whole else Sight((), failure=TIME_OVER)
    unread = [Unread(NoRead.BESIDE, corners_of(region)) for region in beside]
    likely = [region for region in like_waybills(look.reads, left) if region not in beside]
    others = [region for region in left if region not in beside + likely]
    unread += [Unread(cause_of(gray, region), corners_of(region), True) for region in likely]
    unread += _causes(gray, others[: max(0, MOST_UNREAD - len(likely))])
    if not look.regions and (glare := glare_in(gray)) is not None:
        unread.append(Unread(NoRead.GLARE, corners_of(glare)))
    if not (reads or unread) and (faint := faint_label(gray)) is not None:
        unread.append(Unread(faint[0], corners_of(faint[1])))
    return Sight(reads + look.disputed, tuple(unread), judged=True)


def _causes(gray: Gray, regions: list[Region]) -> list[Unread]:
    """Why they gave nothing, what stands out most by area and darkness first; lines of print are left out."""
    found = [(signs_of(gray, region), region) for region in regions]
    found.sort(key=lambda one: -one[1].length_px * one[1].height_px * one[0].contrast ** 2)
    return [Unread(cause_by(signs), corners_of(region)) for signs, region in found if not signs.words]


def graded(look: Look) -> tuple[CodeRead, ...]:
    """The codes of a look, with how good those looked that the reader of bars read."""
    answers = [one.answer for one in look.tries if isinstance(one.answer, LinearRead)]
    return tuple(_graded(read, answers) for read in look.reads)


def grade_of(quality: Quality) -> Grade:
    """The measures as integers, rounded to the nearest."""
    return Grade(
        contrast_pm=round(1000 * quality.contrast),
        edge_pm=round(1000 * quality.edge_contrast),
        modulation_pm=round(1000 * quality.modulation),
        decodability_pm=round(1000 * quality.decodability),
        module_cpx=round(100 * quality.module_px),
        blur_cpx=round(100 * quality.blur_px),
    )


def _graded(read: CodeRead, answers: list[LinearRead]) -> CodeRead:
    """The read with the quality that the reader of bars measured at its place, if it did."""
    for answer in answers:
        if answer.text == read.text and answer.corners == read.corners:
            return replace(read, grade=grade_of(answer.quality))
    return read


def _unread(look: Look) -> list[Region]:
    """Regions of bars in which nothing was read."""
    bars = (region for region in look.regions if region.kind == "bars")
    return [region for region in bars if not any(inside(read.corners, region) for read in look.reads)]
