"""The sort plan: rules over courier, direction, service and place, compiled to masks; what a parcel gets.

A look-up that fails is an exception with a reason, never a default chute.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sorter.flow import REJECT, Advised, Direction, Service, Why
from sorter.network import Network
from sorter.waybill import Choice

IDENTITY_CERTAIN = frozenset({Why.NO_ADVICE, Why.NO_RULE, Why.AMBIGUOUS_ADDRESS, Why.INTERCEPTED})
"""Exceptions of a parcel whose waybill is known: only these may leave by a chute of their own."""


@dataclass(frozen=True, slots=True)
class Item:
    """What a rule looks at. town and village are codes; "" = not known at that tier."""

    courier: str
    direction: Direction
    service: Service
    town: str
    village: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Items that match every set (an empty set matches all) go to `chutes`, the first one preferred.

    balance  the chutes share the load instead
    """

    id: str
    couriers: frozenset[str]
    directions: frozenset[Direction]
    services: frozenset[Service]
    towns: frozenset[str]
    villages: frozenset[str]
    chutes: tuple[int, ...]
    balance: bool

    def matches(self, item: Item) -> bool:
        """Whether this rule, taken alone, is about this item."""
        values = (item.courier, item.direction, item.service, item.town, item.village)
        return all(not wanted or value in wanted for wanted, value in zip(_sets(self), values, strict=True))


@dataclass(frozen=True)
class Plan:
    """An immutable sort plan; the first rule that matches wins.

    version     "<name>@<8 hex digits>", different for every different plan
    exceptions  chute of its own for some of IDENTITY_CERTAIN; every other exception rides to the end
    defaults    courier -> code of the place for its parcels of which nothing else tells the place
    """

    version: str
    rules: tuple[Rule, ...]
    exceptions: Mapping[Why, int]
    defaults: Mapping[str, str] = field(default_factory=dict)
    _masks: tuple[_Mask, _Mask, _Mask, _Mask, _Mask] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        assert self.exceptions.keys() <= IDENTITY_CERTAIN, "an exception of unknown identity has no chute"
        sets = [_sets(rule) for rule in self.rules]
        object.__setattr__(self, "_masks", tuple(_Mask.of([row[n] for row in sets]) for n in range(5)))

    def ruling(self, item: Item) -> Rule | None:
        """The first rule that matches, None when none does; five dict look-ups, whatever the plan's size."""
        courier, direction, service, town, village = self._masks
        left = (
            courier.named.get(item.courier, courier.other)
            & direction.named.get(item.direction, direction.other)
            & service.named.get(item.service, service.other)
            & town.named.get(item.town, town.other)
            & village.named.get(item.village, village.other)
        )
        return self.rules[(left & -left).bit_length() - 1] if left else None

    def exception_chute(self, why: Why) -> int:
        """The chute for an exception, REJECT (the exception end) when the plan names none."""
        return self.exceptions.get(why, REJECT)


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


def decide(choice: Choice, advised: Advised | None, held: bool, plan: Plan, network: Network) -> Ruled:
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
    if advised.direction is Direction.DOWN and network.find(advised.place) is None:
        return _exception(Why.NO_RULE, choice, advised, plan)
    if advised.courier != choice.courier:
        return _exception(Why.AMBIGUOUS_COURIER, choice, advised, plan)
    rule = plan.ruling(_item(choice.courier, advised, network))
    if rule is None:
        return _exception(Why.NO_RULE, choice, advised, plan)
    return Ruled(
        Why.ROUTED, choice.waybill, choice.courier, advised.place, rule.id, rule.chutes, rule.balance
    )


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


def _item(courier: str, advised: Advised, network: Network) -> Item:
    town, village = network.town_of(advised.place), network.village_of(advised.place)
    return Item(courier, advised.direction, advised.service, town, village)


def _sets(rule: Rule) -> tuple[frozenset[Hashable], ...]:
    return (rule.couriers, rule.directions, rule.services, rule.towns, rule.villages)


@dataclass(frozen=True, slots=True)
class _Mask:
    """One column of the compiled plan: bit r is set where rule r accepts the value.

    named  values that some rule names; other  the mask of every value that none does
    """

    named: Mapping[Hashable, int]
    other: int

    @staticmethod
    def of(sets: Sequence[frozenset[Hashable]]) -> _Mask:
        """The column of these sets, one for each rule."""
        other = sum(1 << rule for rule, wanted in enumerate(sets) if not wanted)
        named: dict[Hashable, int] = {}
        for rule, wanted in enumerate(sets):
            for value in wanted:
                named[value] = named.get(value, other) | 1 << rule
        return _Mask(named, other)
