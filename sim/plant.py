"""The line with its PLC program: scans on the PLC's grid, whenever something changed or is due.

The same plant stands in process under the virtual clock and behind Modbus TCP in the emulator; what
differs is only who hands in the PC's wishes and who takes the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plc.program import LineProgram
from plc.signals import FromPc, Inputs, Outputs
from sim.clock import NEVER, SCAN, LineClock
from sim.faults import Faults
from sim.faulty_line import FaultyLine
from sim.line import Line
from sim.operator import Operator
from sim.parcel import PhysicalParcel
from sorter.flow import Us
from sorter.layout import Layout


class Plant:
    """Line + program. hear() gives the PC's wishes at a scan; tell(inputs, outputs) takes what came of it.

    safe       the e-stop chain is closed, but for a fault that opens it
    off        the PLC has no power: it scans nothing, its outputs have fallen
    ring_high  the event ring is nearly full
    """

    def __init__(
        self,
        env: LineClock,
        layout: Layout,
        parcels: Iterable[PhysicalParcel],
        hear: Callable[[], FromPc],
        tell: Callable[[Inputs, Outputs], None],
        boot_id: int = 1,
        faults: Faults | None = None,
        first_count: int = 0,
    ) -> None:
        self.env = env
        self._faulty: FaultyLine | None = None
        self.line, self._operator = self._made(parcels, layout, faults, first_count)
        self.program = LineProgram(layout, boot_id)
        self.safe = True
        self.off = False
        self.ring_high = False
        self._hear = hear
        self._tell = tell
        self._grid = layout.scan_us
        self._scan_us: Us = NEVER
        self._alarm = env.alarm(self._scan, SCAN)
        self._obeyed: Outputs | None = None
        self._scanning = self._walking = False
        self._scanned_us = -layout.scan_us
        self._first_count = first_count
        self._awaited: int | None = None
        self._aims = 0
        self._reached_us: Us = NEVER
        self.request_scan()

    def _made(
        self, parcels: Iterable[PhysicalParcel], layout: Layout, faults: Faults | None, first_count: int
    ) -> tuple[Line, Operator | None]:
        """Where nothing fails nobody is needed at the panel."""
        if faults is None:
            return Line(self.env, layout, parcels, self.request_scan, first_count, self._scan_from), None
        line = self._faulty = FaultyLine(
            self.env, layout, parcels, self.request_scan, faults, first_count, self._scan_from
        )  # fmt: skip
        return line, Operator(line, faults)

    def reconsider(self) -> None:
        """Other faults than before may be in force."""
        if self._faulty is not None:
            self._faulty.reconsider()

    def request_scan(self) -> None:
        """Something changed: scan at the next instant of the grid. What a scan brings about, it sees."""
        if self._walking:
            return
        now = self.env.now_us
        if self._scan_us >= now + self._grid:
            self._scan_from(now)

    def request_scan_after(self) -> None:
        """The PC has written: the PLC has it at its next scan, never at one of this very instant."""
        now = self.env.now_us
        self._scan_from(now - now % self._grid + self._grid)

    def _scan_from(self, at_us: Us) -> None:
        """Scan at the first instant of the grid that is not before at_us and not scanned yet."""
        at_us = -(-at_us // self._grid) * self._grid
        if at_us == self._scanned_us:
            at_us += self._grid
        if at_us < self._scan_us:
            self._scan_us = at_us
            if not self._scanning:
                self._alarm.at_us = at_us

    def _scan(self, now: Us) -> None:
        """Scan, and go on to the next scan as long as nobody else has anything to do before it."""
        self._scanning = True
        self._scan_once(now)
        while not self.line.idle and self.env.passes_to(self._scan_us):
            self._scan_once(self._scan_us)
        self._scanning = False
        self._alarm.at_us = self._scan_us

    def _scan_once(self, now: Us) -> None:
        line = self.line
        self._walking = True
        line.walk(now)
        self._walking = False
        self._scan_us, self._scanned_us = NEVER, now
        chutes, operator, faulty = line.chutes, self._operator, self._faulty
        if self.off:
            if operator is not None:
                operator.power_failed()
            return
        inputs = Inputs(
            now // 1000 % (1 << 32), line.belt.encoder(now), line.eyes, chutes.outlets, chutes.full,
            line.faults, self.safe and not (faulty is not None and faulty.conditions.unsafe), self.ring_high,
            self._hear() if operator is None else operator.at_panel(now, self._hear()),
        )  # fmt: skip
        outputs = self.program.scan(inputs)
        if outputs is not self._obeyed:
            self._obeyed = outputs
            line.obey(outputs.belt_run, outputs.infeed, outputs.wheels)
        self._tell(inputs, outputs)
        self._scan_when_due()
        if operator is not None and (due := operator.saw(now, outputs)) is not None:
            self._scan_from(max(due, now))

    def _scan_when_due(self) -> None:
        """Scan when the program has something to do though nothing changes."""
        count, at_ms = self.program.next_due()
        belt = self.line.belt
        if count != self._awaited or belt.aims != self._aims:
            reached = None if count is None else belt.when_counted(count - self._first_count)
            self._reached_us = NEVER if reached is None else reached
            self._awaited, self._aims = count, belt.aims
        due = min(self._reached_us, self.line.due_us())
        if at_ms is not None and at_ms * 1000 < due:
            due = at_ms * 1000
        if due < self._scan_us:
            self._scan_from(max(due, self._scanned_us))
