"""The line with its PLC program: scans on the PLC's grid, whenever something changed or is due.

The same plant stands in process under the virtual clock and behind Modbus TCP in the emulator; what
differs is only who hands in the PC's wishes and who takes the outputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from plc.program import LineProgram
from plc.signals import FromPc, Inputs, Outputs
from sim.clock import LineClock
from sim.faults import Faults
from sim.line import Line
from sim.parcel import PhysicalParcel
from sorter.flow import Us
from sorter.layout import Layout


class Plant:
    """Line + program. hear() gives the PC's wishes at a scan; tell(inputs, outputs) takes what came of it.

    safe       the e-stop chain is closed
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
        self.line = Line(env, layout, parcels, self.request_scan, faults, first_count)
        self.program = LineProgram(layout, boot_id)
        self.safe = True
        self.ring_high = False
        self._layout = layout
        self._hear = hear
        self._tell = tell
        self._scan_us: Us | None = None
        self._scanned_us = -layout.scan_us
        self._first_count = first_count
        self.request_scan()

    def request_scan(self) -> None:
        """Something changed: scan at the next instant of the grid."""
        grid = self._layout.scan_us
        self._scan_at(max(-(-self.env.now_us // grid) * grid, self._scanned_us + grid))

    def _scan_at(self, at_us: Us) -> None:
        if self._scan_us is not None and self._scan_us <= at_us:
            return
        self._scan_us = at_us
        self.env.call_at(at_us, lambda: self._scan(at_us))

    def _scan(self, at_us: Us) -> None:
        if self._scan_us != at_us:
            return
        self._scan_us, self._scanned_us = None, at_us
        line = self.line
        inputs = Inputs(
            at_ms=at_us // 1000 % (1 << 32),
            encoder=line.encoder(),
            eyes=line.eyes,
            outlets=line.outlets,
            full=line.full,
            faults=line.faults,
            safe=self.safe,
            ring_high=self.ring_high,
            pc=self._hear(),
        )
        outputs = self.program.scan(inputs)
        line.obey(outputs.belt_run, outputs.infeed, outputs.wheels)
        self._tell(inputs, outputs)
        self._scan_when_due()

    def _scan_when_due(self) -> None:
        """Scan at the first instant of the grid, after this one, at which the program has something to do."""
        count, at_ms = self.program.next_due()
        dues = [] if at_ms is None else [at_ms * 1000]
        if count is not None and (when := self._when(count)) is not None:
            dues.append(when)
        if dues:
            grid = self._layout.scan_us
            self._scan_at(max(-(-min(dues) // grid) * grid, self._scanned_us + grid))

    def _when(self, count: int) -> Us | None:
        belt = self.line.belt
        return belt.when(belt.x_of_counts(count - self._first_count))
