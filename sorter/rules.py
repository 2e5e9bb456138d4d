"""A sort plan's rules as they travel: in files by name, in journals and programs as these values."""

from __future__ import annotations

from dataclasses import dataclass

from sorter.frozen import made_fast
from sorter.words import Direction, Service


@dataclass(frozen=True, slots=True)
class Item:
    """What a rule looks at. town, village: codes; "" = not known at that tier.

    size       name of the plan's size class, "" = longer than the largest or not measured
    inspected  its courier's word that it went through the security check
    wave       the wave that runs, "" = none
    station    code of the station or locker, "" = none is known
    operator   who serves the place instead of this hub, "" = this hub
    """

    courier: str
    direction: Direction
    service: Service
    town: str
    village: str
    size: str = ""
    inspected: bool = False
    wave: str = ""
    operator: str = ""
    station: str = ""


made_fast(Item)


@dataclass(frozen=True, slots=True)
class Rule:
    """Items that match every set (an empty set matches all) go to `chutes`, the first one preferred.

    balance  the first `shares` chutes (0 = all) share the load; those behind them take the overflow
    """

    id: str
    couriers: frozenset[str]
    directions: frozenset[Direction]
    services: frozenset[Service]
    towns: frozenset[str]
    villages: frozenset[str]
    chutes: tuple[int, ...]
    balance: bool
    shares: int = 0
    sizes: frozenset[str] = frozenset()
    inspected: frozenset[bool] = frozenset()
    waves: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    stations: frozenset[str] = frozenset()

    @property
    def sharing(self) -> tuple[int, ...]:
        """The chutes that it fills on purpose: all that share, or the preferred one."""
        return self.chutes[: self.shares or None] if self.balance else self.chutes[:1]

    def matches(self, item: Item) -> bool:
        """Whether this rule, taken alone, is about this item."""
        named = zip(COLUMNS, FIELDS, strict=True)
        pairs = ((getattr(self, column), getattr(item, field)) for column, field in named)
        return all(not wanted or value in wanted for wanted, value in pairs)


COLUMNS = (
    "towns", "villages", "stations", "directions", "couriers", "services", "sizes", "inspected", "waves",
    "operators",
)  # fmt: skip
FIELDS = (
    "town", "village", "station", "direction", "courier", "service", "size", "inspected", "wave", "operator",
)  # fmt: skip
"""What a rule may name, and the field of an item that it is compared with."""


@dataclass(frozen=True, slots=True)
class PlanData:
    """A whole plan as the journal keeps it: enough to sort by it again without its file.

    exceptions  (reason, chute); defaults: (courier, code of a place)
    sizes       (class, longest length in mm), the smallest first
    """

    version: str
    rules: tuple[Rule, ...]
    exceptions: tuple[tuple[str, int], ...]
    defaults: tuple[tuple[str, str], ...] = ()
    sizes: tuple[tuple[str, int], ...] = ()
