"""Every fault that strikes the link or the line, in simulated time: its safe behaviour, and no parcel wrong.

What needs a real socket (resets, frozen peers, wrong answers) stands in test_plc_modbus_*.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from plc.blocks import EMPTY
from plc.pc_mailbox import PcMailbox
from sim.arrivals import draw
from sim.faults import Conditions, Faults
from sorter.flow import (
    Assign,
    CommChanged,
    EncoderTrouble,
    Inducted,
    Left,
    LinkDown,
    LinkUp,
    PackState,
    Rebooted,
    Result,
    StateChanged,
    Us,
    Why,
)
from tests.hubs import hub
from tests.wired_world import SECOND, Dies, World

HUB = hub()
PARCELS = 30
FROM, UNTIL = 8 * SECOND, 14 * SECOND
"""While a fault lasts: some parcels are through, some on the belt, some still to come."""

PICTURED: Us = 6_650_000
"""A parcel is under the camera then; it was inducted 600 ms earlier."""


@dataclass(frozen=True)
class Lasting(Faults):
    """A condition of the line from FROM to UNTIL."""

    kind: Conditions
    until: Us = UNTIL

    def conditions(self, at_us: Us) -> Conditions:
        return self.kind if FROM <= at_us < self.until else Conditions()

    def next_change_us(self, at_us: Us) -> Us | None:
        return next((at for at in (FROM, self.until) if at > at_us), None)


class Chatter(Faults):
    """Every fifth parcel makes a belt eye chatter while it is over it."""

    def pulses(self, parcel: int, eye: int, at_us: Us) -> tuple[tuple[Us, Us], ...]:
        return ((30_000, 20_000), (400_000, 20_000)) if parcel % 5 == 0 and eye == 3 else ()


class Reverse(Faults):
    """Every third parcel slides back 60 mm on the belt."""

    def slid_nm(self, parcel: int, mark: int) -> int:
        return 60_000_000 if parcel % 3 == 0 and mark >= 3 else 0


def world(faults: Faults | None = None, first_count: int = 0) -> World:
    return World(HUB, draw(HUB, 4, PARCELS, 6000), faults, first_count)


def switched(made: World, name: str) -> World:
    """A flag of the world that is set while the fault lasts."""
    made.at(FROM, lambda: setattr(made, name, True))
    made.at(UNTIL, lambda: setattr(made, name, False))
    return made


def killed(dies: Dies, at_us: Us = FROM, back_us: Us = 2 * SECOND) -> World:
    made = world()
    made.kill(at_us, dies, back_us)
    return made


def redecided(made: World, since: Us) -> set[int]:
    """Parcels inducted before an instant and assigned in block C after it."""
    older = {event.pid for event in made.told if isinstance(event, Inducted) and event.at_us < since}
    rows = [row for at_us, block in made.blocks if at_us > since for row in block.slots]
    return older & {row[1] << 16 | row[2] for row in rows if row != EMPTY}


def rebooted() -> World:
    made = world()
    made.at(FROM, made.boot)
    return made


def emergency() -> World:
    made = world()
    made.at(FROM, lambda: made.chain(False))
    made.at(UNTIL, lambda: made.chain(True))
    return made


def half_written() -> World:
    """Every third block reaches the PLC in two scans: its guards differ."""
    made, count = world(), [0]

    def spoil(words: list[int]) -> list[int]:
        count[0] += 1
        return words if count[0] % 3 else [*words[:50], *[0] * 40]

    made.spoil = spoil
    return made


def two_masters() -> World:
    """A stranger writes into the same PLC, right after every third block."""
    made, count = world(), [0]
    stranger = PcMailbox(999)

    def spoil(words: list[int]) -> list[int]:
        count[0] += 1
        status = made.read()
        if count[0] % 3 or status is None or status.session_echo == 0:
            return words
        stranger.connect(status)
        stranger.take(status)
        stranger.offer([Assign(1 << 24 | count[0], 0, 65535, 0)])
        return stranger.block(stored=True)

    made.spoil = spoil
    return made


def bad_slots() -> World:
    """One bit of every second slot is flipped on its way, in every second block."""
    made, count = world(), [0]

    def spoil(words: list[int]) -> list[int]:
        count[0] += 1
        return words if count[0] % 2 else [*words[:12], words[12] ^ 8, *words[13:]]

    made.spoil = spoil
    return made


def slow_vision() -> World:
    made = world()
    made.at(FROM, lambda: setattr(made, "vision_us", 5 * SECOND))
    made.at(UNTIL, lambda: setattr(made, "vision_us", 120_000))
    return made


Fine = Callable[[World], bool]


def told(made: World, kind: type) -> list[object]:
    return [event for event in made.told if isinstance(event, kind)]


def states(made: World) -> list[PackState]:
    return [event.state for event in made.told if isinstance(event, StateChanged)]


def comms(made: World) -> list[int]:
    return [event.code for event in made.told if isinstance(event, CommChanged)] + [
        value.code for value in made.journal if isinstance(value, CommChanged)
    ]


def encoder_codes(made: World) -> set[int]:
    return {event.code for event in made.told if isinstance(event, EncoderTrouble)}


def ended(made: World, why: Why) -> int:
    return sum(record.why is why for record in made.records())


def results(made: World) -> Counter[Result]:
    return Counter(event.result for event in made.told if isinstance(event, Left))


def suspended(made: World) -> bool:
    return PackState.SUSPENDED in states(made)


def quiet_while_silent(made: World) -> bool:
    downs, ups = made.of(LinkDown), made.of(LinkUp)
    return len(downs) == 1 and len(ups) == 2 and suspended(made)


FAULTS: dict[str, tuple[Callable[[], World], Fine, float]] = {
    "no fault": (world, lambda made: not suspended(made), 0.85),
    "link silent, half-open or cut": (lambda: switched(world(), "silent"), quiet_while_silent, 0.6),
    "what the PC writes is lost": (lambda: switched(world(), "deaf"), suspended, 0.6),
    "torn status for a while": (
        lambda: switched(world(), "torn"), lambda made: made.of(LinkDown) == [], 0.5
    ),
    "torn and partial command blocks": (half_written, lambda made: not suspended(made), 0.85),
    "two masters": (two_masters, lambda made: comms(made).count(4) > 0 and bool(made.diag >> 6 & 1), 0.85),
    "slots with a wrong check": (bad_slots, lambda made: bool(made.diag >> 7 & 1), 0.85),
    "PC killed before its disk": (lambda: killed(Dies.HANDLED), suspended, 0.5),
    "PC killed before its orders": (lambda: killed(Dies.STORED), suspended, 0.5),
    "PC killed after its orders": (lambda: killed(Dies.SENT), suspended, 0.5),
    "PC killed and back at once": (
        lambda: killed(Dies.SENT, PICTURED - 450_000, 300_000),
        lambda made: redecided(made, PICTURED - 150_000) == set(), 0.5,
    ),
    "PLC reboot": (
        rebooted, lambda made: len(made.of(Rebooted)) == 1 and ended(made, Why.REBOOTED) > 3, 0.4
    ),
    "encoder at its 32-bit rollover": (
        lambda: world(first_count=2**32 - 20_000), lambda made: made.plant.line.encoder() < 2**31, 0.85
    ),
    "encoder standing": (
        lambda: world(Lasting(Conditions(standing=True))),
        lambda made: encoder_codes(made) == {1, 2} and PackState.ABORTED in states(made), 0.4,
    ),
    "belt slipping 5 %": (
        lambda: world(Lasting(Conditions(slip_ppm=50_000))), lambda made: made.judged().sorted < 25, 0.2
    ),
    "parcels sliding back": (
        lambda: world(Reverse()), lambda made: results(made)[Result.GAP_TOO_SMALL] > 0, 0.4
    ),
    "eye chattering": (lambda: world(Chatter()), lambda made: PackState.HELD not in states(made), 0.4),
    "eye stuck on": (
        lambda: world(Lasting(Conditions(covered=1 << 3))), lambda made: PackState.HELD in states(made), 0.3
    ),
    "eye stuck off": (
        lambda: world(Lasting(Conditions(clear=1 << 3))),
        lambda made: results(made)[Result.DIVERTER_FAULT] > 0, 0.5,
    ),
    "diverters stuck straight": (
        lambda: world(Lasting(Conditions(stuck=tuple((diverter, 0) for diverter in range(12))))),
        lambda made: results(made)[Result.DIVERTER_FAULT] > 3, 0.3,
    ),
    "diverters broken": (
        lambda: world(Lasting(Conditions(broken=0xFFF))),
        lambda made: bool(made.diag >> 3 & 1) and results(made)[Result.DIVERTER_FAULT] > 3, 0.3,
    ),
    "chutes full": (
        lambda: world(Lasting(Conditions(full=0xFFF))), lambda made: ended(made, Why.CHUTE_FULL) > 3, 0.3
    ),
    "vision late": (slow_vision, lambda made: ended(made, Why.LATE_DECISION) > 1, 0.5),
    "e-stop": (emergency, lambda made: PackState.ABORTED in states(made), 0.3),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_safe_behaviour_and_no_parcel_is_missorted_lost_or_doubled(name: str) -> None:
    make, fine, least = FAULTS[name]
    made = make()
    made.run_for(PARCELS * 3_600 * SECOND // 6000 + 5 * SECOND)
    made.settle()
    verdict = made.judged()
    assert made.broken_law() == {} and made.unheard() == []
    assert verdict.missorts == () and verdict.untrue == () and verdict.invented == ()
    assert made.of(Rebooted) or made.heard() == [str(event) for event in made.told]
    assert fine(made), (states(made), comms(made))
    inducted = len(told(made, Inducted))
    assert inducted == PARCELS and verdict.sorted >= least * inducted, (verdict.sorted, verdict.outcomes)


# ------------------------------------------------------------ how soon it is noticed


def test_the_plc_notices_a_dead_pc_within_its_timeout_and_one_scan() -> None:
    made = world()
    made.kill(FROM, Dies.SENT)
    made.run_for(FROM + 3 * SECOND)
    last_us = made.blocks[-1][0]
    (lost,) = [e.at_us for e in made.told if isinstance(e, StateChanged) and e.state is PackState.SUSPENDING]
    layout = HUB.layout
    assert layout.comm_timeout_us <= lost - last_us <= layout.comm_timeout_us + layout.scan_us


def test_parcels_with_a_chute_are_sorted_though_the_pc_is_gone_and_the_others_ride_to_the_end() -> None:
    made = world()
    made.kill(FROM, Dies.SENT)
    made.run_for(FROM + 30 * SECOND)
    ordered = {value.pid for value in made.journal if isinstance(value, Assign)}
    ends = {event.pid: event.result for event in made.told if isinstance(event, Left)}
    assert len(ends) == len(told(made, Inducted)) > 5
    assert {ends[pid] for pid in ordered} == {Result.OK}
    assert {result for pid, result in ends.items() if pid not in ordered} == {Result.UNASSIGNED}
