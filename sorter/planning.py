"""Which plan is in force: swapped between two parcels, at once or when a wave begins, and taken back.

A parcel is decided by the plan in force at its decision and keeps that version. Everything here follows
from events, so that a journal replayed, and a controller restarted from it, sort by the same plan.
"""

from __future__ import annotations

from sorter.flow import Notice, PlanOrdered, PlanRolledBack, Us, WaveBegan
from sorter.layout import Layout
from sorter.plan import Plan

MOST_EARLIER = 32
"""Plans that can be returned to, one after the other; older ones are forgotten."""


class PlanBoard:
    """The plan in force, those before it, those that wait for a wave, and the wave that runs."""

    def __init__(self, plan: Plan, layout: Layout) -> None:
        self.plan = plan
        self.wave = ""
        self._chutes = len(layout.chutes)
        self._earlier: list[Plan] = []
        self._waiting: dict[str, Plan] = {}

    @property
    def waiting(self) -> dict[str, Plan]:
        """Wave -> the plan that comes into force with it."""
        return dict(self._waiting)

    @property
    def earlier(self) -> tuple[Plan, ...]:
        """What a roll-back returns to, the last one first."""
        return tuple(reversed(self._earlier))

    def handle(self, event: PlanOrdered | PlanRolledBack | WaveBegan) -> list[Notice]:
        """What people should know of it."""
        if isinstance(event, PlanOrdered):
            return self._ordered(event)
        if isinstance(event, WaveBegan):
            return self._wave_began(event)
        return self._rolled_back(event)

    def _ordered(self, event: PlanOrdered) -> list[Notice]:
        """A plan for another line (a chute that is not here) is refused, the old one stays."""
        plan = Plan.of(event.plan)
        if max(plan.chutes, default=0) >= self._chutes:
            return [Notice(event.at_us, "plan-refused", plan.version)]
        if event.wave and event.wave != self.wave:
            self._waiting[event.wave] = plan
            return [Notice(event.at_us, "plan-waits", f"{plan.version} {event.wave}")]
        return self._in_force(plan, event.at_us)

    def _in_force(self, plan: Plan, at_us: Us) -> list[Notice]:
        if plan.version != self.plan.version:
            self._earlier = [*self._earlier, self.plan][-MOST_EARLIER:]
            self.plan = plan
        return [Notice(at_us, "plan-in-force", plan.version)]

    def _wave_began(self, event: WaveBegan) -> list[Notice]:
        self.wave = event.wave
        began = Notice(event.at_us, "wave", event.wave or "-")
        waited = self._waiting.pop(event.wave, None)
        return [began, *(self._in_force(waited, event.at_us) if waited else [])]

    def _rolled_back(self, event: PlanRolledBack) -> list[Notice]:
        awaited = [wave for wave, plan in self._waiting.items() if plan.version == event.version]
        for wave in awaited:
            del self._waiting[wave]
        if awaited:
            return [Notice(event.at_us, "plan-not-awaited", event.version)]
        if not self._earlier or self.plan.version != event.version:
            return [Notice(event.at_us, "plan-no-earlier", self.plan.version)]
        self.plan = self._earlier.pop()
        return [Notice(event.at_us, "plan-rolled-back", self.plan.version)]
