"""Controller and line in one process on the virtual clock: the controller cannot tell the difference.

The controller is driven as on the real line: the PLC's events reach it at the polls of the link, and its
orders reach the PLC at the next scan after the poll.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from plc.signals import FromPc, Inputs, Outputs
from sim.clock import ANSWER, LOOK, NEVER, POLL, Call, LineClock
from sim.draws import below, key, word
from sim.eyesight import answer
from sim.faults import Faults
from sim.parcel import PhysicalParcel
from sim.plant import Plant
from sorter.controller import Controller
from sorter.flow import (
    Advised,
    Assign,
    ChuteBroken,
    Command,
    Effect,
    Event,
    FrameRead,
    FrameTag,
    LinkDown,
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

PATIENCE_US: Us = 12 * 3_600_000_000
"""A line on which faults may strike is given up when nothing that is there has moved for so long."""

_PEEP_US: Us = 3_600_000_000

_NO_WISH = FromPc(alive=True, ready=True, hold_infeed=False, orders=(), command=PackCommand.NONE)

Keep = Callable[[Event | Effect], None]


Latency = Callable[[int, int, int], Us]
"""(camera, frame, encoder) of a picture -> time from its exposure to vision's answer."""

_VISION_STREAM = 0x715


def drawn_latency(seed: int) -> Latency:
    """Evenly within VISION_US, both ends included; the same for the same picture of a seed."""
    stream = key(seed, _VISION_STREAM)
    least, most = VISION_US

    def latency_us(camera: int, frame: int, encoder: int) -> Us:
        return least + below(word(stream, camera << 48 | frame << 32 | encoder), most - least + 1)

    return latency_us


@dataclass(frozen=True)
class Run:
    """What came of a run: records in order, and parcel number -> chute by which it physically left.

    given_up  the line stood for PATIENCE_US: see `PATIENCE_US`
    """

    records: tuple[ParcelRecord, ...]
    left: dict[int, int]
    line_us: Us
    given_up: bool = False


