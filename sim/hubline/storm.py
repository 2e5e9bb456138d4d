"""A fault plan on a scenario's day: said exactly by what a day has of its own, or struck in the loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sim.draws import key, word
from sim.faultplan import ALWAYS, ANYWHERE, NO_READ_CAUSES, WHOLE_PPM, Cause, Fault, FaultPlan, Kind
from sim.faults import Conditions, Faults
from sim.hubline.build import Closures
from sim.hubline.traffic import Traffic
from sim.planned import Marked, Planned
from sorter.flow import Us

if TYPE_CHECKING:
    from sim.hubline.scenario import Scenario

_STORMS = 0x5709
_FLAW_OF = {Cause.NO_LABEL: "no-label", Cause.TORN: "torn", Cause.TINY: "tiny"}
_UNREAD = "unread"


class Storm(Planned):
    """A plan's faults and, besides, what the scenario itself closes and fails."""

    def __init__(self, plan: FaultPlan, seed: int, stream: Sequence[Marked], day: Faults) -> None:
        super().__init__(plan, seed, stream)
        self._day = day

    def conditions(self, at_us: Us) -> Conditions:
        """Both together."""
        mine, days = super().conditions(at_us), self._day.conditions(at_us)
        return replace(mine, full=mine.full | days.full, broken=mine.broken | days.broken)

    def next_change_us(self, at_us: Us) -> Us | None:
        """Of either."""
        changes = (super().next_change_us(at_us), self._day.next_change_us(at_us))
        return min((change for change in changes if change is not None), default=None)

    def wheel_dead(self, parcel: int, diverter: int, at_us: Us) -> bool:
        """By either."""
        return super().wheel_dead(parcel, diverter, at_us) or self._day.wheel_dead(parcel, diverter, at_us)


def storm_seed(seed: int, number: int) -> int:
    """Of the faults on stream `number`: each line and day has its own, the same in every scenario."""
    return word(key(seed, _STORMS), number)


def with_faults(day: Scenario, plan: FaultPlan) -> Scenario:
    """The day with these faults; those that every engine can say exactly become the day's own.

    A plan that holds any other is struck as a whole in the closed loop.
    """
    drawn = not day.recorded and day.first is None
    if not all(_is_own(fault) and (drawn or fault.kind is not Kind.NO_READ) for fault in plan.faults):
        return replace(day, faults=plan)
    for fault in plan.faults:
        day = _OWN[fault.kind](day, fault)
    return day


def _is_own(fault: Fault) -> bool:
    """Closed chutes at given times; labels and diverts that fail by chance, all day and everywhere."""
    if fault.kind is Kind.CHUTE_FULL:
        return not fault.per_hour_milli
    by_chance = fault.spans == ALWAYS and not fault.per_hour_milli and fault.place == ANYWHERE
    return fault.kind in _OWN and by_chance


def _full(day: Scenario, fault: Fault) -> Scenario:
    full = {chute: [*spans] for chute, spans in day.closures.full.items()}
    full.setdefault(fault.place, []).extend(fault.spans)
    return replace(day, closures=Closures(day.closures.locked, day.closures.broken, full))


def _failing(day: Scenario, fault: Fault) -> Scenario:
    failing = 1 - (1 - day.traffic.failing) * (1 - fault.share_ppm / WHOLE_PPM)
    return replace(day, traffic=replace(day.traffic, failing=failing))


def _no_read(day: Scenario, fault: Fault) -> Scenario:
    """It befalls a share of all parcels, whatever else is wrong with them."""
    traffic, share = day.traffic, fault.share_ppm / WHOLE_PPM
    causes = (fault.cause,) if fault.cause else NO_READ_CAUSES
    own = {
        courier: {**traffic.flaws, **flaws}
        for courier, flaws in traffic.of_courier.items()
        if not fault.courier or courier != fault.courier
    }
    if not fault.courier:
        own = {courier: _struck(flaws, share, causes) for courier, flaws in own.items()}
        return replace(day, traffic=_flawed(traffic, _struck(traffic.flaws, share, causes), own))
    theirs = {**traffic.flaws, **traffic.of_courier.get(fault.courier, {})}
    own[fault.courier] = _struck(theirs, share, causes)
    return replace(day, traffic=_flawed(traffic, traffic.flaws, own))


def _flawed(traffic: Traffic, flaws: Mapping[str, float], own: Mapping[str, Mapping[str, float]]) -> Traffic:
    return replace(traffic, flaws=flaws, of_courier=own)


def _struck(flaws: Mapping[str, float], share: float, causes: Sequence[Cause]) -> dict[str, float]:
    struck = {name: part * (1 - share) for name, part in flaws.items()}
    for cause in causes:
        name = _FLAW_OF.get(cause, _UNREAD)
        struck[name] = struck.get(name, 0.0) + share / len(causes)
    return struck


_OWN = {Kind.CHUTE_FULL: _full, Kind.FAILED_DIVERTER: _failing, Kind.NO_READ: _no_read}


def kinds_of(plan: FaultPlan | None) -> str:
    """The kinds of a plan, each once."""
    return ", ".join(dict.fromkeys(fault.kind.value for fault in plan.faults)) if plan else ""
