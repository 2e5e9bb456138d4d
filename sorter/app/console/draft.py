"""A draft of the sort plan beside the plan in force: what changes in words, and on the simulated line."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sorter.app.journal import read
from sorter.app.plan_diff import changes as different
from sorter.app.plan_words import DIRECTIONS, SERVICES, change_words, other_changes
from sorter.app.texts import Text
from sorter.errors import SorterError, StoreError
from sorter.flow import REJECT, ParcelRecord
from sorter.hub import Hub
from sorter.rules import Rule

PLAN = "plan.yaml"
SIMULATED = 300
"""Parcels of one simulated run: enough to see a chute that gets nothing, a second or two of work."""

PATIENCE_S = 120.0
_SHOWN = frozenset({"inducted", "sorted", "no-route", "chute-full", "mis-sorts", "throughput-per-h"})
_END = Text("异常口", "exception end")


class SimulationError(SorterError):
    """The simulated line did not answer."""


def changes(before: Hub, after: Hub, lang: str) -> list[str]:
    """What the draft changes for which places, a sentence each; empty when nothing goes another way."""
    told = [change_words(after, change) for change in different(after, before.plan, after.plan)]
    told += other_changes(after, before.plan, after.plan)
    return [one.zh if lang == "zh" else one.en for one in told]


def about(rule: Rule, hub: Hub, lang: str) -> str:
    """What a rule is about, in words: directions, couriers, services, places, and whatever else it names."""
    zh = lang == "zh"
    words = [text.zh if zh else text.en for kind, text in DIRECTIONS.items() if kind in rule.directions]
    words += [text.zh if zh else text.en for kind, text in SERVICES.items() if kind in rule.services]
    named = {one.key: one.name_zh if zh else one.name_en for one in hub.couriers.couriers}
    words += [named.get(key, key) for key in sorted(rule.couriers)]
    places = sorted(rule.towns | rule.villages | rule.stations)
    words += [place.name for code in places[:4] if (place := hub.network.find(code))]
    words += [f"+ {len(places) - 4}"] * (len(places) > 4)
    words += sorted(rule.sizes | rule.waves | rule.operators)
    return " · ".join(words) or ("全部" if zh else "everything")


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
