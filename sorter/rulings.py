"""The ruling on a parcel by all that is known beside the belt: advice, intercepts, dock, plan in force."""

from __future__ import annotations

from sorter.advices import Advices
from sorter.coding import Known, advice, ruled_by_hand, whose
from sorter.flow import (
    Advised,
    Coded,
    DockChanged,
    InterceptSet,
    NoRead,
    Notice,
    PlanOrdered,
    PlanRolledBack,
    WaveBegan,
    Why,
)
from sorter.hub import Hub
from sorter.parcels import OpenParcel
from sorter.plan import Around, Plan, Ruled, decide
from sorter.planning import PlanBoard
from sorter.vote import unknown, vote
from sorter.waybill import Choice, choose, may_be_waybill

Told = Advised | DockChanged | InterceptSet | PlanOrdered | PlanRolledBack | WaveBegan
"""What people and other systems say."""

TOLD_EVERY = 10_000
"""Of so much forgotten advice a person is told once."""


class Rulings:
    """Rules on parcels by what was told until now. on_date = ISO date of which dated things are taken."""

    def __init__(self, hub: Hub, on_date: str) -> None:
        self._hub = hub
        self._on_date = on_date
        self._plans = PlanBoard(hub.plan, hub.layout)
        self._advised = Advices(hub.keeping.advice)
        self._held: set[str] = set()
        self._dock = ""
        self._forgotten = 0

    @property
    def plan(self) -> Plan:
        """The plan in force."""
        return self._plans.plan

    @property
    def version(self) -> str:
        """The version of the plan in force."""
        return self._plans.plan.version

    def advised(self, waybill: str) -> bool:
        """Whether anybody said where a waybill goes."""
        return waybill in self._advised

    def held(self, waybill: str) -> bool:
        """Whether a waybill is on the intercept list."""
        return waybill in self._held

    def told(self, event: Told) -> list[Notice]:
        """Hear of it: the next ruling knows."""
        if isinstance(event, Advised):
            return self._advise(event)
        elif isinstance(event, InterceptSet):
            (self._held.add if event.held else self._held.discard)(event.waybill)
        elif isinstance(event, DockChanged):
            self._dock = event.courier
        else:
            return self._plans.handle(event)
        return []

    def _advise(self, event: Advised) -> list[Notice]:
        """The newest stands last; beyond the limit the oldest is forgotten, which a person is told of."""
        if not self._advised.tell(event):
            return []
        self._forgotten += 1
        told = self._forgotten % TOLD_EVERY == 1
        return [Notice(event.at_us, "advice-forgotten", str(self._forgotten))] if told else []

    def rule(self, parcel: OpenParcel) -> Ruled:
        """Where this parcel may go, by what was read on it."""
        choice = self._choice(parcel)
        around = Around(self._on_date, self._plans.wave, parcel.inducted.length_mm)
        advised, held = self._advised.get(choice.waybill), self.held(choice.waybill)
        return decide(choice, advised, held, self._plans.plan, self._hub.network, around)

    def by_hand(self, word: Coded, parcel: OpenParcel | None) -> tuple[Ruled, Advised | None]:
        """Where a person's word sends a parcel (None: one that is not here), and what it would teach us."""
        length_mm = parcel.inducted.length_mm if parcel is not None else 0
        around = Around(self._on_date, self._plans.wave, length_mm)
        known = Known(
            self._hub.network,
            self._hub.couriers,
            self._plans.plan,
            self._advised,
            self._held,
            around,
            self._dock,
        )
        ruled = ruled_by_hand(word, parcel, known)
        return ruled, advice(word, ruled, known)

    def _choice(self, parcel: OpenParcel) -> Choice:
        if parcel.doubtful:
            return Choice(Why.READ_AMBIGUOUS, "", "")
        if not parcel.seen:
            return Choice(parcel.silent, "", "")
        agreed = vote([sighting for sighting in parcel.seen if may_be_waybill(sighting.read)])
        if agreed.disputed:
            return Choice(Why.READS_DISAGREE, "", "")
        # Codes that are no waybill whatever they say still tell "no waybill" from "no code".
        reads = agreed.reads or parcel.reads
        choice = choose(reads, self._hub.couriers, whose(reads, self._advised), self._on_date, self._dock)
        # Which is the parcel's? What lies right beside may be taken for it, no other picture clears it.
        if choice.waybill and (NoRead.BESIDE in parcel.unread or unknown(parcel.rivals, parcel.seen)):
            return Choice(Why.SEVERAL_WAYBILLS, "", "")
        return choice
