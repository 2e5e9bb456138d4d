"""What each kind of fault that lasts does to a line's conditions while it is in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from sim.faultplan import Fault, Kind
from sim.faults import Conditions

_Effect = Callable[[Conditions, Fault], Conditions]
EFFECTS: Mapping[Kind, _Effect] = {
    Kind.BELT_STOP: lambda now, fault: replace(now, standing=True),
    Kind.BELT_SLIP: lambda now, fault: replace(now, slip_ppm=max(now.slip_ppm, fault.slip_ppm)),
    Kind.STUCK_DIVERTER: lambda now, fault: replace(
        now,
        stuck=(*now.stuck, (fault.place, fault.side)),
        broken=now.broken | fault.told << fault.place,
    ),
    Kind.STUCK_EYE: lambda now, fault: (
        replace(now, covered=now.covered | 1 << fault.place)
        if fault.covered
        else replace(now, clear=now.clear | 1 << fault.place)
    ),
    Kind.E_STOP: lambda now, fault: replace(now, unsafe=True),
    Kind.PLC_SILENCE: lambda now, fault: replace(now, silent=True),
    Kind.LINK_CUT: lambda now, fault: replace(now, cut=True),
    Kind.PLC_FROZEN: lambda now, fault: replace(now, frozen=True),
    Kind.PLC_REBOOT: lambda now, fault: replace(now, off=True),
    Kind.SECOND_MASTER: lambda now, fault: replace(now, intruder=True),
    Kind.CHUTE_FULL: lambda now, fault: replace(now, full=now.full | 1 << fault.place),
}
"""What a fault that lasts does; these kinds name one place, where they have places."""
