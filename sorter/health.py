"""PackML states as data: which command leads where, what an acting state becomes when it is done.

Source: PackML (ISA-TR88.00.02), reduced to what a sorting line needs.
"""

from __future__ import annotations

from collections.abc import Mapping

from sorter.flow import PackCommand, PackState

_S, _C = PackState, PackCommand

_STOPPABLE = (
    _S.IDLE, _S.STARTING, _S.EXECUTE, _S.SUSPENDING, _S.SUSPENDED, _S.UNSUSPENDING, _S.HOLDING, _S.HELD,
    _S.UNHOLDING, _S.RESETTING, _S.COMPLETING, _S.COMPLETE,
)  # fmt: skip

LEADS: Mapping[tuple[PackState, PackCommand], PackState] = {
    (_S.STOPPED, _C.RESET): _S.RESETTING,
    (_S.COMPLETE, _C.RESET): _S.RESETTING,
    (_S.IDLE, _C.START): _S.STARTING,
    (_S.EXECUTE, _C.HOLD): _S.HOLDING,
    (_S.HELD, _C.UNHOLD): _S.UNHOLDING,
    (_S.EXECUTE, _C.SUSPEND): _S.SUSPENDING,
    (_S.SUSPENDED, _C.UNSUSPEND): _S.UNSUSPENDING,
    (_S.ABORTED, _C.CLEAR): _S.CLEARING,
    **{(state, _C.STOP): _S.STOPPING for state in _STOPPABLE},
    **{(state, _C.ABORT): _S.ABORTING for state in (*_STOPPABLE, _S.STOPPED, _S.STOPPING, _S.CLEARING)},
}
"""(state, command) -> acting state; a pair that is not here is refused."""

BECOMES: Mapping[PackState, PackState] = {
    _S.RESETTING: _S.IDLE,
    _S.STARTING: _S.EXECUTE,
    _S.HOLDING: _S.HELD,
    _S.UNHOLDING: _S.EXECUTE,
    _S.SUSPENDING: _S.SUSPENDED,
    _S.UNSUSPENDING: _S.EXECUTE,
    _S.STOPPING: _S.STOPPED,
    _S.COMPLETING: _S.COMPLETE,
    _S.ABORTING: _S.ABORTED,
    _S.CLEARING: _S.STOPPED,
}
"""Acting state -> the state it ends in; states that are not here wait for a command."""

RUNNING = frozenset({_S.STARTING, _S.EXECUTE, _S.SUSPENDING, _S.SUSPENDED, _S.UNSUSPENDING, _S.UNHOLDING})
"""States in which the belt runs; in Suspended it carries off what lies on it while the infeed stands."""

NEEDS_READY = frozenset({_C.START, _C.UNSUSPEND, _C.UNHOLD})
"""Commands that are refused while the controller is not ready to sort."""

TOWARDS_EXECUTE: Mapping[PackState, PackCommand] = {
    _S.STOPPED: _C.RESET,
    _S.COMPLETE: _C.RESET,
    _S.IDLE: _C.START,
    _S.SUSPENDED: _C.UNSUSPEND,
}
"""Next command on the way to Execute; an aborted or a held line waits for a person."""
