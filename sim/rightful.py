"""By which chutes a parcel may leave: by what is true of it, and by the plan in force when it was decided.

Only the judge asks. A plan may be swapped in the course of a run, and its rules may ask which wave runs, how
long the parcel is and who serves its village on the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sim.truth import Truth
from sorter.flow import (
    REJECT,
    Advised,
    Direction,
    Mm,
    PlanOrdered,
    PlanRolledBack,
    Us,
    WaveBegan,
    Why,
)
from sorter.hub import Hub
from sorter.plan import Around, Plan, item_of
from sorter.planning import PlanBoard

PlanEvent = PlanOrdered | PlanRolledBack | WaveBegan
_ALWAYS: Us = -(1 << 60)


@dataclass(frozen=True, slots=True)
class InForce:
    """A plan and a wave from an instant on."""

    from_us: Us
    plan: Plan
    wave: str


class Rightful:
    """A run's plans. happened: what was ordered of plans and told of waves, in order."""

    def __init__(self, hub: Hub, on_date: str = "", happened: Iterable[PlanEvent] = ()) -> None:
        self._hub, self._on_date = hub, on_date
        board = PlanBoard(hub.plan, hub.layout)
        self._history = [InForce(_ALWAYS, hub.plan, "")]
        for event in happened:
            board.handle(event)
            self._history.append(InForce(event.at_us, board.plan, board.wave))
        # An order is stamped when it is given and obeyed at a poll; a length is measured between two scans.
        self._unsure_us = 2 * hub.link.poll_us
        self._unsure_mm = 2 * hub.layout.belt.speed_mm_s * hub.layout.scan_us // 1_000_000 + 1

    def chutes(self, truth: Truth, decided_us: Sequence[Us] = ()) -> tuple[int, ...]:
        """Chutes that are right for a parcel decided at one of these instants, () = nobody knows when.

        The exception end, which is never wrong, is not among them.
        """
        found = (chute for at in self._at(decided_us) for chute in self._by(truth, at))
        return tuple(dict.fromkeys(chute for chute in found if chute != REJECT))

    def by_hand(self) -> tuple[int, ...]:
        """Chutes at which a person codes parcels, by any plan of the run."""
        whys = (Why.NO_ADVICE, Why.NO_RULE)
        found = (at.plan.exception_chute(why) for at in self._history for why in whys)
        return tuple(dict.fromkeys(chute for chute in found if chute != REJECT))

    def _at(self, decided_us: Sequence[Us]) -> list[InForce]:
        """What may have been in force at one of these instants."""
        if not decided_us:
            return self._history
        ends = [after.from_us for after in self._history[1:]] + [-_ALWAYS]
        return [
            at
            for at, end_us in zip(self._history, ends, strict=True)
            if any(at.from_us <= instant < end_us + self._unsure_us for instant in decided_us)
        ]

    def _by(self, truth: Truth, at: InForce) -> Iterator[int]:
        plan, network = at.plan, self._hub.network
        if truth.held:
            yield plan.exception_chute(Why.INTERCEPTED)
        elif not truth.advised:
            yield plan.exception_chute(Why.NO_ADVICE)
        elif truth.direction is Direction.DOWN and not network.serves(truth.place, self._on_date):
            yield plan.exception_chute(Why.NO_RULE)
        else:
            advised = Advised(0, truth.waybill, truth.courier, truth.place, truth.direction, truth.service)
            for length_mm in self._lengths(truth.length_mm, plan):
                around = Around(self._on_date, at.wave, length_mm)
                rule = plan.ruling(item_of(truth.courier, advised, plan, network, around))
                yield from rule.chutes if rule else (plan.exception_chute(Why.NO_RULE),)

    def _lengths(self, length_mm: Mm, plan: Plan) -> list[Mm]:
        """One length for each size class that a parcel so long may be measured into."""
        if not length_mm or not plan.sizes:
            return [length_mm]
        least, most = max(1, length_mm - self._unsure_mm), length_mm + self._unsure_mm
        return [least, *(limit + 1 for _, limit in plan.sizes if least <= limit < most)]
