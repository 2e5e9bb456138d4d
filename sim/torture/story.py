"""One seed told in words: what struck, what the machine did, what the controller made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from sim.oracle.case import TAKEN, Case
from sim.oracle.journal import Unreadable, entries
from sim.torture.trial import Trial
from sim.torture.world import World
from sorter.flow import REJECT, PackCommand

_TOLD: dict[str, str] = {
    "fault": "*** {0} strikes",
    "mode": "maintenance mode stands: {0}",
    "wheels": "the wheels are told to stand {0}",
    "fault-over": "*** {0} is over",
    "boot": "the PLC starts, boot {0}",
    "started": "the controller starts",
    "died": "the controller dies {0}",
    "refused": "the start is refused: {0}",
    "belt": "the belt runs: {0}",
    "infeed": "the infeed is open: {0}",
    "born": "parcel {0} is on the belt, {2} mm",
    "inducted": "the induct eye clears behind parcel {0}",
    "chain": "the e-stop chain is closed: {0}",
    "person": "a person presses {0}",
    "hands": "hands clear the belt",
    "back": "a person puts chute {0} back to service",
    "calm": "from here on nothing fails",
    "coda": "the last parcels come",
    "end": "the end {0}",
    "pushed": "parcel {0} will come {1} mm behind the one before it",
    "bit": "{0} {1}: {2}",
    "wheel-bad": "wheel {0} is bad: {1}",
    "dropped": "the PLC's ring is full: {1} is dropped",
    "held": "parcel {0} sticks under eye {1}",
    "twin": "parcel {0} bears another one's {1}",
    "misread": "what is read on parcel {0} is not what is printed there",
    "still": "camera {0} gives the view of an earlier picture for {1}",
    "dark": "camera {1} sees nothing but darkness for {2}",
    "jump": "the encoder jumps by {0} counts",
    "encoder": "the encoder's {0}: {1}",
    "frozen": "what the PLC shows stands still: {0}",
    "link": "the controller takes the link for well: {0} {1}",
    "intercept": "{0} is to be held",
    "second-controller": "a second controller is started: {0}",
    "outlet-stray": "something falls into chute {0}",
}
_JOG = 256
_COMM = {1: "the PC is lost", 2: "the PC is back", 3: "session {0} is obeyed", 4: "session {0} is refused"}
_ENCODER = {
    1: "the encoder fails",
    2: "the encoder is trusted again",
    3: "the belt slips",
    4: "the belt grips",
}
_KEPT = {
    "LinkUp",
    "LinkDown",
    "Serviced",
    "Restarted",
    "Rebooted",
    "EventsLost",
    "InterceptSet",
    "ChuteLocked",
}


def story(trial: Trial, world: World) -> Iterator[str]:
    """Lines for a person, in order of time, then the journal; of a broken promise's parcel its own again."""
    yield f"seed {trial.seed}, {trial.mix}: {len(world.faults)} faults"
    yield from (f"  planned {fault}" for fault in world.faults)
    yield from (broken := [f"BROKEN {violation}" for violation in trial.violations])
    tale = [*_happened(world), "what the journal holds:", *_journal(world)]
    yield from tale
    for name in sorted({name for line in broken for name in re.findall(r"parcel \d+", line)}):
        yield f"of {name} alone, and what struck:"
        yield from (line for line in tale if "***" in line or re.search(rf"\b{name}\b", line))
    yield from broken
    if not trial.violations:
        yield f"every promise was kept; {trial.sorted} of {trial.readable} readable parcels were sorted"


class _Names:
    """Parcel ids as a person follows them: by the number that the parcel has in this world."""

    def __init__(self, world: World) -> None:
        self._numbers = {pid: n for n, pid in Case(world.facts, ()).pids.items()}

    def __call__(self, pid: int) -> str:
        if pid == 0:
            return "what has no identity"
        n = self._numbers.get(pid)
        return f"parcel {n}" if n is not None else f"no. {pid & 0xFFFFFF} of boot {pid >> 24}"


