"""A recorded run as the parcels that were decided in it: what another plan would have been asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sorter.codec import Value
from sorter.flow import Advised, Decision, Inducted, InterceptSet, Mm, WaveBegan, Why
from sorter.network import Network
from sorter.plan import Around, Item, Plan, Ruled, decide, item_of
from sorter.waybill import Choice


@dataclass(frozen=True, slots=True)
class Travelled:
    """One parcel with everything that its ruling looks at, and what was decided."""

    decision: Decision
    advised: Advised | None
    held: bool
    length_mm: Mm
    wave: str

    def ruled_by(self, plan: Plan, network: Network, on_date: str = "") -> Ruled:
        """What this plan makes of it."""
        told = self.decision
        why = Why.ROUTED if told.courier else told.why
        around = Around(on_date, self.wave, self.length_mm)
        return decide(Choice(why, told.waybill, told.courier), self.advised, self.held, plan, network, around)

    def item(self, plan: Plan, network: Network) -> Item | None:
        """What this plan's rules look at; None for a parcel of which courier or destination is unknown."""
        if self.advised is None or not self.decision.courier or self.held:
            return None
        around = Around(wave=self.wave, length_mm=self.length_mm)
        return item_of(self.decision.courier, self.advised, plan, network, around)


def travelled(journal: Iterable[Value]) -> Iterator[Travelled]:
    """Every decided parcel of a journal, in the order of the decisions; a called-back one only once."""
    advised: dict[str, Advised] = {}
    lengths: dict[int, Mm] = {}
    held: set[str] = set()
    wave = ""
    for value in journal:
        if isinstance(value, Advised):
            advised[value.waybill] = value
        elif isinstance(value, Inducted):
            lengths[value.pid] = value.length_mm
        elif isinstance(value, InterceptSet):
            (held.add if value.held else held.discard)(value.waybill)
        elif isinstance(value, WaveBegan):
            wave = value.wave
        elif isinstance(value, Decision) and value.pid in lengths:
            known = advised.get(value.waybill)
            yield Travelled(value, known, value.waybill in held, lengths.pop(value.pid), wave)
