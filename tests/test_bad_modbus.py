"""Bad words and frames between controller and PLC, both directions: none is obeyed, none is believed.

The bytes around the words are in `test_plc_modbus_answers.py` (answers) and `test_sim_modbus_server.py`
(requests); here are whole, well-formed blocks whose words are wrong.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plc.adu import parse_answer
from plc.agreement import status_faults
from plc.records import slot_check
from plc.registers import C, S, Status
from sim.modbus_server import MapRegisters, answer
from sorter.flow import Event, EventsLost, Inducted, PackCommand, PackState, Rebooted
from tests.bad_modbus import (
    GUARD,
    HARMLESS,
    HB,
    LOSSY,
    NO_COMMAND,
    NO_ORDER,
    NOT_OBEYED,
    SESSION,
    SLOT,
    SOUND,
    TAIL,
    UNUSABLE,
    VERSION,
    Words,
    word,
)
from tests.pairs import LINE, START, Pair, inducted, joined, order
from tests.tiny_plc import TinyPlc


def offered(change: Callable[[Words], None]) -> Pair:
    """A PLC after a block with one order and a command, changed on its way."""
    pair = joined()
    pair.plc.state = PackState.EXECUTE
    pair.plc.events = [inducted(1)]
    pair.cycle()
    pair.pc.take(pair.plc.status)
    pair.pc.offer([order(1), START])
    words = pair.pc.block(True)
    change(words)
    pair.plc.mailbox.receive(words)
    pair.plc.scan()
    return pair


def test_the_same_block_unchanged_is_obeyed() -> None:
    plc = offered(lambda words: None).plc
    assert [one.pid for one in plc.taken] == [1] and plc.commands == [PackCommand.START]
    assert plc.status.ev_tail_echo == plc.status.ev_head - 1  # the answer to the order is new


@pytest.mark.parametrize("name", NOT_OBEYED)
def test_nothing_of_a_bad_block_counts(name: str) -> None:
    plc = offered(NOT_OBEYED[name]).plc
    assert (plc.taken, plc.commands) == ([], [])
    assert plc.status.ev_tail_echo != plc.status.ev_head, "it acknowledged"
    assert not plc.scan(492).alive, "it was taken for a heartbeat"


@pytest.mark.parametrize("name", NO_ORDER)
def test_a_bad_order_is_not_taken_though_its_block_counts(name: str) -> None:
    plc = offered(NO_ORDER[name]).plc
    assert (plc.taken, plc.commands) == ([], [PackCommand.START])


@pytest.mark.parametrize("name", NO_COMMAND)
def test_a_bad_command_is_not_obeyed_though_its_block_counts(name: str) -> None:
    plc = offered(NO_COMMAND[name]).plc
    assert ([one.pid for one in plc.taken], plc.commands) == ([1], [])


def test_an_acknowledgement_of_what_was_never_shown_is_ignored() -> None:
    plc = offered(word(TAIL, lambda old: old + 100)).plc
    assert plc.status.ev_tail_echo != plc.status.ev_head


# ------------------------------------------------------------ the PLC's block, as the PC gets it


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_status_that_is_not_ours_is_used_for_nothing(name: str) -> None:
    faults, torn = status_faults(UNUSABLE[name]), UNUSABLE[name].torn
    assert torn or faults
    assert all(fault.place and fault.remedy and fault.found != fault.expected for fault in faults)


def heard(status: Status) -> list[Event]:
    """What a PC that is joined to the PLC makes of it."""
    return joined().pc.take(status)


@pytest.mark.parametrize("name", LOSSY)
def test_what_cannot_be_understood_is_told_as_lost(name: str) -> None:
    events = heard(LOSSY[name])
    assert any(isinstance(event, EventsLost) for event in events)
    assert {event.pid for event in events if isinstance(event, Inducted)} < {1, 2}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_contradicts_itself_invents_no_event(name: str) -> None:
    events = [event for event in heard(HARMLESS[name]) if isinstance(event, Inducted)]
    assert [event.pid for event in events] in ([1], [1, 2])


def test_another_boot_is_told_before_anything_else() -> None:
    assert isinstance(heard(SOUND._replace(boot_id=SOUND.boot_id + 1))[0], Rebooted)


# ------------------------------------------------------------ generated

WORD = st.integers(0, 0xFFFF)
CHANGES = st.lists(st.tuples(st.integers(0, 120), WORD), min_size=1, max_size=6)
REQUEST = bytes((0, 9, 0, 0, 0, 6, 1, 3, 0, 0, 0, 2))


def never_obeys_what_is_torn(changes: list[tuple[int, int]]) -> None:
    """A block changed anywhere: whatever is done by it, its guards agree and it is for us."""
    sent: Words = []

    def change(words: Words) -> None:
        for at, value in changes:
            words[at % C.words] = value
        sent.extend(words)

    plc = offered(change).plc
    if plc.taken or plc.commands:
        assert sent[HB] == sent[GUARD] and sent[SESSION] == 77 and sent[VERSION] == 0x0101
    checked = sent[SLOT + 7] == slot_check(sent[SLOT : SLOT + 7])
    assert checked or plc.taken == []


def never_trips_over(changes: list[tuple[int, int]]) -> None:
    """A status changed anywhere is refused, or gives events; never an exception, never one twice."""
    words = SOUND.pack()
    for at, value in changes:
        words[at % S.words] = value
    status = Status.unpack(words)
    if status_faults(status) or status.torn:
        return
    pc = joined().pc
    pc.take(status)
    assert [event for event in pc.take(status) if isinstance(event, Inducted)] == []
    pc.block(True)


def never_misread(data: bytes) -> None:
    """Bytes as an answer and as a request: words, a reason, or a wait for more."""
    try:
        got = parse_answer(REQUEST, data)
    except ValueError as error:
        assert str(error)
    else:
        assert got is None or len(got.words) in (0, 2)
    if len(data) > 7:
        reply = answer(data, MapRegisters(TinyPlc(LINE).mailbox))
        assert reply[:4] == data[:4]


@settings(max_examples=150)
@given(CHANGES)
def test_no_damage_to_a_command_block_is_obeyed(changes: list[tuple[int, int]]) -> None:
    never_obeys_what_is_torn(changes)


@settings(max_examples=150)
@given(CHANGES)
def test_no_damage_to_a_status_is_an_exception(changes: list[tuple[int, int]]) -> None:
    never_trips_over(changes)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_none_of_forty_thousand_damaged_blocks_is_obeyed_or_trips_anybody(
    report_line: Callable[[str], None],
) -> None:
    tries = 20_000
    for law in (never_obeys_what_is_torn, never_trips_over):
        settings(max_examples=tries, database=None)(given(CHANGES)(law))()
    report_line(f"{2 * tries} damaged blocks, none obeyed, none believed, 0 exceptions")
