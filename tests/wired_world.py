"""Line, PLC program, both mailboxes and the controller on one virtual clock: no sockets, no disk.

What a test may break: the link, the PLC's memory (a boot), the controller (killed at any point of its cycle),
the safety chain, and everything on the line that `sim.faults` knows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from plc.mailbox import PlcMailbox
from plc.program import LineProgram
from plc.records import PlcEvent
from plc.registers import CommandBlock, S, Status
from plc.signals import FromPc, Inputs, Outputs
from sim.arrivals import Drawn, advice
from sim.clock import ANSWER, BELT, POLL, Call, LineClock
from sim.eyesight import answer
from sim.faults import Faults
from sim.judge import Judgement, judge
from sim.plant import Plant
from sorter.app.stage import recovered, started
from sorter.codec import Value
from sorter.flow import (
    CommChanged,
    Event,
    FrameTag,
    Inducted,
    Operated,
    PackCommand,
    PackState,
    ParcelRecord,
    Triggered,
    Us,
)
from sorter.hub import Hub
from tests.hubs import ON_DATE
from tests.wired_pc import Dies as Dies
from tests.wired_pc import Pc

VISION_US: Us = 120_000
SECOND: Us = 1_000_000
WAIT_FOR_A_PERSON = {
    PackState.STOPPED: PackCommand.START,
    PackState.IDLE: PackCommand.START,
    PackState.SUSPENDED: PackCommand.START,
    PackState.HELD: PackCommand.UNHOLD,
    PackState.ABORTED: PackCommand.CLEAR,
}


class World:
    """told: everything the PLC's program ever said. blocks: block C as written, with its instant.

    silent  the link carries nothing; deaf: what the PC writes is lost
    spoil   may change block C on its way; torn: the statuses read are torn
    diag    every diag bit that was ever read
    """

    def __init__(
        self, hub: Hub, drawn: Sequence[Drawn], faults: Faults | None = None, first_count: int = 0
    ) -> None:
        self.hub, self.truths = hub, [one.truth for one in drawn]
        self.env = LineClock()
        self.told: list[Event] = []
        self.journal: list[Value] = [started(hub, ON_DATE)]
        self.blocks: list[tuple[Us, CommandBlock]] = []
        self.silent = self.deaf = self.torn = False
        self.spoil: Callable[[list[int]], list[int]] = lambda words: words
        self.vision_us = VISION_US
        self.diag = 0
        self.attended = True
        self.dies: Dies | None = None
        self.back_us: Us | None = None
        self._panel: list[PackCommand] = []
        self._boot = self._session = 1
        self.plc = PlcMailbox(hub.layout, self._boot)
        parcels = [one.parcel for one in drawn]
        self.plant = Plant(
            self.env, hub.layout, parcels, self._hear, self._tell, self._boot, faults, first_count
        )
        self.pc: Pc | None = Pc(self, recovered(hub, self.journal, ON_DATE), self._session)
        self.pc.posted += [partial(_unstamped, word) for word in advice(self.truths)]
        self._due_ms: int | None = None
        self._every(self.hub.link.poll_us, self.plant.request_scan, BELT)
        self._every(self.hub.link.poll_us, self._cycle, POLL)
        self._every(SECOND, self._attend, BELT)

    # ------------------------------------------------------------ what a test does

    def run_for(self, us: Us) -> None:
        self.env.run(until=self.env.now_us + us)

    def at(self, at_us: Us, action: Callable[[], None]) -> None:
        self.env.call_at(at_us, lambda call: action())

    def press(self, command: PackCommand) -> None:
        """A person presses a button at the line's panel."""
        self._panel.append(command)
        self.plant.request_scan()

    def operate(self, command: PackCommand) -> None:
        """A person asks the controller."""
        if self.pc is not None:
            self.pc.posted.append(lambda at_us: Operated(at_us, command))

    def chain(self, closed: bool) -> None:
        self.plant.safe = closed
        self.plant.request_scan()

    def boot(self) -> None:
        """The PLC loses its memory; the line stands as it is, its motor off."""
        self._boot += 1
        self.plc = PlcMailbox(self.hub.layout, self._boot)
        self.plant.program = LineProgram(self.hub.layout, self._boot)
        self.plant.ring_high = False
        self.plant.request_scan()

    def kill(self, at_us: Us, dies: Dies, back_us: Us | None = None) -> None:
        """Kill the controller in its next busy cycle; it is started again back_us later, None = never."""

        def strike() -> None:
            self.dies, self.back_us = dies, back_us

        self.at(at_us, strike)

    def restart_pc(self) -> None:
        """The keeper starts the controller again on what is on disk."""
        self._session += 1
        self.pc = Pc(self, recovered(self.hub, self.journal, ON_DATE), self._session)

    def settle(self, most_s: int = 120) -> None:
        """Until the line is empty and everything is recorded."""
        end = self.env.now_us + most_s * SECOND
        while not self._settled():
            assert self.env.now_us < end, f"{self.state.name}, the line does not empty"
            self.run_for(SECOND)

    # ------------------------------------------------------------ what came of it

    @property
    def state(self) -> PackState:
        return self.plant.program.state

    def of(self, kind: type) -> list[Value]:
        return [value for value in self.journal if isinstance(value, kind)]

    def heard(self) -> list[str]:
        """The PLC program's events as the journal has them, in order."""
        plc = [v for v in self.journal if isinstance(v, PlcEvent) and not isinstance(v, CommChanged)]
        return [str(event) for event in plc]

    def records(self) -> list[ParcelRecord]:
        return [value for value in self.journal if isinstance(value, ParcelRecord)]

    def judged(self) -> Judgement:
        left = {n: chute for _, n, chute in self.plant.line.left}
        return judge(self.hub, self.truths, left, self.records())

    def broken_law(self) -> dict[str, list[int]]:
        """Parcels without exactly one outcome: of those that the PLC said it inducted, and any others."""
        ends = Counter(record.pid for record in self.records() if record.pid)
        inducted = {event.pid for event in self.told if isinstance(event, Inducted)}
        heard = {value.pid for value in self.journal if isinstance(value, Inducted)}
        wrong = {
            "twice": [pid for pid, times in ends.items() if times > 1],
            "never": sorted((inducted & heard) - set(ends)),
            "invented": sorted(set(ends) - inducted),
        }
        return {name: pids for name, pids in wrong.items() if pids}

    def unheard(self) -> list[int]:
        """Parcels whose induction was in the PLC's memory only when that was lost."""
        heard = {value.pid for value in self.journal if isinstance(value, Inducted)}
        return [event.pid for event in self.told if isinstance(event, Inducted) and event.pid not in heard]

    # ------------------------------------------------------------ the wire

    def encoder(self) -> int:
        return self.plant.line.encoder()

    def read(self) -> Status | None:
        words = self.plc.status_words()
        words[S["guard_b"].offset] ^= self.torn
        if self.silent or not words[0]:
            return None
        status = Status.unpack(words)
        self.diag |= status.diag
        return status

    def write(self, words: list[int]) -> None:
        self.blocks.append((self.env.now_us, CommandBlock.unpack(words)))
        if not self.silent and not self.deaf:
            self.plc.receive(self.spoil(words))
            self.plant.request_scan_after()

    def _hear(self) -> FromPc:
        pc = self.plc.begin_scan(self.env.now_us // 1000, self.state, maintenance=False)
        return pc._replace(command=self._panel.pop(0)) if self._panel else pc

    def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
        self.plc.end_scan(outputs, inputs, self.plant.line.belt.speed_mm_s(self.env.now_us))
        self.plant.ring_high = self.plc.ring_high
        self.told += outputs.events
        for trigger in outputs.triggers:
            self._look(trigger)
        if self.plc.due_ms not in (None, self._due_ms):
            # A real PLC scans all the time; here a scan is asked for when the PC's silence runs out.
            self._due_ms = self.plc.due_ms
            self.env.call_at((self._due_ms or 0) * 1000, lambda call: self.plant.request_scan())

    def _look(self, trigger: Triggered) -> None:
        camera = self.hub.layout.cameras[trigger.camera]
        tag = FrameTag(trigger.camera, trigger.frame, trigger.encoder)
        told = answer(self.env.now_us + self.vision_us, tag, camera, self.plant.line.view(camera))
        asked = self.pc

        def answered(call: Call) -> None:
            if asked is not None and asked is self.pc:
                asked.answers.append(told)

        self.env.call_at(told.at_us, answered, ANSWER)

    # ------------------------------------------------------------ what goes on by itself

    def _cycle(self) -> None:
        if self.pc is not None:
            died = self.pc.cycle(self.env.now_us, self.dies)
            if died:
                self.pc = self.dies = None
                if self.back_us is not None:
                    self.at(self.env.now_us + self.back_us, self.restart_pc)

    def _attend(self) -> None:
        """A person who starts again whatever stands, once a second."""
        if not self.attended or self.pc is None or self.pc.boot is None or not self.plant.safe:
            return
        wish = WAIT_FOR_A_PERSON.get(self.state)
        if wish is PackCommand.CLEAR:
            self.press(wish)
        elif wish is not None:
            self.operate(wish)

    def _settled(self) -> bool:
        pc = self.pc
        up = pc is not None and pc.boot is not None and not pc.mailbox.more
        return up and self.plant.line.idle and pc is not None and pc.controller.open_parcels == 0

    def _every(self, period_us: Us, action: Callable[[], None], turn: int) -> None:
        def again(call: Call) -> None:
            self.env.call_at(self.env.now_us + period_us, again, turn)
            action()

        self.env.call_at(self.env.now_us, again, turn)


def _unstamped(word: Event, at_us: Us) -> Event:
    return word
