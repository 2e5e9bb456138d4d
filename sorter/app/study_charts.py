"""Pictures of a study as SVG texts: a series with its band, bars with intervals, a waterfall, a frontier.

Lengths inside are SVG user units. Colours are the page's, by class: they follow light, dark and print. Every
text from outside is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from sim.study.results import Band, Interval
from sorter.app.charts import escaped

_WIDTH, _RIGHT, _HALF_EM = 640, 624, 6.1
_GUTTER, _BESIDE = 234, 126
"""Bars: room for names on the left, for values on the right."""
_ROW = 24


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps low..high to start..end of the picture."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Its place; what lies outside low..high lies outside start..end."""
        return self.start + (self.end - self.start) * (value - self.low) / (self.high - self.low)

    def marks(self, count: int = 5) -> list[tuple[float, str]]:
        """About `count` round values within, each with its text."""
        rough = (self.high - self.low) / count
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        if step >= 1e6:
            return [(n * step, f"{n * step / 1e6:,.12g} M") for n in range(first, last + 1)]
        return [(n * step, f"{n * step:,.{decimals}f}") for n in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a bar chart: its name, its value with interval, and the value as a text."""

    name: str
    value: Interval
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of the frontier: its mark (short), its name (shown when pointed at), its two figures."""

    mark: str
    name: str
    x: Interval
    y: Interval


def series(band: Band, bin_width: float, axes: tuple[str, str]) -> str:
    """Mean and band over time, the warm-up shaded and marked; bin_width in the unit of the time axis.

    axes = names of the time axis and of the values. The band is left out where it has no width.
    """
    highest = max((m + _whisker(h) for m, h in zip(band.mean, band.half, strict=True)), default=0.0)
    x = Scale(0.0, max(1, len(band.mean)) * bin_width, 64, _RIGHT)
    y = Scale(min(0.0, *band.mean, 0.0), highest * 1.04 or 1.0, 220, 22)
    middles = [x.at((n + 0.5) * bin_width) for n in range(len(band.mean))]
    rows = list(zip(middles, band.mean, map(_whisker, band.half), strict=True))
    upper = [(at, y.at(mean + half)) for at, mean, half in rows]
    lower = [(at, y.at(mean - half)) for at, mean, half in rows]
    return _svg(
        258,
        f"{axes[1]} / {axes[0]}",
        [
            *_cut(x, band.warmup * bin_width, y),
            *_plane(x, y, axes),
            f'<polygon class="band" points="{_points([*upper, *reversed(lower)])}"/>',
            f'<polyline class="mean" points="{_points([(at, y.at(mean)) for at, mean, _ in rows])}"/>',
        ],
    )


def cut_choice(statistic: Sequence[float], step: float, used: float, axes: tuple[str, str]) -> str:
    """MSER-5's statistic for a cut of 0, 1, 2, ... steps; used = the cut that was made, on the same axis."""
    x = Scale(0.0, max(1, len(statistic) - 1) * step, 64, _RIGHT)
    y = Scale(0.0, max(statistic, default=0.0) * 1.04 or 1.0, 120, 12)
    line = [(x.at(n * step), y.at(value)) for n, value in enumerate(statistic)]
    dots = (f'<circle class="dot" cx="{cx:.1f}" cy="{cy:.1f}" r="2"/>' for cx, cy in line)
    parts = [f'<polyline class="mean thin" points="{_points(line)}"/>', *dots]
    return _svg(158, f"{axes[1]} / {axes[0]}", [*_plane(x, y, axes, 3), *_cut(x, used, y), *parts])


def waterfall(whole: str, losses: Sequence[Bar], achieved: Bar) -> str:
    """From `whole` = 100 down by each loss to what is achieved, all in the same unit, from top to bottom."""
    x = Scale(0.0, 100.0, _GUTTER, _WIDTH - _BESIDE)
    parts, level = _fall_row(0, x, "part", (0.0, 100.0), whole, "100 %"), 100.0
    for row, loss in enumerate(losses, start=1):
        below = level - loss.value.mean
        joint = x.at(level)
        top = row * _ROW
        parts.append(f'<line class="joint" x1="{joint:.1f}" y1="{top}" x2="{joint:.1f}" y2="{top + _ROW}"/>')
        parts += _fall_row(
            row, x, "loss", (below, level), loss.name, f"−{loss.label}" if loss.value.mean > 0 else loss.label
        )
        level = below
    last = len(losses) + 1
    parts += _fall_row(last, x, "good", (0.0, achieved.value.mean), achieved.name, achieved.label)
    return _svg((last + 1) * _ROW + 4, whole, parts)


def _fall_row(row: int, x: Scale, kind: str, span: tuple[float, float], name: str, label: str) -> list[str]:
    low, high = sorted(x.at(value) for value in span)
    return [_row_name(row, name), _bar(kind, low, high, row), _text(high + 7, row * _ROW + 16, label)]


def bars(rows: Sequence[Bar], even: float | None = None, name: str = "") -> str:
    """A bar from 0 for each row, with its interval and its text; even = a value marked across all bars."""
    low = min([0.0, *(row.value.mean - _whisker(row.value.half) for row in rows)])
    high = max([0.0, even or 0.0, *(row.value.mean + _whisker(row.value.half) for row in rows)])
    x = Scale(low, high if high > low else low + 1.0, _GUTTER, _WIDTH - _BESIDE)
    bottom = len(rows) * _ROW + 2
    parts = [_upright("axis", x.at(0.0), bottom)]
    if even is not None:
        parts.append(_upright("even", x.at(even), bottom))
    for n, row in enumerate(rows):
        left, right = sorted((x.at(0.0), x.at(row.value.mean)))
        half = _whisker(row.value.half)
        across = (x.at(row.value.mean - half), x.at(row.value.mean + half))
        parts += [_row_name(n, row.name), _bar("part", left, right, n), _whiskers(*across, n * _ROW + 11)]
        parts.append(_text(max(right, across[1]) + 7, n * _ROW + 16, row.label))
    return _svg(bottom + 2, name, parts)


def _upright(kind: str, x: float, bottom: float) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{bottom}"/>'


def frontier(dots: Sequence[Dot], axes: tuple[str, str]) -> str:
    """Two figures against each other, more being better in both; a step line joins the points unbeaten."""
    x = _around([dot.x for dot in dots], 76, _RIGHT)
    y = _around([dot.y for dot in dots], 290, 22)
    front = unbeaten(dots)
    corners: list[tuple[float, float]] = []
    for dot in front:
        if corners:
            corners.append((corners[-1][0], y.at(dot.y.mean)))
        corners.append((x.at(dot.x.mean), y.at(dot.y.mean)))
    step = f'<polyline class="front" points="{_points(corners)}"/>'
    return _svg(328, " / ".join(axes), [*_plane(x, y, axes), step, *(_dot(x, y, dot, front) for dot in dots)])


def unbeaten(dots: Sequence[Dot]) -> list[Dot]:
    """Those that no other matches in one figure and beats in the other, by their means, x rising."""
    found: list[Dot] = []
    for dot in sorted(dots, key=lambda one: (-one.x.mean, -one.y.mean)):
        if not found or dot.y.mean > found[-1].y.mean or _same_place(dot, found[-1]):
            found.append(dot)
    return found[::-1]


def _same_place(one: Dot, other: Dot) -> bool:
    return (one.x.mean, one.y.mean) == (other.x.mean, other.y.mean)


def _dot(x: Scale, y: Scale, dot: Dot, front: Sequence[Dot]) -> str:
    cx, cy = x.at(dot.x.mean), y.at(dot.y.mean)
    across, up = (
        x.at(dot.x.mean + _whisker(dot.x.half)) - cx,
        cy - y.at(dot.y.mean + _whisker(dot.y.half)),
    )
    kind = "dot" if dot in front else "dot beaten"
    return (
        f'<g><title>{escaped(dot.name)}</title><path class="whisker" d="M{cx - across:.1f} {cy:.1f}h'
        f'{2 * across:.1f}M{cx:.1f} {cy - up:.1f}v{2 * up:.1f}"/>'
        f'<circle class="{kind}" cx="{cx:.1f}" cy="{cy:.1f}" r="4.5"/>{_text(cx + 7, cy - 6, dot.mark)}</g>'
    )


def difference(value: Interval, reach: float) -> str:
    """A difference as a dot with its interval on a small line from -reach to +reach, 0 in the middle."""
    x = Scale(-reach or -1.0, reach or 1.0, 6, 134)
    half = _whisker(value.half)
    across = _whiskers(x.at(value.mean - half), x.at(value.mean + half), 9)
    return (
        '<svg class="small" width="140" height="18" viewBox="0 0 140 18" aria-hidden="true">'
        f'<line class="axis" x1="70" y1="0" x2="70" y2="18"/>{across}'
        f'<circle class="dot" cx="{x.at(value.mean):.1f}" cy="9" r="3.5"/></svg>'
    )


def _around(values: Sequence[Interval], start: float, end: float) -> Scale:
    """From the least to the greatest with their intervals, and a little room: differences are what counts."""
    low = min(value.mean - _whisker(value.half) for value in values)
    high = max(value.mean + _whisker(value.half) for value in values)
    room = (high - low) * 0.08 or abs(high) * 0.01 or 1.0
    return Scale(low - room, high + room, start, end)


def _plane(x: Scale, y: Scale, axes: tuple[str, str], rows: int = 5) -> Iterable[str]:
    """Level lines and marks of both axes, and their names."""
    for value, text in y.marks(rows):
        at = y.at(value)
        yield f'<line class="level" x1="{x.start}" y1="{at:.1f}" x2="{x.end}" y2="{at:.1f}"/>'
        yield _text(x.start - 7, at + 4, text, "end")
    for value, text in x.marks(8):
        at = x.at(value)
        yield f'<line class="tick" x1="{at:.1f}" y1="{y.start}" x2="{at:.1f}" y2="{y.start + 4}"/>'
        yield _text(at, y.start + 17, text, "middle")
    yield _text(x.end, y.start + 34, axes[0], "end")
    yield _text(4, y.end - 9 if y.end > 20 else y.start + 34, axes[1])


def _cut(x: Scale, upto: float, y: Scale) -> Iterable[str]:
    if upto > 0:
        at, height = x.at(upto), y.start - y.end
        yield f'<rect class="warmup" x="{x.start}" y="{y.end}" width="{at - x.start:.1f}" height="{height}"/>'
        yield f'<line class="cut" x1="{at:.1f}" y1="{y.end}" x2="{at:.1f}" y2="{y.start}"/>'


def _bar(kind: str, left: float, right: float, row: int) -> str:
    size = f'width="{right - left:.1f}" height="{_ROW - 9}"'
    return f'<rect class="{kind}" x="{left:.1f}" y="{row * _ROW + 4}" {size}/>'


def _whiskers(left: float, right: float, y: float) -> str:
    path = f"M{left:.1f} {y - 3}v6m0 -3H{right:.1f}m0 -3v6"
    return f'<path class="whisker" d="{path}"/>'


def _whisker(half: float) -> float:
    """An interval of a single replication has no end and is not drawn."""
    return half if math.isfinite(half) else 0.0


def _row_name(row: int, name: str) -> str:
    return _text(_GUTTER - 8, row * _ROW + 16, _fitting(name, (_GUTTER - 12) / _HALF_EM), "end")


def _fitting(name: str, most: float) -> str:
    """As much of the name as fits into `most` half-width places; a Chinese character takes two."""
    room = most
    for at, mark in enumerate(name):
        room -= 2 if east_asian_width(mark) in "WF" else 1
        if room < 0:
            return name[: at - 1] + "…"
    return name


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escaped(text)}</text>'


def _points(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _svg(height: int, name: str, parts: Iterable[str]) -> str:
    view = f'viewBox="0 0 {_WIDTH} {height}"'
    head = f'<svg class="chart" {view} role="img" aria-label="{escaped(name)}">'
    return "\n".join([head, *parts, "</svg>"])
