"""One seed told in words: what struck, what the machine did, what the controller made of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.oracle.journal import Unreadable, entries
from sim.torture.trial import Trial
from sim.torture.world import World
from sorter.flow import REJECT

_TOLD: dict[str, str] = {
    "fault": "*** {0} strikes, for {1} us",
    "fault-over": "*** {0} is over",
    "boot": "the PLC starts, boot {0}",
    "started": "the controller starts",
    "died": "the controller dies {0}",
    "refused": "the start is refused: {0}",
    "belt": "the belt runs: {0}",
    "infeed": "the infeed is open: {0}",
    "born": "parcel {0} is on the belt, {2} mm",
    "inducted": "the induct eye clears behind parcel {0}",
    "gone": "parcel {0} leaves by {1}",
    "chain": "the e-stop chain is closed: {0}",
    "person": "a person presses {0}",
    "hands": "hands clear the belt",
    "calm": "from here on nothing fails",
    "coda": "the last parcels come",
    "end": "the end {0}",
    "pushed": "parcel {0} is pushed to {1} mm",
    "bit": "{0} {1}: {2}",
    "wheel-bad": "wheel {0} is bad: {1}",
    "dropped": "the PLC's ring is full: {1} is dropped",
    "held": "parcel {0} sticks under an eye",
    "twin": "parcel {0} bears another one's {1}",
    "intercept": "{0} is to be held",
    "second-controller": "a second controller is started: {0}",
    "outlet-stray": "something falls into chute {0}",
}
_KEPT = {"Decision", "Assign", "ParcelRecord", "LinkUp", "LinkDown", "Restarted", "Rebooted", "EventsLost"}


def story(trial: Trial, world: World) -> Iterator[str]:
    """Lines for a person, in order of time; the journal's own lines stand at their instants' end."""
    yield f"seed {trial.seed}, {trial.mix}: {len(world.faults)} faults"
    yield from (f"  planned {fault}" for fault in world.faults)
    for at_us, kind, *what in world.facts:
        if kind == "told":
            yield f"{at_us / 1e6:9.3f}  PLC {what[1]:>4}  {what[2]}"
        elif kind == "block":
            yield from _orders(at_us, what[0])
        elif kind in _TOLD:
            yield f"{at_us / 1e6:9.3f}  {_TOLD[kind].format(*[_word(one) for one in what])}"
    yield "what the journal holds:"
    yield from _journal(world)
    yield from (f"BROKEN {violation}" for violation in trial.violations)
    if not trial.violations:
        yield f"every promise was kept; {trial.sorted} of {trial.readable} readable parcels were sorted"


def _orders(at_us: int, words: list[int]) -> Iterator[str]:
    slots = [words[at : at + 8] for at in range(9, 89, 8) if any(words[at : at + 8])]
    shown = ", ".join(f"pid {slot[1] << 16 | slot[2]} -> {_word(slot[3])}" for slot in slots)
    if shown or words[2]:
        yield f"{at_us / 1e6:9.3f}  PC writes: command {words[2]} orders {shown or 'none'}"


def _journal(world: World) -> Iterator[str]:
    try:
        for entry in entries(world.disk.segments()):
            if entry.kind in _KEPT:
                yield f"    {entry.kind} {entry.row}"
    except Unreadable as error:
        yield f"    UNREADABLE {error}"


def _word(value: Any) -> Any:
    return "the exception end" if value == REJECT and value is not True else value
