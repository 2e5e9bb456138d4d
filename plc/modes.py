"""The PLC's PackML state: commands, loss of the PC, e-stop, jam, a standing encoder."""

from __future__ import annotations

from typing import Final

from plc.agenda import NEVER
from plc.encoder import CHECK_MS, EncoderWatch
from plc.jobs import Ledger
from plc.signals import Inputs
from sorter.flow import EncoderTrouble, PackCommand, PackState, StateChanged
from sorter.health import BECOMES, LEADS, NEEDS_READY, RUNNING

_JAM_FAULT, _ENCODER_FAULT = 4 << 8, 6 << 8
OK: Final = 0
REJECTED, NOT_PERMITTED = 1, 2
NO_COMMAND: Final = PackCommand.NONE
_EXECUTE: Final = PackState.EXECUTE
_NOTHING_FIRES = frozenset({PackState.ABORTING, PackState.ABORTED, PackState.CLEARING})


class Modes:
    """PackML state and what holds the line.

    belt_run  the motor is on
    fires     diverters may be turned
    fault     the first-out word, cleared by Reset
    """

    def __init__(self, encoder: EncoderWatch) -> None:
        self._encoder = encoder
        self.state = PackState.STOPPED
        self.belt_run = False
        self.fires = True
        self.jammed = False
        self.encoder_ok = True
        self.fault = 0
        self._told = PackState.STOPPED
        self._alive = True
        self._wish: PackState | None = None
        self._calm_until_ms = 0

    def infeed_open(self, alive: bool, hold: bool, ring_high: bool) -> bool:
        """New parcels may come: only in Execute, with the PC there and room in the event ring."""
        return self.state is _EXECUTE and alive and not hold and not ring_high

    def command(self, inputs: Inputs, ledger: Ledger) -> int:
        """Obey the PackML command if it is allowed in this state; returns the result code for the map."""
        command = inputs.pc.command
        target = LEADS.get((self.state, command))
        if target is None:
            return REJECTED
        if not inputs.safe or (command in NEEDS_READY and not (inputs.pc.ready and inputs.pc.alive)):
            return NOT_PERMITTED
        if target is PackState.CLEARING:
            ledger.purge()
        if target in (PackState.RESETTING, PackState.CLEARING, PackState.UNHOLDING):
            if not self.encoder_ok:
                ledger.events.append(EncoderTrouble(ledger.at_us, 2))
            self.jammed, self.encoder_ok = False, True
        if target is PackState.RESETTING:
            self.fault = 0
        self._enter(target)
        return OK

    def jam(self, code: int) -> None:
        """What lies on the line stops it (codes of `Jammed`): hold it."""
        self.jammed = True
        self._calm_until_ms = 0
        self._fault(_JAM_FAULT | code)
        if self.state in RUNNING:
            self._wish = PackState.HOLDING

    def moved(self, passed_ms: int, counts: int, ledger: Ledger) -> None:
        """Since the last scan the encoder has made so many counts: abort when no belt can have."""
        if not self._encoder.possible(passed_ms, counts, self.belt_run):
            self.encoder_failed(ledger)

    def encoder_failed(self, ledger: Ledger) -> None:
        """Nobody knows any more where anything lies: abort; Clear purges the belt."""
        if self.encoder_ok and self.state not in (PackState.ABORTING, PackState.ABORTED):
            self.encoder_ok = False
            self._calm_until_ms = 0
            self._fault(_ENCODER_FAULT | 1)
            self._wish = PackState.ABORTING
            ledger.events.append(EncoderTrouble(ledger.at_us, 1))

    def step(self, safe: bool, alive: bool, ledger: Ledger) -> bool:
        """Finish acting states, react to e-stop, a lost PC and a standing encoder; tell the state.

        False when nothing here can have changed since the last step: whatever changes it ends the calm.
        """
        if ledger.at_ms < self._calm_until_ms and safe and alive is self._alive:
            return False
        self._alive = alive
        if not self._encoder.goes_on(ledger.at_ms, ledger.count, self.belt_run):
            self.encoder_failed(ledger)
        if not safe and self.state not in (PackState.ABORTING, PackState.ABORTED):
            self._wish = PackState.ABORTING
        elif not self._alive and self.state is _EXECUTE and self._wish is None:
            self._wish = PackState.SUSPENDING
        if self._wish is not None:
            self._enter(self._wish)
            self._wish = None
        elif self.state in BECOMES and self.state is self._told:
            self._enter(BECOMES[self.state])
        if self.state is not self._told:
            self._told = self.state
            ledger.events.append(StateChanged(ledger.at_us, self.state))
        self._calm_until_ms = self._next_step(ledger.at_ms)
        return True

    def next_ms(self, at_ms: int, scan_us: int) -> int:
        """Time at which `step` has something to do without any input changing, or NEVER."""
        return self._calm_until_ms or at_ms + scan_us // 1000

    def _next_step(self, at_ms: int) -> int:
        """Until when `step` has nothing to do while the inputs stay; 0 = there is at the very next scan."""
        if self.state in BECOMES or (not self._alive and self.state is _EXECUTE):
            return 0
        return (at_ms // CHECK_MS + 1) * CHECK_MS if self.belt_run else NEVER

    def _enter(self, state: PackState) -> None:
        self.state = state
        self.belt_run = state in RUNNING
        self.fires = state not in _NOTHING_FIRES
        self._calm_until_ms = 0

    def _fault(self, word: int) -> None:
        self.fault = self.fault or word
