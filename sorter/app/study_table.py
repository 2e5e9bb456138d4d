"""What a study says in a terminal and to a program: every figure with its interval, and the verdicts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sim.hubline.figures import CATALOGUE, Figure
from sim.study.results import Interval, PointResult, StudyResult, Verdict
from sim.study.sweep import is_around_a_base, sensitivities

SHORT = ("throughput_per_h", "sorted_share", "full_share", "wait_p99_s")
"""Figures of a study of many points, besides those that its thresholds name; JSON and CSV have all."""

BESIDE = 3
"""Points that fit beside each other, with every figure."""

_KNOWN = {figure.key: figure for figure in CATALOGUE}


def print_study(result: StudyResult, console: Console) -> None:
    """Figures, differences and verdicts."""
    if len(result.points) <= BESIDE:
        console.print(_full(result.points))
    else:
        console.print(_points(result))
    if result.comparisons:
        console.print(_differences(result))
    if is_around_a_base(result):
        console.print(_sensitivities(result))
    met = sum(verdict.holds for verdict in result.verdicts)
    if met and len(result.points) > BESIDE:
        console.print(Text(f"达标 met  {met} / {len(result.verdicts)}", "green"))
    for verdict in result.verdicts:
        if not verdict.holds or len(result.points) <= BESIDE:
            console.print(_said(verdict, len(result.points) > 1), soft_wrap=True)


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


def figure_of(key: str) -> Figure:
    """How a figure is shown; one that the catalogue does not list is one chute's."""
    name = key.partition(":")[2]
    if key.startswith("dwell:"):
        return Figure(key, f"到格口 {name}", f"infeed to chute {name}", "s", "sorted to this chute")
    return _KNOWN.get(key) or Figure(key, f"格口 {name}", f"chute {name}", "%", "inducted", 2)


def _full(points: Sequence[PointResult]) -> Table:
    """A row for each figure, a column for each point."""
    table = _table("指标 figure")
    for point in points:
        title = "均值 mean ±" if len(points) == 1 else point.name
        table.add_column(Text(title), justify="right", no_wrap=True)
    for name in ("单位 unit", "基数 of", "次数 n"):
        table.add_column(name, style="dim", overflow="fold")
    for figure in CATALOGUE:
        found = [point.figures.get(figure.key) for point in points]
        counts = "/".join(dict.fromkeys(str(one.n) if one else "0" for one in found))
        values = (shown(figure, one) for one in found)
        row = (f"{figure.zh} {figure.en}", *values, figure.unit, figure.of, counts)
        table.add_row(*(Text(cell) for cell in row))
    return table


def _points(result: StudyResult) -> Table:
    """A row for each point, a column for each of the chosen figures."""
    table = _table("参数点 point")
    table.columns[0].no_wrap = True
    asked = [verdict.figure for verdict in result.verdicts]
    figures = [figure_of(key) for key in dict.fromkeys([*asked, *SHORT])]
    for figure in figures:
        table.add_column(Text(f"{figure.zh} {figure.key} {figure.unit}"), justify="right")
    table.add_column("次数 n", style="dim")
    for point in result.points:
        values = (shown(figure, point.figures.get(figure.key)) for figure in figures)
        table.add_row(*(Text(cell) for cell in (point.name, *values, str(len(point.replications)))))
    return table


def _differences(result: StudyResult) -> Table:
    """Catalogued figures that differ for certain; the others are said to be alike by their absence."""
    base = result.comparisons[0].base
    table = _table(f"与 {base} 不同 differs from {base}")
    table.add_column("指标 figure", overflow="fold")
    table.add_column("差 difference ±", justify="right", no_wrap=True)
    table.add_column("单位 unit", style="dim")
    for pair in result.comparisons:
        figure = _KNOWN.get(pair.figure)
        if figure and abs(pair.difference.mean) > pair.difference.half:
            row = (pair.other, f"{figure.zh} {figure.en}", shown(figure, pair.difference), figure.unit)
            table.add_row(*(Text(cell) for cell in row))
    return table


def _sensitivities(result: StudyResult) -> Table:
    """What the chosen figures owe to each parameter, most first."""
    table = _table("指标 figure")
    table.add_column("参数 parameter")
    table.add_column("弹性 elasticity ± (% / %)", justify="right", no_wrap=True)
    for key in SHORT:
        for one in sensitivities(result, key):
            half = "?" if math.isinf(one.elasticity.half) else f"{one.elasticity.half:.3f}"
            name = f"{figure_of(key).zh} {figure_of(key).en}"
            row = (name, one.parameter, f"{one.elasticity.mean:+.3f} ± {half}")
            table.add_row(*(Text(cell) for cell in row))
    return table


def _said(verdict: Verdict, named: bool) -> Text:
    figure = figure_of(verdict.figure)
    sign = "≥" if verdict.bound == "least" else "≤"
    word, style = ("达标 met", "green") if verdict.holds else ("未达标 NOT met", "red")
    measured = f"{shown(figure, verdict.measured)} {figure.unit}".strip()
    wanted = f"{sign} {verdict.limit:g} {figure.unit}".strip()
    where = f"{verdict.point}: " if named else ""
    return Text(f"{word}  {where}{figure.zh} {figure.en} {wanted} ({measured})", style)


def _table(first: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim underline")
    table.add_column(Text(first), overflow="fold")
    return table


def _plain(key: str, value: Interval) -> dict[str, Any]:
    figure = figure_of(key)
    half = None if math.isinf(value.half) else value.half
    return {"mean": value.mean, "half": half, "n": value.n, "unit": figure.unit, "of": figure.of}
