"""A study's figures as people read them: names, mean and interval, of what it is a share."""

from __future__ import annotations

import math
from collections.abc import Callable

from sim.hubline.figures import CATALOGUE, WITH_FAULTS, Figure
from sim.hubline.infeeds import ASIDE, HELD_S, HELD_SHARE
from sim.study.results import Interval, PointResult, StudyResult

HEADLINE = ("throughput_per_h", "sorted_share", "accuracy", "missorts")
"""What everybody asks first."""

LOSSES = tuple(figure.key for figure in CATALOGUE if figure.key.startswith("loss_"))
"""What is lost on the way from nameplate to achieved, in the order of the waterfall."""

CHUTE, DWELL = PER_CHUTE = ("chute:", "dwell:")
"""What the key of a figure of one chute begins with: its share, and the time from the infeed to it."""

NOT_ESTIMATED = "无法估计 not estimated"

_KNOWN = {figure.key: figure for figure in (*CATALOGUE, *WITH_FAULTS)}
OF_ZH = {
    "offered": "到件",
    "inducted": "到件",
    "inducted less no-reads": "到件减无读",
    "sorted to this chute": "落入该格口",
    "come to this infeed": "到该上件口",
    "sorted to a chute": "落格件",
    "nameplate": "铭牌能力",
    "time until the last arrival": "至最后一件到达",
}
_MOST_DECIMALS = 9
_OF_INFEED = {
    ASIDE: ("上件口暂放", "set aside, full:", "%", 2),
    HELD_SHARE: ("卸车等待", "unloading had to wait:", "%", 2),
    HELD_S: ("卸车等待时间", "unloading waited:", "s", 1),
}


def figure_of(key: str) -> Figure:
    """What is known of a figure; one that is in no catalogue is called by its key."""
    if key.startswith(CHUTE):
        chute = key.removeprefix(CHUTE)
        return Figure(key, "格口", f"chute {chute}", "%", "inducted", 2)
    if key.startswith(DWELL):
        chute = key.removeprefix(DWELL)
        return Figure(key, "到格口", f"infeed to chute {chute}", "s", "sorted to this chute", 1)
    kind, _, infeed = key.partition(":")
    if kind in _OF_INFEED:
        zh, en, unit, decimals = _OF_INFEED[kind]
        return Figure(key, zh, f"{en} {infeed}", unit, "come to this infeed", decimals)
    return _KNOWN.get(key) or Figure(key, "", key, "", decimals=3)


def name_of(key: str) -> str:
    """Its Chinese and English name, not escaped."""
    figure = figure_of(key)
    return f"{figure.zh} {figure.en}".strip()


def keys_of(result: StudyResult) -> tuple[str, ...]:
    """Every figure that some point measured or a threshold asks for: the catalogue's first, in its order."""
    found = dict.fromkeys(key for point in result.points for key in point.figures)
    found |= dict.fromkeys(verdict.figure for verdict in result.verdicts)
    return (*(key for key in _KNOWN if key in found), *(key for key in found if key not in _KNOWN))


def headline_of(result: StudyResult) -> tuple[str, ...]:
    """What is asked first; of a model that measures nothing of the kind, its first figures."""
    keys = keys_of(result)
    return HEADLINE if set(HEADLINE) & set(keys) else keys[: len(HEADLINE)]


def shown(key: str, value: Interval | None) -> str:
    """`99.9983 ± 0.0004 %`; says so when there is no value, or when one replication gives no interval."""
    if value is None:
        return NOT_ESTIMATED
    if math.isfinite(value.half):
        return f"{mean_shown(key, value)} {half_shown(key, value)}"
    return f"{mean_shown(key, value)} (单次，无区间 one run, no interval)"


def mean_shown(key: str, value: Interval) -> str:
    """`99.9983`, with as many decimals as its interval has."""
    return f"{value.mean:,.{_decimals(key, value)}f}"


def half_shown(key: str, value: Interval) -> str:
    """`± 0.0004 %`; without an interval only the unit."""
    unit = figure_of(key).unit
    half = f"± {value.half:,.{_decimals(key, value)}f}" if math.isfinite(value.half) else ""
    return f"{half} {unit}".strip()


def of_shown(key: str, point: PointResult) -> str:
    """The denominator in words, and how many that are in a replication where it is known; "" = none."""
    of = figure_of(key).of
    parcels = point.figures.get("parcels") if of == "inducted" else None
    count = f" ({parcels.mean:,.0f} 每次 per replication)" if parcels else ""
    return f"{OF_ZH.get(of, '')} {of}{count}".strip()


def times_shown(value: Interval | None, point: PointResult) -> str:
    """`100`, or `97 / 100` when not every replication could measure it."""
    n, all_of_them = value.n if value else 0, len(point.replications)
    return f"{n:,}" if n == all_of_them else f"{n:,} / {all_of_them:,}"


def _decimals(key: str, value: Interval) -> int:
    """The catalogue's, or more: half the interval is right to a tenth, and no share looks like all or none.

    What the arithmetic of floats leaves over of nothing gets no more.
    """
    least = figure_of(key).decimals
    return max(
        _fewest(least, lambda n: _is_precise(value.half, n)),
        _fewest(least, lambda n: _is_told(value.mean, n)),
    )


def _fewest(least: int, suits: Callable[[int], bool]) -> int:
    return next((n for n in range(least, _MOST_DECIMALS) if suits(n)), least)


def _is_precise(half: float, decimals: int) -> bool:
    return not math.isfinite(half) or abs(round(half, decimals) - half) <= half / 10


def _is_told(mean: float, decimals: int) -> bool:
    nearest = round(mean, decimals)
    return nearest == mean or nearest not in (0.0, 100.0)
