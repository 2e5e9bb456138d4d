"""Why a run ended before its parcels were through: where they are, how the line stands, which faults last."""

from __future__ import annotations

from collections.abc import Iterator

from sim.faultplan import ALWAYS, HOUR_US, Fault
from sim.planned import Planned
from sorter.app.fault_schema import FORMS
from sorter.app.tally import Tally
from sorter.app.texts import text
from sorter.flow import Us

OFTEN = 0.5
"""A fault that is there for more of the time than this leaves little of it for sorting."""


def unfinished(tally: Tally, offered: int, at_us: Us, faults: Planned | None) -> Iterator[str]:
    """Lines for a person, Chinese and English; at_us = the end, on the line clock."""
    waiting, riding = offered - tally.inducted, len(tally.open)
    yield (
        f"没有跑完：{offered} 件中 {waiting} 件未上线，{riding} 件在线上没有结果 / not through:"
        f" of {offered} parcels {waiting} never came onto the line, {riding} are on it without an outcome"
    )
    hours, zh, en = at_us / HOUR_US, text(tally.state, "zh"), text(tally.state, "en")
    yield f"  {hours:.2f} 小时后产线状态：{zh} / after {hours:.2f} h the line is {en}"
    held = faults.in_force(at_us) if faults is not None else ()
    for fault in held:
        yield f"  此刻仍在 / still there: {_told(fault)}"
    often = [fault for fault in held if fault.per_hour_milli and _present(fault) > OFTEN]
    for fault in often:
        share = f"{100 * _present(fault):.0f} %"
        yield (
            f"  {_told(fault)}: 时间占比 {share}，请减小 per_hour 或 for /"
            f" there for {share} of the time: write less for per_hour or for"
        )
    if any(fault.spans != ALWAYS for fault in held):
        yield "  有故障尚未结束，请缩短 for / a fault has not ended: shorten its for"


def _present(fault: Fault) -> float:
    """Share of the time for which a random fault is there."""
    least_us, most_us = fault.lasts_us
    mean_us = (least_us + most_us) / 2
    return mean_us / (mean_us + HOUR_US * 1000 / fault.per_hour_milli)


def _told(fault: Fault) -> str:
    form = FORMS[fault.kind]
    return f"{form.zh} {fault.kind.value}"
