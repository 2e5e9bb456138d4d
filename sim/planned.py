"""A fault plan at work: every answer is a function of (plan, seed, occasion), whoever asks and how often.

Only a jam that is due remembers something: the first parcel that comes to the eye takes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sim.draws import below, key, mix, word
from sim.faultplan import (
    ALWAYS,
    ANSWER_CAUSES,
    ANYWHERE,
    FOREVER,
    MISREAD_CAUSES,
    NO_READ_CAUSES,
    WHOLE_PPM,
    Cause,
    Fault,
    FaultPlan,
    Kind,
    Timeline,
    drawn_us,
    timeline,
)
from sim.faults import CALM, Conditions, Faults
from sim.lasting import EFFECTS
from sim.mislabel import spoilt, waybill_on, with_waybill, wrong_digit
from sorter.flow import Us
from vision.scene import Label

_FIRST_STREAM = 1 << 24
"""Streams of faults are numbered from here: a kind's n-th fault has the same one in every plan."""

_SEED_MASK = (1 << 31) - 1
MARKS = 50
"""About as many marks as a parcel meets on the default line."""

_CHATTER_GAP_US = (100_000, 400_000)
_CHATTER_LASTS_US = (15_000, 60_000)
"""Between a chattering eye's pulses, from the nose on; and how short they are, as a relay's bounce."""


@dataclass(frozen=True, slots=True)
class Marked:
    """What the faults know of a parcel of the stream: whose it is and the waybill on its label."""

    courier: str
    waybill: str


@dataclass(slots=True, eq=False)
class _Threat:
    """One fault with its stream; used = how many of its moments have had their parcel."""

    fault: Fault
    stream: int
    when: Timeline
    limit: int = field(init=False)
    used: int = 0

    def __post_init__(self) -> None:
        self.limit = self.fault.share_ppm * (1 << 63) // WHOLE_PPM

    def bits(self, occasion: int) -> int | None:
        """Random bits of an occasion that it strikes by chance; None = it does not."""
        bits = word(self.stream, occasion)
        return mix(bits) if bits < self.limit else None

    def here(self, place: int) -> bool:
        return self.fault.place in (place, ANYWHERE)


