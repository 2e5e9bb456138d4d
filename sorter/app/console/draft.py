"""A draft of the sort plan beside the plan in force: what changes in words, and on the simulated line."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorter.app.journal import read
from sorter.app.texts import Text
from sorter.errors import SorterError, StoreError
from sorter.flow import REJECT, ParcelRecord
from sorter.hub import Hub
from sorter.plan import Rule

PLAN = "plan.yaml"
SIMULATED = 300
"""Parcels of one simulated run: enough to see a chute that gets nothing, a second or two of work."""

PATIENCE_S = 60.0
_SHOWN = frozenset({"inducted", "sorted", "no-route", "chute-full", "mis-sorts", "throughput-per-h"})
_END = Text("异常口", "exception end")


class SimulationError(SorterError):
    """The simulated line did not answer."""


def changes(before: Hub, after: Hub, lang: str) -> list[str]:
    """What the draft changes, rule by rule, a sentence each; empty when nothing is different."""
    old, new = ({rule.id: rule for rule in hub.plan.rules} for hub in (before, after))
    return [sentence.say(lang) for sentence in _sentences(old, new, before, after)]


def _sentences(old: Mapping[str, Rule], new: Mapping[str, Rule], before: Hub, after: Hub) -> Iterator[Text]:
    for key, rule in new.items():
        if key not in old:
            yield Text(f"新规则 {key}：去 {_chutes(rule, after, 'zh')}",
                       f"new rule {key}: to {_chutes(rule, after, 'en')}")  # fmt: skip
        elif rule != old[key]:
            yield from _changed(key, old[key], rule, after)
    for key, rule in old.items():
        if key not in new:
            yield Text(f"规则 {key} 删除：原去 {_chutes(rule, before, 'zh')}",
                       f"rule {key} is gone: it went to {_chutes(rule, before, 'en')}")  # fmt: skip
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:
        yield Text("规则次序变了：先匹配的先生效", "the rules stand in another order: the first match wins")
    if before.plan.exceptions != after.plan.exceptions:
        yield Text("异常件的格口变了", "the chutes of exceptions changed")
    if dict(before.plan.defaults) != dict(after.plan.defaults):
        yield Text("快递公司的默认去向变了", "the couriers' default places changed")


def _changed(key: str, old: Rule, new: Rule, hub: Hub) -> Iterator[Text]:
    if old.chutes != new.chutes:
        yield Text(f"{key}：{_chutes(old, hub, 'zh')} → {_chutes(new, hub, 'zh')}",
                   f"{key}: {_chutes(old, hub, 'en')} → {_chutes(new, hub, 'en')}")  # fmt: skip
    if old.balance != new.balance:
        yield Text(f"{key}：{'均衡' if new.balance else '按次序'}使用格口",
                   f"{key}: chutes {'share the load' if new.balance else 'in their order'}")  # fmt: skip
    same = ("id", "chutes", "balance")
    if any(getattr(old, name) != getattr(new, name) for name in Rule.__slots__ if name not in same):
        yield Text(f"{key}：适用条件变了", f"{key}: what it is about changed")


def _chutes(rule: Rule, hub: Hub, lang: str) -> str:
    known = {chute.id: chute.name_zh if lang == "zh" else chute.name_en for chute in hub.layout.chutes}
    return ", ".join(f"{chute} {known.get(chute, '?')}" for chute in rule.chutes if chute != REJECT) or "-"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a simulated run came to: figures as in `run_figures`, and how many parcels left by each chute."""

    figures: Mapping[str, Mapping[str, Any]]
    loads: Mapping[int, int]


def simulated(hub: Hub, text: str) -> Outlook:
    """The same parcels on the simulated line, by the hub with this plan text.

    In a process of its own at low priority: the line and the screens go on. Raises SimulationError.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder, journal = Path(scratch) / hub.name, Path(scratch) / "journal"
        folder.mkdir()
        for name, content in {**hub.files, PLAN: text}.items():
            (folder / name).write_text(content, encoding="utf-8")
        words = ["sim", str(folder), "--parcels", str(SIMULATED), "--json", "--journal", str(journal)]
        command = ["nice", "-n", "10", sys.executable, "-m", "sorter", *words]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
            figures = json.loads(done.stdout)["figures"]
            records = (value for value in read(journal) if isinstance(value, ParcelRecord))
            return Outlook(figures, Counter(one.left for one in records))
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, StoreError) as error:
            raise SimulationError(f"the simulated line did not answer: {error}") from error


def compared(before: Outlook, after: Outlook, hub: Hub, lang: str) -> list[tuple[str, str, str]]:
    """What both runs came to: (figure or chute, before, after), figures first, then chutes that differ."""
    rows = [
        (str(figure[lang]), str(before.figures.get(key, {}).get("value", "-")), str(figure["value"]))
        for key, figure in after.figures.items()
        if key in _SHOWN
    ]
    names = {chute.id: chute.name_zh if lang == "zh" else chute.name_en for chute in hub.layout.chutes}
    for chute in sorted({*before.loads, *after.loads}):
        if before.loads.get(chute, 0) != after.loads.get(chute, 0):
            name = _END.say(lang) if chute == REJECT else f"{chute} {names.get(chute, '')}"
            rows.append((name, str(before.loads.get(chute, 0)), str(after.loads.get(chute, 0))))
    return rows
