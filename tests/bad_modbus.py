"""Well-formed blocks between controller and PLC whose words are wrong, by name."""

from __future__ import annotations

from collections.abc import Callable

from plc.records import slot_check
from plc.registers import S, Status
from tests.pairs import inducted, joined

# ------------------------------------------------------------ the PC's block, as the PLC gets it

HB, SESSION, COMMAND, SEQ, TAIL, MODE, PC_STATUS, VERSION, HEAD, SLOT, GUARD = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    89,
)
Words = list[int]


def word(at: int, value: int | Callable[[int], int]) -> Callable[[Words], None]:
    def change(words: Words) -> None:
        words[at] = value & 0xFFFF if isinstance(value, int) else value(words[at]) & 0xFFFF

    return change


def slot(at: int, value: int | Callable[[int], int], checked: bool = True) -> Callable[[Words], None]:
    """A word of the first slot; checked: its check word says that it is meant so."""

    def change(words: Words) -> None:
        word(SLOT + at, value)(words)
        if checked:
            words[SLOT + 7] = slot_check(words[SLOT : SLOT + 7])

    return change


def both(*changes: Callable[[Words], None]) -> Callable[[Words], None]:
    def change(words: Words) -> None:
        for one in changes:
            one(words)

    return change


def every(value: int) -> Callable[[Words], None]:
    def change(words: Words) -> None:
        words[:] = [value] * len(words)

    return change


def reversed_words(words: Words) -> None:
    words.reverse()


def swapped_bytes(words: Words) -> None:
    words[:] = [(one & 0xFF) << 8 | one >> 8 for one in words]


NOT_OBEYED: dict[str, Callable[[Words], None]] = {
    "all zero": every(0),
    "all ones": every(0xFFFF),
    "all the same": every(0x5A5A),
    "backwards": reversed_words,
    "bytes swapped": swapped_bytes,
    "torn: guard one behind": word(GUARD, lambda old: old - 1),
    "torn: heartbeat one behind": word(HB, lambda old: old - 1),
    "no session": word(SESSION, 0),
    "another's session while we are heard": word(SESSION, 4711),
    "another boot": word(VERSION, lambda old: old ^ 1),
    "another major version": word(VERSION, lambda old: old ^ 0x0100),
    "no version at all": word(VERSION, 0),
}
"""Nothing of such a block may count: no order, no command, no acknowledgement, no heartbeat."""

NO_ORDER: dict[str, Callable[[Words], None]] = {
    "slot: one bit of the parcel": slot(2, lambda old: old ^ 1, checked=False),
    "slot: one bit of the chute": slot(3, lambda old: old ^ 1, checked=False),
    "slot: one bit of the deadline": slot(6, lambda old: old ^ 0x8000, checked=False),
    "slot: one bit of the check": slot(7, lambda old: old ^ 1, checked=False),
    "slot: one ahead of the sequence": slot(0, lambda old: old + 1),
    "slot: one behind the sequence": slot(0, lambda old: old - 1),
    "slot: half the circle away": slot(0, lambda old: old + 0x8000),
    "slot: all zero": both(*(word(SLOT + n, 0) for n in range(8))),
    "slot: all ones": both(*(word(SLOT + n, 0xFFFF) for n in range(8))),
}
"""The block counts, its order does not."""

NO_COMMAND: dict[str, Callable[[Words], None]] = {
    "command: a number PackML has not": word(COMMAND, 44),
    "command: all ones": word(COMMAND, 0xFFFF),
    "command: under a number done already": word(SEQ, lambda old: old - 1),
    "command: under a number half the circle away": word(SEQ, lambda old: old + 0x8000),
    "command: a jog in production": word(COMMAND, 0x0100),
}
"""The block counts, its command does not."""


# ------------------------------------------------------------ the PLC's block, as the PC gets it

GOOD = joined()
GOOD.plc.events = [inducted(1), inducted(2)]
GOOD.plc.scan()
SOUND = GOOD.plc.status

UNUSABLE: dict[str, Status] = {
    "all zero": Status.unpack([0] * S.words),
    "all ones": Status.unpack([0xFFFF] * S.words),
    "another device": SOUND._replace(magic=0x1234),
    "bytes swapped": Status.unpack([(one & 0xFF) << 8 | one >> 8 for one in SOUND.pack()]),
    "a major version of the future": SOUND._replace(map_version=0x0200),
    "low word first": SOUND._replace(order_probe=0x03040102),
    "a state PackML has not": SOUND._replace(state=18),
    "state 0": SOUND._replace(state=0),
    "torn": SOUND._replace(guard_b=SOUND.hb_plc ^ 1),
}


def windowed(at: int, words: tuple[int, ...]) -> Status:
    window = list(SOUND.window)
    window[at] = words
    return SOUND._replace(window=tuple(window))


def record(at: int, place: int, value: int) -> Status:
    words = list(SOUND.window[at])
    words[place] = value & 0xFFFF
    return windowed(at, tuple(words))


LOSSY: dict[str, Status] = {
    "an event of a type nobody knows": record(0, 1, 0x6301),
    "a result nobody knows": record(0, 1, 0x0263),
    "a verdict nobody knows": record(0, 1, 0x0363),
    "a jam without a cause": record(0, 1, 0x0400),
    "a hole in the numbers": windowed(0, (0,) * 8),
}
"""What cannot be understood is told as lost, and what can be is taken."""

HARMLESS: dict[str, Status] = {
    "a number beyond the newest": record(1, 0, SOUND.window[1][0] + 100),
    "a number far behind": record(1, 0, SOUND.window[1][0] - 100),
    "an event twice": windowed(1, SOUND.window[0]),
    "more taken than was offered": SOUND._replace(ack_seq=(SOUND.ack_seq + 9) & 0xFFFF),
    "a command done that nobody gave": SOUND._replace(cmd_ack=(SOUND.cmd_ack + 3) & 0xFFFF),
    "another session echoed": SOUND._replace(session_echo=4711),
    "every chute full": SOUND._replace(chute_full=(1 << 256) - 1),
    "every bit of diagnosis": SOUND._replace(diag=0xFFFF, safety=0xFFFF),
}
"""No event is invented or taken twice."""
