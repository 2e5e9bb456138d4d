"""The least program around a PLC's mailbox: takes every order, says what a test tells it to say."""

from __future__ import annotations

from plc.mailbox import PlcMailbox
from plc.maintenance import Maintenance
from plc.registers import Status
from plc.signals import FromPc, Inputs, Outputs
from sorter.flow import Answered, Assign, Event, PackCommand, PackState, Verdict
from sorter.layout import Layout


class TinyPlc:
    """Answers every order TAKEN; `events` go out with the next scan, which another thread may do."""

    def __init__(self, layout: Layout, boot_id: int = 1) -> None:
        self.mailbox = PlcMailbox(layout, boot_id)
        self.at_ms = 0
        self.encoder = 0
        self.state = PackState.STOPPED
        self.safe = True
        self.maintenance = Maintenance(layout)
        self._straight = (0,) * len(layout.diverters)
        self.outputs: list[Outputs] = []
        self.eyes = 0
        self.events: list[Event] = []
        self.taken: list[Assign] = []
        self.commands: list[PackCommand] = []
        self.heard: list[FromPc] = []

    @property
    def status(self) -> Status:
        return Status.unpack(self.mailbox.status_words())

    def scan(self, later_ms: int = 10) -> FromPc:
        self.at_ms = (self.at_ms + later_ms) % (1 << 32)
        pc = self.mailbox.begin_scan(self.at_ms, self.state, self.maintenance.on)
        answers = [
            Answered(self.at_ms * 1000, o.pid, Verdict.TAKEN, o.chute, self.encoder) for o in pc.orders
        ]
        self.taken += pc.orders
        self.commands += [pc.command] * (pc.command is not PackCommand.NONE)
        said = tuple(self.events)
        del self.events[: len(said)]
        outputs = Outputs(self.state, False, False, self._straight, (), (*answers, *said), False, True, 0, 0)
        inputs = Inputs(
            self.at_ms, self.encoder, self.eyes, 0, 0, 0, self.safe, self.mailbox.ring_high, pc
        )  # fmt: skip
        outputs = self.maintenance.after(inputs, outputs)
        self.outputs.append(outputs)
        self.mailbox.end_scan(outputs, inputs, 1600)
        return pc