def _happened(world: World) -> Iterator[str]:
    who = _Names(world)
    for at_us, kind, *what in world.facts:
        if kind == "told":
            yield f"{at_us / 1e6:9.3f}    PLC {what[1]}: {_event(what[2], who)}"
        elif kind == "block":
            yield from _orders(at_us, what[0], who)
        elif kind == "gone":
            way = "hands" if what[1] == TAKEN else _way(what[1])
            yield f"{at_us / 1e6:9.3f}  parcel {what[0]} is off the belt by {way}"
        elif kind in _TOLD:
            yield f"{at_us / 1e6:9.3f}  {_TOLD[kind].format(*[_word(one) for one in what])}"


_EVENTS: dict[str, Callable[[Any, _Names], str]] = {
    "Inducted": lambda e, who: f"{who(e.pid)} is inducted, {e.length_mm} mm",
    "Triggered": lambda e, who: f"picture {e.frame} is taken",
    "Answered": lambda e, who: f"{who(e.pid)} to {_way(e.chute)}: {_said(e.verdict)}",
    "Left": lambda e, who: f"{who(e.pid)} has left by {_way(e.chute)}: {_said(e.result)}",
    "StateChanged": lambda e, who: f"state {e.state.name}",
    "CommChanged": lambda e, who: _COMM[e.code].format(e.session),
    "EncoderTrouble": lambda e, who: _ENCODER[e.code],
    "ChuteChanged": lambda e, who: f"chute {e.chute} is {'full' if e.full else 'clear'}",
    "EyeSeen": lambda e, who: f"eye {e.eye} is {'covered' if e.covered else 'clear'}",
    "Jammed": lambda e, who: f"diverter {e.place} stands turned" if e.code == 2 else f"jam at eye {e.place}",
}  # fmt: skip


def _event(event: Any, who: _Names) -> str:
    return _EVENTS[type(event).__name__](event, who)


def _said(word: Any) -> str:
    return str(word.name).lower().replace("_", " ")


def _orders(at_us: int, words: list[int], who: _Names) -> Iterator[str]:
    slots = [words[at : at + 8] for at in range(9, 89, 8) if any(words[at : at + 8])]
    shown = [f"{who(slot[1] << 16 | slot[2])} to {_way(slot[3])}" for slot in slots]
    if words[2] >= _JOG:
        shown.append(f"jog the wheel of chute {words[2] - _JOG}")
    elif words[2]:
        shown.append(f"command {PackCommand(words[2]).name}")
    if shown:
        yield f"{at_us / 1e6:9.3f}    PC: {', '.join(shown)}"


def _journal(world: World) -> Iterator[str]:
    who = _Names(world)
    try:
        for kind, row, _ in entries(world.disk.segments()):
            if kind == "Decision":
                yield (f"    decided {who(row['pid'])}: to {_way(row['chute'])}, {row['why']}, "
                       f"{row['waybill'] or 'no waybill'}")  # fmt: skip
            elif kind == "ParcelRecord":
                yield (f"    recorded {who(row['pid'])}: {row['outcome']} ({row['why']}), told "
                       f"{_way(row['told'])}, left by {_way(row['left'])}, {row['length_mm']} mm, "
                       f"reads {[read[0] for read in row['reads']]}")  # fmt: skip
            elif kind == "Assign":
                yield f"    ordered {who(row['pid'])}: to {_way(row['chute'])}, else {_way(row['alternate'])}"
            elif kind == "Notice":
                yield f"    notice {row['key']} {row['about']}"
            elif kind in _KEPT:
                yield f"    {kind} {row}"
    except Unreadable as error:
        yield f"    UNREADABLE {error}"


def _word(value: Any) -> Any:
    return "the exception end" if value == REJECT and value is not True else value


def _way(chute: int) -> str:
    return "the exception end" if chute == REJECT else f"chute {chute}"
