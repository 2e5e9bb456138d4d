"""A controller's loop on a machine from a tape, its memory of what it told others outside of the process."""

from __future__ import annotations

import json
import mmap
import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from plc.records import PlcEvent
from sorter.app.desk import Desk
from sorter.app.disk import OsDisk
from sorter.app.journal import JournalWriter, read
from sorter.app.runner import Runner, Watch
from sorter.app.stage import begun, post_words, recover
from sorter.codec import Value, encode
from sorter.flow import Advised, Assign, Command, Event, FrameRead, LinkUp, PackState, Taken, Triggered, Us
from tests.hubs import ON_DATE
from tests.lines import linzi, recorded

PARCELS = 10
SEGMENT_BYTES = 40_000
"""So small that a segment begins on the way; the first value is the configuration, which is as large."""

MOST_CYCLES = 150


class Tape(NamedTuple):
    """What comes from outside in the course of the run: the PLC's events, pictures' answers, advice."""

    events: list[Event]
    answers: dict[int, FrameRead]
    advice: list[Advised]


def tape() -> Tape:
    """Of a simulated run."""
    values = list(read(recorded(PARCELS)))
    return Tape(
        [value for value in values if isinstance(value, PlcEvent)],
        {value.tag.frame: value for value in values if isinstance(value, FrameRead)},
        [value for value in values if isinstance(value, Advised)],
    )


