"""Why a study's answer is what it is: pictures point by point, comparisons, frontier, sensitivities."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from sim.hubline.figures import HOUR_US
from sim.hubline.tally import RATE_BIN_US
from sim.study.results import Interval, Paired, PointResult, StudyResult
from sim.study.sweep import is_around_a_base, sensitivities
from sim.study.warmup import BATCH, mser5
from sorter.app.charts import escaped
from sorter.app.study_charts import Bar, Dot, bars, cut_choice, difference, frontier, series, waterfall
from sorter.app.study_html import number_cell, only, table, text_cell
from sorter.app.study_texts import (
    CHUTE,
    DWELL,
    HEADLINE,
    LOSSES,
    PER_CHUTE,
    headline_of,
    keys_of,
    name_of,
    shown,
    times_shown,
)

_MINUTE_US = 60_000_000
_WAITS = ("wait_mean_s", "wait_p99_s", "dwell_mean_s", "dwell_p99_s")
MOST_PICTURED, MOST_CHUTES, MOST_DIFFERENCES = 12, 32, 400
"""Points, chutes and differences shown; a page with more says so, and the CSV has them all."""

_BANDS = "线为各次重复的平均，带为区间 line: mean of the replications, band: its interval."
_CUT = "灰区为 MSER-5 建议去掉的预热段 grey: the warm-up that MSER-5 (below) advises to leave out."
_FALLS = "占铭牌能力的百分比 shares of the nameplate capacity."
_FRONTIER = "编号见“各点” numbers as in Points; 虚线连接未被超过的点 broken line: points that no other beats."
_NO_FRONTIER = "只有一个点；多个负荷才有前沿 one point only; several loads draw it: --load 0.5,1,1.5,2,3"
_NO_RANKING = "未问 not asked: --sensitivity, 或 or sensitivity: in the file."
_FRONTIER_OF = ("throughput_per_h", "sort_accuracy")
_PAIRED = "同一随机数下逐次配对之差 differences of paired replications (common random numbers)"
_BOLD = "粗体：区间不含 0 bold: 0 is outside the interval."
_ELASTICITY = (
    "弹性：参数增 1 % 时指标增几 % elasticity: % that a figure grows with 1 % more of the parameter."
)
_LOADS = "到件中的份额，虚线为均分 share of what was inducted, broken line: an even share."
_BOTTLENECKS = (
    "各损失占铭牌能力的份额, 大者在前 what keeps the line from its nameplate, the largest first; "
    "消除它最多可得 removing it gains so much at most."
)
_DWELLS = "从上线到该格口的平均时间 mean time from the infeed to the chute, s."
_TIMES = "等待上线与在线时间; 圈数 1 = 无回流 waiting and riding; 1 round = nothing came back."


def over_time(result: StudyResult) -> Iterable[str]:
    """Throughput against time with its band, and the choice of the warm-up."""
    return _pictures(result, "分拣量随时间变化 Throughput against time", f"{_BANDS} {_CUT}", _over_time)


def loss_falls(result: StudyResult) -> Iterable[str]:
    """What is lost between nameplate and achieved."""
    return _pictures(result, "损失瀑布 From nameplate to achieved", _FALLS, _losses)


def chute_loads(result: StudyResult) -> Iterable[str]:
    """How evenly the chutes are loaded."""
    return _pictures(result, "格口负荷 Chute loads", _LOADS, _loads)


def bottlenecks(result: StudyResult) -> Iterable[str]:
    """The losses of each point in order of their size; what the sensitivities say to it stands further on."""
    return _pictures(result, "瓶颈排名 Bottlenecks", _BOTTLENECKS, _ranked)


def times_and_rounds(result: StudyResult) -> Iterable[str]:
    """How long parcels wait and ride, and how often they come round."""
    return _pictures(result, "时间与回流 Times and recirculation", _TIMES, _times)


def _pictures(
    result: StudyResult, title: str, note: str, draw: Callable[[PointResult], str]
) -> Iterable[str]:
    """A picture for each point that has one, under its name; of steps around a base only the base's."""
    points = result.points[:1] if is_around_a_base(result) else result.points
    drawn = [(point.name, picture) for point in points[:MOST_PICTURED] if (picture := draw(point))]
    if not drawn:
        return
    yield f"<h2>{title}</h2><p>{note}{only(MOST_PICTURED, len(points), '点 points')}</p>"
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


def _ranked(point: PointResult) -> str:
    known = [key for key in LOSSES if key in point.figures and point.figures[key].mean > 0]
    known.sort(key=lambda key: -point.figures[key].mean)
    return bars([_bar(point, key) for key in known], name="瓶颈 bottlenecks") if known else ""


def _times(point: PointResult) -> str:
    known = [key for key in _WAITS if key in point.figures]
    if not known:
        return ""
    rounds = f"<p>{name_of('laps')}: {shown('laps', point.figures.get('laps'))}</p>"
    return f"{bars([_bar(point, key) for key in known], name='时间 times')}{rounds}"


def _loads(point: PointResult) -> str:
    """The fullest chutes first."""
    chutes = [key for key in point.figures if key.startswith(CHUTE)]
    if not chutes:
        return ""
    chutes.sort(key=lambda key: -point.figures[key].mean)
    rows = [_bar(point, key) for key in chutes[:MOST_CHUTES]]
    rest = only(MOST_CHUTES, len(chutes), "格口 chutes, 按负荷 fullest first")
    note = f"n = {times_shown(point.figures[chutes[0]], point)}{rest}"
    dwells = (key for key in (DWELL + chute.removeprefix(CHUTE) for chute in chutes[:MOST_CHUTES]))
    rides = [_bar(point, key) for key in dwells if key in point.figures]
    times = f"<p>{_DWELLS}</p>{bars(rides, name='到格口时间 infeed to chute')}" if rides else ""
    return f"{bars(rows, 100.0 / len(chutes), '格口负荷 chute loads')}<p>{note}</p>{times}"


def frontier_of(result: StudyResult) -> Iterable[str]:
    """What accuracy costs in throughput, over the points that have both figures."""
    found = {key for point in result.points for key in point.figures}
    x, y = _FRONTIER_OF if found.issuperset(_FRONTIER_OF) else (HEADLINE[0], HEADLINE[2])
    dots = [
        Dot(str(number), f"{point.name}: {shown(x, point.figures[x])}, {shown(y, point.figures[y])}",
            point.figures[x], point.figures[y])
        for number, point in enumerate(result.points, start=1) if x in point.figures and y in point.figures
    ]  # fmt: skip
    if not dots:
        return
    yield "<h2>分拣量与准确率 Throughput and accuracy</h2>"
    if len(dots) < 2:
        yield f"<p>{_NO_FRONTIER}</p>"
        return
    yield f"<p>{_FRONTIER}</p>"
    yield f"<figure>{frontier(dots, (f'{name_of(x)} (/h)', f'{name_of(y)} (%)'))}</figure>"


# ---------------------------------------------------------------- comparisons


def comparisons(result: StudyResult) -> Iterable[str]:
    """Figure by figure, so that what the scenarios do to one figure stands together on one scale."""
    order = {key: place for place, key in enumerate(keys_of(result))}
    pairs = [pair for pair in result.comparisons if not pair.figure.startswith(PER_CHUTE)]
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
    if not is_around_a_base(result):
        if len(result.points) == 1 and HEADLINE[0] in result.points[0].figures:
            yield f"<h2>敏感度排名 What it depends on, most first</h2><p>{_NO_RANKING}</p>"
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
