"""Pictures of a run as SVG texts for the report: where every parcel went, and how much each chute got.

Lengths inside are SVG user units; the picture scales with the page. Every text from outside is escaped.
"""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sorter.app.texts import printable, text
from sorter.flow import REJECT, Mm, Outcome, ParcelRecord, Us
from sorter.layout import Chute, Layout

SHOWN_US: Us = 180_000_000
"""More than this is not legible as lines: the space-time picture stops there and says so."""

SECOND_US: Us = 1_000_000
_TICKS_S = (1, 2, 5, 10, 20, 30, 60)
_WIDTH, _GUTTER = 1250, 220
_LONGEST_NAME = 30

_READING, _ROUTE, _HELD, _TIME = "#c2410c", "#1d4ed8", "#7e22ce", "#0f766e"
_CHUTE, _MACHINE, _CUT = "#854d0e", "#be123c", "#111111"
LINES: dict[Outcome, tuple[str, str]] = {
    Outcome.SORTED: ("#b4b9c0", ""),
    Outcome.NO_READ: (_READING, "7 3"),
    Outcome.SEVERAL_CODES: (_READING, "2 3"),
    Outcome.AMBIGUOUS_COURIER: (_READING, "9 3 2 3"),
    Outcome.NO_ROUTE: (_ROUTE, "7 3"),
    Outcome.AMBIGUOUS_ADDRESS: (_ROUTE, "2 3"),
    Outcome.INTERCEPTED: (_HELD, "7 3"),
    Outcome.TOO_LATE: (_TIME, "7 3"),
    Outcome.CHUTE_FULL: (_CHUTE, "7 3"),
    Outcome.CHUTE_LOCKED: (_CHUTE, "2 3"),
    Outcome.DIVERT_FAILED: (_MACHINE, "7 3"),
    Outcome.MISDIVERTED: (_MACHINE, "2 3"),
    Outcome.GAP_TOO_SMALL: (_MACHINE, "9 3 2 3"),
    Outcome.MERGED: (_MACHINE, "14 4"),
    Outcome.LOST: (_MACHINE, "1 5"),
    Outcome.STRAY: (_MACHINE, ""),
    Outcome.PURGED: (_CUT, "7 3"),
    Outcome.UNKNOWN_AFTER_RESTART: (_CUT, "2 3"),
}
"""Colour by whose matter it is, dash by kind: no two outcomes look alike in black and white and colour."""

NOWHERE = frozenset({Outcome.LOST, Outcome.UNKNOWN_AFTER_RESTART})
"""Where such a parcel came out, nobody saw, whatever chute stands in its record."""


def escaped(untrusted: str, longest: int = 80) -> str:
    """A text as it may stand in a page, between tags or in a quoted attribute."""
    return html.escape(printable(untrusted, longest))


def clock(time_us: Us) -> str:
    """`2:05`: minutes and seconds, rounded down."""
    return f"{time_us // SECOND_US // 60}:{time_us // SECOND_US % 60:02}"


# ---------------------------------------------------------------- space and time


@dataclass(frozen=True, slots=True)
class Plane:
    """Maps line time and belt place to the picture: a gutter for names on the left, time to the right."""

    from_us: Us
    to_us: Us
    end_mm: Mm
    left: int = _GUTTER
    right: int = 1230
    top: int = 14
    bottom: int = 584

    def x(self, at_us: Us) -> float:
        """Time to the right; beyond the plane's end it leaves the picture."""
        return self.left + (self.right - self.left) * (at_us - self.from_us) / (self.to_us - self.from_us)

    def y(self, place_mm: Mm) -> float:
        """Downstream is down."""
        return self.top + (self.bottom - self.top) * place_mm / self.end_mm


def space_time(layout: Layout, records: Sequence[ParcelRecord]) -> str:
    """One line per parcel from induction to where it left; the first SHOWN_US of the run.

    A stray, which was never inducted, is a dot where it came out. "" when there is nothing to draw.
    """
    if not records:
        return ""
    from_us, to_us = span_us(records)
    plane = Plane(from_us, min(to_us, from_us + SHOWN_US), layout.end_mm)
    shown = drawn(records)
    ordered = sorted(shown, key=lambda record: record.outcome is not Outcome.SORTED)
    parts = [
        *_places(layout, plane),
        *_ticks(plane),
        f'<clipPath id="plane"><rect x="{plane.left}" y="0" width="{plane.right - plane.left}" height="600"/>'
        "</clipPath>",
        '<g clip-path="url(#plane)" fill="none">',
        *(_way(layout, plane, record) for record in ordered),
        "</g>",
    ]
    return _svg(_WIDTH, 612, "时空图 space-time picture", parts)


def span_us(records: Sequence[ParcelRecord]) -> tuple[Us, Us]:
    """First induction (or first coming out) and last coming out, at least a second apart."""
    from_us = min(_start_us(record) for record in records)
    return from_us, max(from_us + SECOND_US, *(record.left_us for record in records))


def drawn(records: Sequence[ParcelRecord]) -> list[ParcelRecord]:
    """The records that begin within SHOWN_US of the first."""
    until_us = min(map(_start_us, records), default=0) + SHOWN_US
    return [record for record in records if _start_us(record) <= until_us]