class VirtualLine:
    """One run in process.

    keep(value)  gets every event and effect in order, as the journal would
    latency_us   how long vision takes for each picture; drawn from the seed when it is not given
    """

    def __init__(
        self,
        hub: Hub,
        on_date: str,
        parcels: Sequence[PhysicalParcel],
        seed: int,
        keep: Keep = lambda value: None,
        faults: Faults | None = None,
        first_count: int = 0,
        latency_us: Latency | None = None,
    ) -> None:
        self._env = LineClock()
        self._hub = hub
        self._controller = Controller(hub, on_date)
        self._latency_us = latency_us or drawn_latency(seed)
        self._faults = faults or Faults()
        self._keep = keep
        self._inbox: list[Event] = []
        self._orders: list[Assign] = []
        self._commands: list[PackCommand] = []
        self._records: list[ParcelRecord] = []
        self._polling = self._env.alarm(self._poll, POLL)
        self._silent_us: Us | None = None
        self._broken = 0
        self._link_down = self._given_up = False
        self._offered = parcels
        if faults is not None:
            self._env.call_at(0, self._follow_link)
            self._env.call_at(_PEEP_US, self._lose_patience, LOOK)
        self.plant = Plant(
            self._env, hub.layout, parcels, self._hear, self._tell, faults=faults, first_count=first_count
        )  # fmt: skip

    def run(
        self, events: Sequence[Event] = (), later: Sequence[tuple[Us, Event]] = (), until_us: Us = NEVER
    ) -> Run:
        """Feed `events` (advice, locks), start the line, run until every parcel is off and recorded.

        later     events that come in the course of the run, each with its instant
        until_us  end no later than after the first thing that happens from this instant on
        """
        for at_us, event in later:
            self._arrives_at(at_us, replace(event, at_us=at_us))
        for event in (*events, LinkUp(0, 1, 1, PackState.STOPPED), Operated(0, PackCommand.START)):
            self._handle(event)
        env, line, controller = self._env, self.plant.line, self._controller
        while env.now_us < until_us and (self._inbox or controller.open_parcels or not line.idle):
            if self._given_up:
                break
            env.step()
        left = {n: chute for _, n, chute in line.left}
        return Run(tuple(self._records), left, self._env.now_us, self._given_up)

    def _lose_patience(self, call: Call) -> None:
        """Nothing that could move has moved for long: nobody will come and start the line any more."""
        line, now = self.plant.line, self._env.now_us
        came = len(line.inducted)
        moved = max((moves[-1][0] for moves in (line.inducted, line.left) if moves), default=0)
        if came == len(line.left) and came < len(self._offered):
            moved = max(moved, self._offered[came].arr_us)  # nothing was there until this one came
        self._given_up = now - moved >= PATIENCE_US
        self._env.call_at(now + _PEEP_US, self._lose_patience, LOOK)

    def look_at(self, at_us: Us, look: Callable[[Us, int], None]) -> None:
        """Call look(at_us, encoder) in the course of the run, after everything else of that instant."""
        self._env.call_at(at_us, lambda call: look(at_us, self.plant.line.encoder()), LOOK)

    # ------------------------------------------------------------ the wire

    def _arrives_at(self, at_us: Us, event: Event) -> None:
        def arrives(call: Call) -> None:
            self._inbox.append(event)
            self._wake_controller(at_us)

        self._env.call_at(at_us, arrives, ANSWER)

    def _follow_link(self, call: Call) -> None:
        """The link falls silent or answers again; the PLC takes the PC for lost after its own timeout."""
        now = self._env.now_us
        silent = self._faults.conditions(now).silent
        if silent and self._silent_us is None:
            self._silent_us = now
            self._env.call_at(now + self._hub.layout.comm_timeout_us, lambda call: self.plant.request_scan())
            lost_us = self._poll_from(now + self._hub.link.timeout_us)
            self._env.call_at(lost_us, partial(self._lose_link, now), POLL)
        elif not silent and self._silent_us is not None:
            self._silent_us = None
            self.plant.request_scan()
            self._wake_controller(now)
        if (then := self._faults.next_change_us(now)) is not None:
            self._env.call_at(then, self._follow_link)

    def _lose_link(self, silent_us: Us, call: Call) -> None:
        if self._silent_us == silent_us:
            self._link_down = True
            self._handle(LinkDown(self._env.now_us, "timeout: no answer"))

    def _hear(self) -> FromPc:
        if self._silent_us is not None:
            alive = self._env.now_us < self._silent_us + self._hub.layout.comm_timeout_us
            return FromPc(alive, ready=True, hold_infeed=False, orders=(), command=PackCommand.NONE)
        if not self._orders and not self._commands:
            return _NO_WISH
        orders, self._orders = tuple(self._orders), []
        command = self._commands.pop(0) if self._commands else PackCommand.NONE
        return FromPc(alive=True, ready=True, hold_infeed=False, orders=orders, command=command)

    def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
        if inputs.faults != self._broken:
            self._tell_broken(inputs.faults)
        for trigger in outputs.triggers:
            self._look(trigger)
        if outputs.events:
            self._inbox += outputs.events
            self._wake_controller(self._env.now_us)

    def _tell_broken(self, faults: int) -> None:
        """As plc.pc_mailbox makes it of the PLC's map."""
        now, changed, self._broken = self._env.now_us, faults ^ self._broken, faults
        for chute in self._hub.layout.chutes:
            if changed >> chute.diverter & 1:
                self._inbox.append(ChuteBroken(now, chute.id, bool(faults >> chute.diverter & 1)))
        self._wake_controller(now)

    def _look(self, trigger: Triggered) -> None:
        camera = self._hub.layout.cameras[trigger.camera]
        seen = self.plant.line.view(camera)
        took = self._latency_us(trigger.camera, trigger.frame, trigger.encoder)
        took += self._faults.vision_late_us(trigger.camera, trigger.encoder, self._env.now_us)
        tag = FrameTag(trigger.camera, trigger.frame, trigger.encoder)
        answered = self._env.now_us + took
        self._arrives_at(answered, answer(answered, tag, camera, seen))

    # ------------------------------------------------------------ the controller's polls

    def _wake_controller(self, at_us: Us) -> None:
        """The controller next looks at its inbox at the first poll not before at_us."""
        self._polling.at_us = min(self._polling.at_us, self._poll_from(at_us))

    def _poll_from(self, at_us: Us) -> Us:
        return -(-at_us // self._hub.link.poll_us) * self._hub.link.poll_us

    def _poll(self, due: Us) -> None:
        for event in self._received(due):
            self._handle(event)
        wake = self._controller.next_wake_us()
        if wake is not None and wake <= due:
            self._handle(Woken(due, self.plant.line.encoder()))
            wake = self._controller.next_wake_us()
        if wake is not None:
            self._wake_controller(max(wake, due + 1))

    def _received(self, due: Us) -> list[Event]:
        """What came in since the last poll; what the PLC told stays with it while its link is silent."""
        came, self._inbox = self._inbox, []
        if self._silent_us is not None:
            self._inbox = [event for event in came if not isinstance(event, FrameRead | Advised)]
            return [event for event in came if isinstance(event, FrameRead | Advised)]
        if self._link_down:
            self._link_down = False
            came.insert(0, LinkUp(due, 1, 1, self.plant.program.state))
        return came

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
            self.plant.request_scan_after()
