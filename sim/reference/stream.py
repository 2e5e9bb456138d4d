"""Parcels for a reference line drawn by counting: parcel n of a seed is the same however many are drawn.

Plain Python over lists, compiled over arrays, the same source: a block of rows at a time, so that a run
needs no table of all its parcels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import exp
from statistics import NormalDist
from typing import NamedTuple

from sim import draws
from sim.compiled import bare
from sim.draws import exponential, key, logarithms, word
from sim.reference.columns import Table
from sim.reference.rules import Column
from sim.reference.spec import NO_READ

_CODES, _LATENCIES = 1 << 16, 1 << 12
_ARRIVALS, _LOOKS = range(2)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What arrives, as an engineer says it.

    gap_us             mean time between arrivals, which are a Poisson process
    length_mm          shortest and longest, even between them, both included; the range below 2^16
    no_reads           share of parcels that no camera reads, the same for every chute
    weights            how many go to each chute, in proportion
    latency_us, spread median of the time from camera to decision, and the standard deviation of its logarithm
    """

    gap_us: float
    length_mm: tuple[int, int]
    no_reads: float
    weights: tuple[float, ...]
    latency_us: int
    spread: float


class Stream(NamedTuple):
    """What rows are drawn from.

    arrivals, looks   keys of the random numbers; logs: see sim.draws.exponential
    codes, latencies  what an even number of 16 bits, and one of 12, picks
    """

    gap_us: float
    shortest_mm: int
    lengths: int
    arrivals: int
    looks: int
    logs: list[float]
    codes: Column
    latencies: Column


def stream_of(traffic: Traffic, seed: int) -> Stream:
    """The columns as lists; seed at least 0 and below 2^31."""
    shortest, longest = traffic.length_mm
    return Stream(
        gap_us=traffic.gap_us,
        shortest_mm=shortest,
        lengths=longest - shortest + 1,
        arrivals=key(seed, _ARRIVALS),
        looks=key(seed, _LOOKS),
        logs=logarithms(),
        codes=_codes(traffic),
        latencies=_latencies(traffic.latency_us, traffic.spread),
    )


def draw_rows(stream: Stream, clock_us: list[float], first: int, count: int, table: Table, row: int) -> None:
    """Draw parcels first, first + 1, ... into the table's rows from `row` on; clock_us = [last arrival]."""
    arr, length, code, latency = table
    now = clock_us[0]
    for n in range(first, first + count):
        now += exponential(word(stream.arrivals, n), stream.logs) * stream.gap_us
        bits = word(stream.looks, n)
        arr[row] = int(now)
        length[row] = stream.shortest_mm + ((bits >> 32 & 0xFFFF) * stream.lengths >> 16)
        code[row] = stream.codes[bits & 0xFFFF]
        latency[row] = stream.latencies[bits >> 16 & 0xFFF]
        row += 1
    clock_us[0] = now


def bare_stream(stream: Stream) -> Stream:
    """The same with addresses for columns, in compiled code."""
    gap_us, shortest_mm, lengths, arrivals, looks, logs, codes, latencies = stream
    return Stream(gap_us, shortest_mm, lengths, arrivals, looks, bare(logs), bare(codes), bare(latencies))


def _codes(traffic: Traffic) -> list[int]:
    """Slots dealt to the chutes in proportion, after those of parcels that no camera reads."""
    dealt = [NO_READ] * round(traffic.no_reads * _CODES)
    whole = sum(traffic.weights)
    for code, upto in enumerate(accumulate(traffic.weights)):
        share = traffic.no_reads + (1 - traffic.no_reads) * upto / whole
        dealt += [code] * (round(share * _CODES) - len(dealt))
    return dealt


def _latencies(median_us: int, spread: float) -> list[int]:
    """Quantiles of a log-normal distribution, in the middle of each slot, rounded down."""
    normal = NormalDist()
    return [int(median_us * exp(spread * normal.inv_cdf((n + 0.5) / _LATENCIES))) for n in range(_LATENCIES)]


RULES = (*draws.RULES, bare_stream, draw_rows)
"""What compiled drawing must be given."""