class Noted:
    """What others were told, in memory shared with the child: it outlives every kill."""

    _NUMBERS, _ORDER = Struct("<IIII"), Struct("<II")
    _ROOM = 1 << 14

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self._ROOM)

    def clear(self) -> None:
        """Nobody was told anything."""
        self._memory[:] = bytes(self._ROOM)

    @property
    def acked(self) -> int:
        """Events of which the PLC was told that they are stored."""
        return int(self._NUMBERS.unpack_from(self._memory)[0])

    @property
    def ordered(self) -> int:
        """Orders that a person was told are stored."""
        return int(self._NUMBERS.unpack_from(self._memory)[1])

    @property
    def early(self) -> int:
        """Orders that went to the PLC while the disk had not said yet that it has them."""
        return int(self._NUMBERS.unpack_from(self._memory)[3])

    @property
    def sent(self) -> list[tuple[int, int]]:
        """Parcel's id and chute of every order that went to the PLC."""
        count = self._NUMBERS.unpack_from(self._memory)[2]
        return [self._ORDER.unpack_from(self._memory, self._place(n)) for n in range(count)]

    def _place(self, number: int) -> int:
        """Where an order is noted, from number 0 on."""
        return self._NUMBERS.size + number * self._ORDER.size

    def note(
        self, acked: int = 0, ordered: int = 0, sent: Sequence[tuple[int, int]] = (), early: int = 0
    ) -> None:
        """Never makes a disk call."""
        count = self._NUMBERS.unpack_from(self._memory)[2]
        for n, (pid, chute) in enumerate(sent, start=count):
            self._ORDER.pack_into(self._memory, self._place(n), pid, chute)
        numbers = max(acked, self.acked), self.ordered + ordered, count + len(sent), self.early + early
        self._NUMBERS.pack_into(self._memory, 0, *numbers)

    def say(self, text: str) -> None:
        """The child's last words."""
        words = text.encode()[: self._ROOM // 2 - 1]
        self._memory[self._ROOM // 2 : self._ROOM // 2 + len(words)] = words

    @property
    def said(self) -> str:
        """The same."""
        return self._memory[self._ROOM // 2 :].rstrip(b"\0").decode("utf-8", "replace")


class WatchedDisk(OsDisk):
    """The operating system's disk, with a memory of what it has said to be durable: of our own, not the
    writer's. It makes no call beyond those that it is asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._durable = bytearray()
        self._waiting: defaultdict[int, bytearray] = defaultdict(bytearray)
        self.sync = self._sync
        self.write, self.close = self._write, self._close  # type: ignore[assignment]

    def holds(self, value: Value) -> bool:
        """Whether it has this value for good."""
        return json.dumps(encode(value), separators=(",", ":")).encode("ascii") in self._durable

    def cut(self, file: int, byte: int) -> None:
        """What was not durable is written again behind this."""
        super().cut(file, byte)
        self._waiting.pop(file, None)

    def _write(self, file: int, data: memoryview) -> int:
        size = os.write(file, data)
        self._waiting[file] += data[:size]
        return size

    def _sync(self, file: int) -> None:
        os.fdatasync(file)
        self._durable += self._waiting.pop(file, b"")

    def _close(self, file: int) -> None:
        self._waiting.pop(file, None)
        os.close(file)


class TapedLine:
    """A machine from a tape: four events a poll, from number `at` on. answers: of the pictures it took.

    durable  whether the journal's disk has an order for good
    """

    more = False
    encoder = 0

    def __init__(
        self, tape: Tape, at: int, noted: Noted, durable: Callable[[Assign | Command], bool]
    ) -> None:
        self.at = at
        self.acked = -1
        self._durable = durable
        self._tape, self._noted = tape, noted
        self._now_us: Us = tape.events[at - 1].at_us if at else 0
        self.answers: list[FrameRead] = []
        self._greeted = False

    def poll(self) -> Sequence[Event]:
        """The next events, and their number."""
        self._now_us += 50_000
        hello = [] if self._greeted else [LinkUp(self._now_us, 1, 1, PackState.EXECUTE)]
        self._greeted = True
        news = self._tape.events[self.at : self.at + 4]
        if not news:
            return hello
        self.at += len(news)
        self._now_us = max(self._now_us, news[-1].at_us)
        shots = (self._tape.answers[one.frame] for one in news if isinstance(one, Triggered))
        self.answers += shots
        return [*hello, *news, Taken(self._now_us, 1, self.at, 0)]

    def send(self, orders: Sequence[Assign | Command], stored: bool) -> None:
        """What is told the PLC is noted."""
        self.acked = self.at if stored else self.acked
        sent = [(order.pid, order.chute) for order in orders if isinstance(order, Assign)]
        early = sum(not self._durable(order) for order in orders)
        self._noted.note(acked=max(0, self.acked), sent=sent, early=early)

    def hold(self, infeed: bool) -> None:
        """The tape goes on."""

    def serve(self, maintenance: bool, chute: int) -> None:
        """Nobody asks."""

    def line_us(self) -> Us:
        """As the tape goes, and 50 ms a poll."""
        return self._now_us


class TapedVision:
    """What reads the pictures that such a machine takes, at once."""

    well = True

    def __init__(self, machine: TapedLine) -> None:
        self._machine = machine

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """The answers, stamped."""
        answers, self._machine.answers = self._machine.answers, []
        return [replace(answer, at_us=now_us) for answer in answers]


@contextmanager
def alive(
    folder: Path, tape: Tape, noted: Noted, watch: Watch = lambda value: None
) -> Iterator[tuple[Runner, TapedLine]]:
    """A controller's loop, begun as `sorter run` does where the folder's journal ends, on a taped line."""
    past, disk = recover(linzi(), folder / "journal", ON_DATE), WatchedDisk()
    with closing(JournalWriter(folder / "journal", segment_bytes=SEGMENT_BYTES, disk=disk)) as journal:
        at = past.tail.tail if past.tail else 0
        machine, desk = TapedLine(tape, at, noted, disk.holds), Desk(folder)
        vision = TapedVision(machine)
        runner = begun(linzi(), past, machine, vision, journal, watch, ON_DATE, desk)
        post_words(runner, tape.advice)
        yield runner, machine


def life(folder: Path, tape: Tape, noted: Noted, until: int) -> None:
    """One life: until event number `until` is stored, or for a while."""
    with alive(folder, tape, noted) as (runner, machine):
        for _ in range(MOST_CYCLES):
            runner.cycle()
            if machine.acked >= until:
                break
