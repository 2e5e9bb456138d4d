"""The wall-clock loop around the controller: poll, handle, keep, send. Owns sleep and nothing else.

Per cycle: the machine's and vision's events are handled; what happened and what follows goes to the
journal; one bounded group commit; then orders go out. When the disk is late, this cycle's orders and the
machine's permission to forget wait for the next one, the heartbeat goes out all the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sorter.app.desk import Desk
from sorter.controller import Controller
from sorter.flow import Assign, Command, Effect, Event, Notice, Rebooted, Room, Serviced, Us, Woken
from sorter.ports import Journal, Machine, Reads

COMMIT_WAIT_S = 0.020
"""The only wait between a sensor and a decision. Source: house.md, "Durability"."""

REOPEN_US = 2_000_000

Watch = Callable[[Event | Effect], None]


def _nothing() -> None:
    """Nobody needs to know that the loop has turned."""


class Runner:
    """One controller on one machine. watch gets every event and effect, after it was journalled.

    desk          where people's orders come from and the pulse is shown; None = nobody sits there

    late_commits  cycles in which the disk was slower than COMMIT_WAIT_S
    """

    def __init__(
        self,
        controller: Controller,
        machine: Machine,
        reads: Reads,
        journal: Journal,
        watch: Watch,
        desk: Desk | None = None,
    ) -> None:
        self.late_commits = 0
        self._controller = controller
        self._machine = machine
        self._reads = reads
        self._journal = journal
        self._watch = watch
        self._desk = desk
        self._orders: list[Assign | Command] = []
        self._posted: list[Callable[[Us], Event]] = []
        self._reopen_us: Us = 0
        self._stored = True

    def post(self, event: Callable[[Us], Event]) -> None:
        """An event from a person or another system; it is stamped and handled in the next cycle."""
        self._posted.append(event)

    def cycle(self) -> None:
        """One poll, one commit, one command block."""
        polled = self._machine.poll()
        now_us = self._machine.line_us()
        posted, self._posted = self._posted, []
        if self._desk is not None:
            posted += self._desk.orders()
        events: list[Event] = [event(now_us) for event in posted]
        events += polled
        events += self._reads.poll(now_us)
        for event in events:
            self._handle(event)
        wake = self._controller.next_wake_us()
        if wake is not None and wake <= now_us:
            self._handle(Woken(now_us, self._machine.encoder))
        stored = self._journal.commit(COMMIT_WAIT_S)
        self.late_commits += not stored
        self._mend_journal(now_us)
        orders: Sequence[Assign | Command] = self._orders if stored else ()
        self._machine.hold(self._controller.room is Room.NONE)
        self._machine.send(orders, stored)
        if stored:
            self._orders = []
        self._stored = stored
        if self._desk is not None:
            self._desk.show(now_us, self._machine.encoder, stored)

    def run(self, poll_us: Us, until: Callable[[], bool], turned: Callable[[], None] = _nothing) -> None:
        """Cycle every poll_us until told to end; turned is called after each cycle, in its pause.

        A late cycle is followed by the next one at once.
        """
        period = poll_us / 1e6
        due = time.monotonic()
        while not until():
            self.cycle()
            turned()
            if not (self._stored and self._machine.more):  # what is not stored keeps the window where it is
                due = max(due + period, time.monotonic())
                time.sleep(max(0.0, due - time.monotonic()))

    def _mend_journal(self, now_us: Us) -> None:
        """While the disk fails nothing is diverted; say so and try again every REOPEN_US."""
        failure = self._journal.failure
        if failure and now_us >= self._reopen_us:
            self._reopen_us = now_us + REOPEN_US
            self._watch(Notice(now_us, "journal-failed", failure))
            self._journal.reopen()

    def _handle(self, event: Event) -> None:
        self._journal.append(event)
        if isinstance(event, Rebooted):  # what waited for the disk was meant for parcels of another boot
            self._orders = [order for order in self._orders if isinstance(order, Command)]
        effects = self._controller.handle(event)
        for effect in effects:
            self._journal.append(effect)
            if isinstance(effect, Assign | Command):
                self._orders.append(effect)
        if isinstance(event, Serviced):
            self._machine.serve(event.maintenance, event.chute)
        self._watch(event)
        for effect in effects:
            self._watch(effect)
