"""Decisions, addresses, compile time and memory at 468 to 620,573 villages, against the obvious ways.

    python -m benchmarks.plans [VILLAGES ...]

One process per size; every figure of a size is CPU time of one run, so only ratios within a line mean much.
"""

from __future__ import annotations

import csv
import gc
import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from benchmarks.aho_corasick import AhoCorasick
from benchmarks.footprint import ROOT
from benchmarks.villages import SIZES, Asked, addresses, network_of, plan_of, table
from sorter.addresses import Resolver
from sorter.flow import Advised, Direction, Service, Why
from sorter.network import Network
from sorter.plan import Item, Plan, decide
from sorter.waybill import Choice

T = TypeVar("T")

DECISIONS = 50_000
ADDRESSES = 5_000
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """One size. _us: microseconds each; right: share of addresses whose village was found."""

    villages: int
    csv_s: float
    compile_s: float
    names_s: float
    aho_s: float
    decide_us: float
    table_us: float
    dict_us: float
    resolve_us: float
    aho_us: float
    right: float
    aho_right: float
    compile_mib: float
    names_mib: float
    dict_mib: float
    aho_mib: float

    def row(self) -> str:
        """One line of the report."""
        return (
            f"{self.villages:>8} villages | csv.reader {self.csv_s:.2f} s, compile {self.compile_s:.2f} s "
            f"({self.compile_s / self.csv_s:.1f}x), all names {self.names_s:.2f} s, Aho-Corasick "
            f"{self.aho_s:.2f} s | decide {self.decide_us:.1f} us ({1e6 / self.decide_us:,.0f}/s), table "
            f"{self.table_us:.2f} us, dict {self.dict_us:.2f} us ({self.table_us / self.dict_us:.1f}x) | "
            f"address {self.resolve_us:.0f} us, {self.right:.3f} right; Aho-Corasick {self.aho_us:.0f} us, "
            f"{self.aho_right:.3f} right | network and plan {self.compile_mib:.0f} MiB, names "
            f"{self.names_mib:.0f}, dict {self.dict_mib:.0f}, Aho-Corasick {self.aho_mib:.0f}"
        )


def measure(villages: int, decisions: int = DECISIONS, asked: int = ADDRESSES) -> Measured:
    """Everything for one size, in this process."""
    gc.collect()
    text = table(villages)
    marks = [resident_mib()]
    compile_s, (network, plan) = _timed(lambda: compiled(text))
    marks.append(resident_mib())
    resolver = Resolver(network, "2026-01-01")
    names_s, _ = _timed(lambda: [resolver.resolve(f"{town.name}一村") for town in network.towns])
    marks.append(resident_mib())
    plain = {place.code: plan for place in network.places}
    marks.append(resident_mib())
    aho_s, aho = _timed(lambda: AhoCorasick(_words(network)))
    marks.append(resident_mib())
    assert len(plain) == len(network.places)
    # Last: what it frees would be taken for memory that the others do not need.
    csv_s, _ = _timed(lambda: list(csv.reader(io.StringIO(text))))
    questions = addresses(network, asked)
    decide_us, table_us, dict_us = _decisions(network, plan, decisions)
    resolve_us, right = _addresses(lambda text: resolver.resolve(text).village, questions)
    aho_us, aho_right = _addresses(aho.longest, questions)
    return Measured(
        villages, csv_s, compile_s, names_s, aho_s, decide_us, table_us, dict_us, resolve_us, aho_us,
        right, aho_right, *(after - before for before, after in pairwise(marks)),
    )  # fmt: skip


def resident_mib() -> float:
    """Memory of this process now; not a number where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


def compiled(text: str) -> tuple[Network, Plan]:
    """Network and plan, with every table that a decision asks."""
    network = network_of(text)
    network.villages("")
    return network, plan_of(network)


def _words(network: Network) -> Iterable[tuple[str, str]]:
    return ((p.name.removesuffix("委会"), p.code) for p in network.places if p.level == "village")


def _decisions(network: Network, plan: Plan, count: int) -> tuple[float, float, float]:
    """Microseconds of a decision, of the table's step alone, of a dict that has every village's key."""
    codes = [one.village for one in addresses(network, count)]
    choice = Choice(Why.ROUTED, "W", "jt")
    advised = [Advised(0, "W", "jt", code) for code in codes]
    items = [_item(network, code) for code in codes]
    keys = [(i.courier, i.direction, i.service, i.town, i.village) for i in items]
    every = (_item(network, place.code) for place in network.places if place.level == "village")
    known = {(i.courier, i.direction, i.service, i.town, i.village): plan.ruling(i) for i in every}
    return (
        _fastest(lambda: [decide(choice, word, False, plan, network) for word in advised]) / count,
        _fastest(lambda: [plan.ruling(item) for item in items]) / count,
        _fastest(lambda: [known[key] for key in keys]) / count,
    )


def _item(network: Network, code: str) -> Item:
    return Item("jt", Direction.DOWN, Service.STANDARD, network.town_of(code), code)


def _fastest(work: Callable[[], object]) -> float:
    """Microseconds of the least disturbed round."""
    return min(_timed(work)[0] for _ in range(ROUNDS)) * 1e6


def _addresses(resolve: Callable[[str], str], questions: list[Asked]) -> tuple[float, float]:
    """Microseconds each and the share that was right."""
    seconds, found = _timed(lambda: [resolve(one.address) for one in questions])
    right = sum(code == one.village for code, one in zip(found, questions, strict=True))
    return seconds / len(questions) * 1e6, right / len(questions)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of the work, and what it gave; without the collector's pauses."""
    gc.disable()
    begun = time.process_time()
    made = work()
    seconds = time.process_time() - begun
    gc.enable()
    return seconds, made


def main(words: list[str]) -> None:
    """Each size in a process of its own: the memory of one is not the other's."""
    if words[:1] == ["--here"]:
        print(measure(int(words[1])).row())
        return
    for villages in map(int, words or map(str, SIZES)):
        call = [sys.executable, "-m", "benchmarks.plans", "--here", str(villages)]
        subprocess.run(call, cwd=ROOT, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
