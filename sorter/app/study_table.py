"""What a study says in a terminal and to a program: every figure with its interval, and the verdicts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.text import Text

from sim.hubline.figures import Figure
from sim.study.results import Interval, PointResult, StudyResult, Verdict
from sim.study.sweep import is_around_a_base, sensitivities
from sorter.app.columns import APART, Row, beside, folded, packed, padded, widest
from sorter.app.study_texts import OF_ZH, PER_CHUTE, figure_of, half_shown, keys_of, mean_shown

SHORT = ("throughput_per_h", "sorted_share", "full_share", "wait_p99_s")
"""Figures of a study of many points, besides those that its thresholds name; JSON and CSV have all."""

BESIDE = 3
"""Points that fit beside each other, with every figure."""


def print_study(result: StudyResult, console: Console) -> None:
    """Figures, differences and verdicts, for a terminal of any width from some 60 places on."""
    if not any(point.replications for point in result.points):
        return
    width, few = console.width, len(result.points) <= BESIDE
    times = "/".join(dict.fromkeys(str(len(point.replications)) for point in result.points))
    _say(console, [f"{times} 次重复 replications, ± 95 %"])
    _say(console, _full(result, result.points, width) if few else _points(result, width))
    if result.comparisons:
        _say(console, _differences(result, width))
    if is_around_a_base(result):
        _say(console, _sensitivities(result))
    met = sum(verdict.holds for verdict in result.verdicts)
    if met and not few:
        console.print(Text(f"达标 met  {met} / {len(result.verdicts)}", "green"))
    for verdict in result.verdicts:
        if not verdict.holds or few:
            for line in folded(_said(verdict, len(result.points) > 1), width):
                console.print(Text(line, "green" if verdict.holds else "red"), soft_wrap=True)


def _say(console: Console, lines: Iterable[str]) -> None:
    """As they are: they have been made for this width. What heads other lines is dim."""
    for line in lines:
        heads = line.startswith(("基数", "总量"))
        console.print(Text(line, "dim" if heads else ""), soft_wrap=True)


def as_json(result: StudyResult) -> dict[str, Any]:
    """The result as plain values; a half width that one replication cannot tell is null."""
    return {
        "name": result.name,
        "finished": result.finished,
        "digest": result.digest,
        "points": [
            {
                "name": point.name,
                "values": dict(point.values),
                "replications": len(point.replications),
                "figures": {key: _plain(key, value) for key, value in point.figures.items()},
                "needed": dict(point.needed),
            }
            for point in result.points
        ],
        "comparisons": [
            {"base": pair.base, "other": pair.other, "figure": pair.figure}
            | _plain(pair.figure, pair.difference)
            for pair in result.comparisons
        ],
        "sensitivities": _elasticities(result),
        "verdicts": [
            {"point": verdict.point, "figure": verdict.figure, verdict.bound: verdict.limit}
            | {"holds": verdict.holds}
            for verdict in result.verdicts
        ],
    }


def _elasticities(result: StudyResult) -> list[dict[str, Any]]:
    """Of every figure on every parameter, where the points are steps around a base."""
    if not is_around_a_base(result):
        return []
    return [
        {"figure": key, "parameter": one.parameter, "elasticity": one.elasticity.mean,
         "half": None if math.isinf(one.elasticity.half) else one.elasticity.half, "n": one.elasticity.n}
        for key in result.points[0].figures for one in sensitivities(result, key)
    ]  # fmt: skip


def shown(figure: Figure, value: Interval | None) -> str:
    """Mean and half width in the figure's decimals; the half width of one replication is not known."""
    if value is None:
        return "-"
    half = "?" if math.isinf(value.half) else f"{value.half:,.{figure.decimals}f}"
    return f"{value.mean:,.{figure.decimals}f} ± {half}"


def _full(result: StudyResult, points: Sequence[PointResult], width: int) -> list[str]:
    """A row for each figure below its denominator, a column for each point; or point after point."""
    heads = ["均值 mean ±"] if len(points) == 1 else [point.name for point in points]
    groups = _by_base(result, points)
    lines = beside([row for _, rows in groups for row in rows], heads, width)
    if lines is None and len(points) > 1:
        return [line for point in points for line in (point.name, *_full(result, [point], width))]
    if lines is None:
        return [line for _, rows in groups for row in rows for line in _one_below_the_other(row)]
    head, *body = lines
    each = len(body) // sum(len(rows) for _, rows in groups)
    told = [head]
    for base, rows in groups:
        told += [base, *body[: each * len(rows)]]
        body = body[each * len(rows) :]
    return told


def _one_below_the_other(row: Row) -> tuple[str, str]:
    """For a terminal that is too narrow for anything else."""
    return f"{row.zh} {row.en}", f"    {' / '.join(row.values)} {row.unit}"


