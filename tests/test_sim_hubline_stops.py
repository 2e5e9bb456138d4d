"""A belt that a person stops and starts again: the recursion against the closed loop."""

from __future__ import annotations

import pytest

from plc.signals import Inputs, Outputs
from sim.arrivals import advice, draw_traffic, told_latency
from sim.hubline.build import WHYS, plant_of, rulings_of
from sim.hubline.start import start_of
from sim.hubline.traffic import stream_of
from sim.virtual import VirtualLine
from sorter.app.config import load_hub
from sorter.flow import Operated, PackCommand, Us, Why
from tests.hubs import ON_DATE
from tests.shared import ROOT
from tests.worlds import Row, outlet, rows_of, traffic_at

LINZI = load_hub(ROOT / "configs" / "linzi")
RAMP_US = 2_000_000
COUNT = 130
Stops = list[tuple[Us, Us]]


class Held(VirtualLine):
    """A closed loop that notes when its belt is told to stop and to run."""

    def __init__(self, seed: int) -> None:
        self.drawn = draw_traffic(LINZI, traffic_at(8500, COUNT), seed, 0, COUNT)
        self.turns: list[Us] = []
        parcels = [one.parcel for one in self.drawn]
        super().__init__(LINZI, ON_DATE, parcels, seed, latency_us=told_latency(self.drawn))

    def _tell(self, inputs: Inputs, outputs: Outputs) -> None:
        if outputs.belt_run != len(self.turns) % 2:
            self.turns.append(self._env.now_us)
        super()._tell(inputs, outputs)

    def fare(self, stops: Stops) -> tuple[list[Row], Stops]:
        """What becomes of every parcel when a person holds the line then, and when the belt was off."""
        words = (PackCommand.HOLD, PackCommand.UNHOLD)
        pressed = [(at, Operated(at, word)) for span in stops for at, word in zip(span, words, strict=True)]
        run = self.run(advice(one.truth for one in self.drawn), pressed)
        line, rows = self.plant.line, list[Row]()
        released = {n: at_us for at_us, n in line.inducted}
        left = {n: (at_us, chute) for at_us, n, chute in line.left}
        records = sorted((record for record in run.records if record.pid), key=lambda record: record.seen_us)
        for n, record in enumerate(records):
            at_us, chute = left[n]
            told, why = outlet(record.told), WHYS.index(record.why)
            rows.append((n, released[n], record.decided_us, at_us, told, outlet(chute), why))
        return rows, list(zip(self.turns[1::2], self.turns[2::2], strict=True))


def by_recursion(seed: int, stops: Stops) -> list[Row]:
    rulings = rulings_of(LINZI, ON_DATE)
    plant = plant_of(LINZI, rulings, start_of(LINZI), stops=stops)
    stream = stream_of(LINZI, traffic_at(8500, COUNT), rulings, seed, 0)
    return rows_of(LINZI, rulings, plant, stream, "plain")[:COUNT]


@pytest.mark.parametrize(
    ("seed", "pressed"),
    [
        (1, [(20_000_000, 30_000_000)]),
        (2, [(20_000_000, 30_000_000)]),
        (3, [(20_000_123, 23_000_457), (40_000_000, 47_123_456)]),
        (4, [(12_345_678, 61_000_000)]),
    ],
)
def test_where_and_when_every_parcel_leaves_is_the_same_however_often_the_belt_stands(
    seed: int, pressed: Stops
) -> None:
    looped, stood = Held(seed).fare(pressed)
    rows = by_recursion(seed, stood)
    assert len(stood) == len(pressed)
    assert [row[:-1] for row in rows] == [row[:-1] for row in looped]
    # The one thing that the recursion does not say: a wheel takes a parcel while the belt comes to stand, the
    # PLC reckons it at the pivot later than it is there, and calls it lost though it is in its chute.
    for ours, theirs in zip(rows, looped, strict=True):
        if ours != theirs:
            assert (WHYS[ours[-1]], WHYS[theirs[-1]]) == (Why.ROUTED, Why.LOST)
            assert any(0 < ours[3] - begin <= RAMP_US for begin, _ in stood)
    assert sum(ours != theirs for ours, theirs in zip(rows, looped, strict=True)) <= 1
