"""A recorded day under another plan: what would have gone elsewhere, each chute's load, recirculation.

The other plan is asked for the same parcels in the same order. A chute that was full or locked then was so
under the old plan: that is left out on both sides, so that the two plans are compared and not the day's luck.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from sorter.app.findings import Text
from sorter.app.plan_day import Travelled
from sorter.app.texts import text
from sorter.chutes import ChuteBoard
from sorter.flow import REJECT, Why
from sorter.hub import Hub
from sorter.plan import Plan


@dataclass
class Side:
    """One plan's day. loads: chute -> parcels (REJECT: the exception end); whys: reason -> parcels."""

    loads: Counter[int] = field(default_factory=Counter)
    whys: Counter[Why] = field(default_factory=Counter)


@dataclass
class DryRun:
    """Both plans' day. moved: (old chute, new chute) -> parcels that go elsewhere."""

    parcels: int = 0
    old: Side = field(default_factory=Side)
    new: Side = field(default_factory=Side)
    moved: Counter[tuple[int, int]] = field(default_factory=Counter)


def dry_run(hub: Hub, old: Plan, new: Plan, day: Iterable[Travelled], on_date: str = "") -> DryRun:
    """Ask both plans for every parcel of the day. on_date: ISO date of which places are taken."""
    found = DryRun()
    boards = ChuteBoard(hub.layout), ChuteBoard(hub.layout)
    for parcel in day:
        found.parcels += 1
        told = []
        for plan, board, side in zip((old, new), boards, (found.old, found.new), strict=True):
            ruled = parcel.ruled_by(plan, hub.network, on_date)
            chute = board.pick(ruled.chutes, ruled.balance, ruled.shares).chute if ruled.chutes else REJECT
            if chute != REJECT:
                board.sent(chute)
            side.loads[chute] += 1
            side.whys[ruled.why] += 1
            told.append(chute)
        if told[0] != told[1]:
            found.moved[told[0], told[1]] += 1
    return found


def dry_run_lines(hub: Hub, found: DryRun, most: int = 12) -> list[str]:
    """The report for a person; of the moves, the `most` largest."""
    elsewhere = found.moved.total()
    lines = [
        f"{found.parcels} 件中 {elsewhere} 件去别处 / {elsewhere} of {found.parcels} parcels go elsewhere",
        _recirculated(found),
    ]
    for (old, new), count in found.moved.most_common(most):
        lines.append(f"  {outlet(hub, old)} -> {outlet(hub, new)}: {count}")
    if len(found.moved) > most:
        lines.append(f"  … {len(found.moved) - most} 种更少的去向变化 / smaller moves")
    lines.append("格口负荷（件，袋） / load of each chute (parcels, bags): 原 old -> 新 new")
    for chute in sorted({*found.old.loads, *found.new.loads}):
        before, after = found.old.loads[chute], found.new.loads[chute]
        lines.append(f"  {outlet(hub, chute)}: {_load(hub, chute, before)} -> {_load(hub, chute, after)}")
    for why in sorted({*found.old.whys, *found.new.whys} - {Why.ROUTED}, key=lambda why: why.value):
        before, after = found.old.whys[why], found.new.whys[why]
        lines.append(f"  {Text(text(why, 'zh'), text(why, 'en'))}: {before} -> {after}")
    return lines


def outlet(hub: Hub, chute: int) -> str:
    """A chute by number and name, or the exception end."""
    if chute == REJECT:
        return "异常口 exception end"
    one = hub.layout.chutes[chute]
    return f"{one.id} {one.name_zh} {one.name_en}"


def _load(hub: Hub, chute: int, parcels: int) -> str:
    if chute == REJECT or not parcels:
        return str(parcels)
    return f"{parcels} ({-(-parcels // hub.layout.chutes[chute].capacity)})"


def _recirculated(found: DryRun) -> str:
    before, after = found.old.loads[REJECT], found.new.loads[REJECT]
    share = [f"{count / max(found.parcels, 1):.2%}" for count in (before, after)]
    return f"复投（走到异常口） / recirculated (exception end): {before} ({share[0]}) -> {after} ({share[1]})"
