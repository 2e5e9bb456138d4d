"""From a day's counters to the figures that people ask for; every one says of what it is a share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.hubline.build import BAGGED_WHY, WHYS
from sim.hubline.tally import (
    DWELL_BIN_US,
    DWELL_US,
    IDLE_US,
    JAMMED_US,
    LAST_US,
    MISSORTS,
    PARCELS,
    RATE_BIN_US,
    RELEASED_US,
    ROUNDS,
    STOPPED_US,
    TOTALS,
    WAIT_BIN_US,
    WAIT_US,
    Tally,
    quantile_us,
)
from sorter.flow import OUTCOME_OF, Outcome, Why

if TYPE_CHECKING:
    from sim.hubline.scenario import Scenario

HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Figure:
    """How a figure is shown: names, unit ("", "%", "s", "/h", "ppm"), what it is a share of."""

    key: str
    zh: str
    en: str
    unit: str
    of: str = ""
    decimals: int = 1


CATALOGUE: tuple[Figure, ...] = (
    Figure("parcels", "到件", "parcels inducted", "", decimals=0),
    Figure("throughput_per_h", "小时分拣量", "sorted per hour, start to last parcel", "/h", decimals=0),
    Figure("peak_per_h", "最高一刻钟", "sorted in the best quarter of an hour", "/h", decimals=0),
    Figure("sorted_share", "分拣率", "sorted to a chute", "%", "inducted", 2),
    Figure("accuracy", "准确率", "sorted to a right chute", "%", "sorted to a chute", 4),
    Figure("sort_accuracy", "分拣准确率", "left by the right chute", "%", "inducted less no-reads", 3),
    Figure("missorts", "错分", "mis-sorts", "", "inducted", 0),
    Figure("no_read_share", "无读率", "no-reads", "%", "inducted", 2),
    Figure("full_share", "格口满", "rejected, chute full", "%", "inducted", 3),
    Figure("failed_share", "分流失败", "diverts that failed", "%", "inducted", 3),
    Figure("late_share", "决策迟到", "decided too late", "%", "inducted", 3),
    Figure("wait_mean_s", "等待上线", "wait for the infeed", "s", "inducted"),
    Figure("wait_p99_s", "等待上线 p99", "wait for the infeed, 99 of 100", "s", "inducted"),
    Figure("dwell_mean_s", "在线时间", "infeed to outlet", "s", "inducted"),
    Figure("dwell_p99_s", "在线时间 p99", "infeed to outlet, 99 of 100", "s", "inducted"),
    Figure("laps", "平均圈数", "rounds of a parcel", "", "inducted", 3),
    Figure("busiest_share", "最忙格口", "share of the busiest chute", "%", "sorted to a chute"),
    Figure("finish_h", "完成时刻", "last parcel off, after the start", "h", decimals=2),
    Figure("loss_starved", "损失：无件", "lost: no parcel at the infeed", "%", "nameplate", 2),
    Figure("loss_stopped", "损失：停线", "lost: infeed closed", "%", "nameplate", 2),
    Figure("loss_jam", "损失：堵件", "lost: infeed closed by a jam", "%", "nameplate", 2),
    Figure("loss_gap", "损失：间隔", "lost: gaps beyond the smallest pitch", "%", "nameplate", 2),
    Figure("loss_returning", "损失：回流", "lost: parcels that return", "%", "nameplate", 2),
    Figure("loss_no_read", "损失：无读", "lost: no-reads", "%", "nameplate", 2),
    Figure("loss_exception", "损失：异常", "lost: other exceptions", "%", "nameplate", 2),
    Figure("loss_upstream", "损失：无预报", "lost: no advice from upstream", "%", "nameplate", 2),
    Figure("loss_bag_change", "损失：换袋", "lost: a bag to be changed", "%", "nameplate", 2),
    Figure("loss_full", "损失：格口满", "lost: chute full", "%", "nameplate", 2),
    Figure("loss_failed", "损失：分流失败", "lost: diverts that failed", "%", "nameplate", 2),
    Figure("loss_late", "损失：迟到", "lost: decided too late", "%", "nameplate", 2),
    Figure("achieved", "达成", "achieved", "%", "nameplate", 2),
)
"""Figures that every hub scenario gives, in the order in which they are shown."""

WITH_FAULTS = (Figure("unfinished", "未跑完", "not through: the line was given up", "", "offered", 0),)
"""Figures that a scenario with faults of the closed loop gives besides."""


def figures_of(scenario: Scenario, tallies: Sequence[Tally]) -> dict[str, float]:
    """One day's figures over all lines; those that the day cannot tell are left out."""
    totals = [sum(int(tally.totals[n]) for tally in tallies) for n in range(TOTALS)]
    parcels = totals[PARCELS]
    if not parcels:
        return {"parcels": 0.0}
    last_us = max(int(tally.totals[LAST_US]) for tally in tallies)
    chutes = [sum(int(tally.by_chute[n]) for tally in tallies) for n in range(len(tallies[0].by_chute))]
    taken = sum(chutes[:-1])
    figures = {
        "parcels": float(parcels),
        "throughput_per_h": taken * HOUR_US / last_us,
        "peak_per_h": max(_quarters(tallies), default=0) * 4.0,
        "sorted_share": 100.0 * _ended(tallies, Outcome.SORTED) / parcels,
        "missorts": float(totals[MISSORTS]),
        "no_read_share": 100.0 * _ended(tallies, Outcome.NO_READ) / parcels,
        "wait_mean_s": totals[WAIT_US] / parcels / 1e6,
        "wait_p99_s": quantile_us(_summed(tallies, "waits"), WAIT_BIN_US, 0.99) / 1e6,
        "dwell_mean_s": totals[DWELL_US] / parcels / 1e6,
        "dwell_p99_s": quantile_us(_summed(tallies, "dwells"), DWELL_BIN_US, 0.99) / 1e6,
        "laps": totals[ROUNDS] / parcels,
        "finish_h": last_us / HOUR_US,
    }
    for key, whys in _REASONS.items():
        numbers = [n for n, why in enumerate(WHYS) if why in whys]
        figures[key] = 100.0 * sum(int(tally.by_why[n]) for tally in tallies for n in numbers) / parcels
    figures |= losses(scenario, tallies, figures)
    figures |= _by_chute(scenario, tallies, chutes, parcels)
    told_codes = parcels - _ended(tallies, Outcome.NO_READ)
    if told_codes:
        figures["sort_accuracy"] = 100.0 * (taken - totals[MISSORTS]) / told_codes
    if taken:
        figures["accuracy"] = 100.0 * (taken - totals[MISSORTS]) / taken
        figures["busiest_share"] = 100.0 * max(chutes[:-1]) / taken
    return figures


