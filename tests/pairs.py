"""A PLC's and a PC's mailbox joined in memory."""

from __future__ import annotations

from plc.pc_mailbox import PcMailbox
from plc.registers import CommandBlock
from sorter.flow import Answered, Assign, Command, CommChanged, Event, Inducted, PackCommand
from tests.hubs import layout
from tests.tiny_plc import TinyPlc

LINE = layout(2)
RESET, START, CLEAR = (Command(PackCommand[name]) for name in ("RESET", "START", "CLEAR"))


def order(pid: int) -> Assign:
    return Assign(pid, 1, 65535, 1000)


def inducted(pid: int, at_ms: int = 0) -> Inducted:
    return Inducted(at_ms * 1000, pid, 300, 0)


def pids(events: list[Event]) -> list[int]:
    return [event.pid for event in events if isinstance(event, Inducted | Answered)]


class Pair:
    """A PLC and a PC that exchange one status and one block per cycle, in memory."""

    def __init__(self, session: int = 77, plc: TinyPlc | None = None) -> None:
        self.plc = plc or TinyPlc(LINE)
        self.plc.scan()
        self.pc = PcMailbox(session)
        self.pc.connect(self.plc.status)
        self.events: list[Event] = []

    def cycle(self, stored: bool = True, ms: int = 10) -> CommandBlock:
        self.events += self.pc.take(self.plc.status)
        words = self.pc.block(stored)
        self.plc.mailbox.receive(words)
        self.plc.scan(ms)
        return CommandBlock.unpack(words)

    def comms(self) -> list[tuple[int, int]]:
        return [(event.code, event.session) for event in self.events if isinstance(event, CommChanged)]


def joined() -> Pair:
    """A pair whose session the PLC has adopted and shown."""
    pair = Pair()
    for _ in range(3):
        pair.cycle()
    assert pair.comms() == [(3, 77)]
    return pair
