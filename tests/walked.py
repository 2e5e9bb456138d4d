"""A PLC program walked scan by scan on a belt of plain numbers: instants that no simulated line meets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plc.program import LineProgram
from plc.signals import FromPc, Inputs, Outputs
from sorter.flow import Assign, Event, Inducted, PackCommand
from sorter.layout import Layout

SCAN_MS, SCAN_MM = 10, 16


@dataclass
class Object:
    """Its centre is at the induct eye when the belt has run `place_mm`, 300 mm long; slid_mm by place."""

    place_mm: int
    length_mm: int = 300
    slid_mm: Callable[[int], int] = lambda at_mm: 0
    there: bool = True

    def covers(self, eye_mm: int, way_mm: int) -> bool:
        at_mm = way_mm - self.place_mm
        return self.there and abs(at_mm + self.slid_mm(at_mm) - eye_mm) < self.length_mm / 2


class Walked:
    """A running line; the n-th inducted parcel is ordered to orders[n] = (chute, alternate) at once."""

    def __init__(self, layout: Layout, objects: list[Object], orders: dict[int, tuple[int, int]]) -> None:
        self.layout, self.objects, self.orders = layout, objects, orders
        self.program = LineProgram(layout, boot_id=1)
        self.way_mm = self.at_ms = self.jumped = self.outlets = self.full = self.faults = 0
        self.stuck_eyes = 0
        self.alive = self.safe = self.runs = True
        self.ring_high = False
        self.events: list[Event] = []
        self.said: Outputs
        self._waiting: list[Assign] = []
        for command in (PackCommand.NONE, PackCommand.RESET, PackCommand.NONE, PackCommand.START):
            self.scan(command)
        self.scan()

    def scan(self, command: PackCommand = PackCommand.NONE) -> Outputs:
        """One scan further; the belt runs when the program drives it and `runs`."""
        self.at_ms += SCAN_MS
        if self.at_ms > SCAN_MS and self.said.belt_run and self.runs:
            self.way_mm += SCAN_MM
        count = self.layout.counts(self.way_mm) + self.jumped
        orders, self._waiting = tuple(self._waiting), []
        pc = FromPc(self.alive, True, False, orders, command)
        self.said = self.program.scan(
            Inputs(
                self.at_ms, count, self._eyes(), self.outlets, self.full, self.faults, self.safe,
                self.ring_high, pc,
            )
        )  # fmt: skip
        self._hear()
        return self.said

    def until(self, way_mm: int) -> Outputs:
        """Until the belt has run so far."""
        while self.way_mm < way_mm:
            self.scan()
        return self.said

    def order(self, order: Assign) -> None:
        """Give an order at the next scan."""
        self._waiting.append(order)

    def _eyes(self) -> int:
        covered = (
            eye
            for eye, eye_mm in enumerate(self.layout.eyes_mm)
            if any(one.covers(eye_mm, self.way_mm) for one in self.objects)
        )
        return self.stuck_eyes | sum(1 << eye for eye in covered)

    def _hear(self) -> None:
        for event in self.said.events:
            self.events.append(event)
            if isinstance(event, Inducted):
                number = sum(isinstance(one, Inducted) for one in self.events) - 1
                if number in self.orders:
                    self._waiting.append(Assign(event.pid, *self.orders[number], 0))
