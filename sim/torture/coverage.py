"""What many trials came to: which faults struck, how parcels ended, which floors and promises held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sim.oracle.violation import Violation
from sim.torture.faults import FOLLOWS, KINDS, MIXES
from sim.torture.trial import Trial

FLOORS_PERMILLE = {"faultless": 999, "light": 600, "heavy": 80}
"""Least share of readable parcels that must be sorted: rejecting everything would be safe."""
LEAST_US, LEAST_PARCELS = 60_000_000, 50
"""A seed that is shorter proves less than it is counted for."""


@dataclass
class Coverage:
    """Sums over trials. seeds = trials of each mix; failed = (seed, mix, violations), in order of seed.

    short = seeds that ran for less than LEAST_US or put fewer than LEAST_PARCELS on the belt
    """

    trials: int = 0
    seeds: Counter[str] = field(default_factory=Counter)
    line_s: float = 0.0
    cpu_s: float = 0.0
    fired: Counter[str] = field(default_factory=Counter)
    seeds_of: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    sorted: Counter[str] = field(default_factory=Counter)
    readable: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[int, str, tuple[Violation, ...]]] = field(default_factory=list)

    short: list[int] = field(default_factory=list)

    def add(self, trial: Trial) -> None:
        """One more."""
        self.trials += 1
        self.seeds[trial.mix] += 1
        self.line_s += trial.line_us / 1e6
        self.cpu_s += trial.cpu_s
        self.fired += trial.fired
        self.seeds_of += Counter(trial.fired.keys())
        self.outcomes += trial.outcomes
        self.sorted[trial.mix] += trial.sorted
        self.readable[trial.mix] += trial.readable
        if trial.line_us < LEAST_US or trial.parcels < LEAST_PARCELS:
            self.short.append(trial.seed)
        if trial.violations:
            self.failed.append((trial.seed, trial.mix, trial.violations))
            self.failed.sort(key=lambda one: one[:2])

    def floors(self) -> Iterator[tuple[str, int, int, bool]]:
        """(mix, sorted, readable, its floor holds) of every mix that ran."""
        for mix in MIXES:
            if self.readable[mix]:
                done, of = self.sorted[mix], self.readable[mix]
                yield mix, done, of, 1000 * done >= FLOORS_PERMILLE[mix] * of

    @property
    def well(self) -> bool:
        """No promise broken, every floor kept."""
        return not self.failed and all(held for *_, held in self.floors())

    @property
    def pace(self) -> float:
        """Simulated seconds per second of one core."""
        return self.line_s / self.cpu_s if self.cpu_s else 0.0

    @property
    def silent(self) -> tuple[str, ...]:
        """Kinds of fault that never struck."""
        return tuple(kind for kind in (*KINDS, *FOLLOWS) if not self.fired[kind])
