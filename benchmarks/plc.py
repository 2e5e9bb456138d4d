"""The PLC link under load: real Modbus TCP, polls of 100 ms, parcels in bursts; and its latency.

    python -m benchmarks.plc --rate 60000 --seconds 60
    python -m benchmarks.plc --rate 90000 --seconds 60 --one-window

The PLC's map (sim/mapload.py) runs in a process of its own. The decision path is what lies between the
start of the poll that brings an induction and the moment at which its slot is written: FC3, deciding, FC16.
Beside it, in the same run and on a connection of its own, the same two requests go by pymodbus alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from plc.modbus import ModbusMachine
from plc.registers import C, S
from sim.mapload import Counts, in_process
from sorter.app.args import default_config
from sorter.app.config import load_hub
from sorter.app.tally import percentile
from sorter.flow import Assign, Command, Event, EventsLost, Inducted, Left, Us
from sorter.layout import Layout, Link

POLL_US = 100_000
SEED = 1
RAW_EVERY = 5
"""One cycle in so many is followed by a raw exchange."""


@dataclass
class Outcome:
    """One run. sent_us: start of the poll with an induction -> slot written; raw_us: FC3 + FC16 alone.

    diag  every diag bit that the PLC showed
    """

    plc: Counts
    inducted: int = 0
    left: int = 0
    doubled: int = 0
    lost: int = 0
    cycles: int = 0
    diag: int = 0
    sent_us: list[Us] = field(default_factory=list)
    raw_us: list[Us] = field(default_factory=list)
    rss_mib: tuple[int, int] = (0, 0)

    @property
    def ratio(self) -> float:
        """Decision path p99 as a multiple of the raw round trip's p99."""
        return percentile(self.sent_us, 0.99) / percentile(self.raw_us, 0.99)


class _Raw:
    """The same two requests by pymodbus alone, on a connection of its own."""

    def __init__(self, port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = self._loop.run_until_complete(self._connected(port))

    async def _connected(self, port: int) -> AsyncModbusTcpClient:
        client = AsyncModbusTcpClient("127.0.0.1", port=port, retries=0)
        await client.connect()
        return client

    def exchange_us(self, block: Callable[[], list[int]]) -> Us:
        words, began = block(), time.perf_counter_ns()
        self._loop.run_until_complete(self._both(words))
        return (time.perf_counter_ns() - began) // 1000

    async def _both(self, words: list[int]) -> None:
        with suppress(ModbusException):  # at the end of a run the other side goes first
            await self._client.read_holding_registers(S.base, count=S.words)
            await self._client.write_registers(C.base, words)

    def close(self) -> None:
        self._client.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


@contextmanager
def loaded(layout: Layout, rate: int, seconds: float) -> Iterator[tuple[ModbusMachine, _Raw, Connection]]:
    """A PLC under load in a process of its own, our link to it, a raw one, and its word at the end."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=in_process, args=(theirs, layout, SEED, rate, seconds), daemon=True)
    process.start()
    port: int = ours.recv()
    link = Link("127.0.0.1", port, 1, POLL_US, 1_000_000)
    machine = ModbusMachine(link, layout, 77, lambda: time.monotonic_ns() // 1000)
    machine.mailbox.ready = True
    raw = _Raw(port)
    try:
        yield machine, raw, ours
    finally:
        machine.close()
        raw.close()
        process.terminate()
        process.join()


def run(layout: Layout, rate: int, seconds: float, one_window: bool = False) -> Outcome:
    """Load the link for so long. one_window: never poll again at once, as a slow controller would not."""
    outcome = Outcome(Counts())
    with loaded(layout, rate, seconds) as (machine, raw, plc):
        _drive(machine, raw, outcome, plc.poll, one_window)
        outcome.plc = Counts(**plc.recv())
    return outcome


def latency(layout: Layout, exchanges: int) -> Outcome:
    """Decision path and raw exchange in turn, as fast as they go, under 60,000 parcels an hour."""
    outcome, pids = Outcome(Counts()), set[int]()
    with loaded(layout, 60_000, 3600.0) as (machine, raw, _):
        for _ in range(20 + exchanges):
            _cycle(machine, outcome, pids, always=True)
            outcome.raw_us.append(raw.exchange_us(lambda: machine.mailbox.block(stored=True)))
    del outcome.sent_us[:20], outcome.raw_us[:20]
    return outcome


def _cycle(machine: ModbusMachine, outcome: Outcome, pids: set[int], always: bool = False) -> None:
    """Poll, decide, send. always: time it also when nothing was inducted."""
    began = time.perf_counter_ns()
    events = machine.poll()
    orders: list[Assign | Command] = [
        Assign(event.pid, event.pid % 4, 65535, 0) for event in events if isinstance(event, Inducted)
    ]
    machine.send(orders, True)
    if orders or always:
        outcome.sent_us.append((time.perf_counter_ns() - began) // 1000)
    _count(outcome, events, pids)
    outcome.diag |= 0 if machine.status is None else machine.status.diag
    outcome.cycles += 1


def _drive(
    machine: ModbusMachine, raw: _Raw, outcome: Outcome, ended: Callable[[], bool], one_window: bool
) -> None:
    pids: set[int] = set()
    first_mib, due = 0, time.monotonic()
    while not ended():
        _cycle(machine, outcome, pids)
        if outcome.cycles % RAW_EVERY == 0 and machine.status is not None:
            outcome.raw_us.append(raw.exchange_us(lambda: machine.mailbox.block(stored=True)))
        first_mib = first_mib or (_rss_mib() if outcome.cycles > 100 else 0)
        if one_window or not machine.more:
            due = max(due + POLL_US / 1e6, time.monotonic())
            time.sleep(max(0.0, due - time.monotonic()))
    outcome.rss_mib = first_mib, _rss_mib()


def _count(outcome: Outcome, events: Sequence[Event], pids: set[int]) -> None:
    for event in events:
        if isinstance(event, Inducted):
            outcome.inducted += 1
            outcome.doubled += event.pid in pids
            pids.add(event.pid)
        elif isinstance(event, Left):
            outcome.left += 1
            outcome.doubled += event.pid not in pids
            pids.discard(event.pid)
        elif isinstance(event, EventsLost):
            outcome.lost += event.count


def _rss_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def shown(outcome: Outcome) -> dict[str, object]:
    """The run in figures, for a person or a program."""
    plain = ("inducted", "left", "doubled", "lost", "cycles", "diag", "rss_mib")
    figures: dict[str, object] = {name: getattr(outcome, name) for name in plain}
    for name, values in (("path", outcome.sent_us), ("raw", outcome.raw_us)):
        figures[f"{name}_p50_us"], figures[f"{name}_p99_us"] = (percentile(values, p) for p in (0.5, 0.99))
    return {**figures, "ratio_p99": round(outcome.ratio, 2), "plc": asdict(outcome.plc)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rate", type=int, default=20_000, help="parcels per hour (default 20000)")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--one-window", action="store_true", help="one window of 8 events a poll, no more")
    args = parser.parse_args()
    layout = load_hub(default_config()).layout
    print(json.dumps(shown(run(layout, args.rate, args.seconds, args.one_window))))


if __name__ == "__main__":
    main()
