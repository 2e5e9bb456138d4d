"""docs/registers.md written from the map, so that the paper cannot disagree with the code. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plc.blocks import Block, Register
from plc.records import EventType
from plc.registers import BLOCKS, RECORD_WORDS, SLOT_WORDS
from plc.remote_program import (
    BELT,
    CAMERA,
    EYES,
    FASTEST_MM_S,
    FULL,
    HOME,
    INFEED,
    INPUTS,
    LEAST_GAP_MM,
    LEFT,
    SAFE,
    SLOWEST_POLL_US,
)
from sorter.flow import PackCommand, PackState, Result, Verdict

_HEAD = """# Registers of the PLC link (SORT-MAP 1.0)

Generated from `plc/registers.py` by `python -m plc.mapdoc > docs/registers.md`; a test compares.
The same for PLC programmers: `registers.st` (IEC 61131-3 variables), `registers.csv`, from `plc/mapcode.py`.

Holding registers, FC3 and FC16 only. Addresses are 0-based PDU addresses; bases are the defaults.
u32 = two words, high word first. bits = 256-bit chute map: chute c is bit c mod 16 (LSB first) of
word c div 16. Sequence and event numbers count modulo 2^16 and are compared in a window < 2^15;
the encoder is compared by signed difference. Chute 65535 = the reject end, as alternate: none.
"""

_COMMANDS = """
## Commands (C.cntrl_cmd)

cmd_ack shows that a command was evaluated, cmd_result what became of it; completion is read from state. While
the safety chain is open the PC sends no command that may move the belt (reset, start, unhold, unsuspend, jog)
and drops those that wait. A person's Clear does go out, and the PLC answers it with cmd_result 2: what it
would do, forgetting the belt and going to Stopped, is right only once nothing can abort the line again. So
the person learns at once that the chain is what is missing, and no parcel is purged by an impatient hand.
"""

_MAINTENANCE = """
## Maintenance

mode_cmd is obeyed in Stopped and Idle only. In mode 2 every edge of every eye is told as an EYE event, with
the encoder and time of its scan, and cntrl_cmd 256 + chute turns that chute's diverter to its side for
500 ms. A jog is refused (cmd_result 2) outside mode 2, outside Stopped and Idle, for a chute that is not
there, and while the safety chain is open; the diverter straightens when the chain opens or the PC is lost.
A PLC that cannot jog answers cmd_result 1.
"""

_REMOTE_IO = f"""
## Remote I/O: a small line without a tracking PLC

The program runs on the PC (`plc/remote_program.py`), which polls a coupler and fires its coils. Refused
above {FASTEST_MM_S} mm/s, below {LEAST_GAP_MM} mm of gap, at polls slower than {SLOWEST_POLL_US // 1000} ms,
with the coupler's watchdog off or its fallback "hold last value".

| function | address | meaning |
| --- | --- | --- |
| FC2 discrete inputs | {SAFE} | safety chain closed |
| | {EYES}-{FULL - 1} | eyes: belt eyes in order, then the chutes' eyes; looked at when the link comes up |
| | {FULL}-{HOME - 1} | lane full, one per chute |
| | {HOME}-{INPUTS - 1} | diverter home |
| FC4 input registers | 0-1 | encoder, u32 |
| | 2-3 | encoder at the induct eye's last edge, u32 |
| | 4.. | edge counter of every eye, u16: +1 whenever it is covered or cleared |
| FC15 coils, all at every poll | 0-1 | beacon, horn |
| | {BELT}, {INFEED} | belt, infeed |
| | {CAMERA}-{LEFT - 1} | camera triggers |
| | {LEFT} + 2d, {LEFT + 1} + 2d | diverter d left, right; never both |
| FC3 holding registers | 0 | output watchdog in ms, 0 = off |
| | 1 | fallback: 0 = all outputs off |
"""

_EVENTS: dict[EventType, tuple[str, str]] = {
    EventType.INDUCT: ("1", "length in mm; encoder when the centre was at the induct eye"),
    EventType.RESULT: (", ".join(f"{r.value} {r.name.lower()}" for r in Result), "chute where it left"),
    EventType.ASSIGN: (", ".join(f"{v.value} {v.name.lower()}" for v in Verdict), "chute told"),
    EventType.JAM: (
        "1 eye covered too long, 2 diverter stands turned",
        "eye number, induct eye = 0; diverter number",
    ),
    EventType.EYE: ("1 covered, 2 clear", "belt eye, induct eye = 0; 32768 + chute = the eye in that chute"),
    EventType.ENCODER: ("1 stands still, 2 well again, 3 the belt slips, 4 it grips again", ""),
    EventType.CHUTE: ("1 full, 2 clear", "chute"),
    EventType.STATE: ("PackML state", ""),
    EventType.COMM: ("1 lost, 2 back, 3 adopted, 4 refused", "session"),
    EventType.TRIGGER: ("camera", "frame number; encoder at exposure"),
}


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def _words(register: Register) -> str:
    last = register.offset + register.words - 1
    return str(register.offset) if register.words == 1 else f"{register.offset}-{last}"


def _block(block: Block) -> str:
    rows = [(_words(r), block.base + r.offset, r.name, r.kind, r.scale, r.meaning) for r in block.registers]
    title = f"\n## {block.letter}: {block.title}\n\nBase {block.base}, {block.words} words, written by the "
    head = ("word", "address", "name", "kind", "unit", "meaning")
    return f"{title}{block.writer}, {block.request}.\n\n{_table(head, rows)}"


def markdown() -> str:
    """The whole page, ending with a newline."""
    events = [(int(kind), kind.name, *_EVENTS[kind]) for kind in EventType]
    return "".join((
        _HEAD,
        *(_block(block) for block in BLOCKS),
        "\n## Events (S.window)\n\nEight words each. An event that waited longer than 65,535 ms is shown as\n"
        "that old: its time is then late, never in the future.\n\n",
        _table(("word", "meaning"), enumerate(RECORD_WORDS)),
        "\n", _table(("type", "name", "code", "word 4"), events),
        "\n## Slots (C.slots)\n\nA slot is taken when seq = ack_seq + 1 and its check is right.\n"
        "The first accepted order of a parcel stands, but for a recall: chute 65535 for a parcel on its way\n"
        "to a chute is taken (verdict 1) until it is at that chute's decision position, then it is too late "
        "(3).\n"
        "A PLC that knows no recall answers 7, and the parcel goes on as ordered.\n\n",
        _table(("word", "meaning"), enumerate(SLOT_WORDS)),
        _COMMANDS,
        _MAINTENANCE,
        _REMOTE_IO,
        "\n## Numbers\n\n",
        "PackML states: ", ", ".join(f"{s.value} {s.name.lower()}" for s in PackState), ".\n\n",
        "PackML commands: ", ", ".join(f"{c.value} {c.name.lower()}" for c in PackCommand), ".\n",
    ))  # fmt: skip


if __name__ == "__main__":
    print(markdown(), end="")
