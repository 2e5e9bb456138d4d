"""The page of a study: the answer first, then why, then every figure; no address of anything outside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from sim.study.results import PointResult, StudyResult, Verdict
from sorter.app.charts import escaped
from sorter.app.study_html import STYLE, number_cell, table, text_cell
from sorter.app.study_sections import (
    bottlenecks,
    chute_loads,
    comparisons,
    frontier_of,
    loss_falls,
    over_time,
    ranking,
    times_and_rounds,
)
from sorter.app.study_texts import (
    NOT_ESTIMATED,
    PER_CHUTE,
    figure_of,
    half_shown,
    headline_of,
    keys_of,
    mean_shown,
    name_of,
    of_shown,
    shown,
    times_shown,
)

_NEEDED = "所需：达到要求精度的重复次数 needed: replications until as precise as asked; — 未要求 not asked."
_CHUTES_ABOVE = "各格口见上图与 CSV chute by chute: the picture above and the CSV."

OPEN_AT_FIRST = 3
"""Points whose table of every figure is unfolded on the screen; in print all are."""


def study_page(result: StudyResult, meta: Mapping[str, str]) -> str:
    """The page's text. Every text from outside is escaped, control characters are shown as codes."""
    title = f"仿真研究报告 Study report: {escaped(result.name)}"
    body = [
        f"<h1>{title}</h1>",
        *_answer(result),
        *_points(result),
        *over_time(result),
        *loss_falls(result),
        *bottlenecks(result),
        *comparisons(result),
        *frontier_of(result),
        *ranking(result),
        *chute_loads(result),
        *times_and_rounds(result),
        *_every_figure(result),
        *_conditions(result, meta),
    ]
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head = f'<meta charset="utf-8">{view}<title>{title}</title><style>{STYLE}</style>'
    start = f'<!DOCTYPE html>\n<html lang="zh-CN"><head>{head}</head><body>'
    return "\n".join([start, *body, "</body></html>\n"])


# ---------------------------------------------------------------- the answer


def _answer(result: StudyResult) -> Iterable[str]:
    if not result.finished:
        yield _verdict_line(
            "missed", "未完成 Stopped early: 只含已做完的重复 only replications that were finished."
        )
    failed = sum(not verdict.holds for verdict in result.verdicts)
    total = len(result.verdicts)
    if not total:
        yield _verdict_line("", "未设门槛 No thresholds were set.")
    elif failed:
        yield _verdict_line("missed", f"未达标 Not met: {failed} / {total} 项门槛 thresholds do not hold.")
    else:
        yield _verdict_line("met", f"达标 Met: 全部 {total} 项门槛 all {total} thresholds hold.")
    if total:
        heads = ("门槛 Threshold", "点 Point", "#要求 Wanted", "#实测 Measured", "#n", "结论 Verdict")
        yield from table(heads, map(_verdict, result.verdicts))
    first = result.points[0]
    of_first = f"{escaped(first.name)}: " if len(result.points) > 1 else ""
    yield f"<p>{of_first}{len(first.replications):,} 次重复 replications.</p>"
    yield from ('<div class="cards">', *(_card(first, key) for key in headline_of(result)), "</div>")


def _verdict_line(kind: str, text: str) -> str:
    return f'<p class="verdict {kind}">{text}</p>'


def _verdict(verdict: Verdict) -> list[str]:
    sign = "≥" if verdict.bound == "least" else "≤"
    wanted = f"{sign} {verdict.limit:,.10g} {figure_of(verdict.figure).unit}"
    n = verdict.measured.n if verdict.measured else 0
    kind = "met" if verdict.holds else "missed"
    return [
        text_cell(name_of(verdict.figure)),
        text_cell(verdict.point),
        number_cell(wanted),
        number_cell(shown(verdict.figure, verdict.measured)),
        number_cell(f"{n:,}"),
        f'<td class="text {kind}">{_reason(verdict)}</td>',
    ]


def _reason(verdict: Verdict) -> str:
    """Whether more replications may change a threshold's verdict is what the reader wants to know."""
    if verdict.holds:
        return "达标 holds"
    if verdict.measured is None:
        return NOT_ESTIMATED
    over = verdict.measured.mean - verdict.limit
    if (over if verdict.bound == "least" else -over) >= 0:
        return "均值达标，区间未达 the mean holds, its interval does not: more replications may decide"
    return "未达标 does not hold"


def _card(point: PointResult, key: str) -> str:
    value, figure = point.figures.get(key), figure_of(key)
    big = shown(key, None) if value is None else mean_shown(key, value)
    half = half_shown(key, value) if value and math.isfinite(value.half) else figure.unit
    level = f"{100 * value.level:g} % 区间 interval, " if value and math.isfinite(value.half) else ""
    of = f"<br>基数 of {escaped(of_shown(key, point))}" if figure.of else ""
    return (
        f'<div class="card">{escaped(name_of(key))}<b>{big}</b><strong>{half}</strong><br>'
        f"{level}n = {times_shown(value, point)}{of}</div>"
    )


def _points(result: StudyResult) -> Iterable[str]:
    """All points side by side: scenarios, or the rows of a sweep."""
    if len(result.points) < 2:
        return
    yield "<h2>各点 Points</h2>"
    keys, names = headline_of(result), list(dict.fromkeys(name for p in result.points for name in p.values))
    heads = ("##", "点 Point", *(f"#{name}" for name in names), *(f"#{name_of(key)}" for key in keys))
    rows = (
        [
            number_cell(str(number)),
            text_cell(point.name),
            *(number_cell(str(point.values.get(name, ""))) for name in names),
            *(number_cell(shown(key, point.figures.get(key))) for key in keys),
            number_cell(f"{len(point.replications):,}"),
        ]
        for number, point in enumerate(result.points, start=1)
    )
    yield from table((*heads, "#重复 Replications"), rows)


# ---------------------------------------------------------------- every figure


def _every_figure(result: StudyResult) -> Iterable[str]:
    yield "<h2>全部指标 Every figure</h2>"
    yield f"<p>{_NEEDED} {_CHUTES_ABOVE}</p>"
    keys = [key for key in keys_of(result) if not key.startswith(PER_CHUTE)]
    heads = ("指标 Figure", "#均值 Mean", "#± 区间半宽 half width", "#n", "#所需 Needed", "基数 Of")
    for number, point in enumerate(result.points):
        yield f"<details{' open' if number < OPEN_AT_FIRST else ''}><summary>{escaped(point.name)}</summary>"
        yield from table(heads, (_figure_row(point, key) for key in keys))
        yield "</details>"


def _figure_row(point: PointResult, key: str) -> list[str]:
    value = point.figures.get(key)
    needed = point.needed.get(key, 0)
    asked = "未达 never" if needed is None else f"{needed:,}" if needed else "—"
    mean, half = (shown(key, None), "") if value is None else (mean_shown(key, value), half_shown(key, value))
    return [
        text_cell(name_of(key)),
        *map(number_cell, (mean, half, times_shown(value, point), asked)),
        text_cell(of_shown(key, point)),
    ]


def _conditions(result: StudyResult, meta: Mapping[str, str]) -> Iterable[str]:
    yield "<h2>条件 Conditions</h2>"
    done = sum(len(point.replications) for point in result.points)
    known = {
        "点 points": f"{len(result.points):,}",
        "重复 replications": f"{done:,}",
        "摘要 digest": result.digest or "—",
    }
    rows = ([f"<th>{escaped(name)}</th>", text_cell(value, 500)] for name, value in {**known, **meta}.items())
    yield from table((), rows)
