"""Does this PLC speak our map and run our layout? Each disagreement names the word and the remedy. Pure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from plc.adu import LinkTroubleError
from plc.blocks import Block
from plc.registers import MAGIC, MAP_VERSION, ORDER_PROBE, Echo, K, P, S, Status
from sorter.flow import PackState
from sorter.layout import Layout

_MOST_WORDS = 124
_STATES = frozenset(PackState)


SAME_FILE = "load the same line file into the PLC and the controller"
REMEDIES = {
    "magic": "check host, unit and the base of block S",
    "map_version": "install a PLC program and a controller of the same major version",
    "order_probe": "let the PLC send the high word of 32-bit values first",
    "state": "number the states 1 to 17 as in docs/registers.md",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One word (or pair) of the PLC's that is not what it must be. place names block, words and address."""

    name: str
    place: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        """The sentence for a log: what, where, what to do."""
        return f"{self.place} is {self.found}, expected {self.expected}: {self.remedy}"


def status_faults(status: Status) -> list[Fault]:
    """What makes a status unusable: magic, major version, word order, a state that PackML does not have."""
    seen = (
        ("magic", status.magic, MAGIC, status.magic == MAGIC),
        ("map_version", status.map_version, MAP_VERSION, status.map_version >> 8 == MAP_VERSION >> 8),
        ("order_probe", status.order_probe, ORDER_PROBE, status.order_probe == ORDER_PROBE),
        ("state", status.state, PackState.STOPPED, status.state in _STATES),
    )
    return [_fault(S, name, found, right) for name, found, right, is_right in seen if not is_right]


def layout_faults(echo: Echo, positions: Sequence[int], layout: Layout) -> list[Fault]:
    """Where the PLC's layout differs from ours; decision positions may differ by one count of rounding."""
    ours, faults = Echo.of(layout), []
    for name in ("chute_count", "counts_per_m_milli", "min_lead_mm"):
        if getattr(echo, name) != getattr(ours, name):
            faults.append(_fault(K, name, getattr(echo, name), getattr(ours, name)))
    for chute, (theirs, own) in enumerate(zip(positions, layout.decision_counts, strict=True)):
        if abs(theirs - own) > 1:
            words = f"{2 * chute}-{2 * chute + 1}"
            place = f"P.{words} (address {P.base + 2 * chute}, decision position of chute {chute})"
            faults.append(Fault("positions", place, str(theirs), str(own), SAME_FILE))
    if echo.crc != ours.crc:
        faults.append(_fault(K, "crc", echo.crc, ours.crc))
    return faults


async def compare_layout(
    read: Callable[[int, int], Awaitable[tuple[int, ...]]], layout: Layout
) -> list[Fault]:
    """`layout_faults` of the PLC behind read(address, count); at most 124 words a time, at even offsets."""
    echo = Echo.unpack(await read(K.base, K.words))
    words: list[int] = []
    wanted = 2 * len(layout.chutes)
    for at in range(0, wanted, _MOST_WORDS):
        words += await read(P.base + at, min(_MOST_WORDS, wanted - at))
    return layout_faults(echo, pairs(words), layout)


def mismatch(faults: Sequence[Fault]) -> LinkTroubleError:
    """The trouble that says all of it."""
    return LinkTroubleError("map-mismatch: " + "; ".join(map(str, faults)))


def pairs(words: Iterable[int]) -> list[int]:
    """The u32 values in an even number of words, high word first."""
    halves = iter(words)
    return [high << 16 | low for high, low in zip(halves, halves, strict=True)]


def _fault(block: Block, name: str, found: int, expected: int) -> Fault:
    register = block[name]
    last = register.offset + register.words - 1
    words = f"{register.offset}" if register.words == 1 else f"{register.offset}-{last}"
    digits = 4 * register.words
    place = f"{block.letter}.{words} (address {block.base + register.offset}, {name})"
    remedy = REMEDIES.get(name, SAME_FILE)
    return Fault(name, place, f"0x{found:0{digits}X}", f"0x{expected:0{digits}X}", remedy)
