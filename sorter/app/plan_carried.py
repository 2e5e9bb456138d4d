"""A plan that a person put in force stays in force when another file of the configuration changes.

Within one configuration the journal itself sees to that. With a changed one the controller begins anew by
the hub's files: then it is told again what was in force and what waited for a wave, unless plan.yaml is
another (the engineer's file wins) or the chutes are (the numbers in a plan mean others then).
"""

from __future__ import annotations

from sorter.flow import PlanOrdered, PlanRolledBack, WaveBegan
from sorter.hub import Hub
from sorter.planning import PlanBoard
from sorter.snapshot import PlansKept, put_plans

BY = "restart"
PlanEvent = PlanOrdered | PlanRolledBack | WaveBegan


class CarriedPlans:
    """Fed with a journal's starts and plan events; `orders` is what the newest start is still to be told."""

    def __init__(self) -> None:
        self.orders: tuple[PlanOrdered, ...] = ()
        self._board: PlanBoard | None = None
        self._basis: tuple[object, ...] = ()
        self._own = ""

    def began(self, hub: Hub) -> None:
        """A controller begins by this configuration."""
        basis = hub.files.get("plan.yaml"), tuple(chute.key for chute in hub.layout.chutes)
        wanted = self.orders or self._in_force()
        self.orders = wanted if basis == self._basis else ()
        self._basis, self._own = basis, hub.plan.version
        self._board = PlanBoard(hub.plan, hub.layout)

    def resumed(self, hub: Hub, kept: PlansKept) -> None:
        """A controller goes on by this configuration, with the plans that a snapshot kept."""
        self.began(hub)
        assert self._board is not None
        put_plans(self._board, kept)

    def note(self, event: PlanEvent) -> None:
        """What was told to that controller. A plan in a journal has taken over whatever was to be told."""
        assert self._board is not None, "a journal begins with a start, or behind a snapshot"
        self._board.handle(event)
        if not isinstance(event, WaveBegan):
            self.orders = ()

    def _in_force(self) -> tuple[PlanOrdered, ...]:
        if self._board is None:
            return ()
        now = [] if self._board.plan.version == self._own else [PlanOrdered(0, self._board.plan.data, "", BY)]
        later = [PlanOrdered(0, plan.data, wave, BY) for wave, plan in self._board.waiting.items()]
        return (*now, *later)
