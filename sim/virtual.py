"""Controller and line in one process on the virtual clock: the controller cannot tell the difference.

The controller is driven as on the real line: the PLC's events reach it at the polls of the link, and its
orders reach the PLC at the next scan after the poll.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from plc.signals import FromPc, Inputs, Outputs
from sim.clock import LineClock
from sim.eyesight import reads
from sim.faults import Faults
from sim.parcel import PhysicalParcel
from sim.plant import Plant
from sorter.controller import Controller
from sorter.flow import (
    Assign,
    Command,
    Effect,
    Event,
    FrameRead,
    FrameTag,
    LinkUp,
    Operated,
    PackCommand,
    PackState,
    ParcelRecord,
    Triggered,
    Us,
    Woken,
)
from sorter.hub import Hub

VISION_US: tuple[Us, Us] = (60_000, 180_000)
"""Least and most time from exposure to answer."""

Keep = Callable[[Event | Effect], None]


@dataclass(frozen=True)
class Run:
    """What came of a run: records in order, and parcel number -> chute by which it physically left."""

    records: tuple[ParcelRecord, ...]
    left: dict[int, int]
    line_us: Us


class VirtualLine:
    """One run in process. keep(value) gets every event and effect in order, as the journal would."""

    def __init__(
        self,
        hub: Hub,
        on_date: str,
        parcels: Sequence[PhysicalParcel],
        seed: int,
        keep: Keep = lambda value: None,
        faults: Faults | None = None,
        first_count: int = 0,
    ) -> None:
        self._env = LineClock()
        self._hub = hub
        self._controller = Controller(hub, on_date)
        self._seed = seed
        self._faults = faults or Faults()
        self._keep = keep
        self._inbox: list[Event] = []
        self._orders: list[Assign] = []
        self._commands: list[PackCommand] = []
        self._records: list[ParcelRecord] = []
        self._poll_at: Us | None = None
        self.plant = Plant(
            self._env, hub.layout, parcels, self._hear, self._tell, faults=faults, first_count=first_count
        )  # fmt: skip

    def run(self, events: Sequence[Event] = ()) -> Run:
        """Feed `events` (advice, locks), start the line, run until every parcel is off and recorded."""
        for event in (*events, LinkUp(0, 1, 1, PackState.STOPPED), Operated(0, PackCommand.START)):
            self._handle(event)
        while not (self.plant.line.idle and self._controller.open_parcels == 0 and not self._inbox):
            self._env.step()
        line = self.plant.line
        return Run(tuple(self._records), {n: chute for _, n, chute in line.left}, self._env.now_us)

    # ------------------------------------------------------------ the wire

    def _hear(self) -> FromPc:
        orders, self._orders = tuple(self._orders), []
        command = self._commands.pop(0) if self._commands else PackCommand.NONE
        return FromPc(alive=True, ready=True, hold_infeed=False, orders=orders, command=command)

    def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
        for trigger in outputs.triggers:
            self._look(trigger)
        self._inbox += outputs.events
        if outputs.events:
            self._wake_controller(self._env.now_us)

    def _look(self, trigger: Triggered) -> None:
        camera = self._hub.layout.cameras[trigger.camera]
        in_view = [seen for seen in self.plant.line.view(camera) if not self._faults.unread(seen.parcel.n)]
        codes = reads(camera, in_view)
        took = Random(f"{self._seed}/{trigger.camera}/{trigger.frame}/{trigger.encoder}").randint(*VISION_US)
        tag = FrameTag(trigger.camera, trigger.frame, trigger.encoder)

        def answer() -> None:
            self._inbox.append(FrameRead(self._env.now_us, tag, codes))
            self._wake_controller(self._env.now_us)

        self._env.call_at(self._env.now_us + took, answer)

    # ------------------------------------------------------------ the controller's polls

    def _wake_controller(self, at_us: Us) -> None:
        """The controller next looks at its inbox at the first poll not before at_us."""
        poll = self._hub.link.poll_us
        due = -(-at_us // poll) * poll
        if self._poll_at is not None and self._poll_at <= due:
            return
        self._poll_at = due
        self._env.call_at(due, lambda: self._poll(due))

    def _poll(self, due: Us) -> None:
        if self._poll_at != due:
            return
        self._poll_at = None
        inbox, self._inbox = self._inbox, []
        for event in inbox:
            self._handle(event)
        wake = self._controller.next_wake_us()
        if wake is not None and wake <= due:
            self._handle(Woken(due, self.plant.line.encoder()))
            wake = self._controller.next_wake_us()
        if wake is not None:
            self._wake_controller(max(wake, due + 1))

    def _handle(self, event: Event) -> None:
        self._keep(event)
        for effect in self._controller.handle(event):
            self._keep(effect)
            if isinstance(effect, Assign):
                self._orders.append(effect)
            elif isinstance(effect, Command):
                self._commands.append(effect.command)
            elif isinstance(effect, ParcelRecord):
                self._records.append(effect)
        if self._orders or self._commands:
            self.plant.request_scan()
