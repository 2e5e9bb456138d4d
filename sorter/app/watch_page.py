"""A watched minute as one page that plays it: nothing is loaded from anywhere, every text is data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sorter.app.belt_view import chute_key, counts, rate, symbol
from sorter.app.charts import escaped
from sorter.app.moment import Moment
from sorter.app.study_html import STYLE
from sorter.app.study_report import write_whole
from sorter.app.texts import printable, text
from sorter.app.watching import EVERY_US, Watched, told
from sorter.flow import REJECT, ParcelRecord

_ROLE = {"▲": "left", "▼": "right", "×": "end", "?": "open"}

_PAGE_STYLE = """
#line { display: block; width: 100%; height: auto; min-width: 720px; } #line text { font-size: 11px;
  fill: var(--soft); } .belt { fill: var(--panel); stroke: var(--soft); } .chute { fill: var(--soft); }
.parcel { stroke: var(--paper); } .left, .right { fill: var(--blue); } .end { fill: var(--red); }
.open { fill: var(--grey); } #bar { display: flex; gap: 12px; align-items: center; margin: 12px 0; }
#at { flex: 1; } button { font: inherit; padding: 4px 16px; } #gone td { padding: 2px 16px 2px 0; }
"""

_SCRIPT = """
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const svg = document.getElementById("line"), slider = document.getElementById("at");
const W = 1200, Y = 90, H = 44, x = mm => 10 + Math.max(0, mm) / data.end_mm * (W - 20);
function add(parent, name, values, words) {
  const one = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const key in values) one.setAttribute(key, values[key]);
  if (words !== undefined) one.textContent = words;
  parent.appendChild(one);
  return one;
}
add(svg, "rect", {x: 10, y: Y, width: W - 20, height: H, class: "belt"});
for (const mm of data.cameras_mm) {
  add(svg, "path", {d: `M${x(mm) - 6} ${Y - 14} h12 l-6 12 z`, class: "chute"});
  add(svg, "text", {x: x(mm), y: Y - 18, "text-anchor": "middle"}, "相机 camera");
}
for (const one of data.chutes) {
  const up = one.side < 0, at = x(one.pivot_mm);
  add(svg, "rect", {x: at - 4, y: up ? Y - 16 : Y + H, width: 8, height: 16, class: "chute"});
  const label = add(svg, "text", {x: at, y: up ? Y - 20 : Y + H + 28, "text-anchor": "middle"}, one.id);
  add(label, "title", {}, one.key + " " + one.name);
}
const parcels = add(svg, "g", {});
let now = 0, playing = true, last = null;
function draw() {
  const n = Math.min(data.frames.length - 1, Math.floor(now)), frame = data.frames[n];
  const next = data.frames[Math.min(n + 1, data.frames.length - 1)], part = now - n;
  const then = new Map(next.spots.map(one => [one[0], one[1]]));
  parcels.replaceChildren();
  for (const [pid, mm, role, waybill, to] of frame.spots) {
    const long = data.lengths[pid] || 300, at = mm + (then.has(pid) ? (then.get(pid) - mm) * part : 0);
    const wide = Math.max(3, long / data.end_mm * (W - 20));
    const box = add(parcels, "rect",
      {x: x(at) - wide / 2, y: Y + 8, width: wide, height: H - 16, class: "parcel " + role});
    add(box, "title", {}, waybill + " -> " + to);
  }
  document.getElementById("words").textContent = frame.words;
  const rows = document.getElementById("gone");
  rows.replaceChildren();
  for (const cells of frame.left) {
    const row = document.createElement("tr");
    for (const words of cells) row.appendChild(document.createElement("td")).textContent = words;
    rows.appendChild(row);
  }
  slider.value = n;
}
function step(time) {
  if (playing && last !== null) now = Math.min(data.frames.length - 1, now + (time - last) / data.every_ms);
  last = time;
  draw();
  requestAnimationFrame(step);
}
slider.max = data.frames.length - 1;
slider.addEventListener("input", () => { now = Number(slider.value); });
document.getElementById("play").addEventListener("click", () => {
  if (now >= data.frames.length - 1) now = 0;
  playing = !playing;
});
requestAnimationFrame(step);
"""


def write_watch_page(path: Path, found: Watched) -> None:
    """Write the page as a whole. Raises StoreError when the file cannot be written."""
    write_whole(path, watch_page(found))


def watch_page(found: Watched) -> str:
    """The page's text."""
    begin = told(found.zero_us + found.from_us)
    title = f"一分钟回放 One minute of {escaped(found.hub.name)}, {begin}"
    view = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    legend = "灰 grey: 未定 undecided   蓝 blue: 去格口 to a chute   红 red: 去异常口 to the exception end"
    return f"""<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8">{view}<title>{title}</title>
<style>{STYLE}{_PAGE_STYLE}</style></head><body>
<h1>{title}</h1><p id="words"></p>
<div class="wide"><svg id="line" viewBox="0 0 1200 190" role="img" aria-label="{title}"></svg></div>
<p>{legend}</p>
<div id="bar"><button id="play">播放 / 暂停 play / pause</button>
<input id="at" type="range" min="0" value="0" aria-label="时刻 moment"></div>
<table><tbody id="gone"></tbody></table>
<script type="application/json" id="data">{_json(_data(found))}</script>
<script>{_SCRIPT}</script>
</body></html>
"""


def _json(values: dict[str, Any]) -> str:
    """JSON that ends no script element, whatever its texts say."""
    return json.dumps(values, ensure_ascii=False).replace("<", "\\u003c")


def _data(found: Watched) -> dict[str, Any]:
    layout = found.hub.layout
    return {
        "end_mm": layout.end_mm,
        "every_ms": EVERY_US // 1000,
        "cameras_mm": [camera.position_mm for camera in layout.cameras],
        "chutes": [
            {"id": chute.id, "key": chute.key, "name": f"{chute.name_zh} {chute.name_en}", "side": chute.side,
             "pivot_mm": layout.diverters[chute.diverter].pivot_mm}
            for chute in layout.chutes
        ],
        "lengths": found.lengths,
        "frames": [_frame(found, now) for now in found.moments],
    }  # fmt: skip


def _frame(found: Watched, now: Moment) -> dict[str, Any]:
    state = f"{text(now.state, 'zh')} {text(now.state, 'en')}"
    counted = f"{counts(now).plain}   {rate(now)}"
    spots = []
    for spot in now.spots:
        decision = spot.decision
        waybill = printable(decision.waybill) if decision else ""
        to = chute_key(found.hub.layout, decision.chute if decision else REJECT) if decision else "?"
        spots.append([spot.pid, spot.place_mm, _ROLE[symbol(found.hub.layout, decision)], waybill or "—", to])
    return {
        "words": f"{told(found.zero_us + now.line_us)}   {state}   {counted}",
        "spots": spots,
        "left": [_gone(found, record) for record in now.left],
    }


def _gone(found: Watched, record: ParcelRecord) -> list[str]:
    outcome = f"{text(record.outcome, 'zh')} {text(record.outcome, 'en')}"
    waybill = printable(record.waybill) or "—"
    return [told(found.zero_us + record.left_us), waybill, chute_key(found.hub.layout, record.left), outcome]
