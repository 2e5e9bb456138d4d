"""`sorter plc doctor --coupler`: may a remote I/O coupler run this line, and is it wired? Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TypeAlias

from plc.adu import LinkTroubleError
from plc.remote_io import EDGES, WATCHDOG
from plc.remote_program import EYES, INPUTS, SAFE, refusals
from plc.wire import Wire
from sorter.app.findings import Finding, Grade, Text, graded, plain
from sorter.layout import Layout, Link

LOOKS, LOOK_S = 10, 0.05
_NONE = plain("")
_Look: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]
"""Input registers and discrete inputs of one moment."""


def examine_coupler(layout: Layout, link: Link) -> list[Finding]:
    """What forbids the coupler this line, then what its inputs show; unreachable ends the list."""
    try:
        settings, looks = asyncio.run(_looked(layout, link))
    except LinkTroubleError as trouble:
        remedy = Text("请检查电源、网线、站号与寄存器", "check power, cable, unit id and docs/registers.md")
        forbidden = refusals(layout, link.poll_us, layout.comm_timeout_us // 1000, holds=False)
        return [Finding("coupler", Grade.FAILURE, plain(trouble.reason), remedy), *map(_forbidden, forbidden)]
    where = f"{link.host}:{link.port}"
    found = [Finding("coupler", Grade.OK, Text(f"{where} 有应答", f"{where} answers"), _NONE)]
    found += map(_forbidden, refusals(layout, link.poll_us, settings[0], holds=settings[1] != 0))
    return found + list(_wiring(layout, looks))


async def _looked(layout: Layout, link: Link) -> tuple[tuple[int, ...], list[_Look]]:
    """Watchdog and fallback; input registers and discrete inputs, several times."""
    wire = Wire(link)
    try:
        await wire.open()
        settings = await wire.read(WATCHDOG, 2)
        words, looks = EDGES + len(layout.eyes_mm) + len(layout.chutes), []
        for _ in range(LOOKS):
            looks.append((await wire.read_registers(0, words), await wire.read_inputs(0, INPUTS)))
            await asyncio.sleep(LOOK_S)
        return settings, looks
    finally:
        wire.close()


def _forbidden(why: str) -> Finding:
    """A limit of a line without a tracking PLC; the sentence itself says what to do."""
    what, _, remedy = why.rpartition(": ")
    return Finding("coupler-limit", Grade.FAILURE, plain(what), plain(remedy))


def _wiring(layout: Layout, looks: list[_Look]) -> Iterator[Finding]:
    (first, _), (last, inputs) = looks[0], looks[-1]
    chain = Text("请复位急停回路", "reset the e-stop chain")
    yield graded("coupler-safety", inputs[SAFE] == 1, Text("安全回路", "safety chain"), chain)
    eyes = [("eye", number) for number in range(len(layout.eyes_mm))]
    eyes += [("chute eye", number) for number in range(len(layout.chutes))]
    covered = [f"{name} {number}" for at, (name, number) in enumerate(eyes) if inputs[EYES + at]]
    clear = Text("请清理或对准光电", "clear it, or align the eye")
    yield graded("coupler-eyes", not covered, plain(", ".join(covered) or "clear"), clear)
    moved = [at for at in range(len(eyes)) if first[EDGES + at] != last[EDGES + at]]
    restless = [f"{name} {number}" for name, number in (eyes[at] for at in moved)]
    still = Text("线上无件时光电不应跳动", "an eye must not switch while nothing moves: align or replace it")
    yield graded("coupler-edges", not restless, plain(", ".join(restless) or "still"), still)
