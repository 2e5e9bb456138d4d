"""Does this PLC speak our map and run our layout? Each disagreement names the word and the remedy. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence

from plc.adu import LinkTroubleError
from plc.registers import MAGIC, MAP_VERSION, ORDER_PROBE, Block, Echo, K, P, S, Status
from sorter.flow import PackState
from sorter.layout import Layout

_MOST_WORDS = 124


def status_faults(status: Status) -> list[str]:
    """What makes a status unusable: magic, major version, word order, a state that PackML does not have."""
    faults: list[str] = []
    if status.magic != MAGIC:
        faults.append(_fault(S, "magic", status.magic, MAGIC, "check host, unit and the base of block S"))
    if status.map_version >> 8 != MAP_VERSION >> 8:
        remedy = "install a PLC program and a controller of the same major version"
        faults.append(_fault(S, "map_version", status.map_version, MAP_VERSION, remedy))
    if status.order_probe != ORDER_PROBE:
        remedy = "let the PLC send the high word of 32-bit values first"
        faults.append(_fault(S, "order_probe", status.order_probe, ORDER_PROBE, remedy))
    if status.state not in set(PackState):
        remedy = "number the states 1 to 17 as in docs/registers.md"
        faults.append(_fault(S, "state", status.state, PackState.STOPPED, remedy))
    return faults


def layout_faults(echo: Echo, positions: Sequence[int], layout: Layout) -> list[str]:
    """Where the PLC's layout differs from ours; decision positions may differ by one count of rounding."""
    ours, faults = Echo.of(layout), []
    remedy = "load the same line file into the PLC and the controller"
    for name in ("chute_count", "counts_per_m_milli", "min_lead_mm"):
        if getattr(echo, name) != getattr(ours, name):
            faults.append(_fault(K, name, getattr(echo, name), getattr(ours, name), remedy))
    for chute, (theirs, own) in enumerate(zip(positions, layout.decision_counts, strict=True)):
        if abs(theirs - own) > 1:
            words = f"{2 * chute}-{2 * chute + 1}"
            faults.append(f"P.{words} (address {P.base + 2 * chute}, decision position of chute {chute}) "
                          f"is {theirs}, expected {own}: {remedy}")  # fmt: skip
    if echo.crc != ours.crc:
        faults.append(_fault(K, "crc", echo.crc, ours.crc, remedy))
    return faults


async def compare_layout(read: Callable[[int, int], Awaitable[tuple[int, ...]]], layout: Layout) -> list[str]:
    """`layout_faults` of the PLC behind read(address, count); at most 124 words a time, at even offsets."""
    echo = Echo.unpack(await read(K.base, K.words))
    words: list[int] = []
    wanted = 2 * len(layout.chutes)
    for at in range(0, wanted, _MOST_WORDS):
        words += await read(P.base + at, min(_MOST_WORDS, wanted - at))
    return layout_faults(echo, _positions(words), layout)


def mismatch(faults: Sequence[str]) -> LinkTroubleError:
    """The trouble that says all of it."""
    return LinkTroubleError("map-mismatch: " + "; ".join(faults))


def _positions(words: Iterable[int]) -> list[int]:
    """Decision positions from the words of block P, an even number of them."""
    pairs = iter(words)
    return [high << 16 | low for high, low in zip(pairs, pairs, strict=True)]


def _fault(block: Block, name: str, found: int, expected: int, remedy: str) -> str:
    register = block[name]
    last = register.offset + register.words - 1
    words = f"{register.offset}" if register.words == 1 else f"{register.offset}-{last}"
    digits = 4 * register.words
    place = f"{block.letter}.{words} (address {block.base + register.offset}, {name})"
    return f"{place} is 0x{found:0{digits}X}, expected 0x{expected:0{digits}X}: {remedy}"
