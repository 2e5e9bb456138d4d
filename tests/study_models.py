"""Small honest models for the study's tests: an M/D/1 queue, and others that misbehave on purpose."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.study.results import Replication
from sorter.errors import SorterError

SERVICE_S = 2.0


@dataclass(frozen=True)
class Queue:
    """M/D/1: Poisson arrivals at `load` (< 1), constant service; the wait of `customers` in a row.

    The first of them meets the queue as it is in the long run: its wait is a geometric number of uniform
    residual services, so that no warm-up biases the mean.
    """

    load: float
    customers: int = 200
    seed: int = 1
    pause_s: float = 0.0

    @property
    def key(self) -> str:
        return hashlib.sha256(f"{self.load} {self.customers} {self.seed}".encode()).hexdigest()

    @property
    def mean_wait_s(self) -> float:
        return self.load * SERVICE_S / (2 * (1 - self.load))

    def run(self, replication: int) -> Replication:
        time.sleep(self.pause_s)
        random = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(0, replication)))
        ahead = random.geometric(1 - self.load) - 1
        first = SERVICE_S * random.random(ahead).sum()
        apart = random.exponential(size=self.customers - 1) * SERVICE_S / self.load
        # Lindley: wait n+1 = max(0, wait n + service - apart n), as a walk and its running minimum.
        walk = np.concatenate([[first], first + np.cumsum(SERVICE_S - apart)])
        waits = walk - np.minimum(np.minimum.accumulate(walk), 0.0)
        return Replication({"wait_s": float(waits.mean()), "longest_s": float(waits.max())})


@dataclass(frozen=True)
class Counted:
    """Notes every run in a folder, so that a test can see what was computed and what was not."""

    folder: Path
    key: str = "counted"

    def run(self, replication: int) -> Replication:
        self.folder.joinpath(f"{replication}-{time.monotonic_ns()}").touch()
        return Replication({"third": (replication + 1) / 3}, {"per_h": (0.1, replication / 7)})


@dataclass(frozen=True)
class Deadly:
    """Kills the process that runs it: always, or only the first time (with a folder to remember it in)."""

    folder: Path | None = None
    key: str = "deadly"

    def run(self, replication: int) -> Replication:
        mark = self.folder / "died" if self.folder else None
        if mark is None or not mark.exists():
            if mark:
                mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Replication({"survived": float(replication)})


@dataclass(frozen=True)
class Failing:
    """Refuses with words for the user, or fails as a bug does."""

    refuses: bool
    key: str = "failing"

    def run(self, replication: int) -> Replication:
        if self.refuses:
            raise SorterError("this line has no chutes")
        raise ZeroDivisionError("a bug")


@dataclass(frozen=True)
class Scripted:
    """Replication r measures figure x = values[r], the same again from the start when they run out."""

    values: tuple[float, ...]
    name: str = "x"
    key: str = "scripted"

    def run(self, replication: int) -> Replication:
        return Replication({self.name: self.values[replication % len(self.values)]})
