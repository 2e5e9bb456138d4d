"""Laws of the PLC program over random streams, orders and faults."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from plc.program import LineProgram
from plc.signals import FromPc, Inputs, Outputs
from sim.faults import Scripted
from sim.parcel import PhysicalParcel
from sorter.flow import REJECT, Assign, Inducted, Left, PackCommand, Result
from tests.hubs import layout
from tests.rig import Rig, parcels

S = 1_000_000
LAYOUT = layout(diverters=3)
N = 8
Orders = dict[int, tuple[int, int]]

streams = st.lists(st.tuples(st.integers(0, 4 * S), st.integers(100, 600)), min_size=1, max_size=N).map(
    lambda rows: parcels(*sorted(rows))
)
orders = st.dictionaries(
    st.integers(0, N - 1),
    st.tuples(st.sampled_from([0, 1, 2, 3, 4, 5, REJECT]), st.sampled_from([1, 5, REJECT])),
)
pairs = st.frozensets(st.tuples(st.integers(0, N - 1), st.integers(0, 3)), max_size=2)
taken = st.frozensets(st.tuples(st.integers(0, N - 1), st.integers(1, 3)), max_size=1)
faults = st.builds(Scripted, blind=pairs, dead=pairs, taken=taken)


@settings(max_examples=60, deadline=None)
@given(streams, orders, faults)
def test_every_inducted_parcel_gets_exactly_one_result(
    stream: list[PhysicalParcel], wanted: Orders, faulty: Scripted
) -> None:
    rig = Rig(LAYOUT, stream, wanted, faulty).run(40 * S)
    inducted = [event.pid for event in rig.events if isinstance(event, Inducted)]
    told = [event.pid for event in rig.events if isinstance(event, Left) and event.pid]
    assert sorted(told) == sorted(inducted)


@settings(max_examples=60, deadline=None)
@given(streams, orders, faults)
def test_a_parcel_leaves_by_its_own_chute_or_by_none(
    stream: list[PhysicalParcel], wanted: Orders, faulty: Scripted
) -> None:
    rig = Rig(LAYOUT, stream, wanted, faulty).run(40 * S)
    inducted = [event.pid for event in rig.events if isinstance(event, Inducted)]
    # Parcels that the induct eye saw, in belt order: the n-th of them is the n-th inducted one.
    seen = [parcel.n for parcel in stream if (parcel.n, 0) not in faulty.blind]
    physical = rig.physical()
    for place, n in enumerate(seen[: len(inducted)]):
        allowed = {*wanted.get(place, ()), REJECT, -1}
        assert physical.get(n, REJECT) in allowed
    for n in physical.keys() - set(seen):
        assert physical[n] in (REJECT, -1), "what was never inducted is never diverted"


@settings(max_examples=25, deadline=None)
@given(streams, orders, faults)
def test_scanning_when_something_changes_or_is_due_equals_scanning_always(
    stream: list[PhysicalParcel], wanted: Orders, faulty: Scripted
) -> None:
    sparse = Rig(LAYOUT, stream, wanted, faulty).run(20 * S)
    dense = Rig(LAYOUT, stream, wanted, faulty)
    for at_us in range(10_000, 20 * S + 1, LAYOUT.scan_us):
        dense.plant.request_scan()
        dense.run(at_us)
    assert len(dense.scans) > len(sparse.scans)
    assert dense.events == sparse.events
    assert driven(dense) == driven(sparse)


def driven(rig: Rig) -> list[tuple[int, tuple[int, ...], bool, bool]]:
    """The instants at which an output changed, and to what."""
    changes: list[tuple[int, tuple[int, ...], bool, bool]] = []
    last: tuple[object, ...] = ()
    for inputs, outputs in rig.scans:
        now = (outputs.wheels, outputs.belt_run, outputs.infeed)
        if now != last:
            changes.append((inputs.at_ms, *now))
            last = now
    return changes


@given(st.lists(st.integers(-400, 4000), min_size=1, max_size=30), st.integers(0, (1 << 32) - 1))
def test_the_count_follows_the_encoder_over_wraps_and_reverses(steps: list[int], first: int) -> None:
    program = LineProgram(LAYOUT, boot_id=1)
    encoder, way = first, first
    for number, step in enumerate([0, *steps]):
        encoder, way = (encoder + step) % (1 << 32), way + step
        _scan(program, number * 10, encoder)
        assert program.count == way


def _scan(program: LineProgram, at_ms: int, encoder: int) -> None:
    pc = FromPc(alive=True, ready=True, hold_infeed=False, orders=(), command=PackCommand.NONE)
    program.scan(Inputs(at_ms, encoder, 0, 0, 0, 0, safe=True, ring_high=False, pc=pc))


class Talkative(LineProgram):
    """Says everything anew at every scan."""

    def scan(self, inputs: Inputs) -> Outputs:
        self._quiet = False
        return super().scan(inputs)


assigns = st.builds(
    Assign, st.integers(1 << 24, (1 << 24) + 5), st.integers(0, 7), st.just(REJECT), st.just(0)
)


@settings(max_examples=40, deadline=None)
@given(streams, orders, faults)
def test_on_a_line_too_it_says_what_one_does_that_always_says_all(
    stream: list[PhysicalParcel], wanted: Orders, faulty: Scripted
) -> None:
    rig, full = Rig(LAYOUT, stream, wanted, faulty).run(20 * S), Talkative(LAYOUT, boot_id=1)
    assert [full.scan(inputs) for inputs, _ in rig.scans] == [outputs for _, outputs in rig.scans]


words = st.builds(
    FromPc,
    alive=st.sampled_from([True, True, True, False]),
    ready=st.just(True),
    hold_infeed=st.sampled_from([False, False, True]),
    orders=st.lists(assigns, max_size=1).map(tuple),
    command=st.sampled_from([PackCommand.NONE] * 6 + [PackCommand.HOLD, PackCommand.UNHOLD, PackCommand.ABORT,
                             PackCommand.CLEAR, PackCommand.RESET, PackCommand.START]),
)  # fmt: skip
seen = st.tuples(
    st.integers(1, 40), st.sampled_from([0] * 9 + [99]), st.integers(0, 31), st.sampled_from([0, 0, 1, 5]),
    st.sampled_from([0, 0, 2]), st.sampled_from([0, 0, 1]), st.sampled_from([True] * 9 + [False]),
    st.sampled_from([False, False, True]), words,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(seen, min_size=5, max_size=60))
def test_a_program_that_says_again_what_it_said_says_what_one_does_that_always_says_all(
    rows: list[tuple[int, int, int, int, int, int, bool, bool, FromPc]],
) -> None:
    calm = FromPc(alive=True, ready=True, hold_infeed=False, orders=(), command=PackCommand.NONE)
    slim, full = LineProgram(LAYOUT, boot_id=1), Talkative(LAYOUT, boot_id=1)
    at_ms = encoder = repeated = 0
    per_10_ms = LAYOUT.counts(LAYOUT.belt.speed_mm_s) // 100
    last: Outputs | None = None
    commands = (PackCommand.RESET, PackCommand.NONE, PackCommand.START, PackCommand.NONE)
    start = [(20, 0, 0, 0, 0, 0, True, False, calm._replace(command=command)) for command in commands]
    # Each row stands for two scans: a change, and one at which nothing changes.
    for steps, moved, eyes, outlets, filled, faulty, safe, high, pc in [*start, *rows]:
        for heard in (pc, pc._replace(orders=(), command=PackCommand.NONE)):
            driven = last is not None and last.belt_run
            at_ms, encoder = at_ms + 10 * steps, encoder + moved + steps * per_10_ms * driven
            inputs = Inputs(at_ms, encoder, eyes, outlets, filled, faulty, safe, high, heard)
            said = slim.scan(inputs)
            assert said == full.scan(inputs)
            assert slim.next_due() == full.next_due()
            repeated += said is last
            last = said
    assert repeated > 0


def test_results_of_a_line_without_faults_are_all_ok() -> None:
    rig = Rig(LAYOUT, parcels(*[(0, 250)] * 6), {n: (n, REJECT) for n in range(6)}).run(40 * S)
    assert [left.result for left in rig.left()] == [Result.OK] * 6
