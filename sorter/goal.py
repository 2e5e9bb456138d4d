"""The state that the line is wished to be in, and the command that leads there (PackML)."""

from __future__ import annotations

from sorter.flow import (
    Command,
    CommandRefused,
    EventsLost,
    LinkUp,
    Notice,
    Operated,
    PackCommand,
    PackState,
    StateChanged,
)
from sorter.health import RUNNING, TOWARDS_EXECUTE
from sorter.notices import noticed

TO_RUN = frozenset({PackCommand.START, PackCommand.UNHOLD, PackCommand.UNSUSPEND})
NOT_STARTED_FROM = frozenset({PackState.ABORTING, PackState.ABORTED, PackState.CLEARING})


class Goal:
    """The wish of whoever started or stopped the line last, and whether the line has run since."""

    def __init__(self) -> None:
        self._state = PackState.STOPPED
        self._running = self._has_run = False
        self._asked = PackCommand.NONE

    def operated(self, event: Operated) -> list[Command]:
        """A person's word. Start also leads there from Stopped; anything that stops takes the wish back.

        A start that an aborted line refuses is not remembered: it would start by itself after Clear.
        """
        self._running = event.command in TO_RUN and self._state not in NOT_STARTED_FROM
        self._has_run, self._asked = False, event.command
        if event.command is PackCommand.START and self._state in TOWARDS_EXECUTE:
            return self._towards()
        return [Command(event.command)]

    def refused(self, event: CommandRefused) -> list[Notice]:
        """Our own next step may come late for a state that is over: a person is told of a person's word."""
        return [noticed(event)] if event.result != 1 or event.command is self._asked else []

    def linked(self, event: LinkUp) -> list[Command]:
        """A line that a lost PC suspended goes on; one that ran and stands now was stopped by somebody."""
        self._state = event.state
        stopped = self._has_run and event.state is not PackState.SUSPENDED
        return [] if stopped else self._towards()

    def changed(self, event: StateChanged) -> list[Command]:
        """The machine entered a state, by whose word ever."""
        self._state = event.state
        if event.state is PackState.EXECUTE:  # whoever started it, at the panel or here: it is to run
            self._running = self._has_run = True
        if event.state in (PackState.ABORTED, PackState.HELD, PackState.STOPPING):
            self._running = False
        return self._towards()

    def lost(self, event: EventsLost) -> None:
        """Whoever stopped the line may be among what is lost: it is still to run only where it does."""
        if event.state:
            self._state = PackState(event.state)
            runs = self._state is PackState.EXECUTE
            self._running = runs or (self._running and self._state in RUNNING)
            self._has_run = self._has_run or runs

    def rebooted(self) -> None:
        """A PLC that started anew waits for a person."""
        self._running = False

    def _towards(self) -> list[Command]:
        step = TOWARDS_EXECUTE.get(self._state) if self._running else None
        return [Command(step)] if step is not None else []
