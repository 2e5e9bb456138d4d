"""The sort plan: rules over courier, direction, service and place, compiled to masks; what a parcel gets.

A look-up that fails is an exception with a reason, never a default chute.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

from sorter.flow import REJECT, Advised, Direction, Mm, Why
from sorter.frozen import made_fast
from sorter.network import Network
from sorter.rules import COLUMNS, FIELDS, PlanData
from sorter.rules import Item as Item
from sorter.rules import Rule as Rule
from sorter.waybill import Choice

IDENTITY_CERTAIN = frozenset({Why.NO_ADVICE, Why.NO_RULE, Why.AMBIGUOUS_ADDRESS, Why.INTERCEPTED})
"""Exceptions of a parcel whose waybill is known: only these may leave by a chute of their own."""


@dataclass(frozen=True)
class Plan:
    """An immutable sort plan; the first rule that matches wins.

    version     "<name>@<8 hex digits>", different for every different plan
    exceptions  chute of its own for some of IDENTITY_CERTAIN; every other exception rides to the end
    defaults    courier -> code of the place for its parcels of which nothing else tells the place
    sizes       (class, longest length in mm), the smallest first
    """

    version: str
    rules: tuple[Rule, ...]
    exceptions: Mapping[Why, int]
    defaults: Mapping[str, str] = field(default_factory=dict)
    sizes: tuple[tuple[str, Mm], ...] = ()
    _usual: tuple[_Named, ...] = field(init=False, repr=False, compare=False)
    _others: tuple[_Column, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        assert self.exceptions.keys() <= IDENTITY_CERTAIN, "an exception of unknown identity has no chute"
        columns = {
            item: _named([getattr(rule, column) for rule in self.rules])
            for column, item in zip(COLUMNS, FIELDS, strict=True)
        }
        object.__setattr__(self, "_usual", tuple(columns.pop(item) for item in USUAL))
        others = ((attrgetter(item), *named) for item, named in columns.items() if named[0])
        object.__setattr__(self, "_others", tuple(others))

    @staticmethod
    def of(data: PlanData) -> Plan:
        """The plan that these values describe."""
        exceptions = {Why(why): chute for why, chute in data.exceptions}
        return Plan(data.version, data.rules, exceptions, dict(data.defaults), data.sizes)

    @property
    def data(self) -> PlanData:
        """The plan as it travels."""
        exceptions = tuple((why.value, chute) for why, chute in self.exceptions.items())
        return PlanData(self.version, self.rules, exceptions, tuple(self.defaults.items()), self.sizes)

    def ruling(self, item: Item) -> Rule | None:
        """The first rule that matches, None when none does.

        One dict look-up for each usual column and each other one that some rule names, whatever the number
        of rules and places. Written out, for this is where a decision's time goes.
        """
        (town, any_town), (village, any_village), (direction, any_direction), (courier, any_courier), (
            service, any_service,
        ) = self._usual  # fmt: skip
        left = (
            town.get(item.town, any_town)
            & village.get(item.village, any_village)
            & direction.get(item.direction, any_direction)
            & courier.get(item.courier, any_courier)
            & service.get(item.service, any_service)
        )
        for value, named, other in self._others:
            left &= named.get(value(item), other)
        return self.rules[(left & -left).bit_length() - 1] if left else None

    def size_of(self, length_mm: Mm) -> str:
        """The smallest size class that holds a parcel of this length; "" when none does or 0 is given."""
        return next((name for name, most in self.sizes if 0 < length_mm <= most), "")

    def exception_chute(self, why: Why) -> int:
        """The chute for an exception, REJECT (the exception end) when the plan names none."""
        return self.exceptions.get(why, REJECT)

    @property
    def chutes(self) -> frozenset[int]:
        """Every chute that this plan may send something to."""
        return frozenset(chute for rule in self.rules for chute in rule.chutes) | {*self.exceptions.values()}


@dataclass(frozen=True, slots=True)
class Around:
    """What a rule may ask that no label and no manifest tells: the day, the running wave, the length."""

    on_date: str = ""
    wave: str = ""
    length_mm: Mm = 0


ANY_TIME = Around()


@dataclass(frozen=True, slots=True)
class Ruled:
    """Where a parcel may go and on whose authority. chutes in order of preference; empty = exception end."""

    why: Why
    waybill: str
    courier: str
    place: str
    rule_id: str
    chutes: tuple[int, ...]
    balance: bool
    shares: int = 0


made_fast(Around, Ruled)


def decide(
    choice: Choice,
    advised: Advised | None,
    held: bool,
    plan: Plan,
    network: Network,
    around: Around = ANY_TIME,
) -> Ruled:
    """Rule on one parcel.

    choice   its waybill, as chosen among its codes
    advised  the manifest's word on that waybill, None when there is none
    held     that waybill is on the intercept list: wins over every route, even for an unclear courier
    """
    if held and choice.waybill:
        return _exception(Why.INTERCEPTED, choice, advised, plan)
    if choice.why is not Why.ROUTED:
        return _exception(choice.why, choice, advised, plan)
    if advised is None or not _tells(advised):
        default = plan.defaults.get(choice.courier, "")
        if not default:
            return _exception(_silence(advised), choice, advised, plan)
        known = advised or Advised(0, choice.waybill, choice.courier, "")
        advised = replace(known, place=default, unclear=False)
    if advised.direction is Direction.DOWN and not network.serves(advised.place, around.on_date):
        return _exception(Why.NO_RULE, choice, advised, plan)
    if advised.courier != choice.courier:
        return _exception(Why.AMBIGUOUS_COURIER, choice, advised, plan)
    rule = plan.ruling(item_of(choice.courier, advised, plan, network, around))
    if rule is None:
        return _exception(Why.NO_RULE, choice, advised, plan)
    way = (rule.id, rule.chutes, rule.balance, rule.shares)
    return Ruled(Why.ROUTED, choice.waybill, choice.courier, advised.place, *way)


def _tells(advised: Advised) -> bool:
    """Whether the advice says enough to ask the plan; only what goes down needs a place."""
    return bool(advised.place) or advised.direction is not Direction.DOWN


def _silence(advised: Advised | None) -> Why:
    if advised is None:
        return Why.NO_ADVICE
    return Why.AMBIGUOUS_ADDRESS if advised.unclear else Why.NO_RULE


def _exception(why: Why, choice: Choice, advised: Advised | None, plan: Plan) -> Ruled:
    chute = plan.exception_chute(why)
    chutes = () if chute == REJECT else (chute,)
    place = advised.place if advised else ""
    return Ruled(why, choice.waybill, choice.courier, place, "", chutes, balance=False)


def item_of(courier: str, advised: Advised, plan: Plan, network: Network, around: Around) -> Item:
    """What the plan's rules look at for a parcel of this courier with this advice."""
    town, village = network.town_of(advised.place), network.village_of(advised.place)
    size = plan.size_of(around.length_mm)
    operator = network.operator(advised.place, around.on_date)
    label = (courier, advised.direction, advised.service, town, village)
    station = network.station_of(advised.place)
    return Item(*label, size, advised.inspected, around.wave, operator, station)


USUAL = ("town", "village", "direction", "courier", "service")

_Named = tuple[Mapping[Hashable, int], int]
"""The mask of each value that some rule names, and the mask of every other value.

Bit r of a mask is set where rule r accepts the value.
"""

_Column = tuple[Callable[[Any], Hashable], Mapping[Hashable, int], int]
"""The same behind what gives an item's value."""


def _named(sets: Sequence[frozenset[Hashable]]) -> _Named:
    """The masks of these sets, one for each rule."""
    other = sum(1 << rule for rule, wanted in enumerate(sets) if not wanted)
    named: dict[Hashable, int] = {}
    for rule, wanted in enumerate(sets):
        for value in wanted:
            named[value] = named.get(value, other) | 1 << rule
    return named, other
