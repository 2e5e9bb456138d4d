"""A line fed directly: events for the real loop, controller and journal; no belt, no PLC program.

Parcel n is read as the waybill JT + n and advised to a village; the machine takes every order that comes in
time and does what it was told. So it is cheap enough for rates and days that the simulated line is not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import count

from sorter.flow import (
    ENCODER_SPAN,
    REJECT,
    Advised,
    Answered,
    Assign,
    CodeRead,
    Command,
    Direction,
    Event,
    FrameRead,
    FrameTag,
    Inducted,
    Left,
    LinkUp,
    PackState,
    Result,
    Service,
    Taken,
    Triggered,
    Us,
    Verdict,
    encoder_delta,
)
from sorter.hub import Hub
from sorter.plan import Item
from tests.hubs import ON_DATE

READ_MM = 128
"""How far the belt runs from a picture to its answer: 80 ms at 1.6 m/s."""

PIDS = 0xFFFFFF


def steady(per_hour: int, first: int = 0) -> Iterator[Us]:
    """Arrivals at an even rate."""
    return (number * 3_600_000_000 // per_hour for number in count(first))


class FedReads:
    """Vision of a fed line."""

    well = True

    def __init__(self) -> None:
        self.answers: list[FrameRead] = []

    def poll(self, now_us: Us) -> Sequence[FrameRead]:
        """Everything that has become due."""
        answers, self.answers = self.answers, []
        return answers


class FedLine:
    """Machine of one line; `reads` is its vision.

    arrivals      instants at which a parcel is at the induct eye, ascending; ends = no more parcels
    clock         now, microseconds
    speed_mm_s    of the belt in its encoder's counts; at rates beyond a belt's the spacing stays a belt's
    advise        whether each parcel is advised by itself, as manifests do
    waited_us     answer of vision due -> its order handed over, of the latest orders
    """

    def __init__(
        self, hub: Hub, arrivals: Iterator[Us], clock: Callable[[], Us], speed_mm_s: int, advise: bool = True
    ) -> None:
        self.hub, self.encoder, self.held = hub, 0, False
        self.reads = FedReads()
        self.inducted = self.left = self.missorted = self.sorted = 0
        self.waited_us: deque[Us] = deque(maxlen=100_000)
        self._arrivals, self._clock, self._advise = enumerate(arrivals), clock, advise
        self._counts_s = hub.layout.counts(speed_mm_s)
        self._heap: list[tuple[Us, int, Callable[[Us], Sequence[Event]]]] = []
        self._order = count()
        self._asked: dict[int, Us] = {}
        self._riding: dict[int, tuple[int, int]] = {}
        self._villages = [place for place in hub.network.places if place.level == "village"]
        self._right = [self._chutes(n) for n in range(len(self._villages))]
        self._events: list[Event] = [LinkUp(0, 1, 1, PackState.EXECUTE)]
        self._tail = 0
        self._next()

    def _chutes(self, village: int) -> tuple[int, ...]:
        place = self._villages[village]
        rule = self.hub.plan.ruling(Item("jt", Direction.DOWN, Service.STANDARD, place.town, place.code))
        assert rule is not None
        return rule.chutes

    def advice(self, n: int) -> Advised:
        """What the courier tells of parcel n."""
        return Advised(0, f"JT{n:013d}", "jt", self._villages[n % len(self._villages)].code)

    # ------------------------------------------------------------ the port

    def poll(self) -> Sequence[Event]:
        """Everything that has become due."""
        now = self._clock()
        events, self._events = self._events, []
        while self._heap and self._heap[0][0] <= now:
            due, _, what = heappop(self._heap)
            events += what(due)
        self.encoder = self._at(now)
        if events:
            self._tail = (self._tail + len(events)) & 0xFFFF
            events.append(Taken(now, 1, self._tail))
        return events

    def send(self, orders: Sequence[Assign | Command], stored: bool) -> None:
        """Takes what comes in time."""
        now = self._clock()
        for order in orders:
            if not isinstance(order, Assign) or order.pid not in self._riding:
                continue
            self.waited_us.append(now - self._asked.pop(order.pid, now))
            late = encoder_delta(self._at(now), order.deadline_encoder) > 0
            verdict = Verdict.TOO_LATE if late else Verdict.TAKEN
            self._events.append(Answered(now, order.pid, verdict, order.chute, self._at(now)))
            if not late:
                n, born = self._riding[order.pid]
                pivot = self.hub.layout.diverters[self.hub.layout.chutes[order.chute].diverter].pivot_mm
                self._mark(born + self._way_us(pivot), self._leaves(n, order.pid, order.chute))

    def serve(self, maintenance: bool, chute: int) -> None:
        """Nobody maintains this line."""

    def hold(self, held: bool) -> None:
        """The infeed is held: nobody comes."""
        self.held = held

    @property
    def more(self) -> bool:
        """Every poll carries all."""
        return False

    def line_us(self) -> Us:
        """Now."""
        return self._clock()

    @property
    def idle(self) -> bool:
        """Nobody rides and nobody comes."""
        return not self._heap and not self._riding

    @property
    def next_us(self) -> Us | None:
        """When something is due next."""
        return self._heap[0][0] if self._heap else None

    # ------------------------------------------------------------ the belt

    def _at(self, at_us: Us) -> int:
        return at_us * self._counts_s // 1_000_000 % ENCODER_SPAN

    def _way_us(self, way_mm: int) -> Us:
        return self.hub.layout.counts(way_mm) * 1_000_000 // self._counts_s

    def _mark(self, at_us: Us, what: Callable[[Us], Sequence[Event]]) -> None:
        heappush(self._heap, (at_us, next(self._order), what))

    def _next(self) -> None:
        if (coming := next(self._arrivals, None)) is not None:
            n, at_us = coming
            self._mark(at_us, lambda due: self._comes(n, due))

    def _comes(self, n: int, due: Us) -> Sequence[Event]:
        self._next()
        if self.held:
            return []
        pid = n % PIDS + 1
        self.inducted += 1
        self._riding[pid] = (n, due)
        camera = self.hub.layout.cameras[0]
        self._mark(due + self._way_us(camera.position_mm), lambda at: self._seen(n, pid, at))
        self._mark(due + self._way_us(self.hub.layout.end_mm), self._leaves(n, pid, REJECT))
        inducted = Inducted(due, pid, 250, self._at(due))
        return [self.advice(n), inducted] if self._advise else [inducted]

    def _seen(self, n: int, pid: int, at: Us) -> Sequence[Event]:
        frame, camera = n % 0x10000, self.hub.layout.cameras[0]
        tag = FrameTag(camera.id, frame, self._at(at))
        row, middle = camera.along_px // 2, camera.across_px // 2
        corners = ((middle, row), (middle, row), (middle, row), (middle, row))
        read = CodeRead(f"JT{n:013d}", "Code 128", corners, "fed")
        self._mark(at + self._way_us(READ_MM), lambda due: self._read(pid, FrameRead(due, tag, (read,))))
        return [Triggered(at, camera.id, frame, tag.encoder)]

    def _read(self, pid: int, answer: FrameRead) -> Sequence[Event]:
        self.reads.answers.append(answer)
        self._asked[pid] = answer.at_us
        return []

    def _leaves(self, n: int, pid: int, chute: int) -> Callable[[Us], Sequence[Event]]:
        def leave(due: Us) -> Sequence[Event]:
            if self._riding.get(pid, (-1, 0))[0] != n:
                return []
            del self._riding[pid]
            self._asked.pop(pid, None)
            self.left += 1
            self.sorted += chute != REJECT
            self.missorted += chute != REJECT and chute not in self._right[n % len(self._villages)]
            result = Result.UNASSIGNED if chute == REJECT else Result.OK
            return [Left(due, pid, result, chute, self._at(due))]

        return leave


__all__ = ["ON_DATE", "FedLine", "steady"]
