"""The PLC rebooted, the link cut and the controller killed at random: every parcel ends in one outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest

from sim.arrivals import draw
from sorter.flow import Inducted, Outcome
from tests.hubs import hub
from tests.wired_world import SECOND, Dies, World

HUB = hub()


def disturb(world: World, random: Random, at_us: int, counts: Counter[str]) -> None:
    """One trouble at an instant, and what ends it."""
    kind = random.choice(("boot", "cut", "kill"))
    counts[kind] += 1
    if kind == "boot":
        world.at(at_us, world.boot)
    elif kind == "cut":
        lasts = random.randint(50, 3_000) * 1000
        deaf = random.random() < 0.3
        world.at(at_us, lambda: setattr(world, "deaf" if deaf else "silent", True))
        world.at(at_us + lasts, lambda: setattr(world, "deaf" if deaf else "silent", False))
    else:
        world.kill(at_us, random.choice(tuple(Dies)), random.randint(200, 2_500) * 1000)


def troubled(seed: int, parcels: int, troubles: int) -> tuple[World, Counter[str]]:
    random, counts = Random(seed), Counter[str]()
    world = World(HUB, draw(HUB, seed, parcels, 6000))
    lasts = parcels * 3_600 * SECOND // 6000
    for number in range(troubles):
        at_us = 5 * SECOND + (2 * number + random.randint(0, 1)) * lasts // (2 * troubles)
        disturb(world, random, at_us, counts)
    world.run_for(lasts + 10 * SECOND)
    world.settle(most_s=900)
    return world, counts


CASES = [
    (1, 700, 50),
    pytest.param(2, 1500, 50, marks=pytest.mark.full),
    pytest.param(3, 1500, 50, marks=pytest.mark.full),
]


@pytest.mark.parametrize(("seed", "parcels", "troubles"), CASES)
def test_every_parcel_ends_in_one_outcome_whatever_is_restarted_or_cut(
    seed: int, parcels: int, troubles: int, report_line: Callable[[str], None]
) -> None:
    world, counts = troubled(seed, parcels, troubles)
    inducted = sum(isinstance(event, Inducted) for event in world.told)
    done = sum(record.outcome is Outcome.SORTED for record in world.records())
    verdict, unheard = world.judged(), world.unheard()
    report_line(
        f"{dict(counts)}: {inducted} inducted, {done} sorted, {len(unheard)} lost with the PLC's memory, "
        f"{len(verdict.missorts)} mis-sorts"
    )
    assert max(Counter(world.heard()).values()) == 1, "an event is in the journal twice"
    assert world.broken_law() == {} and verdict.missorts == () and verdict.untrue == ()
    assert inducted == parcels and done >= 0.6 * inducted
    assert len(unheard) <= counts["boot"]
