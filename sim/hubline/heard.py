"""What a closed loop tells of itself that its records do not: chutes out of service, and stops by jams."""

from __future__ import annotations

from collections.abc import Sequence

from sim.faults import Faults
from sim.hubline.rules import eye_us, locked_at
from sim.hubline.tables import COUNT, FIRST, RULING, Plant
from sorter.flow import (
    REJECT,
    ChuteLocked,
    Effect,
    Event,
    Jammed,
    Notice,
    PackState,
    ParcelRecord,
    StateChanged,
    Us,
    Why,
)
from sorter.layout import Layout


class Heard:
    """Listens to a loop. jams = from the alarm until the line ran again, in order."""

    def __init__(self) -> None:
        self.jams: list[tuple[Us, Us]] = []
        self._jam_us: Us | None = None
        self._service: list[tuple[Us, int, bool]] = []

    def note(self, value: Event | Effect) -> None:
        """An event or effect, in its order."""
        if isinstance(value, Notice) and value.key == "chute-out":
            self._service.append((value.at_us, int(value.about), True))
        elif isinstance(value, ChuteLocked) and not value.locked:
            self._service.append((value.at_us, value.chute, False))
        elif isinstance(value, Jammed) and self._jam_us is None:
            self._jam_us = value.at_us
        elif isinstance(value, StateChanged) and value.state is PackState.EXECUTE:
            if self._jam_us is not None:
                self.jams.append((self._jam_us, value.at_us))
            self._jam_us = None

    def out_at(self, chute: int, at_us: Us) -> bool:
        """Whether a chute was out of service."""
        said = [out for since, other, out in self._service if other == chute and since <= at_us]
        return bool(said) and said[-1]

    def jammed_us(self, from_us: Us, to_us: Us) -> Us:
        """How much of this time the line stood because of a jam."""
        return sum(max(0, min(to_us, end) - max(from_us, begin)) for begin, end in self.jams)


def bagged(
    record: ParcelRecord, ruling: int, tail: int, layout: Layout, plant: Plant, faults: Faults, heard: Heard
) -> bool:
    """Whether a chute that was full kept a parcel off only until its bag was changed; as rules.none_usable.

    tail  way at which its tail is at the induct eye, nm
    """
    if record.why is not Why.CHUTE_FULL:
        return False
    line, at_us, ways = plant.line, record.decided_us, _options(plant, ruling)
    if record.told != REJECT:
        at_us, ways = eye_us(line, plant.legs, plant.chutes, record.told, tail), [record.told]
    known_us = at_us // line.scan_us * line.scan_us
    now = faults.conditions(known_us)
    return any(
        not (now.full >> way & 1 or now.broken >> layout.chutes[way].diverter & 1)
        and (
            record.told != REJECT
            or not (locked_at(plant.chutes, plant.spans, way, at_us) or heard.out_at(way, at_us))
        )
        for way in ways
    )


def _options(plant: Plant, ruling: int) -> Sequence[int]:
    first = plant.rulings[ruling * RULING + FIRST]
    return plant.options[first : first + plant.rulings[ruling * RULING + COUNT]]
