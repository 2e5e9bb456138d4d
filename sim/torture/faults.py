"""Every kind of fault and the plan of a seed: which ones strike, when, for how long. Shrinks by deletion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sim.torture.link import MANGLED
from sorter.flow import Us

CONTROLLER = ("kill", "power-cut", "stop", "exception", "crash-in-recovery", "second-controller")
DISK = ("enospc", "eio-write", "eio-sync", "slow-sync", "short-write")
LINK = ("silent", "deaf", "busy", "torn", "slow", "late", "write-late", "write-twice", *MANGLED)
PLC = ("reboot", "frozen", "cpu-stop", "ring-overflow", "second-master")
FIELD = (
    "slip", "jump", "stall", "reverse", "count-wrap", "clock-wrap", "eye-chatter", "eye-stuck-on",
    "eye-stuck-off", "touching", "close", "removed", "inserted", "jam", "full", "full-chatter", "no-fire",
    "late-wheel", "stuck-wheel", "outlet-blind", "outlet-stray", "diverter-fault",
)  # fmt: skip
VISION = (
    "vision-lost", "vision-late", "vision-twice", "vision-conflict", "vision-frozen", "vision-black",
    "vision-abort", "vision-misread", "vision-junk",
)  # fmt: skip
UPSTREAM = ("advice-never", "advice-late", "advice-twice", "advice-wrong")
PEOPLE = ("intercept", "e-stop", "hold", "stop-start", "lock", "same-waybill", "locked-out")
CLOCK = ("drift", "date-step")
PLANS = ("plan-change", "plan-wave")
VIEWS = ("vision-still",)
MODES = ("mode-change",)
CLASSES = ("urgent",)
APART = {7: PLANS, 5: VIEWS, 0: MODES, 2: CLASSES}
"""Drawn apart from the others, for one seed of APART_EVERY: those planned before keep their faults."""
APART_EVERY = 12
FOLLOWS = {"torn-tail": "power-cut"}
"""What is not planned, but comes of something that is."""
AREAS = {
    "controller": CONTROLLER, "disk": DISK, "link": LINK, "plc": PLC, "field": FIELD,
    "vision": VISION + VIEWS, "upstream": UPSTREAM + CLASSES, "people": PEOPLE + MODES, "clock": CLOCK,
    "plans": PLANS,
}  # fmt: skip
KINDS = tuple(kind for kinds in AREAS.values() for kind in kinds)
_SAMPLED = tuple(kind for kind in KINDS if kind not in PLANS + VIEWS + MODES + CLASSES)
MIXES = ("faultless", "light", "heavy")

DENSE = 16
"""Faults of a seed whose kinds are named."""

FIRST_US: Us = 3_000_000
LAST_US: Us = 46_000_000
_SHORT_US, _LONG_US = 100_000, 6_000_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: kind, when, for how long, and a number for whatever it has to choose."""

    kind: str
    at_us: Us
    for_us: Us
    arg: int

    def __str__(self) -> str:
        """For a person."""
        return f"{self.at_us / 1e6:7.3f} s  {self.kind} for {self.for_us / 1e6:.2f} s (choice {self.arg})"


def mix_of(seed: int) -> str:
    """The mix that a seed belongs to when none is asked for: 1 of 10 faultless, 4 light, 5 heavy."""
    return "faultless" if seed % 10 == 0 else "light" if seed % 10 < 5 else "heavy"


def plan(seed: int, mix: str) -> tuple[Fault, ...]:
    """The faults of a seed, in order of time: a random subset of the kinds, each one or several times.

    A mix may also be kinds joined by "+": these alone, DENSE of them, for a look at one corner.
    """
    random = Random(f"{seed}/{mix}/faults")
    if mix not in MIXES:
        drawn = [_drawn(random, random.choice(mix.split("+"))) for _ in range(DENSE)]
        return tuple(sorted(drawn, key=lambda fault: (fault.at_us, fault.kind)))
    if mix == "faultless":
        return ()
    kinds, times = (random.randint(1, 3), 3) if mix == "light" else (random.randint(4, 12), 18)
    chosen = random.sample(_SAMPLED, kinds)
    faults = [_drawn(random, kind) for kind in chosen]
    faults += [_drawn(random, random.choice(chosen)) for _ in range(random.randint(0, times - 1))]
    if apart := APART.get(seed % APART_EVERY):
        random = Random(f"{seed}/{mix}/plans")
        faults += [_drawn(random, random.choice(apart)) for _ in range(random.randint(1, 4))]
    return tuple(sorted(faults, key=lambda fault: (fault.at_us, fault.kind)))


def _drawn(random: Random, kind: str) -> Fault:
    for_us = int(_SHORT_US * (_LONG_US / _SHORT_US) ** random.random())
    return Fault(kind, random.randint(FIRST_US, LAST_US), for_us, random.randrange(1 << 30))


def without(faults: Sequence[Fault], start: int, stop: int) -> tuple[Fault, ...]:
    """The plan without some of its faults."""
    return (*faults[:start], *faults[stop:])
