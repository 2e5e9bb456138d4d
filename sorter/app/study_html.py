"""The parts of a self-contained page: its style for screen, dark and print, tables and their cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sorter.app.charts import escaped

STYLE = """
:root { color-scheme: light dark; --ink: #1c2127; --soft: #4a5460; --paper: #fff; --line: #dfe3e8;
  --panel: #f5f6f8; --blue: #1d5fb4; --red: #b3261e; --green: #1a7340; --grey: #8793a1; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --soft: #a6b0bb; --paper: #14171b;
  --line: #343a42; --panel: #1e2329; --blue: #7db2f5; --red: #ff8f85; --green: #6fd09a; --grey: #75808d; } }
* { box-sizing: border-box; }
body { margin: 24px auto; max-width: 1280px; padding: 0 20px; color: var(--ink); background: var(--paper);
  font: 14px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "Noto Sans SC",
  "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", sans-serif; }
h1 { font-size: 24px; line-height: 1.3; margin: 0 0 12px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 32px 0 8px; border-bottom: 1px solid var(--line); padding-bottom: 4px; }
p, figcaption { margin: 4px 0 8px; color: var(--soft); max-width: 90ch; }
p.verdict { font-size: 18px; font-weight: 600; color: var(--ink); background: var(--panel);
  border-left: 5px solid var(--grey); padding: 8px 14px; margin: 8px 0; max-width: none; }
p.met { border-color: var(--green); } p.missed, p.unfinished { border-color: var(--red); }
td.met { color: var(--green); } td.missed { color: var(--red); } td.differs { font-weight: 600; }
.cards, .pictures { display: grid; gap: 12px; margin: 12px 0; }
.cards { grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); }
.pictures { grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 20px; }
.card { background: var(--panel); padding: 10px 14px; color: var(--soft); font-size: 13px; }
.card b { display: block; color: var(--ink); font-size: 24px; line-height: 1.3; }
.card strong { color: var(--ink); }
figure { margin: 0; max-width: 760px; overflow-x: auto; } figcaption { overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; min-width: 60%; }
th, td { text-align: left; vertical-align: top; padding: 3px 16px 3px 0;
  border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; } th { vertical-align: bottom; }
td.text { overflow-wrap: anywhere; min-width: 16ch; }
summary { cursor: pointer; margin: 10px 0 4px; font-weight: 600; }
.chart { display: block; width: 100%; min-width: 500px; height: auto; }
.chart text { font-size: 12px; fill: var(--soft); paint-order: stroke; stroke: var(--paper);
  stroke-width: 3px; } .small { vertical-align: middle; }
.level, .joint { stroke: var(--line); } .tick, .axis { stroke: var(--soft); }
.mean, .front { fill: none; stroke: var(--blue); stroke-width: 2; } .thin { stroke-width: 1; }
.front { stroke-dasharray: 6 4; stroke-width: 1.2; } .band { fill: var(--blue); opacity: .22; }
.warmup { fill: var(--grey); opacity: .18; } .cut, .even { stroke: var(--red); stroke-dasharray: 5 3; }
.part { fill: var(--grey); } .loss { fill: var(--red); } .good { fill: var(--green); }
.whisker { fill: none; stroke: var(--ink); } .dot { fill: var(--blue); } .beaten { fill: var(--grey); }
@page { size: A4 landscape; margin: 12mm; }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 11px; print-color-adjust: exact;
    -webkit-print-color-adjust: exact; }
  h2, p, summary { break-after: avoid; } tr, figure, .card { break-inside: avoid; }
  thead { display: table-header-group; } .wide, figure { overflow: visible; }
  .pictures { display: block; } .pictures figure { display: inline-block; width: 49%; vertical-align: top; }
  .chart { min-width: 0; }
  details::details-content { display: block; content-visibility: visible; } }
"""


def text_cell(untrusted: str, longest: int = 120) -> str:
    """A cell of words; may break anywhere."""
    return f'<td class="text">{escaped(untrusted, longest)}</td>'


def number_cell(untrusted: str, kind: str = "") -> str:
    """A cell whose text stands to the right and is never broken; kind = a class of the style."""
    return f'<td class="{f"number {kind}".strip()}">{escaped(untrusted)}</td>'


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    """A heading that begins with # stands over numbers, no headings = no head; the cells are ready."""
    heads = (
        f'<th class="number">{escaped(heading[1:])}</th>'
        if heading.startswith("#")
        else f"<th>{escaped(heading)}</th>"
        for heading in headings
    )
    yield '<div class="wide"><table>'
    if headings:
        yield from ("<thead><tr>", *heads, "</tr></thead>")
    yield from ("<tbody>", *(f"<tr>{''.join(cells)}</tr>" for cells in rows), "</tbody></table></div>")


def only(most: int, total: int, what: str) -> str:
    """What a page says when it shows only the first `most`; "" when it shows all."""
    return f" 只示前 {most:,} / {total:,} {what}: only the first {most:,}." if total > most else ""