def _by_chute(
    scenario: Scenario, tallies: Sequence[Tally], chutes: Sequence[int], parcels: int
) -> dict[str, float]:
    """Each chute's share of the parcels in %, and what its parcels dwelt on the line in s."""
    figures, dwelt = dict[str, float](), _summed(tallies, "dwelt")
    for chute, count in zip(scenario.hub.layout.chutes, chutes, strict=False):
        figures[f"chute:{chute.key}"] = 100.0 * count / parcels
        if count:
            figures[f"dwell:{chute.key}"] = dwelt[chute.id] / count / 1e6
    return figures


def losses(scenario: Scenario, tallies: Sequence[Tally], figures: Mapping[str, float]) -> dict[str, float]:
    """From nameplate to achieved, in % of the parcels that the infeeds could take at the smallest pitch.

    Time at the infeed is idle, closed, taken by a parcel (one pitch each), by one that returns, or by the
    gap beyond the pitch, which is what remains; the parcels taken are sorted or end as exceptions.
    """
    infeed = scenario.hub.layout.infeed
    slot_us = infeed.min_pitch_mm * 1_000_000 / scenario.hub.layout.belt.speed_mm_s
    over = [int(tally.totals[RELEASED_US]) + slot_us for tally in tallies]
    spans = [max(scenario.until_us, end) for end in over]
    idle = sum(
        int(tally.totals[IDLE_US]) + span - end for tally, span, end in zip(tallies, spans, over, strict=True)
    )
    total, parcels = sum(spans), figures["parcels"]
    jammed = sum(int(tally.totals[JAMMED_US]) for tally in tallies)
    stopped = sum(int(tally.totals[STOPPED_US]) for tally in tallies) - jammed
    parts = {
        "loss_starved": 100.0 * idle / total,
        "loss_stopped": 100.0 * stopped / total,
        "loss_jam": 100.0 * jammed / total,
        "loss_returning": 100.0 * (figures["laps"] - 1.0) * parcels * slot_us / total,
    }
    of_taken = parcels * slot_us / total
    shown = {"loss_no_read": "no_read_share", "loss_full": "full_share", "loss_failed": "failed_share"}
    ends = {loss: figures[key] * of_taken for loss, key in (shown | {"loss_late": "late_share"}).items()}
    for loss, number in {"loss_upstream": WHYS.index(Why.NO_ADVICE), "loss_bag_change": BAGGED_WHY}.items():
        count = sum(int(tally.by_why[number]) for tally in tallies)
        ends[loss] = 100.0 * count / parcels * of_taken
    ends["loss_full"] -= ends["loss_bag_change"]
    achieved = figures["sorted_share"] * of_taken
    ends["loss_exception"] = 100.0 * of_taken - achieved - sum(ends.values())
    parts["loss_gap"] = 100.0 * (1.0 - of_taken) - sum(parts.values())
    return {**parts, **ends, "achieved": achieved}


def series_of(scenario: Scenario, tallies: Sequence[Tally]) -> dict[str, tuple[float, ...]]:
    """Sorted per hour in bins of five minutes, all lines together."""
    bins = scenario.until_us // RATE_BIN_US + 1
    per_hour = HOUR_US / RATE_BIN_US
    return {"sorted_per_h": tuple(count * per_hour for count in _summed(tallies, "sorted_in")[:bins])}


_REASONS = {
    "full_share": {Why.CHUTE_FULL, Why.CHUTE_LOCKED},
    "failed_share": {Why.DIVERT_FAILED, Why.DIVERTER_FAULT},
    "late_share": {Why.LATE_DECISION, Why.LATE_DELIVERY},
}


def _summed(tallies: Sequence[Tally], name: str) -> list[int]:
    """One counter of all lines, place by place."""
    columns = np.array([getattr(tally, name) for tally in tallies], dtype=np.int64)
    return [int(count) for count in columns.sum(axis=0)]


def _quarters(tallies: Sequence[Tally]) -> list[int]:
    """Sorted in each quarter of an hour; the last bin holds everything later and is left out."""
    bins = _summed(tallies, "sorted_in")[:-1]
    return [sum(bins[at : at + 3]) for at in range(0, len(bins), 3)]


def _ended(tallies: Sequence[Tally], outcome: Outcome) -> int:
    return sum(
        int(count)
        for tally in tallies
        for why, count in zip(WHYS, tally.by_why, strict=False)
        if OUTCOME_OF[why] is outcome
    )
