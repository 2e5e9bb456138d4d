"""What was read where, by whom, and what of it counts: one sure witness or two that agree, none against."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from sorter.flow import CodeRead, Corners
from vision.look import Outcome
from vision.region import Region
from vision.symbology import LINEAR


@dataclass(slots=True)
class _Place:
    read: CodeRead
    sure: bool
    against: list[CodeRead] = field(default_factory=list)

    @property
    def conflict(self) -> bool:
        """Another text was read here."""
        return bool(self.against)


class Places:
    """The codes of one picture as they are found. A place is where one symbol lies."""

    def __init__(self) -> None:
        self._places: list[_Place] = []

    def add(self, read: CodeRead, sure: bool) -> Outcome:
        """Take one rung's word; what has become of its place.

        sure  this rung's word is enough by itself. Two rungs with one text are enough, too; two texts at one
              place are a conflict, whoever is sure.
        """
        place = next((place for place in self._places if _one_symbol(place.read, read)), None)
        if place is None:
            place = _Place(read, sure)
            self._places.append(place)
        elif _part(place.read, read):
            place.read, place.sure = read, sure
        elif _part(read, place.read):
            pass
        elif (place.read.text, place.read.symbology) != (read.text, read.symbology):
            place.against.append(replace(read, corners=place.read.corners))
        elif read.reader != place.read.reader:
            better = read if sure and not place.sure else place.read  # whoever is sure knows the corners, too
            place.read = replace(better, reader=_joined(place, read))
            place.sure = True
        if place.conflict:
            return Outcome.CONFLICT
        return Outcome.READ if place.sure else Outcome.UNSURE

    def reads(self) -> tuple[CodeRead, ...]:
        """The codes that count, in the order they were found."""
        return tuple(place.read for place in self._places if place.sure and not place.conflict)

    def disputed(self) -> tuple[CodeRead, ...]:
        """Every text at a place where two were read, at one and the same corners."""
        quarrels = (place for place in self._places if place.conflict)
        return tuple(read for place in quarrels for read in (place.read, *place.against))

    def settled(self, region: Region) -> bool:
        """Whether nothing is left to do in that region: it holds a code that counts, or a conflict."""
        return any(
            (place.sure or place.conflict) and inside(place.read.corners, region) for place in self._places
        )

    def seen(self, region: Region) -> bool:
        """Whether any text at all has been read in that region."""
        return any(inside(place.read.corners, region) for place in self._places)

    def doubtful(self) -> bool:
        """Whether some code has been seen by one witness only."""
        return any(not place.sure and not place.conflict for place in self._places)


def _joined(place: _Place, read: CodeRead) -> str:
    """Names of both witnesses; a sure one needs no second."""
    return place.read.reader if place.sure else f"{place.read.reader}+{read.reader}"


def _one_symbol(one: CodeRead, other: CodeRead) -> bool:
    return same_place(one, other) or _part(one, other) or _part(other, one)


def _part(one: CodeRead, other: CodeRead) -> bool:
    """Whether one ITF, which has no check, is a part of the other: a glare or a bend may look like an end."""
    both = one.symbology == other.symbology == "ITF"
    return both and len(one.text) < len(other.text) and one.text in other.text


def same_place(one: CodeRead, other: CodeRead) -> bool:
    """Both reads are of one symbol: the middle of one lies on the other, bars on bars or matrix on matrix."""
    if (one.symbology in LINEAR) != (other.symbology in LINEAR):
        return False
    return _on(_middle(one.corners), other.corners) or _on(_middle(other.corners), one.corners)


def inside(corners: Corners, region: Region) -> bool:
    """The middle of the corners lies in the region."""
    x, y = _middle(corners)
    turn = math.radians(region.angle_deg)
    dx, dy = x - region.x_px, y - region.y_px
    u, v = dx * math.cos(turn) + dy * math.sin(turn), dy * math.cos(turn) - dx * math.sin(turn)
    return abs(u) <= region.length_px / 2 and abs(v) <= region.height_px / 2


def _middle(corners: Corners) -> tuple[float, float]:
    return sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4


_LEAST_HALF = 0.08


def _on(point: tuple[float, float], corners: Corners) -> bool:
    """Whether a point lies on the quad; a thin one, as scan lines leave it, counts as a bit thicker."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    middle = _middle(corners)
    right = ((bx + cx - ax - dx) / 2, (by + cy - ay - dy) / 2)
    length = math.hypot(*right)
    if not length:
        return False
    height = abs((dx + cx - ax - bx) / 2 * -right[1] + (dy + cy - ay - by) / 2 * right[0]) / length
    x, y = point[0] - middle[0], point[1] - middle[1]
    u, v = (x * right[0] + y * right[1]) / length, (y * right[0] - x * right[1]) / length
    return abs(u) <= length / 2 and abs(v) <= max(height / 2, _LEAST_HALF * length)
