"""One seed run and judged; a failing one shrunk to the faults that it needs."""

from __future__ import annotations

import gc
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.oracle.case import STRANGER
from sim.oracle.judge import judge
from sim.oracle.violation import Violation
from sim.torture.disk import PowerGoneError
from sim.torture.faults import Fault, mix_of, plan, without
from sim.torture.pc import Begin
from sim.torture.world import World
from sorter.flow import Us

OWN_BUG = 0
"""Number of the promise that our own code raises nothing."""
COLLECT_EVERY = 25


@dataclass
class Trial:
    """What came of a seed. violations = numbers and words; fired = kind of fault -> how often it struck.

    parcels  that came over the infeed; sorted, of readable ones
    """

    seed: int
    mix: str
    violations: tuple[Violation, ...] = ()
    fired: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    sorted: int = 0
    readable: int = 0
    parcels: int = 0
    line_us: Us = 0
    cpu_s: float = 0.0


def run(seed: int, mix: str | None, begin: Begin, faults: Sequence[Fault] | None = None) -> Trial:
    """Run one seed to its end and judge it. mix None: the seed's own; faults: instead of the planned ones."""
    trial, world = told(seed, mix, begin, faults)
    world.facts.clear()  # the world is a ring of objects, and the collector need not look at all they told
    return trial


def told(
    seed: int, mix: str | None, begin: Begin, faults: Sequence[Fault] | None = None
) -> tuple[Trial, World]:
    """As `run`, with the world it happened in."""
    mix = mix or mix_of(seed)
    before = time.process_time()
    world = World(seed, plan(seed, mix) if faults is None else faults, begin)
    trial = Trial(seed, mix)
    try:
        world.run()
    except (Exception, PowerGoneError) as error:  # a finding, whatever it is, not the torture's end
        trial.violations = (Violation(OWN_BUG, _where(error)),)
    else:
        verdict = judge(world.facts, world.disk.segments())
        trial.violations, trial.outcomes = verdict.violations, verdict.outcomes
        trial.parcels = sum(fact[1] == "born" and fact[2] < STRANGER for fact in world.facts)
        trial.sorted, trial.readable = verdict.sorted, verdict.readable
    trial.fired, trial.line_us = world.fired, world.clock.now_us
    trial.cpu_s = time.process_time() - before
    return trial, world


def run_many(seeds: Sequence[int], mix: str | None, begin: Begin) -> list[Trial]:
    """One after the other; the garbage collector runs between worlds, not in them."""
    gc.disable()
    gc.freeze()  # what is there now lives on: it need not be looked at
    try:
        trials = []
        for number, seed in enumerate(seeds):
            trials.append(run(seed, mix, begin))
            if number % COLLECT_EVERY == COLLECT_EVERY - 1:
                before = time.process_time()
                gc.collect()
                trials[-1].cpu_s += time.process_time() - before
        return trials
    finally:
        gc.unfreeze()
        gc.enable()


def shrink(seed: int, mix: str | None, begin: Begin, promise: int) -> tuple[Fault, ...]:
    """The fewest faults found, by deleting them, that still break the same promise."""
    faults = plan(seed, mix or mix_of(seed))
    size = max(1, len(faults) // 2)
    while size:
        start = 0
        while start < len(faults):
            fewer = without(faults, start, start + size)
            if any(v.promise == promise for v in run(seed, mix, begin, fewer).violations):
                faults = fewer
            else:
                start += size
        size //= 2
    return faults


def _where(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} at {frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}"
