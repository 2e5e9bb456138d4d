"""The person at a simulated line: takes off what sticks and presses the panel's buttons.

The panel stands beside the line, so one operator serves the run in process and the emulator alike. Only
jams, a standing drive, an emergency stop that is over and a PLC that had no power are answered: who stopped
the line by hand starts it by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from plc.signals import FromPc, Outputs
from sim.faults import Faults
from sim.faulty_line import FaultyLine
from sorter.flow import PackCommand, PackState, Us
from sorter.health import RUNNING


class Duty(Enum):
    """What there is to do next."""

    TAKE_OFF = "take off what sticks; the line was held"
    NOTICE = "take off what sticks; no eye has told"
    LOOK = "look what there is; nothing sticks"
    UNHOLD = "unhold"
    CLEAR = "clear"
    RESET = "reset"
    START = "start"
    UNSUSPEND = "unsuspend"


AFTER_US: Mapping[Duty, Us] = {
    Duty.TAKE_OFF: 10_000_000,
    Duty.NOTICE: 60_000_000,
    Duty.LOOK: 10_000_000,
    Duty.UNHOLD: 2_000_000,
    Duty.CLEAR: 10_000_000,
    Duty.RESET: 1_000_000,
    Duty.START: 1_000_000,
    Duty.UNSUSPEND: 5_000_000,
}
"""From the moment it is seen to the moment it is done; hands on a jam come on top."""

_BUTTONS: Mapping[Duty, PackCommand] = {
    Duty.UNHOLD: PackCommand.UNHOLD,
    Duty.CLEAR: PackCommand.CLEAR,
    Duty.RESET: PackCommand.RESET,
    Duty.START: PackCommand.START,
    Duty.UNSUSPEND: PackCommand.UNSUSPEND,
}
_STARTS_BY = {PackState.STOPPED: Duty.RESET, PackState.IDLE: Duty.START, PackState.SUSPENDED: Duty.UNSUSPEND}


class Operator:
    """One person, one duty at a time; what an absence delays begins when it ends."""

    def __init__(self, line: FaultyLine, faults: Faults) -> None:
        self._line = line
        self._faults = faults
        self._duty: Duty | None = None
        self._due_us: Us = 0
        self._at_place = self._took_over = self._chain_was_open = False
        self._state = PackState.STOPPED

    def saw(self, now: Us, outputs: Outputs) -> Us | None:
        """After a scan: when the operator does something next, None = nothing."""
        duty, self._state = self._wanted(outputs), outputs.state
        if duty is not self._duty:
            self._duty = duty
            if duty is not None:
                self._due_us = self._faults.operator_from_us(now) + AFTER_US[duty] + self._line.hands_us
        return None if duty is None else self._due_us

    def power_failed(self) -> None:
        """The PLC that comes back stands stopped; a line that ran is started again at the panel."""
        self._took_over |= self._state in RUNNING

    def at_panel(self, now: Us, pc: FromPc) -> FromPc:
        """What the program hears at this scan: the PC's wish, or the button that is pressed now."""
        duty = self._duty
        if duty is None or now < self._due_us or pc.command is not PackCommand.NONE:
            return pc
        self._duty = None  # what was in vain is seen anew, and done again
        if duty not in _BUTTONS:
            self._line.take_off()
            self._at_place = True
            return pc
        self._at_place, self._took_over, self._chain_was_open = False, True, False
        return pc._replace(command=_BUTTONS[duty])

    def _wanted(self, outputs: Outputs) -> Duty | None:
        held = outputs.state is PackState.HELD and outputs.jammed
        self._chain_was_open |= self._line.conditions.unsafe  # also while something else is to be done
        if self._line.hands_us:
            return Duty.TAKE_OFF if held else Duty.NOTICE
        if held:
            return Duty.UNHOLD if self._at_place else Duty.LOOK
        if self._line.conditions.unsafe:
            return None
        if outputs.state is PackState.ABORTED and (self._chain_was_open or not outputs.encoder_ok):
            return Duty.CLEAR
        # A controller whose line was started again at the panel does not start it by itself.
        return _STARTS_BY.get(outputs.state) if self._took_over else None
