"""Why a study's answer is what it is: pictures point by point, comparisons, frontier, sensitivities."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from sim.hubline.figures import HOUR_US
from sim.hubline.tally import RATE_BIN_US
from sim.study.results import Interval, Paired, PointResult, StudyResult
from sim.study.sweep import BASE, sensitivities
from sim.study.warmup import BATCH, mser5
from sorter.app.charts import escaped
from sorter.app.study_charts import Bar, Dot, bars, cut_choice, difference, frontier, series, waterfall
from sorter.app.study_html import number_cell, only, table, text_cell
from sorter.app.study_texts import CHUTE, HEADLINE, LOSSES, headline_of, keys_of, name_of, shown, times_shown

_MINUTE_US = 60_000_000
MOST_PICTURED, MOST_CHUTES, MOST_DIFFERENCES = 12, 32, 400
"""Points, chutes and differences shown; a page with more says so, and the CSV has them all."""

_BANDS = "线为各次重复的平均，带为区间 line: mean of the replications, band: its interval."
_CUT = "灰区为 MSER-5 建议去掉的预热段 grey: the warm-up that MSER-5 (below) advises to leave out."
_FALLS = "占铭牌能力的百分比 shares of the nameplate capacity."
_FRONTIER = "编号见“各点” numbers as in Points; 虚线连接未被超过的点 broken line: points that no other beats."
_PAIRED = "同一随机数下逐次配对之差 differences of paired replications (common random numbers)"
_BOLD = "粗体：区间不含 0 bold: 0 is outside the interval."
_ELASTICITY = (
    "弹性：参数增 1 % 时指标增几 % elasticity: % that a figure grows with 1 % more of the parameter."
)
_LOADS = "落格件中的份额，虚线为均分 share of what was sorted to a chute, broken line: an even share."


def over_time(result: StudyResult) -> Iterable[str]:
    """Throughput against time with its band, and the choice of the warm-up."""
    return _pictures(result, "分拣量随时间变化 Throughput against time", f"{_BANDS} {_CUT}", _over_time)


def loss_falls(result: StudyResult) -> Iterable[str]:
    """What is lost between nameplate and achieved."""
    return _pictures(result, "损失瀑布 From nameplate to achieved", _FALLS, _losses)


def chute_loads(result: StudyResult) -> Iterable[str]:
    """How evenly the chutes are loaded."""
    return _pictures(result, "格口负荷 Chute loads", _LOADS, _loads)


def _pictures(
    result: StudyResult, title: str, note: str, draw: Callable[[PointResult], str]
) -> Iterable[str]:
    """A picture for each point that has one, under its name; nothing when none has."""
    drawn = [(point.name, picture) for point in result.points[:MOST_PICTURED] if (picture := draw(point))]
    if not drawn:
        return
    yield f"<h2>{title}</h2><p>{note}{only(MOST_PICTURED, len(result.points), '点 points')}</p>"
    yield '<div class="pictures">'
    for name, picture in drawn:
        yield f"<figure><figcaption>{escaped(name)}</figcaption>{picture}</figure>"
    yield "</div>"


def _over_time(point: PointResult) -> str:
    """Every series with the statistic that chose its warm-up; bins that are not the hub's are counted."""
    parts = []
    for key, band in point.series.items():
        hub = key == "sorted_per_h"
        width = RATE_BIN_US / HOUR_US if hub else 1.0
        time = "时间 time (h)" if hub else "时段 bin"
        choice = mser5(band.mean)
        cut = f"{band.warmup * RATE_BIN_US // _MINUTE_US:,} min" if hub else f"{band.warmup:,} 时段 bins"
        unsettled = "" if choice.settled else "; 未稳定 not settled: 运行太短 the run is too short to tell"
        parts += [
            series(band, width, (time, "每小时分拣 sorted per hour" if hub else key)),
            cut_choice(choice.statistic, BATCH * width, band.warmup * width, (f"去掉 cut, {time}", "MSER-5")),
            f"<p>预热 warm-up: {cut}{unsettled}.</p>",
        ]
    return "".join(parts)


def _bar(point: PointResult, key: str) -> Bar:
    value = point.figures[key]
    name = name_of(key).replace("损失：", "").replace("lost: ", "")
    return Bar(name, value, shown(key, value))


def _losses(point: PointResult) -> str:
    known = [_bar(point, key) for key in LOSSES if key in point.figures]
    if not known or "achieved" not in point.figures:
        return ""
    achieved = _bar(point, "achieved")
    total = math.fsum(one.value.mean for one in (*known, achieved))
    return f"{waterfall('铭牌能力 nameplate', known, achieved)}<p>合计 together: {total:.2f} %</p>"


