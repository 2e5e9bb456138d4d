"""Several pictures of one parcel agree on what its labels say, or nobody is believed. Pure.

The same label seen twice lies at the same place of the belt. Two texts read there cannot both be right, and
which one is wrong nobody can tell; two texts at two places are two labels, which is another question.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sorter.flow import CodeRead, Mm


@dataclass(frozen=True, slots=True)
class Spot:
    """Where on its parcel something lies that has a waybill's bars and gave no text; as in a `Sighting`."""

    along_mm: Mm
    across_mm: Mm
    size_mm: Mm


@dataclass(frozen=True, slots=True)
class Sighting:
    """One code in one picture, by where it lies on its parcel.

    along_mm, across_mm  its middle from the parcel's centre, downstream, and from the belt's middle
    size_mm              its shorter side
    """

    read: CodeRead
    along_mm: Mm
    across_mm: Mm
    size_mm: Mm


@dataclass(frozen=True, slots=True)
class Vote:
    """What the pictures say together: each label once, in order of first sight.

    disputed  texts read at one and the same place; empty when the pictures agree
    """

    reads: tuple[CodeRead, ...]
    disputed: tuple[str, ...] = ()


def vote(sightings: Iterable[Sighting]) -> Vote:
    """One read per label. Sightings belong together when their middles are nearer than the smaller is high.

    Two labels do not overlap, so their middles are at least that far apart. Where the belt places of two
    pictures are off by more, one label counts as two: with unlike texts that is an exception as well.
    """
    labels: list[list[Sighting]] = []
    for one in sightings:
        for label in labels:
            if _same_place(label[0], one):
                label.append(one)
                break
        else:
            labels.append([one])
    disputed: list[str] = []
    for label in labels:
        texts = _texts(label) if len(label) > 1 else ()
        disputed += texts if len(texts) > 1 else ()
    return Vote(tuple([label[0].read for label in labels]), tuple(disputed))


def unknown(rivals: Iterable[Spot], sightings: Sequence[Sighting]) -> bool:
    """Whether something that may be a waybill was read in no picture: which one is the parcel's, then?"""
    return any(not any(_same_place(rival, one) for one in sightings) for rival in rivals)


def _same_place(one: Sighting | Spot, other: Sighting) -> bool:
    off = (one.along_mm - other.along_mm) ** 2 + (one.across_mm - other.across_mm) ** 2
    return off < min(one.size_mm, other.size_mm) ** 2


def _texts(label: Sequence[Sighting]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([sighting.read.text for sighting in label]))
