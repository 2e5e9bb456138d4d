from __future__ import annotations

import pickle
import random
from collections import deque
from functools import cache
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from plc.registers import Status
from sorter.flow import Answered, EventsLost, Inducted, Rebooted
from tests.pairs import Pair, inducted, joined, order


def near_rollover() -> Pair:
    """A pair that has exchanged 65,530 events and orders, so that every number is about to roll over."""
    return cast(Pair, pickle.loads(_near_rollover()))


@cache
def _near_rollover() -> bytes:
    pair = joined()
    pid = 0
    while pair.plc.status.ev_head < 65_520:
        batch = min(10, 65_530 - pid)
        pair.pc.offer([order(pid + n) for n in range(batch)])
        pid += batch
        pair.cycle()
        while pair.pc.more:
            pair.cycle()
    pair.events.clear()
    pair.plc.taken.clear()
    pair.plc.outputs.clear()
    return pickle.dumps(pair)


class Lossy:
    """A pair with first-in-first-out ways that lose, repeat and delay whole blocks."""

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.up: deque[Status] = deque()
        self.down: deque[list[int]] = deque()
        self.pid = 100_000
        self.ordered: list[int] = []
        self.inducted: list[int] = []
        self.stored_words = 0

    def step(self, action: int) -> None:
        pair = self.pair
        if action == 0:
            self.up.append(pair.plc.status)
        elif action == 1:
            self.down.append(pair.pc.block(stored=bool(len(self.ordered) % 2)))
        elif action == 2 and self.up:
            pair.events += pair.pc.take(self.up.popleft())
        elif action == 3 and self.up:
            pair.events += pair.pc.take(self.up[0])
        elif action == 4 and self.down:
            pair.plc.mailbox.receive(self.down.popleft())
        elif action == 5 and self.down:
            pair.plc.mailbox.receive(self.down[0])
        elif action == 6 and self.up:
            self.up.popleft()
        elif action == 7 and self.down:
            self.down.popleft()
        elif action == 8:
            self.pid += 1
            self.ordered.append(self.pid)
            pair.pc.offer([order(self.pid)])
        elif action == 9:
            self.pid += 1
            self.inducted.append(self.pid)
            pair.plc.events.append(inducted(self.pid))
        else:
            pair.plc.scan()

    def settle(self) -> None:
        while self.up:
            self.step(2)
        while self.down:
            self.step(4)
            self.pair.plc.scan()
        for _ in range(40 + len(self.ordered) + len(self.inducted) // 4):
            self.pair.cycle()

    def check(self) -> None:
        answered = [event.pid for event in self.pair.events if isinstance(event, Answered)]
        seen = [event.pid for event in self.pair.events if isinstance(event, Inducted)]
        assert answered == self.ordered
        assert seen == self.inducted
        assert not any(isinstance(event, EventsLost | Rebooted) for event in self.pair.events)
        assert self.pair.plc.status.ev_tail_echo == self.pair.plc.status.ev_head


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 12), max_size=150))
def test_every_verdict_and_event_comes_once_in_order_over_a_bad_line(actions: list[int]) -> None:
    world = Lossy(near_rollover())
    for action in actions:
        world.step(action)
    world.settle()
    world.check()


def test_a_long_run_over_a_bad_line_and_the_rollover_loses_and_doubles_nothing() -> None:
    dice = random.Random(2026)
    world = Lossy(near_rollover())
    # Enough deliveries to keep the ring (512) from filling; about 600 orders and 600 inductions.
    weights = [3, 3, 4, 1, 4, 1, 1, 1, 1, 1, 4, 0, 0]
    for action in dice.choices(range(13), weights, k=14_000):
        world.step(action)
    world.settle()
    world.check()
    assert len(world.ordered) > 400 and world.pair.plc.status.ev_head < 5_000