def _loads(point: PointResult) -> str:
    """The fullest chutes first."""
    chutes = [key for key in point.figures if key.startswith(CHUTE)]
    if not chutes:
        return ""
    chutes.sort(key=lambda key: -point.figures[key].mean)
    rows = [_bar(point, key) for key in chutes[:MOST_CHUTES]]
    rest = only(MOST_CHUTES, len(chutes), "格口 chutes, 按负荷 fullest first")
    note = f"n = {times_shown(point.figures[chutes[0]], point)}{rest}"
    return f"{bars(rows, 100.0 / len(chutes), '格口负荷 chute loads')}<p>{note}</p>"


def frontier_of(result: StudyResult) -> Iterable[str]:
    """What accuracy costs in throughput, over the points that have both figures."""
    x, y = HEADLINE[0], HEADLINE[2]
    dots = [
        Dot(str(number), f"{point.name}: {shown(x, point.figures[x])}, {shown(y, point.figures[y])}",
            point.figures[x], point.figures[y])
        for number, point in enumerate(result.points, start=1) if x in point.figures and y in point.figures
    ]  # fmt: skip
    if len(dots) < 2:
        return
    yield "<h2>分拣量与准确率 Throughput and accuracy</h2>"
    yield f"<p>{_FRONTIER}</p>"
    yield f"<figure>{frontier(dots, (f'{name_of(x)} (/h)', f'{name_of(y)} (%)'))}</figure>"


# ---------------------------------------------------------------- comparisons


def comparisons(result: StudyResult) -> Iterable[str]:
    """Figure by figure, so that what the scenarios do to one figure stands together on one scale."""
    order = {key: place for place, key in enumerate(keys_of(result))}
    pairs = [pair for pair in result.comparisons if not pair.figure.startswith(CHUTE)]
    pairs.sort(key=lambda pair: order[pair.figure])
    if not pairs:
        return
    yield "<h2>方案比较 Comparison of scenarios</h2>"
    rest = only(MOST_DIFFERENCES, len(pairs), "差 differences")
    yield f"<p>{_PAIRED}; 基准 base: {escaped(pairs[0].base)}; {_BOLD}{rest}</p>"
    reach: dict[str, float] = {}
    for pair in pairs:
        reach[pair.figure] = max(reach.get(pair.figure, 0.0), _reach(pair.difference))
    heads = ("指标 Figure", "点 Point", "#差 Difference", "", "#n")
    yield from table(heads, (_difference(pair, reach[pair.figure]) for pair in pairs[:MOST_DIFFERENCES]))


def _reach(value: Interval) -> float:
    return abs(value.mean) + (value.half if math.isfinite(value.half) else 0.0)


def _difference(pair: Paired, reach: float) -> list[str]:
    value = pair.difference
    kind = "number differs" if abs(value.mean) > value.half else "number"
    sign = "+" if value.mean > 0 else ""
    return [
        text_cell(name_of(pair.figure)),
        text_cell(pair.other),
        f'<td class="{kind}">{sign}{escaped(shown(pair.figure, value))}</td>',
        f"<td>{difference(value, reach)}</td>",
        number_cell(f"{value.n:,}"),
    ]


def ranking(result: StudyResult) -> Iterable[str]:
    """What the figures depend on, where the points are steps around a base; else nothing."""
    if not _is_around_a_base(result):
        return
    level = next((value.level for point in result.points for value in point.figures.values()), 0.95)
    drawn = [(key, sensitivities(result, key, level)) for key in headline_of(result)]
    if not any(found for _, found in drawn):
        return
    yield "<h2>敏感度排名 What it depends on, most first</h2>"
    yield f"<p>{_ELASTICITY}</p>"
    yield '<div class="pictures">'
    for key, found in drawn:
        rows = [Bar(one.parameter, one.elasticity, shown("elasticity", one.elasticity)) for one in found]
        if rows:
            picture = bars(rows, name=name_of(key))
            yield f"<figure><figcaption>{escaped(name_of(key))}</figcaption>{picture}</figure>"
    yield "</div>"


def _is_around_a_base(result: StudyResult) -> bool:
    """Are these the points of sweep.one_at_a_time: a base, and one below and one above for each parameter?"""
    base = next((point.values for point in result.points if point.name == BASE), {})
    others = [point.values for point in result.points if point.name != BASE]
    if any(values.keys() != base.keys() for values in others):
        return False
    changed = [(key, values[key]) for values in others for key in base if values[key] != base[key]]
    return len(changed) == len(others) == 2 * len(base) > 0 and all(
        _is_between(value, [to for key, to in changed if key == name]) for name, value in base.items()
    )


def _is_between(value: str | int | float, changed: list[str | int | float]) -> bool:
    numbers = [float(one) for one in (value, *changed) if not isinstance(one, str)]
    return len(numbers) == 3 and min(numbers[1:]) < numbers[0] < max(numbers[1:])
