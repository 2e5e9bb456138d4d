"""The torture's PLC: the real program and mailbox in a cabinet that can lose its memory.

A scan is run on the PLC's grid when an input has changed, a block came or something is due; running every
scan gives the same (a law of the program's own tests).
"""

from __future__ import annotations

from collections.abc import Callable

from plc.event_ring import EventRing
from plc.mailbox import PlcMailbox
from plc.maintenance import MaintainedProgram, Maintenance
from plc.program import LineProgram
from plc.records import PlcEvent
from plc.signals import Inputs, Outputs
from sim.torture.clock import NEVER, Clock
from sim.torture.hall import SPEED_MM_S
from sim.torture.line import Line
from sorter.flow import ENCODER_SPAN, PackCommand, PackState, Triggered, Us
from sorter.layout import Layout

SCAN_US: Us = 10_000


class WatchedRing(EventRing):
    """The mailbox's ring, every step of which is a fact for the checker."""

    def __init__(self, depth: int, boot: int, fact: Callable[..., None]) -> None:
        super().__init__(depth)
        self._boot, self._fact = boot, fact

    def push(self, event: PlcEvent) -> None:
        """Kept under a number, or dropped."""
        head = self.head
        super().push(event)
        if self.head != head:
            self._fact("told", self._boot, self.head, event)
        else:
            self._fact("dropped", self._boot, event)

    def acknowledge(self, tail: int) -> None:
        """From here on the PLC has forgotten them."""
        before = self.tail
        super().acknowledge(tail)
        if self.tail != before:
            self._fact("acked", self._boot, self.tail)