class Planned(Faults):
    """A plan's faults on one line. seed is taken modulo 2^31.

    stream  per parcel number whose it is; without it no fault may name a courier, and no label is an old one
    """

    def __init__(self, plan: FaultPlan, seed: int, stream: Sequence[Marked] = ()) -> None:
        assert stream or not any(fault.courier for fault in plan.faults), "whose parcels are these?"
        self._stream = stream
        self._seed = seed & _SEED_MASK
        self._threats: dict[Kind, list[_Threat]] = {kind: [] for kind in Kind}
        self._added: list[_Threat] = []
        for fault in plan.faults:
            self._threaten(fault)

    def add(self, fault: Fault) -> None:
        """From now on this fault, too; its spans are on the line clock."""
        self._added.append(self._threaten(fault))

    def calm(self) -> int:
        """What was added threatens no more; returns how many that were."""
        count = len(self._added)
        for threat in self._added:
            self._threats[threat.fault.kind].remove(threat)
        self._added.clear()
        return count

    def _threaten(self, fault: Fault) -> _Threat:
        same = self._threats[fault.kind]
        number = _FIRST_STREAM + (list(Kind).index(fault.kind) << 8) + len(same)
        keyed = key(self._seed, number)
        same.append(_Threat(fault, keyed, timeline(fault, mix(keyed))))
        return same[-1]

    @property
    def _lasting(self) -> Iterator[_Threat]:
        return (threat for kind in EFFECTS for threat in self._threats[kind])

    # ------------------------------------------------------------ what lasts

    def conditions(self, at_us: Us) -> Conditions:
        """All lasting faults in force together; of several slips the worst."""
        now = CALM
        for threat in self._lasting:
            if threat.when.covers(at_us):
                now = EFFECTS[threat.fault.kind](now, threat.fault)
        return now

    def next_change_us(self, at_us: Us) -> Us | None:
        """The next beginning or end of a lasting fault."""
        edges = (threat.when.next_edge(at_us) for threat in self._lasting)
        return min((edge for edge in edges if edge is not None), default=None)

    def in_force(self, at_us: Us) -> tuple[Fault, ...]:
        """What lasts and holds at this instant, people's absence too."""
        lasting = (*self._lasting, *self._threats[Kind.ABSENT_OPERATOR])
        return tuple(threat.fault for threat in lasting if threat.when.covers(at_us))

    def operator_from_us(self, at_us: Us) -> Us:
        """After every absence that covers at_us or begins where another ends."""
        away = True
        while away:
            away = False
            for threat in self._threats[Kind.ABSENT_OPERATOR]:
                if threat.when.covers(at_us):
                    end_us = threat.when.next_edge(at_us)
                    away, at_us = True, FOREVER if end_us is None else end_us
        return at_us

    # ------------------------------------------------------------ parcels on the belt

    def slid_nm(self, parcel: int, mark: int) -> int:
        """Evenly along the way, up to the parcel's own share of slide_mm."""
        slid = 0
        for threat in self._threats[Kind.SLIDING]:
            if (bits := threat.bits(parcel)) is not None:
                slid += ((bits >> 31) * threat.fault.slide_mm >> 32) * 1_000_000 // MARKS
        return slid * min(mark, MARKS)

    def eye_blind(self, parcel: int, eye: int) -> bool:
        """By chance, for nose and tail alike."""
        threats = self._threats[Kind.BLIND_EYE]
        return any(threat.here(eye) and threat.bits(_at(parcel, eye)) is not None for threat in threats)

    def pulses(self, parcel: int, eye: int, at_us: Us) -> tuple[tuple[Us, Us], ...]:
        """One to three, one behind the other."""
        return tuple(
            pulse
            for _, bits in self._strikes(Kind.CHATTERING_EYE, _at(parcel, eye), eye, at_us)
            for pulse in _chatter(bits)
        )

    def hands_us(self, parcel: int, eye: int, at_us: Us) -> Us | None:
        """By chance, or because a jam is due and this is the first parcel that comes to its eye."""
        for threat in self._threats[Kind.JAM]:
            if not threat.here(eye):
                continue
            by_chance = not threat.fault.per_hour_milli and threat.fault.spans == ALWAYS
            bits = threat.bits(_at(parcel, eye)) if by_chance else _due(threat, at_us)
            if bits is not None:
                return drawn_us(threat.fault.lasts_us, bits)
        return None

    def taken_off(self, parcel: int, eye: int, at_us: Us) -> bool:
        """By chance; what was never inducted is not counted, so the induct eye's share is left out."""
        return eye > 0 and self._any(Kind.TAKEN_OFF, _at(parcel, eye), eye, at_us)

    def wheel_dead(self, parcel: int, diverter: int, at_us: Us) -> bool:
        """By chance."""
        return self._any(Kind.FAILED_DIVERTER, _at(parcel, diverter), diverter, at_us)

    # ------------------------------------------------------------ the PLC's answers

    def answer_late_us(self, number: int, at_us: Us) -> Us:
        """The sum of what strikes."""
        return _delay(self._strikes(Kind.SLOW_PLC, number, ANYWHERE, at_us))

    def answer_wrong(self, number: int, at_us: Us) -> Cause | None:
        """What strikes first in the plan."""
        for threat, bits in self._strikes(Kind.BAD_ANSWER, number, ANYWHERE, at_us):
            return _cause(threat.fault, ANSWER_CAUSES, bits)
        return None

    # ------------------------------------------------------------ cameras, other systems, people

    def label(self, parcel: int, label: Label | None, at_us: Us) -> Label | None:
        """Spoilt, or with another waybill, by what strikes first in the plan; a no-read wins."""
        if label is None:
            return None
        for threat, bits in self._on_parcel(Kind.NO_READ, parcel, at_us):
            return spoilt(label, _cause(threat.fault, NO_READ_CAUSES, bits))
        was = waybill_on(label)
        for threat, bits in self._on_parcel(Kind.MISREAD, parcel, at_us):
            if was is not None:
                return with_waybill(label, was, self._misreading(threat.fault, parcel, was, bits))
        return label

    def misreadings(self) -> dict[int, str]:
        """Parcel -> the waybill that a reader makes of it when it is misread; for the judge."""
        found: dict[int, str] = {}
        for parcel, marked in enumerate(self._stream):
            for threat in self._threats[Kind.MISREAD]:
                bits = threat.bits(parcel)
                if bits is not None and self._theirs(threat.fault, parcel):
                    found.setdefault(parcel, self._misreading(threat.fault, parcel, marked.waybill, bits))
        return found

    def vision_late_us(self, camera: int, encoder: int, at_us: Us) -> Us:
        """The sum of what strikes."""
        return _delay(self._strikes(Kind.SLOW_VISION, _at(encoder, camera), ANYWHERE, at_us))

    def advice_late_us(self, parcel: int, offered_us: Us) -> Us | None:
        """The sum of what strikes; it is in force or not at the instant when the parcel is offered."""
        late = list(self._on_parcel(Kind.SLOW_UPSTREAM, parcel, offered_us))
        return _delay(iter(late)) if late else None

    def crew_late_us(self, chute: int, change: int, at_us: Us) -> Us:
        """The sum of what strikes."""
        return _delay(self._strikes(Kind.LATE_CREW, _at(change, chute), chute, at_us))

    # ------------------------------------------------------------ what strikes

    def _strikes(self, kind: Kind, occasion: int, place: int, at_us: Us) -> Iterator[tuple[_Threat, int]]:
        for threat in self._threats[kind]:
            bits = threat.bits(occasion) if threat.here(place) else None
            if bits is not None and threat.when.covers(at_us):
                yield threat, bits

    def _any(self, kind: Kind, occasion: int, place: int, at_us: Us) -> bool:
        return any(True for _ in self._strikes(kind, occasion, place, at_us))

    def _on_parcel(self, kind: Kind, parcel: int, at_us: Us) -> Iterator[tuple[_Threat, int]]:
        struck = self._strikes(kind, parcel, ANYWHERE, at_us)
        return ((threat, bits) for threat, bits in struck if self._theirs(threat.fault, parcel))

    def _theirs(self, fault: Fault, parcel: int) -> bool:
        return not fault.courier or self._stream[parcel].courier == fault.courier

    def _misreading(self, fault: Fault, parcel: int, text: str, bits: int) -> str:
        """Never the right one: where the old label happens to be the parcel's own, a digit is wrong."""
        if _cause(fault, MISREAD_CAUSES, bits) is Cause.OLD_LABEL and len(self._stream) > 1:
            other = (parcel + 1 + below(mix(bits), len(self._stream) - 1)) % len(self._stream)
            if self._stream[other].waybill != text:
                return self._stream[other].waybill
        return wrong_digit(text, mix(bits))


def _at(occasion: int, place: int) -> int:
    """One number for what happens for the n-th time at a place (below 512)."""
    return occasion << 9 | place


def _cause(fault: Fault, causes: Sequence[Cause], bits: int) -> Cause:
    return fault.cause or causes[below(bits, len(causes))]


def _delay(struck: Iterator[tuple[_Threat, int]]) -> Us:
    return sum(drawn_us(threat.fault.delay_us, bits) for threat, bits in struck)


def _due(threat: _Threat, at_us: Us) -> int | None:
    """Random bits of a moment that has come and has had no parcel yet."""
    if threat.when.begun(at_us) <= threat.used:
        return None
    threat.used += 1
    return mix(word(threat.stream, threat.used))


def _chatter(bits: int) -> Iterator[tuple[Us, Us]]:
    after_us = 0
    for _ in range(1 + below(bits, 3)):
        bits = mix(bits)
        after_us += drawn_us(_CHATTER_GAP_US, bits)
        yield after_us, drawn_us(_CHATTER_LASTS_US, mix(bits + 1))
