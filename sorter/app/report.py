"""A run as one HTML file that needs nothing else: figures, where every parcel went, what went wrong."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sorter.app.charts import (
    SECOND_US,
    SHOWN_US,
    chute_loads,
    clock,
    drawn,
    escaped,
    legend,
    space_time,
    span_us,
)
from sorter.app.figures import Figure, run_figures
from sorter.app.grades import MEASURES, Median, percents
from sorter.app.tally import Tally
from sorter.app.texts import text
from sorter.errors import StoreError
from sorter.flow import REJECT, NoRead, Outcome, ParcelRecord
from sorter.hub import Hub
from sorter.layout import Layout

if TYPE_CHECKING:
    from sim.judge import Judgement

MOST_EXCEPTIONS = 1000
"""Exceptions listed; a run with more says how many there were."""

_STYLE = """
:root { color-scheme: light; }
body { margin: 24px auto; max-width: 1250px; padding: 0 24px; color: #1c2127; background: #fff;
  font: 14px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "Noto Sans SC",
  "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 32px 0 8px; border-bottom: 1px solid #d5d9de; padding-bottom: 4px; }
p { margin: 4px 0 8px; color: #4a5460; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 3px 14px 3px 0; border-bottom: 1px solid #e8eaed; }
th { font-weight: 600; color: #4a5460; white-space: nowrap; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.part td:first-child, tr.part td:nth-child(2) { padding-left: 22px; }
td.code { font-family: ui-monospace, "DejaVu Sans Mono", Consolas, monospace; overflow-wrap: anywhere;
  min-width: 18ch; }
.base { color: #4a5460; }
.chart { display: block; width: 100%; height: auto; }
.chart text { font-size: 12px; fill: #3a434d; }
.level, .tick { stroke: #e3e6ea; stroke-width: 1; }
.tick { stroke: #4a5460; }
.bar { fill: #8793a1; }
.key { display: inline-block; margin-right: 22px; white-space: nowrap; }
.key svg { margin-right: 6px; vertical-align: middle; }
@page { size: A4 landscape; margin: 12mm; }
@media print {
  body { margin: 0; padding: 0; max-width: none; font-size: 11px;
    -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  h2, p { break-after: avoid; }
  tr, .chart { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""


def write_report(
    path: Path, hub: Hub, tally: Tally, judgement: Judgement | None, meta: Mapping[str, str]
) -> None:
    """Write the page; what is at `path` is replaced only by a whole one. meta: name -> value, as shown.

    Raises StoreError when the file cannot be written.
    """
    page = report_page(hub, tally, judgement, meta)
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(page, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        remedy = "make room, or name a folder that can be written"
        raise StoreError(f"{path}: the report cannot be written: {error.strerror}\n  {remedy}") from error


def report_page(hub: Hub, tally: Tally, judgement: Judgement | None, meta: Mapping[str, str]) -> str:
    """The page's text. Every text from outside is escaped, control characters are shown as codes."""
    title = f"分拣运行报告 Run report: {escaped(hub.name)}"
    body = [
        f"<h1>{title}</h1>",
        *_figures(run_figures(tally, judgement, hub)),
        *_space_time(hub.layout, tally.records),
        "<h2>格口件数 Parcels per chute</h2>",
        chute_loads(hub.layout, tally.records),
        *_quality(hub, tally.grades.medians()),
        *_exceptions(hub, tally.records),
        *_conditions(hub, meta),
    ]
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    start = f'<!DOCTYPE html>\n<html lang="zh-CN"><head>{head}</head><body>'
    return "\n".join([start, *body, "</body></html>\n"])


def _figures(figures: Sequence[Figure]) -> Iterable[str]:
    yield "<h2>指标 Figures</h2>"
    rows = (
        f'<tr class="{"part" if one.is_part else ""}" id="{escaped(one.key)}">'
        f'<td>{escaped(one.zh)}</td><td>{escaped(one.en)}</td><td class="number">{escaped(one.value)}</td>'
        f'<td class="base">{escaped(one.base, 200)}</td></tr>'
        for one in figures
    )
    yield from _table(("指标", "Figure", "#值 Value", "基数 Of"), rows)


def _space_time(layout: Layout, records: Sequence[ParcelRecord]) -> Iterable[str]:
    yield "<h2>时空图 Space and time</h2>"
    if not records:
        yield "<p>没有包裹 No parcels.</p>"
        return
    shown = drawn(records)
    yield f"<p>{_extent(len(shown), records)}</p>"
    yield f"<p>{legend(shown)}</p>"
    yield space_time(layout, records)


def _extent(shown: int, records: Sequence[ParcelRecord]) -> str:
    """How much of the run the picture shows."""
    total = len(records)
    across = "横轴为时间，纵轴为皮带位置，一线一件 time across, belt place down, one line per parcel"
    if shown == total:
        return f"{across}; 全部 all {total:,} 件 parcels."
    until = clock(SHOWN_US)
    whole = clock(span_us(records)[1] - span_us(records)[0])
    return (
        f"{across}; 只画最初 {until}（全程 {whole}），{total:,} 件中的 {shown:,} 件 "
        f"only the first {until} of {whole}: {shown:,} of {total:,} parcels."
    )


def _quality(hub: Hub, medians: Sequence[Median]) -> Iterable[str]:
    """How good the waybills looked, by camera and courier; nothing when no read was graded."""
    if not medians:
        return
    yield "<h2>码质量 Code quality</h2>"
    yield (
        "<p>各项中位数；持续下降说明光源、镜头或打印机变差 "
        "medians; a lasting fall tells of a dying lamp, lens or printer</p>"
    )
    measures = (f"#{one.zh} {one.en}" for one in MEASURES.values())
    heads = ("相机 Camera", "快递 Courier", "#次数 Reads", *measures)
    rows = (
        f"<tr><td>{one.camera}</td><td>{escaped(hub.couriers.name(one.courier))}</td>"
        + "".join(f'<td class="number">{value}</td>' for value in (f"{one.reads:,}", *percents(one.grade)))
        + "</tr>"
        for one in medians
    )
    yield from _table(heads, rows)


def _exceptions(hub: Hub, records: Sequence[ParcelRecord]) -> Iterable[str]:
    """Every record that did not end as sorted, in the order in which they ended."""
    found = [record for record in records if record.outcome is not Outcome.SORTED]
    yield f"<h2>异常件 Exceptions ({len(found):,})</h2>"
    if len(found) > MOST_EXCEPTIONS:
        yield f"<p>只列前 {MOST_EXCEPTIONS:,} 件 Only the first {MOST_EXCEPTIONS:,} are listed.</p>"
    headings = ("离线 Left at", "运单 Waybill", "快递 Courier", "结果 Outcome", "原因 Reason",
                "指定 → 落格 Told → left", "读到 What was read")  # fmt: skip
    if found:
        yield from _table(headings, (_exception(hub, record) for record in found[:MOST_EXCEPTIONS]))


def _exception(hub: Hub, record: ParcelRecord) -> str:
    at = f"{clock(record.left_us)}.{record.left_us % SECOND_US // 1000:03}"
    ways = f"{_chute(hub.layout, record.told)} → {_chute(hub.layout, record.left)}"
    read = "<br>".join(f"{escaped(code.text)} ({escaped(code.symbology)})" for code in record.reads)
    courier = hub.couriers.name(record.courier) if record.courier else "—"
    return (
        f'<tr class="exception"><td class="number">{at}</td>'
        f'<td class="code">{escaped(record.waybill) or "—"}</td><td>{escaped(courier)}</td>'
        f"<td>{text(record.outcome, 'zh')} {text(record.outcome, 'en')}</td>"
        f"<td>{text(record.why, 'zh')} {text(record.why, 'en')}{_cause(record)}</td>"
        f'<td>{escaped(ways)}</td><td class="code">{read or "—"}</td></tr>'
    )


def _cause(record: ParcelRecord) -> str:
    """What the pixels tell of a parcel that was not read."""
    if record.cause is NoRead.NONE:
        return ""
    return f"：{text(record.cause, 'zh')} {text(record.cause, 'en')}"


def _chute(layout: Layout, chute: int) -> str:
    return "END" if chute == REJECT else layout.chutes[chute].key


def _conditions(hub: Hub, meta: Mapping[str, str]) -> Iterable[str]:
    yield "<h2>条件 Conditions</h2>"
    belt = hub.layout.belt
    known = {
        "产线 line": f"{hub.layout.name}, {belt.speed_mm_s:,} mm/s, {len(hub.layout.chutes)} 格口 chutes",
        "方案 plan": hub.plan.version,
    }
    rows = (
        f"<tr><th>{escaped(name)}</th><td>{escaped(value, 500)}</td></tr>"
        for name, value in {**known, **meta}.items()
    )
    yield from ("<table>", *rows, "</table>")


def _table(headings: Sequence[str], rows: Iterable[str]) -> Iterable[str]:
    """A heading that begins with # stands over numbers."""
    heads = (
        f'<th class="number">{heading[1:]}</th>' if heading.startswith("#") else f"<th>{heading}</th>"
        for heading in headings
    )
    yield from ("<table><thead><tr>", *heads, "</tr></thead><tbody>", *rows, "</tbody></table>")
