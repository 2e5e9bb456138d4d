"""What is really so: which parcel is which and where it should go. Only the judge reads it."""

from __future__ import annotations

from dataclasses import dataclass

from sorter.flow import Direction, Mm, Service


@dataclass(frozen=True, slots=True)
class Truth:
    """One parcel of a stream.

    readable  its label is printed well enough for the hub's reader, fixed before anything is read
    advised   a courier's system has announced it
    held      it is on the intercept list
    waybills  what is printed on it as waybills: none, its own, or its own and an old one
    flaw      what is wrong with it, "" = nothing
    length_mm as it lies on the belt, 0 = nobody told
    """

    n: int
    waybill: str
    courier: str
    place: str
    direction: Direction
    service: Service
    readable: bool
    advised: bool
    held: bool
    waybills: tuple[str, ...]
    flaw: str
    length_mm: Mm = 0
