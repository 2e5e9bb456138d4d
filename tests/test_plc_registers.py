from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc.blocks import EMPTY
from plc.mapdoc import markdown
from plc.records import OLDEST_MS, PlcEvent, pack_event, pack_slot, unpack_event, unpack_slot
from plc.registers import BLOCKS, C, CommandBlock, Echo, K, P, S, Status, ahead, position_words
from sorter.flow import (
    Answered,
    Assign,
    ChuteChanged,
    CommChanged,
    EncoderTrouble,
    EyeSeen,
    Inducted,
    Jammed,
    Left,
    PackState,
    Result,
    StateChanged,
    Triggered,
    Verdict,
)
from tests.hubs import layout
from tests.shared import ROOT

U8, U16, U32 = st.integers(0, 0xFF), st.integers(0, 0xFFFF), st.integers(0, 0xFFFFFFFF)
EVENTS: st.SearchStrategy[PlcEvent] = st.one_of(
    st.builds(Inducted, st.just(0), U32, U16, U32),
    st.builds(Left, st.just(0), U32, st.sampled_from(Result), U16, U32),
    st.builds(Answered, st.just(0), U32, st.sampled_from(Verdict), U16, U32),
    st.builds(Jammed, st.just(0), U16),
    st.builds(EncoderTrouble, st.just(0), U8),
    st.builds(ChuteChanged, st.just(0), U16, st.booleans()),
    st.builds(StateChanged, st.just(0), st.sampled_from(PackState)),
    st.builds(CommChanged, st.just(0), U8, U16),
    st.builds(Triggered, st.just(0), U8, U16, U32),
    st.builds(EyeSeen, st.just(0), U16, st.booleans(), U32),
)


def stamped(event: PlcEvent, at_ms: int) -> PlcEvent:
    return type(event)(at_ms * 1000, *[getattr(event, name) for name in event.__slots__[1:]])


@given(st.lists(U16, min_size=121, max_size=121))
def test_any_status_words_come_back_from_their_value(words: list[int]) -> None:
    assert Status.unpack(words).pack() == words


@given(st.lists(U16, min_size=90, max_size=90))
def test_any_command_words_come_back_from_their_value(words: list[int]) -> None:
    assert CommandBlock.unpack(words).pack() == words


@given(st.lists(U16, min_size=K.words, max_size=K.words))
def test_any_echo_words_come_back_from_their_value(words: list[int]) -> None:
    assert Echo.unpack(words).pack() == [*words[:9], *[0] * 7], "what is reserved is not looked at"


def test_the_registers_stand_where_the_contract_says() -> None:
    # Offsets copied from SORT-MAP 1.0, tables S, C and K.
    s_names = "hb_plc order_probe t_ms ack_seq ev_head cmd_ack chute_full chute_fault guard_b window"
    assert [S[name].offset for name in s_names.split()] == [3, 6, 10, 13, 17, 21, 24, 40, 56, 57]
    assert [C[name].offset for name in ("ev_tail", "version_boot", "slots", "guard_b")] == [4, 7, 9, 89]
    assert [K[name].offset for name in ("crc", "counts_per_m_milli", "ring_depth")] == [0, 3, 8]
    assert {b.letter: b.base for b in BLOCKS} == {"S": 0, "K": 256, "P": 512, "C": 1024, "D": 1280}


def test_registers_do_not_reach_beyond_their_block() -> None:
    for block in BLOCKS:
        assert sum(register.words for register in block.registers) <= block.words


def test_32_bit_values_have_the_high_word_first() -> None:
    words = [0] * 121
    words[6:8] = 0x0102, 0x0304
    assert Status.unpack(words).order_probe == 0x01020304


def test_chute_17_is_the_second_lowest_bit_of_the_second_word() -> None:
    words = [0] * 121
    words[24 + 1] = 0b10
    assert Status.unpack(words).chute_full == 1 << 17


@given(EVENTS, U16, U32, st.integers(0, OLDEST_MS))
def test_an_event_comes_back_from_its_record(event: PlcEvent, seq: int, header_ms: int, age_ms: int) -> None:
    # The PLC writes under t_ms modulo 2^32; the PC knows the full time, here one wrap later.
    record = pack_event(seq, stamped(event, (header_ms - age_ms) % (1 << 32)), header_ms)
    assert record[0] == seq and all(0 <= word <= 0xFFFF for word in record)
    full_ms = header_ms + (1 << 32)
    assert unpack_event(record, full_ms) == stamped(event, full_ms - age_ms)


@given(EVENTS, st.integers(OLDEST_MS, 1 << 31))
def test_an_event_that_waited_long_is_late_and_never_in_the_future(event: PlcEvent, age_ms: int) -> None:
    header_ms = 3_000_000_000
    record = pack_event(1, stamped(event, header_ms - age_ms), header_ms)
    assert unpack_event(record, header_ms) == stamped(event, header_ms - OLDEST_MS)


@pytest.mark.parametrize(("kind", "code"), [(11, 1), (0, 0), (2, 99), (3, 0), (7, 3), (8, 18)])
def test_a_record_of_an_unknown_type_or_code_is_named(kind: int, code: int) -> None:
    with pytest.raises(ValueError, match=f"event 9 has type {kind} code {code}"):
        unpack_event([9, kind << 8 | code, 0, 0, 0, 0, 0, 0], 0)


@given(U16, st.builds(Assign, U32, U16, U16, U32))
def test_an_assignment_comes_back_from_its_slot(seq: int, order: Assign) -> None:
    assert unpack_slot(pack_slot(seq, order)) == (seq, order)


@given(U16, st.builds(Assign, U32, U16, U16, U32), st.integers(0, 7), st.integers(0, 15))
def test_a_flipped_bit_in_a_slot_is_seen(seq: int, order: Assign, word: int, bit: int) -> None:
    words = list(pack_slot(seq, order))
    words[word] ^= 1 << bit
    assert unpack_slot(words) is None


def test_an_empty_slot_has_no_right_check() -> None:
    assert unpack_slot(EMPTY) is None


@given(U16, st.integers(-0x8000, 0x7FFF))
def test_sequence_numbers_are_compared_across_the_rollover(number: int, step: int) -> None:
    assert ahead((number + step) & 0xFFFF, number) == step


def test_the_echo_tells_the_layout() -> None:
    line = layout(3)
    words = Echo.of(line).pack()
    # 2,000 counts/m x 1000 = 0x1E8480; 10 ms; 500 ms; eye to pivot 850 mm; ring 512.
    assert words[2:9] == [6, 0x1E, 0x8480, 10, 500, 850, 512]
    assert words[0] << 16 | words[1] == line.crc
    assert words[9:] == [0] * 7


def test_positions_are_counts_and_zero_beyond_the_last_chute() -> None:
    words = position_words(layout(1))
    # Both chutes of the only diverter are decided at its eye: 4,000 mm x 2 counts/mm.
    assert words[:4] == [0, 8000, 0, 8000] and words[4:] == [0] * (P.words - 4)


def test_the_committed_register_list_is_the_generated_one() -> None:
    assert (ROOT / "docs" / "registers.md").read_text(encoding="utf-8") == markdown()