def _by_base(result: StudyResult, points: Sequence[PointResult]) -> list[tuple[str, list[Row]]]:
    """The figures, but those of single chutes, by what they are a share of, under a line that says so."""
    times = {len(point.replications) for point in points}
    found: dict[str, list[Row]] = {}
    for figure in (figure_of(key) for key in keys_of(result) if not key.startswith(PER_CHUTE)):
        values = [point.figures.get(figure.key) for point in points]
        counts = {value.n if value else 0 for value in values}
        # Most figures are known of every replication, and their n stands above the table.
        few = f"n {'/'.join(map(str, sorted(counts)))}" if counts != times else ""
        row = Row(figure.zh, figure.en, tuple(shown(figure, value) for value in values), figure.unit)
        found.setdefault(figure.of, []).append(replace(row, unit=f"{row.unit} {few}".strip()))
    return [(f"基数 of: {OF_ZH[of]} {of}" if of else "总量 totals", rows) for of, rows in found.items()]


def _points(result: StudyResult, width: int) -> list[str]:
    """A row for each point, a column for each of the chosen figures; as many beside each other as fit."""
    asked = [verdict.figure for verdict in result.verdicts]
    names = ["参数点 point", "", "", *(point.name for point in result.points)]
    columns = [_column(result, figure_of(key)) for key in dict.fromkeys([*asked, *SHORT])]
    if len({len(point.replications) for point in result.points}) > 1:
        columns.append(["次数 n", "", "", *(str(len(point.replications)) for point in result.points)])
    told: list[str] = []
    while columns:
        wide, taken = widest(names), 0
        while taken < len(columns) and (not taken or wide + APART + widest(columns[taken]) <= width):
            wide += APART + widest(columns[taken])
            taken += 1
        told += _grid([names, *columns[:taken]])
        columns = columns[taken:]
    return told


def _column(result: StudyResult, figure: Figure) -> list[str]:
    values = (shown(figure, point.figures.get(figure.key)) for point in result.points)
    return [figure.zh, figure.key, figure.unit, *values]


def _grid(columns: Sequence[Sequence[str]]) -> list[str]:
    """The first column stands left, the others right."""
    wide = [widest(column) for column in columns]
    rows = zip(*columns, strict=True)
    return [
        (" " * APART).join(padded(cell, wide[n], right=n > 0) for n, cell in enumerate(row)) for row in rows
    ]


def _differences(result: StudyResult, width: int) -> list[str]:
    """Figures, but of single chutes, that differ for certain; that the others are alike is said, too."""
    base, told = result.comparisons[0].base, list[str]()
    for other in dict.fromkeys(pair.other for pair in result.comparisons):
        told += packed(
            [f"{other} 与 {base} 之差 differs from {base} by", "(其余相同 all else is alike)"], width
        )
        rows = [
            Row(figure.zh, figure.en, (_signed(figure, pair.difference),), figure.unit)
            for figure in (figure_of(key) for key in keys_of(result) if not key.startswith(PER_CHUTE))
            for pair in result.comparisons
            if (pair.other, pair.figure) == (other, figure.key)
            and abs(pair.difference.mean) > pair.difference.half
        ]  # fmt: skip
        if not rows:
            told.append("没有可确定的差别 nothing differs for certain")
            continue
        lines = beside(rows, ["差 difference ±"], width)
        told += lines if lines else [line for row in rows for line in _one_below_the_other(row)]
    return told


def _signed(figure: Figure, value: Interval) -> str:
    """With as many decimals as show that it is not 0."""
    sign, unit = "+" if value.mean > 0 else "", f" {figure.unit}" if figure.unit else ""
    return f"{sign}{mean_shown(figure.key, value)} {half_shown(figure.key, value).removesuffix(unit)}"


def _sensitivities(result: StudyResult) -> list[str]:
    """What the chosen figures owe to each parameter, most first."""
    told = ["弹性 elasticity ± (% / %)"]
    for key in SHORT:
        found = sensitivities(result, key)
        wide = widest(one.parameter for one in found)
        told += [f"{figure_of(key).zh} {figure_of(key).en}"] if found else []
        for one in found:
            half = "?" if math.isinf(one.elasticity.half) else f"{one.elasticity.half:.3f}"
            told.append(f"    {padded(one.parameter, wide)}  {one.elasticity.mean:+.3f} ± {half}")
    return told


def _said(verdict: Verdict, named: bool) -> str:
    figure = figure_of(verdict.figure)
    sign = "≥" if verdict.bound == "least" else "≤"
    word = "达标 met" if verdict.holds else "未达标 NOT met"
    if verdict.measured is not None and math.isinf(verdict.measured.half) and not verdict.holds:
        word = "无法判定（一次没有区间，加 --replications 2）cannot be judged (one day has no interval)"
    measured = f"{shown(figure, verdict.measured)} {figure.unit}".strip()
    wanted = f"{sign} {verdict.limit:g} {figure.unit}".strip()
    where = f"{verdict.point}: " if named else ""
    return f"{word}  {where}{figure.zh} {figure.en} {wanted} ({measured})"


def _plain(key: str, value: Interval) -> dict[str, Any]:
    figure = figure_of(key)
    half = None if math.isinf(value.half) else value.half
    return {"mean": value.mean, "half": half, "n": value.n, "unit": figure.unit, "of": figure.of}