def legend(records: Iterable[ParcelRecord]) -> str:
    """What the lines mean: the outcomes that occur, with their numbers."""
    counts = Counter(record.outcome for record in records)
    return "".join(
        '<span class="key"><svg width="44" height="10" aria-hidden="true">'
        f'<line x1="0" y1="5" x2="44" y2="5" {_stroke(outcome)}/></svg>'
        f"{text(outcome, 'zh')} {text(outcome, 'en')} {counts[outcome]:,}</span>"
        for outcome in LINES
        if counts[outcome]
    )


def _start_us(record: ParcelRecord) -> Us:
    return record.seen_us if record.seen_us >= 0 else record.left_us


def _places(layout: Layout, plane: Plane) -> Iterable[str]:
    """A level line and a name for the eye, the cameras, each diverter with its chutes, and the end."""
    names = [(0, "供件光电 induct eye"), (layout.end_mm, "异常口 exception end")]
    names += [(camera.position_mm, "相机 camera") for camera in layout.cameras]
    for diverter in layout.diverters:
        chutes = (chute for chute in layout.chutes if chute.diverter == diverter.id)
        names.append((diverter.pivot_mm, " | ".join(f"{chute.id} {chute.name_zh}" for chute in chutes)))
    for place_mm, name in names:
        y = plane.y(place_mm)
        yield f'<line class="level" x1="{plane.left}" y1="{y:.1f}" x2="{plane.right}" y2="{y:.1f}"/>'
        yield _name(y + 4, name)


def _ticks(plane: Plane) -> Iterable[str]:
    """Time since the first induction, at round distances that leave room for their labels."""
    length_s = (plane.to_us - plane.from_us) / SECOND_US
    step_s = next((step for step in _TICKS_S if length_s / step <= 18), _TICKS_S[-1])
    for second in range(0, int(length_s) + 1, step_s):
        x = plane.x(plane.from_us + second * SECOND_US)
        yield f'<line class="tick" x1="{x:.1f}" y1="{plane.bottom}" x2="{x:.1f}" y2="{plane.bottom + 5}"/>'
        at = clock(second * SECOND_US)
        yield f'<text x="{x:.1f}" y="{plane.bottom + 20}" text-anchor="middle">{at}</text>'


def _way(layout: Layout, plane: Plane, record: ParcelRecord) -> str:
    x2, y2 = plane.x(record.left_us), plane.y(_left_mm(layout, record))
    name = f"{printable(record.waybill) or '—'}: {text(record.outcome, 'zh')} {text(record.outcome, 'en')}"
    title = f"<title>{html.escape(name)}</title>"
    if record.seen_us < 0:
        colour, _ = LINES[record.outcome]
        return f'<circle class="way" cx="{x2:.1f}" cy="{y2:.1f}" r="4" fill="{colour}">{title}</circle>'
    x1, y1 = plane.x(record.seen_us), plane.y(0)
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="way" {ends} {_stroke(record.outcome)}>{title}</line>'


def _left_mm(layout: Layout, record: ParcelRecord) -> Mm:
    """Belt place where it left; for one that nobody saw leave, as far as the belt can have carried it."""
    if record.outcome in NOWHERE and record.seen_us >= 0:
        ran_mm = (record.left_us - record.seen_us) * layout.belt.speed_mm_s // SECOND_US
        return min(layout.end_mm, ran_mm)
    if record.left == REJECT:
        return layout.end_mm
    return layout.diverters[layout.chutes[record.left].diverter].pivot_mm


def _stroke(outcome: Outcome) -> str:
    colour, dash = LINES[outcome]
    width = 1.2 if outcome is Outcome.SORTED else 2.2
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{colour}" stroke-width="{width}"{dashes}'


# ---------------------------------------------------------------- chute loads


def chute_loads(layout: Layout, records: Sequence[ParcelRecord]) -> str:
    """Bars: parcels that came out of each chute, the exception end, and those that nobody saw come out."""
    seen = Counter(record.left for record in records if record.outcome not in NOWHERE)
    bars = [(_chute_name(chute), seen[chute.id]) for chute in layout.chutes]
    bars.append(("END 异常口 exception end", seen[REJECT]))
    if unseen := len(records) - seen.total():
        bars.append(("? 去向不明 nobody saw where", unseen))
    longest = max(1, *(count for _, count in bars))
    parts = [part for row, (name, count) in enumerate(bars) for part in _bar(row, name, count, longest)]
    return _svg(_WIDTH, 20 * len(bars) + 4, "格口件数 parcels per chute", parts)


def _chute_name(chute: Chute) -> str:
    return f"{chute.id} {chute.key} {chute.name_zh}"


def _bar(row: int, name: str, count: int, longest: int) -> Iterable[str]:
    y, width = 20 * row + 2, (_WIDTH - _GUTTER - 80) * count / longest
    yield _name(y + 13, name)
    yield f'<rect class="bar" x="{_GUTTER}" y="{y + 2}" width="{width:.1f}" height="14"/>'
    yield f'<text x="{_GUTTER + 6 + width:.1f}" y="{y + 13}">{count:,}</text>'


def _name(y: float, name: str) -> str:
    """A name in the gutter, its base line at y."""
    return f'<text x="{_GUTTER - 8}" y="{y:.1f}" text-anchor="end">{escaped(name, _LONGEST_NAME)}</text>'


def _svg(width: int, height: int, name: str, parts: Iterable[str]) -> str:
    head = f'<svg class="chart" viewBox="0 0 {width} {height}" role="img" aria-label="{name}">'
    return "\n".join([head, *parts, "</svg>"])
