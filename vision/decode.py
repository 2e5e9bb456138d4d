"""The ladder: which rung looks where, in which order, and when it is enough."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sorter.flow import CodeRead
from vision.budget import Budget
from vision.frame import Gray, check_gray
from vision.itf import stands_alone
from vision.linear import LinearRead, examine
from vision.locate import ALL, locate
from vision.look import Look, Outcome, Try
from vision.places import Places
from vision.ready import warm_up
from vision.region import Region
from vision.rungs import SURE_MODULE_PX, Rung, region_rungs, short_rungs, whole_rungs
from vision.straight import straighten
from vision.symbology import LINEAR, SHORTEST_ITF, SYMBOLOGIES, known
from vision.symbols import code128

BUDGET_S = 10.0
"""Time for one photograph: generous, for nobody waits for it but a person."""

_MOST_REGIONS = 24
_MODULES = {"EAN13": 95, "UPCA": 95, "EAN8": 67, "UPCE": 51}


class Reader:
    """Reads whatever codes a picture holds; which of them is the waybill is not its question.

    symbologies  names as in `vision.symbology.SYMBOLOGIES`, ValueError otherwise
    budget_s     the ladder ends when a picture has taken so long; what is sure by then is returned
    """

    def __init__(self, symbologies: Iterable[str] = SYMBOLOGIES, budget_s: float = BUDGET_S) -> None:
        self._names = known(symbologies)
        self._budget_s = budget_s
        self._first, *self._more = whole_rungs(self._names)
        self._crops, self._short = region_rungs(self._names), short_rungs()
        self._negative = [replace(rung, name=f"negative-{rung.name}") for rung in self._crops]
        self._bars = "CODE128" in self._names

    def read(self, gray: Gray) -> list[CodeRead]:
        """Codes in the picture uint8[H, W], each place once; ValueError for any other array.

        Corners are pixels in the order of the symbol's own top-left, top-right, bottom-right, bottom-left.
        """
        return list(self.look(gray).reads)

    def look(self, gray: Gray) -> Look:
        """The same codes, and everything that was tried to get them."""
        warm_up()
        climb = Climb(check_gray(gray), Budget.of(self._budget_s))
        climb.whole(self._first)
        regions = climb.regions()
        for region in regions:
            climb.region(region, self._crops, self._bars)
        for rung in self._more:
            if climb.places.reads() and not climb.places.doubtful():
                return climb.look()
            climb.whole(rung)
        if "ITF" in self._names and not climb.places.reads():
            for region in regions:
                climb.region(region, self._short)
        if not climb.places.reads():
            climb.negative()
            for region in regions:
                climb.region(region, self._negative, self._bars)
        return climb.look()


class Climb:
    """One picture's way up the ladder."""

    def __init__(self, gray: Gray, budget: Budget) -> None:
        self.gray = gray
        self.places = Places()
        self._budget = budget
        self._tries: list[Try] = []
        self._regions: list[Region] = []
        self._left: list[Region] = []
        self._late = False
        self._prefix = ""

    def negative(self) -> None:
        """Look at the picture in negative from now on: white bars on dark ground."""
        self.gray = ~self.gray
        self._prefix = "negative-"

    def look(self) -> Look:
        """What has come of it."""
        left = tuple(dict.fromkeys(self._left))
        tries, regions = tuple(self._tries), tuple(self._regions)
        return Look(self.places.reads(), tries, regions, self._late, left, self.places.disputed())

    def whole(self, rung: Rung) -> None:
        """Let a rung look at the whole picture."""
        if self._over():
            return
        began = time.perf_counter_ns()
        self._take(rung, None, rung.whole(self.gray), began)

    def regions(self, scales: Sequence[int] = ALL, most: int = _MOST_REGIONS) -> list[Region]:
        """Candidates, the likeliest first, each bars laid straight; remembered for the answer."""
        for region in locate(self.gray, scales, most):
            if self._over():
                break
            self._regions += straighten(self.gray, region)
        return self._regions

    def confirmed(self, region: Region, rungs: Sequence[Rung]) -> None:
        """Let one rung look at a region, and the others only to confirm what it read."""
        self.region(region, rungs[:1])
        if self.places.seen(region):
            self.region(region, rungs[1:])

    def region(self, region: Region, rungs: Sequence[Rung], bars: bool = False) -> None:
        """Let the rungs look at a region, one after the other, until its code counts.

        bars  our own reader looks, too, after the first rung: what is large is read faster by a library
        """
        for number, rung in enumerate(rungs):
            if number == 1 and bars:
                self.bars(region)
            if self._done(region):
                return
            began = time.perf_counter_ns()
            self._take(rung, region, rung.crop(self.gray, region), began)

    def _done(self, region: Region) -> bool:
        if self.places.settled(region):
            return True
        if self._over():
            self._left.append(region)
        return self._late

    def bars(self, region: Region) -> None:
        """Let our own reader of bars look at a region of them."""
        if region.kind != "bars" or self._done(region):
            return
        began = time.perf_counter_ns()
        answer = examine(self.gray, region)
        if isinstance(answer, LinearRead):
            read = CodeRead(answer.text, answer.symbology, answer.corners, self._prefix + answer.reader)
            outcome, text = self.places.add(read, sure=True), answer.text
        else:
            outcome, text = Outcome.NOTHING, ""
        self._tries.append(Try(f"{self._prefix}bars", region, outcome, _since_us(began), text, answer))

    def _take(self, rung: Rung, region: Region | None, reads: list[CodeRead], began: int) -> None:
        for read in reads:
            sure, outcome = is_large(read), Outcome.UNSURE
            if rung.check and region and not sure:
                sure = believed = rung.check(self.gray, region, read)
            else:
                believed = read.symbology != "ITF" or stands_alone(self.gray, read)
            if believed:
                outcome = self.places.add(read, sure)
            self._tries.append(Try(rung.name, region, outcome, _since_us(began), read.text))
        if not reads:
            self._tries.append(Try(rung.name, region, Outcome.NOTHING, _since_us(began)))

    def _over(self) -> bool:
        self._late = self._late or self._budget.over()
        return self._late


def is_large(read: CodeRead) -> bool:
    """Whether one look of a library is enough: matrix codes correct their errors, large bars are clear."""
    if read.symbology not in LINEAR:
        return True
    if read.symbology == "ITF" and len(read.text) < SHORTEST_ITF:
        return False
    length = max(
        math.dist(*read.corners[:2]), math.dist(*read.corners[1:3])
    )  # zbar may take one for the other
    return length >= SURE_MODULE_PX * modules(read)


def modules(read: CodeRead) -> int:
    """Length of a linear symbol in modules, or more; narrow elements count as modules."""
    if read.symbology == "CODE128":
        return sum(code128(read.text)) if read.text.isascii() and read.text else 1 << 20
    if read.symbology == "CODE39":
        return 16 * (len(read.text) + 2)
    return _MODULES.get(read.symbology, 9 * len(read.text) + 9)


def _since_us(began_ns: int) -> int:
    return (time.perf_counter_ns() - began_ns) // 1000
