"""Maintenance mode of the PLC's program: every eye's edges are told, one diverter at a time is jogged. Pure.

Mode 2 is entered and left in Stopped and Idle only, by mode_cmd. Source: docs/registers.md, "Maintenance".
"""

from __future__ import annotations

from collections.abc import Iterator

from plc.modes import NOT_PERMITTED, OK
from plc.program import LineProgram
from plc.registers import MAINTENANCE, OUTLET, PRODUCTION
from plc.signals import Inputs, Outputs
from sorter.flow import EyeSeen, PackState
from sorter.layout import Layout

JOG_MS = 500
"""A jogged diverter straightens after this long, whatever the PC says: long enough to see it move."""

NOBODY = -1

STANDING = frozenset({PackState.STOPPED, PackState.IDLE})


class Maintenance:
    """What mode 2 adds to a scan's outputs. on: the mode stands."""

    def __init__(self, layout: Layout) -> None:
        self.on = False
        self._chutes = layout.chutes
        self._jogged = NOBODY
        self._since_ms = 0
        self._eyes = self._outlets = 0

    def after(self, inputs: Inputs, outputs: Outputs) -> Outputs:
        """The program's outputs with the jog's result and wheels and the eyes' edges, in maintenance mode."""
        if inputs.pc.mode in (PRODUCTION, MAINTENANCE) and outputs.state in STANDING:
            self.on = inputs.pc.mode == MAINTENANCE
        if inputs.pc.jog >= 0:
            outputs = outputs._replace(command=self._jog(inputs, outputs.state))
        in_time = (inputs.at_ms - self._since_ms) % (1 << 32) < JOG_MS
        if self._jogged != NOBODY and in_time and self._may_jog(inputs, outputs.state):
            chute, wheels = self._chutes[self._jogged], outputs.wheels
            turned = (*wheels[: chute.diverter], chute.side, *wheels[chute.diverter + 1 :])
            outputs = outputs._replace(wheels=turned)
        else:
            self._jogged = NOBODY
        edges = tuple(self._edges(inputs)) if self.on else ()
        self._eyes, self._outlets = inputs.eyes, inputs.outlets
        return outputs._replace(events=(*outputs.events, *edges)) if edges else outputs

    def _jog(self, inputs: Inputs, state: PackState) -> int:
        """Begin to turn a diverter, and no other; returns the result code for the map."""
        number = inputs.pc.jog
        if number >= len(self._chutes) or not self._may_jog(inputs, state):
            return NOT_PERMITTED
        self._jogged, self._since_ms = number, inputs.at_ms
        return OK

    def _may_jog(self, inputs: Inputs, state: PackState) -> bool:
        return self.on and state in STANDING and inputs.safe and inputs.pc.alive

    def _edges(self, inputs: Inputs) -> Iterator[EyeSeen]:
        """Every eye that changed since the last scan, belt eyes first."""
        for now, last, first in ((inputs.eyes, self._eyes, 0), (inputs.outlets, self._outlets, OUTLET)):
            changed = now ^ last
            for eye in range(changed.bit_length()):
                if changed >> eye & 1:
                    covered = bool(now >> eye & 1)
                    yield EyeSeen(inputs.at_ms * 1000, first + eye, covered, inputs.encoder)


class MaintainedProgram(LineProgram):
    """One line's program and its maintenance mode."""

    def __init__(self, layout: Layout, boot_id: int) -> None:
        super().__init__(layout, boot_id)
        self.maintenance = Maintenance(layout)

    def scan(self, inputs: Inputs) -> Outputs:
        """The program's scan, then what maintenance mode adds."""
        return self.maintenance.after(inputs, super().scan(inputs))