class Cabinet:
    """scan_us = when it must scan next. base_ms = what t_ms shows at the world's beginning.

    safe     the e-stop chain is closed
    frozen   what it shows stands still, though the program runs on
    stopped  its processor stands; its watchdog has switched the outputs off
    serviced maintenance mode stands; maintained: this world's program has that mode
    """

    def __init__(
        self, clock: Clock, layout: Layout, line: Line, fact: Callable[..., None],
        look: Callable[[Triggered], None], base_ms: int, maintained: bool = False,
    ) -> None:  # fmt: skip
        self.scan_us: Us = 0
        self.safe, self.frozen, self.stopped = True, False, False
        self.boot = 0
        self.panel: list[PackCommand] = []
        self.told: Callable[[], None] = lambda: None
        self._clock, self._layout, self._line = clock, layout, line
        self._fact, self._look = fact, look
        self._base_ms = base_ms
        self._maintained = maintained
        self._upkeep: Maintenance | None = None
        self.serviced = False
        self.serves: Callable[[], None] = lambda: None
        self._wheels: tuple[int, ...] = (0,) * len(layout.diverters)
        self._scanned_us: Us = -SCAN_US
        self.power_on()

    def power_on(self) -> None:
        """A boot: nothing is remembered, the motor is off until the program says otherwise."""
        self.boot += 1
        self.frozen = self.stopped = False
        ring = WatchedRing(self._layout.ring_depth, self.boot, self._fact)
        self.mailbox = PlcMailbox(self._layout, self.boot, ring)
        self.ring = ring
        self.program = self._program()
        self._origin = self._line.belt.count(self._clock.now_us) // ENCODER_SPAN * ENCODER_SPAN
        self._ms_origin = self._base_ms // (1 << 32) * (1 << 32)
        self._shown: list[int] | None = None
        self._told: tuple[Outputs, Inputs] | None = None
        self._fact("boot", self.boot)
        self._line.obey(False, False, (0,) * len(self._layout.diverters))
        self._note(False, (0,) * len(self._layout.diverters))
        self.request()

    def _program(self) -> LineProgram:
        if not self._maintained:
            return LineProgram(self._layout, self.boot)
        program = MaintainedProgram(self._layout, self.boot)
        self._upkeep = program.maintenance
        return program

    def _note(self, serviced: bool, wheels: tuple[int, ...]) -> None:
        """Tell when the mode changes, and where the wheels are told to stand."""
        if serviced is not self.serviced:
            self.serviced = serviced
            self._fact("mode", serviced)
            if serviced:
                self.serves()
        if wheels != self._wheels:
            self._wheels = wheels
            self._fact("wheels", wheels)

    def halt(self) -> None:
        """The processor stands: the watchdog switches every output off. Only power_on helps."""
        self.stopped = self.frozen = True
        self._line.obey(False, False, (0,) * len(self._layout.diverters))
        self._note(self.serviced, (0,) * len(self._layout.diverters))

    @property
    def state(self) -> PackState:
        """PackML state."""
        return self.program.state

    def request(self) -> None:
        """Something changed: scan at the next instant of the grid."""
        self._from(self._clock.now_us)

    def receive(self, words: list[int]) -> None:
        """Block C came; it is looked at in the next scan."""
        if not self.stopped:
            self.mailbox.receive(words)
            self._from(self._clock.now_us + 1)

    def words(self) -> list[int]:
        """Block S as it can be read now."""
        if self._shown is None or not self.frozen:
            self._shown = self.mailbox.status_words()
        return self._shown

    def freshen(self) -> None:
        """A PLC scans all the time: what is read is not older than a scan.

        A scan at which nothing is due and no input has changed changes nothing but what is shown.
        """
        now = self._clock.now_us
        if self.stopped or now - self._scanned_us < SCAN_US:
            return
        if self.scan_us <= now or self._told is None:
            self.scan()
        else:
            outputs, then = self._told
            at_ms = (self._base_ms + now // 1000) % (1 << 32)
            inputs = Inputs(
                at_ms, self._line.belt.count(now) % ENCODER_SPAN, then.eyes, then.outlets, then.full,
                then.faults, then.safe, then.ring_high, then.pc,
            )  # fmt: skip
            self.mailbox.end_scan(outputs, inputs, SPEED_MM_S if outputs.belt_run else 0)
            self._scanned_us = now

    def scan(self) -> None:
        """One scan."""
        now = self._clock.now_us
        self._scanned_us, self.scan_us = now, NEVER
        if self.stopped:
            return
        line, mailbox = self._line, self.mailbox
        at_ms = (self._base_ms + now // 1000) % (1 << 32)
        pc = mailbox.begin_scan(at_ms, self.program.state, self.serviced)
        if self.panel:
            pc = pc._replace(command=self.panel.pop(0))
        inputs = Inputs(
            at_ms, line.belt.count(now) % ENCODER_SPAN, line.eyes, line.outlets, line.full, line.faults,
            self.safe, mailbox.ring_high, pc,
        )  # fmt: skip
        outputs = self.program.scan(inputs)
        line.obey(outputs.belt_run, outputs.infeed, outputs.wheels)
        self._note(self._upkeep is not None and self._upkeep.on, outputs.wheels)
        mailbox.end_scan(outputs, inputs, SPEED_MM_S if outputs.belt_run else 0)
        self._told = (outputs._replace(events=()) if outputs.events else outputs, inputs)
        for trigger in outputs.triggers:
            self._look(trigger)
        if self.ring.waits:
            self.told()
        self._plan()

    def _from(self, at_us: Us) -> None:
        at_us = -(-at_us // SCAN_US) * SCAN_US
        if at_us <= self._scanned_us:
            at_us = self._scanned_us + SCAN_US
        if at_us < self.scan_us:
            self.scan_us = at_us

    def _plan(self) -> None:
        """Scan when the program or the mailbox has something to do though nothing changes."""
        count, at_ms = self.program.next_due()
        due_us = NEVER if count is None else self._line.belt.when_count(count + self._origin)
        if at_ms is not None:
            due_us = min(due_us, (at_ms + self._ms_origin - self._base_ms) * 1000)
        if (lost_ms := self.mailbox.due_ms) is not None:
            now_ms = self._base_ms + self._clock.now_us // 1000
            due_us = min(due_us, (now_ms + (lost_ms - now_ms) % (1 << 32) - self._base_ms) * 1000)
        if self.serviced and any(self._wheels):  # a jog ends by the clock
            self._from(self._scanned_us + 1)
        if due_us < NEVER:
            self._from(max(due_us, self._scanned_us + 1))
